#include "capture/sock_diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum { NOT_TO_BE_HAD = -2, ANSWER_MAX_LEN = 8192, TCP_LISTEN_STATE = 10 };

union answer {
	struct nlmsghdr header;
	char bytes[ANSWER_MAX_LEN];
};

static int open_socket(struct facts_cache *cache)
{
	struct timeval limit = { .tv_sec = 1 };

	if (cache->diag_fd == NOT_TO_BE_HAD)
		return -EOPNOTSUPP;
	if (cache->diag_fd >= 0)
		return cache->diag_fd;
	cache->diag_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (cache->diag_fd < 0) {
		cache->diag_fd = NOT_TO_BE_HAD;
		return -EOPNOTSUPP;
	}
	setsockopt(cache->diag_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return cache->diag_fd;
}

/* Ask for one socket; the answer's length, or -errno. header is followed by its request. */
static ssize_t ask(struct facts_cache *cache, struct nlmsghdr *header, union answer *answer)
{
	int fd = open_socket(cache);
	ssize_t n;

	if (fd < 0)
		return fd;
	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = ++cache->diag_seq;
	/* To the kernel, as no address says otherwise: our own filter lets us use none. */
	if (send(fd, header, header->nlmsg_len, 0) < 0)
		return -errno;
	/* An answer to a question that was given up: not ours. */
	do {
		n = recv(fd, answer, sizeof(*answer), 0);
		if (n < 0)
			return -errno;
	} while (n < (ssize_t)sizeof(*header) || answer->header.nlmsg_seq != header->nlmsg_seq);
	if (answer->header.nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(&answer->header);

		return n < (ssize_t)NLMSG_LENGTH(sizeof(*error)) || !error->error ? -EPROTO
										  : error->error;
	}
	return n;
}

/* A path as far as its NUL; an abstract name has one in front, and may hold others. */
static void set_unix_name(struct sock_info *info, const char *name, size_t len)
{
	if (!len)
		return;
	if (name[0])
		len = strnlen(name, len);
	if (len > sizeof(info->name))
		len = sizeof(info->name);
	memcpy(info->name, name, len);
	info->name_len = len;
	if (!name[0])
		info->name[0] = '@';
}

static void take_unix_attribute(struct sock_info *info, unsigned type, const void *data, size_t len)
{
	struct unix_diag_rqlen queues;
	uint32_t ino;

	if (type == UNIX_DIAG_NAME) {
		set_unix_name(info, data, len);
	} else if (type == UNIX_DIAG_PEER && len >= sizeof(ino)) {
		memcpy(&ino, data, sizeof(ino));
		info->peer_ino = ino;
	} else if (type == UNIX_DIAG_RQLEN && len >= sizeof(queues)) {
		memcpy(&queues, data, sizeof(queues));
		info->read_queue = queues.udiag_rqueue;
		info->write_queue = queues.udiag_wqueue;
	}
}

int sock_diag_parse_unix(const void *message, size_t len, struct sock_info *ret_info)
{
	const size_t head_len = NLMSG_LENGTH(sizeof(struct unix_diag_msg));
	struct sock_info info = { .read_queue = -1, .write_queue = -1 };
	const char *bytes = message;
	struct unix_diag_msg head;
	struct nlmsghdr header;
	size_t at;

	if (len < head_len)
		return -EPROTO;
	memcpy(&header, bytes, sizeof(header));
	if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || header.nlmsg_len < head_len)
		return -EPROTO;
	if (header.nlmsg_len < len)
		len = header.nlmsg_len;
	memcpy(&head, bytes + NLMSG_HDRLEN, sizeof(head));
	info.ino = head.udiag_ino;
	info.type = head.udiag_type;
	info.state = head.udiag_state;
	for (at = NLMSG_ALIGN(head_len); at + sizeof(struct rtattr) <= len;) {
		struct rtattr attribute;

		memcpy(&attribute, bytes + at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > len - at)
			return -EPROTO;
		take_unix_attribute(&info, attribute.rta_type, bytes + at + sizeof(attribute),
				    attribute.rta_len - sizeof(attribute));
		at += RTA_ALIGN(attribute.rta_len);
	}
	*ret_info = info;
	return 0;
}

int sock_diag_unix(struct facts_cache *cache, uint64_t ino, struct sock_info *ret_info)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} question = {
		.header.nlmsg_len = sizeof(question),
		.request = {
			.sdiag_family = AF_UNIX,
			.udiag_states = UINT32_MAX,
			.udiag_ino = (uint32_t)ino,
			.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN,
			.udiag_cookie = { UINT32_MAX, UINT32_MAX },
		},
	};
	struct sock_info info;
	union answer answer;
	ssize_t n;
	int err;

	if (!ino || ino > UINT32_MAX)
		return -ENOENT;
	n = ask(cache, &question.header, &answer);
	if (n < 0)
		return (int)n;
	err = sock_diag_parse_unix(answer.bytes, (size_t)n, &info);
	if (err < 0)
		return err;
	if (info.ino != ino)
		return -ENOENT;
	*ret_info = info;
	return 0;
}

static void set_address(uint32_t address[4], uint16_t *port, const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		memcpy(address, &in->sin_addr, sizeof(in->sin_addr));
		*port = in->sin_port;
	} else {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		memcpy(address, &in6->sin6_addr, sizeof(in6->sin6_addr));
		*port = in6->sin6_port;
	}
}

/* Is that the socket that was meant? A listening one takes connections in another's name. */
static bool is_meant(const struct inet_diag_msg *got, const struct inet_diag_sockid *meant,
		     int protocol)
{
	if (got->id.idiag_sport != meant->idiag_sport)
		return false;
	if (protocol == IPPROTO_UDP && !got->id.idiag_dport)
		return true;
	return got->id.idiag_dport == meant->idiag_dport && got->idiag_state != TCP_LISTEN_STATE;
}

/* The two ends as the kernel wants them; for UDP those of a packet that arrives. */
static void set_ends(struct inet_diag_sockid *id, const struct sockaddr *source,
		     const struct sockaddr *destination)
{
	set_address(id->idiag_src, &id->idiag_sport, source);
	set_address(id->idiag_dst, &id->idiag_dport, destination);
}

static uint32_t scope_of(const struct sockaddr *sa)
{
	if (sa->sa_family != AF_INET6)
		return 0;
	return ((const struct sockaddr_in6 *)(const void *)sa)->sin6_scope_id;
}

int sock_diag_inet(struct facts_cache *cache, int protocol, const struct sockaddr *local,
		   const struct sockaddr *remote, struct sock_info *ret_info)
{
	bool is_udp = protocol == IPPROTO_UDP;
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} question = {
		.header.nlmsg_len = sizeof(question),
		.request = {
			.sdiag_family = (uint8_t)local->sa_family,
			.sdiag_protocol = (uint8_t)protocol,
			.idiag_states = UINT32_MAX,
			.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
		},
	};
	struct inet_diag_sockid meant = { 0 };
	struct inet_diag_msg got;
	union answer answer;
	ssize_t n;

	if (local->sa_family != remote->sa_family ||
	    (local->sa_family != AF_INET && local->sa_family != AF_INET6))
		return -EAFNOSUPPORT;
	set_ends(&meant, local, remote);
	set_ends(&question.request.id, is_udp ? remote : local, is_udp ? local : remote);
	question.request.id.idiag_if = scope_of(local);
	n = ask(cache, &question.header, &answer);
	if (n < 0)
		return (int)n;
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(got)))
		return -EPROTO;
	memcpy(&got, NLMSG_DATA(&answer.header), sizeof(got));
	if (!is_meant(&got, &meant, protocol))
		return -ENOENT;
	*ret_info = (struct sock_info){ .ino = got.idiag_inode,
					.state = got.idiag_state,
					.read_queue = got.idiag_rqueue,
					.write_queue = got.idiag_wqueue };
	if (is_udp) {
		ret_info->memory = got.idiag_rqueue;
		ret_info->read_queue = ret_info->write_queue = -1;
	}
	return 0;
}
