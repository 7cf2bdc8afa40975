/* What is said of sockets and their peers, against both ends, which are ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/asker.h"

static struct asker asker;

static int set_up(void **state)
{
	(void)state;
	asker_init(&asker);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	asker_finish(&asker);
	return 0;
}

static uint64_t ino_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static void assert_text(const struct fact *fact, const char *text)
{
	assert_fact_text(&asker, fact, text, strlen(text));
}

/* Wait until something can be read from fd. */
static void await(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&wanted, 1, 10000), 1);
}

/* --- unix --- */

static void pair_knows_peer_and_both_queues(void **state)
{
	const struct fact *fact;
	int ends[2], bytes;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[0], "hello", 5), 5);
	assert_int_equal(write(ends[0], "you", 3), 3);
	assert_int_equal(ioctl(ends[1], FIONREAD, &bytes), 0);
	fact = asker_get(&asker, FACT_SOCKET, ends[0]);
	assert_int_equal(fact->ino, ino_of(ends[0]));
	assert_int_equal(fact->id, ino_of(ends[1]));
	assert_int_equal(fact->value[0], 0);
	assert_int_equal(fact->value[1], bytes);
	assert_int_equal(fact->value[2], TCP_ESTABLISHED);
	assert_int_equal(fact->value[3], bytes);
	assert_int_equal(fact->value[5], getpid());
	assert_text(fact, " -> ");
	assert_int_equal(asker_get(&asker, FACT_QUEUE, ends[1])->value[0], 8);
	fact = asker_get(&asker, FACT_SOCKET, ends[1]);
	assert_int_equal(fact->value[0], 8);
	assert_int_equal(fact->value[3], 0);
	assert_int_equal(fact->id, ino_of(ends[0]));
	close(ends[0]);
	/* The peer is gone, and not held back by us. */
	fact = asker_get(&asker, FACT_SOCKET, ends[1]);
	assert_int_equal(fact->id, 0);
	close(ends[1]);
}

static socklen_t abstract_name(struct sockaddr_un *address, const char *name, size_t len)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path + 1, name, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
}

static void abstract_name_keeps_every_byte(void **state)
{
	char name[32], expected[64];
	struct sockaddr_un address;
	const struct fact *fact;
	int listener, client;
	socklen_t len;
	int n;

	(void)state;
	n = snprintf(name, sizeof(name), "a %c\n\x1b%d", 0, getpid());
	len = abstract_name(&address, name, (size_t)n);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 7), 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, len), 0);

	fact = asker_get(&asker, FACT_SOCKET, listener);
	expected[0] = '@';
	memcpy(expected + 1, name, (size_t)n);
	assert_fact_text(&asker, fact, expected, (size_t)n + 1);
	assert_int_equal(fact->value[2], TCP_LISTEN);
	assert_int_equal(fact->value[4], 1);
	assert_int_equal(fact->value[5], 7);

	/* Nobody has accepted it: its peer has no inode yet. */
	fact = asker_get(&asker, FACT_SOCKET, client);
	assert_int_equal(fact->id, 0);
	assert_int_equal(fact->value[2], TCP_ESTABLISHED);
	close(client);
	close(listener);
}

static void accepted_client_has_its_servers_name(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char expected[128];
	const struct fact *fact;
	int listener, client, server;

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/test_facts.%d.sock", getpid());
	unlink(address.sun_path);
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	server = accept(listener, NULL, NULL);
	unlink(address.sun_path);
	fact = asker_get(&asker, FACT_SOCKET, client);
	assert_int_equal(fact->id, ino_of(server));
	snprintf(expected, sizeof(expected), " -> %s", address.sun_path);
	assert_text(fact, expected);
	fact = asker_get(&asker, FACT_SOCKET, server);
	assert_int_equal(fact->id, ino_of(client));
	snprintf(expected, sizeof(expected), "%s -> ", address.sun_path);
	assert_text(fact, expected);
	close(listener);
	close(client);
	close(server);
}

static void datagrams_are_told_as_far_as_the_kernel_tells(void **state)
{
	const struct fact *fact;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	assert_int_equal(send(ends[0], "abc", 3, 0), 3);
	assert_int_equal(send(ends[0], "defgh", 5, 0), 5);
	fact = asker_get(&asker, FACT_SOCKET, ends[1]);
	assert_int_equal(fact->value[0], 3); /* of the first one */
	fact = asker_get(&asker, FACT_SOCKET, ends[0]);
	assert_int_equal(fact->value[1], -1);
	assert_int_equal(fact->value[3], 3);
	close(ends[0]);
	close(ends[1]);
}

/* --- inet --- */

struct tcp {
	int listener, client, server;
	struct sockaddr_storage client_name, server_name;
};

static void tcp_connect(struct tcp *tcp, int family, const char *host)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr *sa = family == AF_INET ? (void *)&in : (void *)&in6;
	socklen_t len = family == AF_INET ? sizeof(in) : sizeof(in6), room;

	inet_pton(family, host, family == AF_INET ? (void *)&in.sin_addr : (void *)&in6.sin6_addr);
	tcp->listener = socket(family, SOCK_STREAM, 0);
	assert_int_equal(bind(tcp->listener, sa, len), 0);
	assert_int_equal(listen(tcp->listener, 3), 0);
	assert_int_equal(getsockname(tcp->listener, sa, &len), 0);
	tcp->client = socket(family, SOCK_STREAM, 0);
	assert_int_equal(connect(tcp->client, sa, len), 0);
	await(tcp->listener);
	room = sizeof(tcp->client_name);
	getsockname(tcp->client, (struct sockaddr *)&tcp->client_name, &room);
	room = sizeof(tcp->server_name);
	getpeername(tcp->client, (struct sockaddr *)&tcp->server_name, &room);
}

static void tcp_close(struct tcp *tcp)
{
	close(tcp->client);
	close(tcp->server);
	close(tcp->listener);
}

static unsigned port(const struct sockaddr_storage *name)
{
	return ntohs(((const struct sockaddr_in *)(const void *)name)->sin_port);
}

static void tcp_peer_is_found_by_the_swapped_addresses(void **state)
{
	const struct fact *fact;
	char expected[128];
	struct tcp tcp;
	int bytes;

	(void)state;
	tcp_connect(&tcp, AF_INET, "127.0.0.1");
	fact = asker_get(&asker, FACT_SOCKET, tcp.listener);
	assert_int_equal(fact->value[2], TCP_LISTEN);
	assert_int_equal(fact->value[4], 1);
	assert_int_equal(fact->value[5], 3);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u", port(&tcp.server_name));
	assert_text(fact, expected);
	/* Not accepted yet: it has no inode that anybody could have. */
	assert_int_equal(asker_get(&asker, FACT_SOCKET, tcp.client)->id, 0);

	tcp.server = accept(tcp.listener, NULL, NULL);
	assert_int_equal(send(tcp.client, "hello", 5, 0), 5);
	await(tcp.server);
	assert_int_equal(ioctl(tcp.server, FIONREAD, &bytes), 0);
	fact = asker_get(&asker, FACT_SOCKET, tcp.client);
	assert_int_equal(fact->id, ino_of(tcp.server));
	assert_int_equal(fact->value[2], TCP_ESTABLISHED);
	assert_int_equal(fact->value[3], bytes);
	assert_int_equal(fact->value[3], 5);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u -> 127.0.0.1:%u", port(&tcp.client_name),
		 port(&tcp.server_name));
	assert_text(fact, expected);
	fact = asker_get(&asker, FACT_SOCKET, tcp.server);
	assert_int_equal(fact->id, ino_of(tcp.client));
	assert_int_equal(fact->value[0], 5);
	tcp_close(&tcp);
}

static void queues_of_a_known_connection_are_asked_for_each_time(void **state)
{
	const struct fact *fact;
	struct tcp tcp;
	int ends[2];

	(void)state;
	tcp_connect(&tcp, AF_INET, "127.0.0.1");
	tcp.server = accept(tcp.listener, NULL, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	for (int len = 0; len < 3; len++) {
		if (len) {
			assert_int_equal(send(tcp.client, "x", 1, 0), 1);
			assert_int_equal(send(ends[0], "x", 1, 0), 1);
			await(tcp.server);
		}
		fact = asker_get(&asker, FACT_SOCKET, ends[1]);
		assert_int_equal(fact->value[0], len);
		assert_int_equal(fact->id, ino_of(ends[0]));
		assert_int_equal(fact->value[5], getpid());
		assert_text(fact, " -> ");
		assert_int_equal(asker_get(&asker, FACT_SOCKET, ends[0])->value[3], len);
		fact = asker_get(&asker, FACT_SOCKET, tcp.server);
		assert_int_equal(fact->value[0], len);
		assert_int_equal(fact->id, ino_of(tcp.client));
		assert_true(fact->text_len > 4);
		fact = asker_get(&asker, FACT_SOCKET, tcp.client);
		assert_int_equal(fact->value[2], TCP_ESTABLISHED);
		assert_int_equal(fact->value[3], len);
	}
	/* Half of it is closed: that is another state. */
	assert_int_equal(shutdown(tcp.server, SHUT_WR), 0);
	await(tcp.client);
	fact = asker_get(&asker, FACT_SOCKET, tcp.client);
	assert_int_equal(fact->value[2], TCP_CLOSE_WAIT);
	close(ends[0]);
	close(ends[1]);
	tcp_close(&tcp);
}

/* What is asked for alone: the other end's queue of ends[0], which has been asked about whole. */
static void assert_peer_queue(const int ends[2], int sent, int read_back)
{
	char bytes[16] = { 0 };
	int left;

	assert_int_equal(asker_get(&asker, FACT_SOCKET, ends[0])->id, ino_of(ends[1]));
	assert_int_equal(asker_get(&asker, FACT_PEER_QUEUE, ends[0])->value[3], 0);
	assert_int_equal(send(ends[0], bytes, (size_t)sent, 0), sent);
	await(ends[1]);
	assert_int_equal(recv(ends[1], bytes, (size_t)read_back, 0), read_back);
	assert_int_equal(ioctl(ends[1], FIONREAD, &left), 0);
	assert_int_equal(asker_get(&asker, FACT_PEER_QUEUE, ends[0])->value[3], left);
	while (left && recv(ends[1], bytes, sizeof(bytes), 0) > 0)
		assert_int_equal(ioctl(ends[1], FIONREAD, &left), 0);
	assert_int_equal(asker_get(&asker, FACT_PEER_QUEUE, ends[0])->value[3], 0);
}

static void queue_of_the_other_end_is_told_alone(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	int pairs[2][2];
	struct tcp tcp;

	(void)state;
	for (int i = 0; i < 2; i++) {
		int *ends = pairs[i];

		assert_int_equal(socketpair(AF_UNIX, types[i], 0, ends), 0);
		assert_null(asker_ask(&asker, asker.self, FACT_PEER_QUEUE, ends[0]));
		assert_int_equal(asker.error, -ENOTCONN);
		assert_peer_queue(ends, 9, types[i] == SOCK_STREAM ? 4 : 9);
		/* That nothing waits to be read is not to be said of one that is closed. */
		close(ends[1]);
		assert_null(asker_ask(&asker, asker.self, FACT_PEER_QUEUE, ends[0]));
	}
	tcp_connect(&tcp, AF_INET, "127.0.0.1");
	tcp.server = accept(tcp.listener, NULL, NULL);
	assert_null(asker_ask(&asker, asker.self, FACT_PEER_QUEUE, tcp.client));
	assert_peer_queue((int[]){ tcp.client, tcp.server }, 9, 4);
	assert_int_equal(asker_get(&asker, FACT_NOT_TAKEN, tcp.client)->value[1], 0);
	tcp_close(&tcp);
	close(pairs[0][0]);
	close(pairs[1][0]);
}

static void tcp_peer_over_ipv6_is_found(void **state)
{
	const struct fact *fact;
	char expected[128];
	struct tcp tcp;

	(void)state;
	tcp_connect(&tcp, AF_INET6, "::1");
	tcp.server = accept(tcp.listener, NULL, NULL);
	fact = asker_get(&asker, FACT_SOCKET, tcp.client);
	assert_int_equal(fact->id, ino_of(tcp.server));
	snprintf(expected, sizeof(expected), "[::1]:%u -> [::1]:%u", port(&tcp.client_name),
		 port(&tcp.server_name));
	assert_text(fact, expected);
	tcp_close(&tcp);
}

static void tcp_peer_over_mapped_addresses_is_found(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct tcp tcp;

	(void)state;
	tcp_connect(&tcp, AF_INET6, "::ffff:127.0.0.1");
	tcp.server = accept(tcp.listener, NULL, NULL);
	assert_int_equal(asker_get(&asker, FACT_SOCKET, tcp.client)->id, ino_of(tcp.server));
	close(tcp.client);
	close(tcp.server);

	/* An IPv4 client of an IPv6 server; nobody told that the numbers are free. */
	fd_table_clear(asker.self->files);
	in.sin_port = ((struct sockaddr_in6 *)&tcp.server_name)->sin6_port;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp.client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(tcp.client, (struct sockaddr *)&in, sizeof(in)), 0);
	tcp.server = accept(tcp.listener, NULL, NULL);
	assert_int_equal(asker_get(&asker, FACT_SOCKET, tcp.client)->id, ino_of(tcp.server));
	assert_int_equal(asker_get(&asker, FACT_SOCKET, tcp.server)->id, ino_of(tcp.client));
	tcp_close(&tcp);
}

static void udp_receiver_is_found(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int sender = socket(AF_INET, SOCK_DGRAM, 0), receiver = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(in);
	const struct fact *fact;

	(void)state;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(receiver, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(receiver, (struct sockaddr *)&in, &len), 0);
	assert_int_equal(asker_get(&asker, FACT_SOCKET, sender)->id, 0);
	assert_int_equal(connect(sender, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(send(sender, "four", 4, 0), 4);
	fact = asker_get(&asker, FACT_SOCKET, sender);
	assert_int_equal(fact->id, ino_of(receiver));
	assert_int_equal(fact->value[1], -1);
	assert_int_equal(asker_get(&asker, FACT_SOCKET, receiver)->value[0], 4);
	close(sender);
	close(receiver);
}

/* --- others --- */

static void netlink_socket_has_port_ids(void **state)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	socklen_t len = sizeof(name);
	char expected[64];

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	snprintf(expected, sizeof(expected), "%u -> 0", name.nl_pid);
	assert_text(asker_get(&asker, FACT_SOCKET, fd), expected);
	assert_int_equal(asker_get(&asker, FACT_SOCKET, fd)->value[0], -1);
	close(fd);
}

static void file_is_no_socket(void **state)
{
	int fd = open("/dev/null", O_RDWR);

	(void)state;
	assert_null(asker_ask(&asker, asker.self, FACT_SOCKET, fd));
	assert_int_equal(asker.error, -ENOTSOCK);
	close(fd);
}

static int make_pair_elsewhere(void *data)
{
	int *ends = data;

	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | CLONE_NEWNET) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -errno;
	return write(ends[1], "abc", 3) == 3 ? ends[0] : -EIO;
}

static void pair_of_another_namespace_is_known_by_its_descriptor(void **state)
{
	const struct fact *fact;
	struct tracee *tracee;
	struct child child;
	int ends[2];

	(void)state;
	child_start(&child, make_pair_elsewhere, ends);
	if (child.result < 0) {
		child_end(&child);
		skip();
	}
	tracee = tracee_add(&asker.tracees, child.pid, child.pid, NULL);
	fact = asker_ask(&asker, tracee, FACT_SOCKET, child.result);
	if (geteuid() && !fact) {
		/* In a user namespace of its own it may be out of reach. */
		assert_true(asker.error == -EPERM || asker.error == -EACCES);
	} else {
		assert_non_null(fact);
		assert_int_equal(fact->value[0], 3);
		assert_int_equal(fact->value[2], TCP_ESTABLISHED);
		assert_int_equal(fact->id, 0);
	}
	child_end(&child);
}

/* A UDP socket of those two ports, on a loopback that is up. */
static int make_udp(const uint16_t ports[2])
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct ifreq loopback = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (ioctl(fd, SIOCGIFFLAGS, &loopback) < 0)
		return -errno;
	loopback.ifr_flags |= IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &loopback);
	in.sin_port = ports[0];
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0)
		return -errno;
	in.sin_port = ports[1];
	return connect(fd, (struct sockaddr *)&in, sizeof(in)) < 0 ? -errno : fd;
}

static int make_udp_elsewhere(void *data)
{
	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | CLONE_NEWNET) < 0)
		return -errno;
	return make_udp(data);
}

/* The same two addresses exist here: their socket is somebody else's peer. */
static void same_addresses_in_another_namespace_are_no_peers(void **state)
{
	const uint16_t none[2] = { 0, htons(9) };
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	uint16_t ports[2], swapped[2];
	const struct fact *fact;
	struct child child;
	int ours, peer, spare;

	(void)state;
	spare = make_udp(none);
	assert_int_equal(getsockname(spare, (struct sockaddr *)&in, &len), 0);
	ports[0] = swapped[1] = in.sin_port;
	peer = make_udp(none);
	assert_int_equal(getsockname(peer, (struct sockaddr *)&in, &len), 0);
	ports[1] = swapped[0] = in.sin_port;
	close(spare);
	close(peer);
	ours = make_udp(ports);
	peer = make_udp(swapped);
	assert_true(ours >= 0 && peer >= 0);
	assert_int_equal(asker_get(&asker, FACT_SOCKET, ours)->id, ino_of(peer));
	child_start(&child, make_udp_elsewhere, ports);
	fact = NULL;
	if (child.result >= 0)
		fact = asker_ask(&asker, tracee_add(&asker.tracees, child.pid, child.pid, NULL),
				 FACT_SOCKET, child.result);
	child_end(&child);
	close(ours);
	close(peer);
	if (!fact)
		skip();
	assert_int_equal(fact->id, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pair_knows_peer_and_both_queues),
		TEST(abstract_name_keeps_every_byte),
		TEST(accepted_client_has_its_servers_name),
		TEST(datagrams_are_told_as_far_as_the_kernel_tells),
		TEST(tcp_peer_is_found_by_the_swapped_addresses),
		TEST(queues_of_a_known_connection_are_asked_for_each_time),
		TEST(queue_of_the_other_end_is_told_alone),
		TEST(tcp_peer_over_ipv6_is_found),
		TEST(tcp_peer_over_mapped_addresses_is_found),
		TEST(udp_receiver_is_found),
		TEST(netlink_socket_has_port_ids),
		TEST(file_is_no_socket),
		TEST(pair_of_another_namespace_is_known_by_its_descriptor),
		TEST(same_addresses_in_another_namespace_are_no_peers),
	};

	return cmocka_run_group_tests_name("facts of sockets", tests, NULL, NULL);
}
