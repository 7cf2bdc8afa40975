/* What the model says of messages, and of what comes along with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/socket_story.h"

/* --- messages --- */

static void bind_datagrams(pid_t pid, int fd, uint64_t ino, const char *name)
{
	socklen_t len = poke_name(name);

	has_socket(pid, fd, SOCK_DGRAM, ino);
	STORY_CALL(&story, pid, "socket", fd, AF_UNIX, SOCK_DGRAM, 0);
	STORY_CALL(&story, pid, "bind", 0, (uint64_t)fd, ADDR, len);
}

static void a_datagram_is_known_by_its_address(void **state)
{
	socklen_t len;

	(void)state;
	story_attach(&story, CHILD, "child");
	bind_datagrams(PARENT, 3, 60, "to");
	bind_datagrams(CHILD, 4, 61, "from");
	len = poke_name("to");
	assert_string_equal(STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len),
			    " -> parent[100] fd 3 #1");
	poke_name("from");
	assert_string_equal(
		STORY_CALL(&story, PARENT, "recvfrom", 5, 3, TEXT, 12, 0, ADDR, ADDR_LEN),
		" <- child[200] fd 4 #1, 2.0 ms in socket");
}

static void a_datagram_of_somebody_else_is_not_taken_for_ours(void **state)
{
	socklen_t len;

	(void)state;
	story_attach(&story, CHILD, "child");
	bind_datagrams(PARENT, 3, 60, "to");
	bind_datagrams(CHILD, 4, 61, "from");
	len = poke_name("to");
	STORY_CALL(&story, CHILD, "sendto", 5, 4, TEXT, 5, 0, ADDR, len);
	poke_name("stranger");
	assert_string_equal(
		STORY_CALL(&story, PARENT, "recvfrom", 5, 3, TEXT, 12, 0, ADDR, ADDR_LEN),
		" <- ? (whoever is at @stranger)");
}

static void datagrams_of_a_pair_are_counted(void **state)
{
	(void)state;
	make_pair(SOCK_DGRAM);
	part();
	state_of(PARENT, 3, 11, 0, 3, " -> ");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 3, 3, TEXT, 3),
			    " {unix:1 peer's first message 3 B, peer queue 0 -> 1 msgs seen} -> "
			    "parent[200] fd 4 #1");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 3, TEXT, 5),
			    " {unix:1 peer's first message 3 B, peer queue 1 -> 2 msgs seen} -> "
			    "parent[200] fd 4 #2");
	state_of(CHILD, 4, 10, 3, 0, " -> ");
	STORY_ENTER(&story, CHILD, "read", 4, TEXT, 12);
	state_of(CHILD, 4, 10, 5, 0, " -> ");
	assert_string_equal(story_exit(&story, CHILD, 3),
			    " {unix:2 first message 3 -> 5 B, 2 -> 1 msgs seen} <- parent[100] fd "
			    "3 #1, 4.0 ms in socket");
}

static void records_of_a_connection_come_one_by_one(void **state)
{
	(void)state;
	make_pair(SOCK_SEQPACKET);
	story_fork(&story, PARENT, CHILD);
	STORY_CALL(&story, CHILD, "write", 5, 3, TEXT, 5);
	STORY_CALL(&story, PARENT, "write", 3, 3, TEXT, 3);
	/* The first one is cut to 2 bytes; the rest of it is lost. */
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 2, 4, TEXT, 2),
			    " <- parent[200] fd 3 #1, 4.0 ms in socket");
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 3, 4, TEXT, 3),
			    " <- parent[100] fd 3 #2, 4.0 ms in socket");
}

static void several_messages_of_one_call_all_count(void **state)
{
	uint64_t messages[2][8] = { { 0, 0, IOV, 1, 0, 0, 0, 5 }, { 0, 0, IOV, 1, 0, 0, 0, 3 } };

	(void)state;
	make_pair(SOCK_DGRAM);
	part();
	poke_message(5, 0, NULL, 0);
	story_poke(&story, HEADER, messages, sizeof(messages));
	STORY_CALL(&story, PARENT, "sendmmsg", 2, 3, HEADER, 2, 0);
	assert_string_equal(STORY_CALL(&story, CHILD, "read", 5, 4, TEXT, 12),
			    " <- parent[100] fd 3 #1, 2.0 ms in socket");
	assert_string_equal(STORY_CALL(&story, CHILD, "read", 3, 4, TEXT, 12),
			    " <- parent[100] fd 3 #2, 4.0 ms in socket");
}

/* --- what comes along --- */

static void a_passed_descriptor_keeps_its_object_s_name(void **state)
{
	int32_t sent = 7, received = 9;

	(void)state;
	make_pair(SOCK_STREAM);
	part();
	story_fd(&story, PARENT, 7, FD_PIPE, 70);
	poke_message(1, SCM_RIGHTS, &sent, sizeof(sent));
	assert_string_equal(STORY_CALL(&story, PARENT, "sendmsg", 1, 3, HEADER, 0),
			    " {unix:1 1 descriptor passed} -> parent[200] fd 4 #1");
	story_fact(&story, CHILD, FACT_FDINFO, 4, "pos:\t0\nscm_fds: 1\n");
	STORY_ENTER(&story, CHILD, "recvmsg", 4, HEADER, 0);
	story_fact(&story, CHILD, FACT_FDINFO, 4, "pos:\t0\nscm_fds: 0\n");
	story_fd(&story, CHILD, 9, FD_PIPE, 70);
	poke_message(1, SCM_RIGHTS, &received, sizeof(received));
	assert_string_equal(story_exit(&story, CHILD, 1),
			    " {unix:2 fds in flight 1 -> 0, 1 descriptor received} <- parent[100] "
			    "fd 3 #1, 2.0 ms in socket");
	/* The sender learns at once who reads it now. */
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 7, TEXT, 5),
			    " {pipe:1 inode 70} -> parent[200] fd 9 #1");
}

static void credentials_name_a_sender_that_is_not_known_otherwise(void **state)
{
	struct ucred cred = { .pid = 777 };

	(void)state;
	has_socket(PARENT, 3, SOCK_DGRAM, 80);
	poke_message(1, SCM_CREDENTIALS, &cred, sizeof(cred));
	assert_string_equal(STORY_CALL(&story, PARENT, "recvmsg", 1, 3, HEADER, 0),
			    " {unix:1 inode 80} <- ?[777]~: its credentials");
}

static void netlink_is_talk_with_the_kernel(void **state)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	struct fact *fact = story_fd(&story, PARENT, 3, FD_NETLINK, 90);

	(void)state;
	fact->value[2] = AF_NETLINK;
	fact->value[3] = SOCK_RAW;
	story_poke(&story, ADDR, &addr, sizeof(addr));
	STORY_CALL(&story, PARENT, "socket", 3, AF_NETLINK, SOCK_RAW, 0);
	assert_string_equal(
		STORY_CALL(&story, PARENT, "sendto", 5, 3, TEXT, 5, 0, ADDR, sizeof(addr)),
		" -> kernel[0]");
}

static void calls_of_socketcall_are_found_in_memory(void **state)
{
	uint32_t args[3] = { 3, TEXT, 5 };

	(void)state;
	make_pair(SOCK_STREAM);
	part();
	story_poke(&story, ADDR, args, sizeof(args));
	story.arch = AUDIT_ARCH_I386;
	/* 9 is send(2): linux/net.h. */
	assert_string_equal(STORY_CALL(&story, PARENT, "socketcall", 5, 9, ADDR),
			    " -> parent[200] fd 4 #1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, socket_story_begin, socket_story_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_is_known_by_its_address),
		TEST(a_datagram_of_somebody_else_is_not_taken_for_ours),
		TEST(datagrams_of_a_pair_are_counted),
		TEST(records_of_a_connection_come_one_by_one),
		TEST(several_messages_of_one_call_all_count),
		TEST(a_passed_descriptor_keeps_its_object_s_name),
		TEST(credentials_name_a_sender_that_is_not_known_otherwise),
		TEST(netlink_is_talk_with_the_kernel),
		TEST(calls_of_socketcall_are_found_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
