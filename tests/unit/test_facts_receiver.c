/* Who gets a datagram, against what becomes of one that is really sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/asker.h"

enum { AT = 0x1000 };

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

static struct sockaddr_in at(const char *host, in_port_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = port };

	assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
	return address;
}

/* A socket that is bound; *ret_port may be 0, then it becomes the one that was chosen. */
static int bound(const char *host, in_port_t *ret_port, int option)
{
	struct sockaddr_in address = at(host, *ret_port);
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;

	assert_true(fd >= 0);
	if (option)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, option, &one, sizeof(one)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = address.sin_port;
	return fd;
}

static uint64_t ino_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

/* The answer about a datagram from fd to address, NULL: to its peer; NULL if there is none. */
static const struct fact *ask(int fd, const struct sockaddr_in *address)
{
	struct mem mem = { .ev = &asker.ev };

	event_clear(&asker.ev);
	asker.ev.tid = asker.self->tid;
	asker.ev.tgid = asker.self->tgid;
	asker.ev.args[0] = (uint64_t)fd;
	if (address)
		event_add_range(&asker.ev, AT, address, sizeof(*address));
	asker.error = facts_ask(&asker.cache, asker.self, &asker.ev, &mem, FACT_RECEIVER,
				address ? AT : 0);
	return event_fact(&asker.ev, FACT_RECEIVER, address ? AT : 0);
}

/* Send one and see which of them has got it: its inode. */
static uint64_t try_out(int fd, const struct sockaddr_in *address, const int *receivers, int n)
{
	struct pollfd wanted[4] = { 0 };
	char byte;

	for (int i = 0; i < n; i++)
		wanted[i] = (struct pollfd){ .fd = receivers[i], .events = POLLIN };
	assert_int_equal(sendto(fd, "x", 1, 0, (const struct sockaddr *)address, sizeof(*address)),
			 1);
	assert_int_equal(poll(wanted, (nfds_t)n, 10000), 1);
	for (int i = 0; i < n; i++) {
		if (wanted[i].revents) {
			assert_int_equal(recv(wanted[i].fd, &byte, 1, 0), 1);
			return ino_of(wanted[i].fd);
		}
	}
	fail();
	return 0;
}

static void the_socket_with_that_address_gets_it(void **state)
{
	in_port_t port = 0;
	int receiver = bound("0.0.0.0", &port, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in address = at("127.0.0.1", port);
	const struct fact *fact;

	(void)state;
	fact = ask(fd, &address);
	assert_non_null(fact);
	assert_int_equal(fact->id, ino_of(receiver));
	assert_int_equal(fact->value[0], 0);
	assert_int_equal(fact->value[1], 1);
	/* Now it has a port, and there is something in the queue. */
	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)), 1);
	fact = ask(fd, &address);
	assert_non_null(fact);
	assert_int_equal(fact->id, ino_of(receiver));
	assert_true(fact->value[0] > 0);
	close(receiver);
	fact = ask(fd, &address);
	assert_non_null(fact);
	assert_int_equal(fact->id, 0);
	close(fd);
}

static void one_of_several_at_a_port_is_the_one_that_gets_it(void **state)
{
	in_port_t port = 0, own_port = 0;
	int receivers[4], fd;
	struct sockaddr_in address;

	(void)state;
	for (int i = 0; i < 4; i++)
		receivers[i] = bound("127.0.0.1", &port, SO_REUSEPORT);
	address = at("127.0.0.1", port);
	for (int i = 0; i < 16; i++) {
		const struct fact *fact;

		own_port = 0;
		fd = bound("127.0.0.1", &own_port, 0);
		fact = ask(fd, &address);
		assert_non_null(fact);
		assert_int_equal(fact->id, try_out(fd, &address, receivers, 4));
		/* The next one's number is new to the one who asks. */
		assert_int_equal(dup2(fd, 100 + i), 100 + i);
	}
	for (int i = 0; i < 16; i++)
		close(100 + i);
	for (int i = 0; i < 4; i++)
		close(receivers[i]);
	close(fd);
}

static void who_is_connected_elsewhere_gets_nothing(void **state)
{
	in_port_t port = 0, own_port = 0, other_port = 0;
	int receiver = bound("127.0.0.1", &port, 0), fd = bound("127.0.0.1", &own_port, 0);
	int other = bound("127.0.0.1", &other_port, 0);
	struct sockaddr_in address = at("127.0.0.1", port);
	struct sockaddr_in elsewhere = at("127.0.0.1", other_port), own = at("127.0.0.1", own_port);
	const struct fact *fact;

	(void)state;
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(ask(fd, NULL)->id, ino_of(receiver));
	assert_int_equal(connect(receiver, (struct sockaddr *)&elsewhere, sizeof(elsewhere)), 0);
	fact = ask(fd, NULL);
	assert_non_null(fact);
	assert_int_equal(fact->id, 0);
	assert_int_equal(fact->value[1], 1);
	assert_int_equal(connect(receiver, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(ask(fd, NULL)->id, ino_of(receiver));
	close(receiver);
	close(other);
	close(fd);
}

static void another_machine_is_not_this_one(void **state)
{
	in_port_t port = 0;
	int receiver = bound("0.0.0.0", &port, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in address = at("192.0.2.1", port); /* for documentation: RFC 5737 */
	const struct fact *fact = ask(fd, &address);

	(void)state;
	assert_non_null(fact);
	assert_int_equal(fact->id, 0);
	assert_int_equal(fact->value[1], 0);
	close(receiver);
	close(fd);
}

static void what_several_get_has_no_receiver(void **state)
{
	in_port_t port = 0;
	int receiver = bound("0.0.0.0", &port, 0), fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
	struct sockaddr_in group = at("224.0.0.251", port), all = at("192.0.2.255", port);

	(void)state;
	assert_null(ask(fd, &group));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)), 0);
	assert_null(ask(fd, &all));
	assert_int_equal(asker.error, -EOPNOTSUPP);
	close(receiver);
	close(fd);
}

static void nonsense_is_refused(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_UNIX };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_null(ask(fd, &address));
	assert_int_equal(asker.error, -EAFNOSUPPORT);
	assert_null(ask(fd, NULL));
	assert_int_equal(asker.error, -ENOTCONN);
	assert_null(ask(tcp, &address));
	assert_int_equal(asker.error, -ENOTSOCK);
	close(fd);
	close(tcp);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_socket_with_that_address_gets_it),
		TEST(one_of_several_at_a_port_is_the_one_that_gets_it),
		TEST(who_is_connected_elsewhere_gets_nothing),
		TEST(another_machine_is_not_this_one),
		TEST(what_several_get_has_no_receiver),
		TEST(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
