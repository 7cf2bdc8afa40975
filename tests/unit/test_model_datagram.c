/* What the model says of datagrams: who gets them, who has sent them, and how sure that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "tests/unit/socket_story.h"

enum { ONE = 0x7000 };

static void udp_socket(pid_t pid, int fd, uint64_t ino)
{
	has_inet(pid, fd, SOCK_DGRAM, ino)->value[4] = IPPROTO_UDP;
	STORY_CALL(&story, pid, "socket", fd, AF_INET, SOCK_DGRAM, 0);
}

static void bound_udp(pid_t pid, int fd, uint64_t ino, const char *host, int port)
{
	socklen_t len = poke_inet(host, port);

	udp_socket(pid, fd, ino);
	STORY_CALL(&story, pid, "bind", 0, (uint64_t)fd, ADDR, len);
}

/* The kernel's word on who gets what pid sends to an address. */
static void gets(pid_t pid, uint64_t ino, int64_t memory, bool is_here)
{
	struct fact *fact = story_fact(&story, pid, FACT_RECEIVER, ADDR, NULL);

	fact->id = ino;
	fact->value[0] = memory;
	fact->value[1] = is_here;
}

static int begin(void **state)
{
	socket_story_begin(state);
	story_attach(&story, CHILD, "child");
	return 0;
}

static void the_kernel_s_word_is_exact(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	udp_socket(CHILD, 4, 71);
	len = poke_inet("127.0.0.1", 1234);
	gets(CHILD, 70, 0, true);
	STORY_ENTER(&story, CHILD, "sendto", 4, TEXT, 5, 0, ADDR, len);
	gets(CHILD, 70, 768, true);
	assert_string_equal(story_exit(&story, CHILD, 5),
			    " {udp:2 peer queue 0 -> 768 B of memory} -> parent[100] fd 3 #1");
}

static void a_name_alone_is_not(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	udp_socket(CHILD, 4, 71);
	len = poke_inet("127.0.0.1", 1234);
	assert_string_equal(STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len),
			    " -> parent[100]~ fd 3 #1");
}

static void two_answers_are_no_certainty(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	udp_socket(CHILD, 4, 71);
	len = poke_inet("127.0.0.1", 1234);
	gets(CHILD, 70, -1, true);
	STORY_ENTER(&story, CHILD, "sendto", 4, TEXT, 5, 0, ADDR, len);
	gets(CHILD, 0, -1, true);
	assert_string_equal(story_exit(&story, CHILD, 5), " -> parent[100]~ fd 3 #1");
}

static void nobody_takes_it_although_one_has_the_name(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	bound_udp(CHILD, 4, 71, "127.0.0.1", 4321);
	len = poke_inet("127.0.0.1", 1234);
	gets(CHILD, 0, -1, true);
	assert_string_equal(STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len),
			    " -> ? (nobody takes what 127.0.0.1:4321 sends there)");
}

static void a_socket_of_any_address_has_not_those_of_other_machines(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "0.0.0.0", 53);
	udp_socket(CHILD, 4, 71);
	len = poke_inet("192.0.2.1", 53);
	assert_string_equal(STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len),
			    " -> ? (whoever is at 192.0.2.1:53)");
	gets(CHILD, 0, -1, false);
	assert_string_equal(STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len),
			    " -> ? (whoever is at 192.0.2.1:53)");
}

static const char *receive(void)
{
	return STORY_CALL(&story, PARENT, "recvfrom", 5, 3, TEXT, 12, 0, ADDR, ADDR_LEN);
}

static void who_is_still_sending_it_is_named(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	bound_udp(CHILD, 4, 71, "127.0.0.1", 4321);
	len = poke_inet("127.0.0.1", 1234);
	gets(CHILD, 70, 0, true);
	STORY_ENTER(&story, CHILD, "sendto", 4, TEXT, 5, 0, ADDR, len);
	poke_inet("127.0.0.1", 4321);
	assert_string_equal(receive(), " <- child[200] fd 4 #1, 2.0 ms");
	poke_inet("127.0.0.1", 1234);
	story_exit(&story, CHILD, 5);
	/* That was this one: the next is somebody else's. */
	poke_inet("127.0.0.1", 5555);
	assert_string_equal(receive(), " <- ? (whoever is at 127.0.0.1:5555)");
}

static void who_has_no_port_yet_may_have_sent_it(void **state)
{
	socklen_t len;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	udp_socket(CHILD, 4, 71);
	len = poke_inet("127.0.0.1", 1234);
	gets(CHILD, 70, 0, true);
	STORY_ENTER(&story, CHILD, "sendto", 4, TEXT, 5, 0, ADDR, len);
	poke_inet("127.0.0.1", 4321);
	assert_string_equal(receive(), " <- child[200]~ fd 4 ~#1, 2.0 ms");
}

static void an_address_that_may_be_shared_is_no_proof(void **state)
{
	socklen_t len;
	int32_t on = 1;

	(void)state;
	bound_udp(PARENT, 3, 70, "127.0.0.1", 1234);
	udp_socket(CHILD, 4, 71);
	story_poke(&story, ONE, &on, sizeof(on));
	STORY_CALL(&story, CHILD, "setsockopt", 0, 4, SOL_SOCKET, SO_REUSEPORT, ONE, 4);
	len = poke_inet("127.0.0.1", 4321);
	STORY_CALL(&story, CHILD, "bind", 0, 4, ADDR, len);
	len = poke_inet("127.0.0.1", 1234);
	STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len);
	poke_inet("127.0.0.1", 4321);
	assert_string_equal(receive(), " <- child[200]~ fd 4 ~#1, 2.0 ms in socket");
}

static socklen_t poke_path(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(addr);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	story_poke(&story, ADDR, &addr, sizeof(addr));
	story_poke(&story, ADDR_LEN, &len, sizeof(len));
	return len;
}

static const char *send_to_path(const char *path)
{
	socklen_t len = poke_path(path);

	has_socket(PARENT, 3, SOCK_DGRAM, 80);
	STORY_CALL(&story, PARENT, "socket", 3, AF_UNIX, SOCK_DGRAM, 0);
	STORY_CALL(&story, PARENT, "bind", 0, 3, ADDR, len);
	has_socket(CHILD, 4, SOCK_DGRAM, 81);
	STORY_CALL(&story, CHILD, "socket", 4, AF_UNIX, SOCK_DGRAM, 0);
	story_fact(&story, CHILD, FACT_UNIX_QUEUE, 80, NULL)->value[3] = 5;
	return STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len);
}

static void the_queue_behind_a_name_is_told(void **state)
{
	(void)state;
	assert_string_equal(send_to_path("/run/log"),
			    " {unix:2 peer's first message 5 B, peer queue 0 -> 1 msgs seen}"
			    " -> parent[100] fd 3 #1");
}

static void a_relative_path_is_not_one_socket_s_alone(void **state)
{
	(void)state;
	assert_string_equal(send_to_path("log"),
			    " {unix:2 peer's first message 5 B, peer queue 0 -> 1 msgs seen}"
			    " -> parent[100]~ fd 3 #1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, socket_story_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_kernel_s_word_is_exact),
		TEST(a_name_alone_is_not),
		TEST(two_answers_are_no_certainty),
		TEST(nobody_takes_it_although_one_has_the_name),
		TEST(a_socket_of_any_address_has_not_those_of_other_machines),
		TEST(who_is_still_sending_it_is_named),
		TEST(who_has_no_port_yet_may_have_sent_it),
		TEST(an_address_that_may_be_shared_is_no_proof),
		TEST(the_queue_behind_a_name_is_told),
		TEST(a_relative_path_is_not_one_socket_s_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
