#include "capture/facts_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "capture/facts_fd.h"
#include "capture/facts_receiver.h"
#include "capture/sock_diag.h"

/* An address, or none if len is 0. */
struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_nl nl;
		struct sockaddr_vm vm;
		struct sockaddr_storage storage;
	};
	socklen_t len;
};

/* What there is to say; the numbers as the fact has them. */
struct answer {
	uint64_t peer_ino;
	int64_t value[6];
	struct address own, peer;
	struct buf text;
};

enum { TO_READ, NOT_TAKEN, STATE, PEER_TO_READ, PENDING, BACKLOG, PEER_PID = BACKLOG };

/* --- names --- */

static void add_unix_name(struct buf *text, const struct address *address)
{
	size_t head = offsetof(struct sockaddr_un, sun_path);
	const char *path = address->un.sun_path;
	size_t len = address->len > head ? address->len - head : 0;

	if (!len)
		return;
	if (path[0]) {
		buf_add(text, path, strnlen(path, len));
	} else {
		buf_char(text, '@');
		buf_add(text, path + 1, len - 1);
	}
}

static void add_address(struct buf *text, const struct address *address)
{
	char host[INET6_ADDRSTRLEN];

	if (!address->len)
		return;
	switch (address->sa.sa_family) {
	case AF_UNIX:
		add_unix_name(text, address);
		break;
	case AF_INET:
		inet_ntop(AF_INET, &address->in.sin_addr, host, sizeof(host));
		buf_printf(text, "%s:%u", host, ntohs(address->in.sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &address->in6.sin6_addr, host, sizeof(host));
		buf_printf(text, "[%s]:%u", host, ntohs(address->in6.sin6_port));
		break;
	case AF_NETLINK:
		buf_printf(text, "%u", address->nl.nl_pid);
		break;
	case AF_VSOCK:
		buf_printf(text, "%u:%u", address->vm.svm_cid, address->vm.svm_port);
		break;
	}
}

static void read_addresses(int own, struct answer *answer)
{
	answer->own.len = answer->peer.len = sizeof(answer->own.storage);
	if (getsockname(own, &answer->own.sa, &answer->own.len) < 0)
		answer->own.len = 0;
	if (getpeername(own, &answer->peer.sa, &answer->peer.len) < 0)
		answer->peer.len = 0;
}

static void name_addresses(struct answer *answer)
{
	add_address(&answer->text, &answer->own);
	if (answer->peer.len) {
		buf_text(&answer->text, " -> ");
		add_address(&answer->text, &answer->peer);
	}
}

/* --- what a descriptor of the socket tells, for all families --- */

static bool is_listening(int own)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(own, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 && value;
}

static void read_common(int own, struct answer *answer)
{
	int bytes;

	read_addresses(own, answer);
	answer->value[STATE] = is_listening(own)  ? TCP_LISTEN
			       : answer->peer.len ? TCP_ESTABLISHED
						  : TCP_CLOSE;
	if (answer->value[STATE] != TCP_LISTEN && ioctl(own, SIOCINQ, &bytes) == 0)
		answer->value[TO_READ] = bytes;
}

static void read_peer_pid(int own, struct answer *answer)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(own, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid > 0)
		answer->value[PEER_PID] = peer.pid;
}

/* --- unix --- */

static void take_unix_peer(struct facts_cache *cache, const struct sock_info *info,
			   struct answer *answer)
{
	struct sock_info peer;

	if (sock_diag_unix(cache, info->peer_ino, &peer) < 0)
		return;
	answer->value[PEER_TO_READ] = peer.read_queue;
	if (info->type != SOCK_DGRAM)
		answer->value[NOT_TAKEN] = peer.read_queue;
	buf_add(&answer->text, peer.name, peer.name_len);
}

static void ask_unix(struct facts_cache *cache, int own, uint64_t ino, struct answer *answer)
{
	struct sock_info info;

	if (sock_diag_unix(cache, ino, &info) < 0) {
		/* Another network namespace: what the descriptor tells has to do. */
		read_common(own, answer);
		name_addresses(answer);
	} else {
		answer->value[STATE] = info.state;
		buf_add(&answer->text, info.name, info.name_len);
		if (info.state == TCP_LISTEN) {
			answer->value[PENDING] = info.read_queue;
			answer->value[BACKLOG] = info.write_queue;
			return;
		}
		answer->value[TO_READ] = info.read_queue;
		answer->peer_ino = info.peer_ino;
		if (info.peer_ino || info.state == TCP_ESTABLISHED)
			buf_text(&answer->text, " -> ");
		if (info.peer_ino)
			take_unix_peer(cache, &info, answer);
	}
	if (answer->value[STATE] != TCP_LISTEN)
		read_peer_pid(own, answer);
}

/* --- inet --- */

static void read_tcp(int own, struct answer *answer)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int bytes;

	memset(&info, 0, sizeof(info));
	if (getsockopt(own, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		answer->value[STATE] = info.tcpi_state;
	if (answer->value[STATE] == TCP_LISTEN) {
		answer->value[PENDING] = info.tcpi_unacked;
		answer->value[BACKLOG] = info.tcpi_sacked;
	} else if (ioctl(own, SIOCOUTQ, &bytes) == 0) {
		answer->value[NOT_TAKEN] = bytes;
	}
}

/* Other network namespaces may have the same addresses: make sure that ours is meant. */
static bool is_in_our_namespace(struct facts_cache *cache, int protocol, uint64_t ino,
				const struct answer *answer)
{
	struct sock_info info;

	return sock_diag_inet(cache, protocol, &answer->own.sa, &answer->peer.sa, &info) == 0 &&
	       info.ino == ino;
}

static void ask_inet(struct facts_cache *cache, int own, int protocol, uint64_t ino,
		     struct answer *answer)
{
	struct sock_info peer;

	read_common(own, answer);
	if (protocol == IPPROTO_TCP)
		read_tcp(own, answer);
	name_addresses(answer);
	if (!answer->own.len || !answer->peer.len ||
	    (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) ||
	    !is_in_our_namespace(cache, protocol, ino, answer))
		return;
	/* A local socket of any address would look like the peer on another machine. */
	if (protocol == IPPROTO_UDP && !facts_receiver_is_here(&answer->peer.sa))
		return;
	if (sock_diag_inet(cache, protocol, &answer->peer.sa, &answer->own.sa, &peer) < 0)
		return;
	answer->peer_ino = peer.ino;
	answer->value[PEER_TO_READ] = peer.read_queue;
}

/* --- connections --- */

enum { KNOWN_SOCKETS = 128, NAMES_MAX = 280 };

/*
 * A connection whose ends we have found: they stay what they are as long as both live, so that
 * only the queues are asked for. Looked up by inode; a newer one takes an older one's place.
 */
struct known_socket {
	uint64_t ino;
	struct answer answer; /* without its text */
	size_t text_len;
	char text[NAMES_MAX];
};

static struct known_socket *slot_of(struct facts_cache *cache, uint64_t ino)
{
	if (!cache->sockets)
		cache->sockets = calloc(KNOWN_SOCKETS, sizeof(*cache->sockets));
	return cache->sockets ? &cache->sockets[ino % KNOWN_SOCKETS] : NULL;
}

void facts_socket_finish(struct facts_cache *cache)
{
	free(cache->sockets);
	cache->sockets = NULL;
}

static void remember(struct facts_cache *cache, const struct fact *fd, const struct answer *answer)
{
	struct known_socket *known;
	bool is_lasting = fd->value[3] == SOCK_STREAM || fd->value[3] == SOCK_SEQPACKET;

	if (!is_lasting || !answer->peer_ino || answer->value[STATE] != TCP_ESTABLISHED ||
	    answer->text.len > NAMES_MAX)
		return;
	known = slot_of(cache, fd->ino);
	if (!known)
		return;
	known->ino = fd->ino;
	known->answer = *answer;
	known->answer.text = (struct buf){ 0 };
	known->text_len = answer->text.len;
	memcpy(known->text, answer->text.data, answer->text.len);
}

/* The other end is still connected to us: then its queue is where it was. */
static int ask_other_end(struct facts_cache *cache, const struct fact *fd,
			 const struct known_socket *known, struct sock_info *ret_peer)
{
	const struct answer *answer = &known->answer;
	int err;

	if (fd->value[0] == FD_UNIX) {
		err = sock_diag_unix(cache, answer->peer_ino, ret_peer);
		return err < 0 ? err : ret_peer->peer_ino == fd->ino ? 0 : -ENOTCONN;
	}
	err = sock_diag_inet(cache, (int)fd->value[4], &answer->peer.sa, &answer->own.sa, ret_peer);
	if (err < 0)
		return err;
	/* Half closed, our own state is another one too. */
	return ret_peer->ino == answer->peer_ino && ret_peer->state == TCP_ESTABLISHED ? 0
										       : -ENOTCONN;
}

/* Answer from what is known of the connection; false: nothing, or not any more. */
static bool ask_known(struct facts_cache *cache, int own, const struct fact *fd,
		      struct answer *answer)
{
	struct known_socket *known = slot_of(cache, fd->ino);
	struct sock_info peer;
	int bytes;

	if (!known || known->ino != fd->ino)
		return false;
	if (ask_other_end(cache, fd, known, &peer) < 0 || ioctl(own, SIOCINQ, &bytes) < 0) {
		known->ino = 0;
		return false;
	}
	*answer = known->answer;
	answer->value[TO_READ] = bytes;
	answer->value[PEER_TO_READ] = peer.read_queue;
	answer->value[NOT_TAKEN] = peer.read_queue;
	if (fd->value[0] == FD_INET)
		answer->value[NOT_TAKEN] = ioctl(own, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
	buf_add(&answer->text, known->text, known->text_len);
	return true;
}

/* --- all --- */

static void ask_other(int own, struct answer *answer)
{
	read_common(own, answer);
	name_addresses(answer);
	if (answer->peer.len && answer->peer.sa.sa_family == AF_NETLINK)
		answer->value[PEER_PID] = answer->peer.nl.nl_pid;
}

static void ask_anew(struct facts_cache *cache, int own, const struct fact *fd,
		     struct answer *answer)
{
	if (fd->value[0] == FD_UNIX)
		ask_unix(cache, own, fd->ino, answer);
	else if (fd->value[0] == FD_INET)
		ask_inet(cache, own, (int)fd->value[4], fd->ino, answer);
	else
		ask_other(own, answer);
}

int facts_socket_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	struct answer answer = { .value = { -1, -1, 0, -1, 0, 0 } };
	struct fd_entry *entry;
	struct fact *fact;
	int own, err = facts_fd_look(cache, tracee, fd, &entry);

	if (err < 0)
		return err;
	if (entry->fact.value[0] < FD_UNIX || entry->fact.value[0] > FD_SOCKET)
		return -ENOTSOCK;
	/* Of unix sockets the kernel tells without one. */
	own = entry->fact.value[0] == FD_UNIX ? facts_fd_borrow(tracee, fd)
					      : facts_fd_borrow_socket(tracee, fd);
	if (own < 0 && (own != -EBUSY || entry->fact.value[0] != FD_UNIX))
		return own;
	if (!ask_known(cache, own, &entry->fact, &answer)) {
		ask_anew(cache, own, &entry->fact, &answer);
		remember(cache, &entry->fact, &answer);
	}
	if (own >= 0)
		close(own);
	fact = event_add_fact(ev, FACT_SOCKET, fd, answer.text.data, answer.text.len);
	fact->ino = entry->fact.ino;
	fact->id = answer.peer_ino;
	memcpy(fact->value, answer.value, sizeof(fact->value));
	buf_finish(&answer.text);
	return 0;
}

/* --- parts of it --- */

/*
 * The other end has nothing to read: the kernel has freed all that was ever sent to it. Cheaper
 * than to ask for its queue, which makes the kernel search all of its unix sockets.
 */
static bool has_read_all(struct tracee *tracee, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	struct pollfd end = { .fd = own };
	bool has_read = false;
	int memory;

	if (own < 0)
		return false;
	/* Of a closed one nothing is left to be read either. */
	if (ioctl(own, SIOCOUTQ, &memory) == 0 && !memory)
		has_read = poll(&end, 1, 0) >= 0 && !(end.revents & POLLHUP);
	close(own);
	return has_read;
}

int facts_socket_ask_peer_queue(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
				int fd)
{
	struct sock_info peer = { .read_queue = 0 };
	const struct known_socket *known;
	struct fd_entry *entry;
	int err = facts_fd_look(cache, tracee, fd, &entry);

	if (err < 0)
		return err;
	known = slot_of(cache, entry->fact.ino);
	if (!known || known->ino != entry->fact.ino)
		return -ENOTCONN;
	if (entry->fact.value[0] != FD_UNIX || !has_read_all(tracee, fd))
		err = ask_other_end(cache, &entry->fact, known, &peer);
	if (err < 0)
		return err;
	event_add_fact(ev, FACT_PEER_QUEUE, fd, NULL, 0)->value[PEER_TO_READ] = peer.read_queue;
	return 0;
}

int facts_socket_ask_unix_queue(struct facts_cache *cache, struct event *ev, uint64_t ino)
{
	struct sock_info info;
	int err = sock_diag_unix(cache, ino, &info);

	if (!err)
		event_add_fact(ev, FACT_UNIX_QUEUE, (int64_t)ino, NULL, 0)->value[PEER_TO_READ] =
			info.read_queue;
	return err;
}

int facts_socket_ask_not_taken(struct tracee *tracee, struct event *ev, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	int bytes, err = 0;

	if (own < 0)
		return own;
	if (ioctl(own, SIOCOUTQ, &bytes) < 0)
		err = -errno;
	close(own);
	if (!err)
		event_add_fact(ev, FACT_NOT_TAKEN, fd, NULL, 0)->value[NOT_TAKEN] = bytes;
	return err;
}

static int64_t limit_ms(int own, int option)
{
	struct timeval limit = { 0 };
	socklen_t len = sizeof(limit);

	if (getsockopt(own, SOL_SOCKET, option, &limit, &len) < 0)
		return 0;
	return limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000;
}

int facts_socket_ask_limits(struct tracee *tracee, struct event *ev, int fd)
{
	int own = facts_fd_borrow_socket(tracee, fd);
	struct fact *fact;

	if (own < 0)
		return own;
	fact = event_add_fact(ev, FACT_LIMITS, fd, NULL, 0);
	fact->value[0] = limit_ms(own, SO_RCVTIMEO);
	fact->value[1] = limit_ms(own, SO_SNDTIMEO);
	close(own);
	return 0;
}
