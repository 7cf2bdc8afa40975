/* What the model says of sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "tests/unit/socket_story.h"

/* --- pairs --- */

static void both_ends_of_a_pair_are_objects(void **state)
{
	(void)state;
	assert_string_equal(make_pair(SOCK_STREAM), " {unix:1 new inode 10: other end unix:2}"
						    " {unix:2 new inode 11: other end unix:1}");
}

static void what_is_sent_goes_to_the_holder_of_the_other_end(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	part();
	state_of(PARENT, 3, 11, 0, 0, " -> ");
	STORY_ENTER(&story, PARENT, "write", 3, TEXT, 5);
	state_of(PARENT, 3, 11, 0, 5, " -> ");
	assert_string_equal(story_exit(&story, PARENT, 5),
			    " {unix:1 peer queue 0 -> 5 B} -> parent[200] fd 4 #1");
}

static void the_queue_of_the_other_end_is_enough_where_that_is_known(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	part();
	story_fact(&story, PARENT, FACT_PEER_QUEUE, 3, NULL)->value[3] = 2;
	STORY_ENTER(&story, PARENT, "write", 3, TEXT, 5);
	story_fact(&story, PARENT, FACT_PEER_QUEUE, 3, NULL)->value[3] = 7;
	assert_string_equal(story_exit(&story, PARENT, 5),
			    " {unix:1 peer queue 2 -> 7 B} -> parent[200] fd 4 #1");
}

static void what_is_received_comes_from_who_wrote_exactly_that(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	story_fork(&story, PARENT, CHILD);
	STORY_CALL(&story, PARENT, "write", 3, 3, TEXT, 3);
	STORY_CALL(&story, CHILD, "write", 4, 3, TEXT, 4);
	state_of(PARENT, 4, 10, 7, 0, " -> ");
	STORY_ENTER(&story, PARENT, "read", 4, TEXT, 3);
	state_of(PARENT, 4, 10, 4, 0, " -> ");
	assert_string_equal(story_exit(&story, PARENT, 3),
			    " {unix:2 7 -> 4 B} <- parent[100] fd 3 #1, 4.0 ms in socket");
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 2, 4, TEXT, 2),
			    " {unix:2 4 B} <- parent[200] fd 3 #2[0..2), 4.0 ms in socket");
}

static void looking_takes_nothing(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	story_fork(&story, PARENT, CHILD);
	STORY_CALL(&story, PARENT, "write", 3, 3, TEXT, 3);
	STORY_CALL(&story, CHILD, "write", 3, 3, TEXT, 3);
	assert_string_equal(STORY_CALL(&story, CHILD, "recvfrom", 3, 4, TEXT, 3, MSG_PEEK, 0, 0),
			    " <- parent[100] fd 3 #1, 4.0 ms in socket");
	assert_string_equal(STORY_CALL(&story, CHILD, "recvfrom", 3, 4, TEXT, 3, 0, 0, 0),
			    " <- parent[100] fd 3 #1, 6.0 ms in socket");
	assert_string_equal(STORY_CALL(&story, CHILD, "recvfrom", 3, 4, TEXT, 3, 0, 0, 0),
			    " <- parent[200] fd 3 #2, 6.0 ms in socket");
}

static void a_receive_that_returns_first_is_still_understood(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	story_fork(&story, PARENT, CHILD);
	STORY_ENTER(&story, CHILD, "write", 3, TEXT, 3);
	/* Whose call has been entered is known. */
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 3, 4, TEXT, 3),
			    " <- parent[200] fd 3 #1, 2.0 ms");
	story_exit(&story, CHILD, 3);
	STORY_CALL(&story, PARENT, "write", 2, 3, TEXT, 2);
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 2, 4, TEXT, 2),
			    " <- parent[100] fd 3 #2, 2.0 ms in socket");
}

static void bytes_that_nobody_was_seen_to_send_leave_a_doubt(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	story_fork(&story, PARENT, CHILD);
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 3, 4, TEXT, 3),
			    " <- parent[200]~ fd 3");
	/* It may happen again. */
	STORY_CALL(&story, CHILD, "write", 3, 3, TEXT, 3);
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 3, 4, TEXT, 3),
			    " <- parent[200]~ fd 3");
}

/* --- ends --- */

static void the_end_of_file_has_a_reason(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	part();
	assert_string_equal(STORY_CALL(&story, PARENT, "shutdown", 0, 3, SHUT_WR),
			    " {unix:1 the other end gets end of file} -> parent[200] fd 4");
	assert_string_equal(STORY_CALL(&story, CHILD, "read", 0, 4, TEXT, 3),
			    " {unix:2 end of file: the other end was shut down}");
	assert_string_equal(STORY_CALL(&story, CHILD, "close", 0, 4),
			    " {unix:2 its last descriptor: the other end gets end of file}"
			    " -> parent[100] fd 3");
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 0, 3, TEXT, 3),
			    " {unix:1 end of file: the other end is closed}");
	assert_string_equal(
		STORY_CALL(&story, PARENT, "sendto", -EPIPE, 3, TEXT, 3, MSG_NOSIGNAL, 0, 0),
		" {unix:1 it was shut down here}");
}

static void a_receive_of_nothing_is_no_end(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	part();
	assert_string_equal(STORY_CALL(&story, CHILD, "read", 0, 4, TEXT, 0), "");
}

static void unread_bytes_are_lost_with_the_last_descriptor(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	part();
	state_of(CHILD, 4, 10, 7, 0, " -> ");
	assert_string_equal(STORY_CALL(&story, CHILD, "close", 0, 4),
			    " {unix:2 7 B were not read, its last descriptor: the other end gets"
			    " ECONNRESET} -> parent[100] fd 3");
}

/* --- who is not traced --- */

static void an_untraced_holder_is_found_by_the_inode_of_the_other_end(void **state)
{
	(void)state;
	has_socket(PARENT, 1, SOCK_STREAM, 20);
	state_of(PARENT, 1, 21, 0, 34, " -> /run/db.sock");
	story_holder(&story, 21, 411, 12, "dbd");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 1, TEXT, 5),
			    " {unix:1 -> /run/db.sock inode 20: peer queue 34 B} -> dbd[411]~ fd "
			    "12 (older than the trace) #1");
}

static void the_creator_is_named_where_no_holder_is_known(void **state)
{
	(void)state;
	has_socket(PARENT, 1, SOCK_STREAM, 20);
	state_of(PARENT, 1, 0, 0, -1, " -> ")->value[5] = 411;
	story_fact(&story, 0, FACT_COMM, 411, "dbd");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 1, TEXT, 5),
			    " {unix:1 inode 20} -> dbd[411]~: its creator #1");
}

static void a_holder_that_cannot_be_listed_is_said_to_be_so(void **state)
{
	(void)state;
	has_socket(PARENT, 1, SOCK_STREAM, 20);
	state_of(PARENT, 1, 21, 0, 0, " -> ");
	story_fact(&story, 0, FACT_HOLDERS, 21, NULL)->value[1] = 7;
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 1, TEXT, 5),
			    " {unix:1 inode 20: peer queue 0 B} -> ? (held by a process that may "
			    "not be looked at) #1");
	/* Who made it is known even so. */
	state_of(PARENT, 1, 21, 0, 0, " -> ")->value[5] = 411;
	story_fact(&story, 0, FACT_COMM, 411, "dbd");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 1, TEXT, 5),
			    " {unix:1 peer queue 0 B} -> dbd[411]~: its creator #2");
}

static void nobody_known_is_said_with_the_reason(void **state)
{
	(void)state;
	has_inet(PARENT, 5, SOCK_STREAM, 30);
	state_of(PARENT, 5, 0, 0, -1, "10.0.0.1:4242 -> 192.0.2.1:443");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 5, TEXT, 5),
			    " {tcp:1 10.0.0.1:4242 -> 192.0.2.1:443 inode 30} -> ? (whoever is at "
			    "192.0.2.1:443) #1");
}

static void a_traced_other_end_needs_no_question_about_holders(void **state)
{
	unsigned n_before;

	(void)state;
	make_pair(SOCK_STREAM);
	part();
	story_fact(&story, PARENT, FACT_PEER_QUEUE, 3, NULL);
	n_before = story.n_asked;
	STORY_CALL(&story, PARENT, "write", 3, 3, TEXT, 3);
	/* What the descriptor is and the other end's queue, at entry and at exit. */
	assert_int_equal(story.n_asked - n_before, 4);
}

/* --- connections --- */

static void bind_here(const char *name)
{
	char text[64];
	socklen_t len = poke_name(name);

	snprintf(text, sizeof(text), "@%s", name);
	has_socket(PARENT, 3, SOCK_STREAM, 40);
	STORY_CALL(&story, PARENT, "socket", 3, AF_UNIX, SOCK_STREAM, 0);
	STORY_CALL(&story, PARENT, "bind", 0, 3, ADDR, len);
	listens(PARENT, 3, 0, 5, text);
}

static void a_connection_is_one_from_its_two_sides(void **state)
{
	socklen_t len;

	(void)state;
	bind_here("server");
	assert_string_equal(STORY_CALL(&story, PARENT, "listen", 0, 3, 5), " {unix:1 pending 0/5}");
	story_fork(&story, PARENT, CHILD);
	len = poke_name("server");
	has_socket(CHILD, 4, SOCK_STREAM, 41);
	STORY_CALL(&story, CHILD, "socket", 4, AF_UNIX, SOCK_STREAM, 0);
	STORY_CALL(&story, CHILD, "close", 0, 3);
	assert_string_equal(STORY_CALL(&story, CHILD, "connect", 0, 4, ADDR, len),
			    " {unix:2 -> @server} -> parent[100]~ fd 3: listens there");
	/* Written before it is accepted. */
	assert_string_equal(STORY_CALL(&story, CHILD, "write", 5, 4, TEXT, 5),
			    " -> parent[100]~ fd 3: listens there #1");

	listens(PARENT, 3, 1, 5, "@server");
	STORY_ENTER(&story, PARENT, "accept", 3, 0, 0);
	listens(PARENT, 3, 0, 5, "@server");
	has_socket(PARENT, 5, SOCK_STREAM, 42);
	state_of(PARENT, 5, 41, 5, 0, "@server -> ");
	assert_string_equal(story_exit(&story, PARENT, 5),
			    " {unix:3 new @server inode 42: other end unix:2}"
			    " {unix:1 pending 1 -> 0/5} <- parent[200] fd 4");
	assert_string_equal(STORY_CALL(&story, PARENT, "read", 5, 5, TEXT, 12),
			    " {unix:3 5 B} <- parent[200] fd 4 #1, 4.0 ms in socket");
	assert_string_equal(STORY_CALL(&story, CHILD, "write", 5, 4, TEXT, 5),
			    " -> parent[100] fd 5 #2");
}

static void an_accepted_end_that_was_met_before_is_not_older(void **state)
{
	(void)state;
	bind_here("server");
	has_socket(PARENT, 4, SOCK_STREAM, 41);
	state_of(PARENT, 4, 42, 0, 0, " -> @server");
	STORY_CALL(&story, PARENT, "write", 5, 4, TEXT, 5);
	has_socket(PARENT, 5, SOCK_STREAM, 42);
	state_of(PARENT, 5, 41, 5, 0, "@server -> ");
	assert_string_equal(STORY_CALL(&story, PARENT, "accept", 5, 3, 0, 0),
			    " {unix:3 new @server inode 42: other end unix:2}"
			    " {unix:1 pending 0/5} <- parent[100] fd 4");
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 5, 4, TEXT, 5),
			    " {unix:2 peer queue 0 B} -> parent[100] fd 5 #2");
}

static void a_refused_connection_says_where(void **state)
{
	socklen_t len = poke_name("gone");

	(void)state;
	has_socket(PARENT, 4, SOCK_STREAM, 41);
	STORY_CALL(&story, PARENT, "socket", 4, AF_UNIX, SOCK_STREAM, 0);
	assert_string_equal(STORY_CALL(&story, PARENT, "connect", -ECONNREFUSED, 4, ADDR, len),
			    " {unix:1 nobody listens at @gone}");
	assert_string_equal(STORY_CALL(&story, PARENT, "connect", -EAGAIN, 4, ADDR, len),
			    " {unix:1 the backlog of @gone is full}");
}

static void internet_sockets_are_named_by_protocol_and_addresses(void **state)
{
	socklen_t len = poke_inet("127.0.0.1", 80);

	(void)state;
	has_inet(PARENT, 3, SOCK_STREAM, 50);
	has_inet(PARENT, 4, SOCK_DGRAM, 51);
	has_inet(PARENT, 5, SOCK_RAW, 52);
	assert_string_equal(STORY_CALL(&story, PARENT, "socket", 3, AF_INET, SOCK_STREAM, 0),
			    " {tcp:1 new inode 50}");
	assert_string_equal(STORY_CALL(&story, PARENT, "socket", 4, AF_INET, SOCK_DGRAM, 0),
			    " {udp:2 new inode 51}");
	assert_string_equal(STORY_CALL(&story, PARENT, "socket", 5, AF_INET, SOCK_RAW, 0),
			    " {inet:3 new inode 52}");
	assert_string_equal(STORY_CALL(&story, PARENT, "bind", 0, 3, ADDR, len),
			    " {tcp:1 127.0.0.1:80}");
	listens(PARENT, 3, 1, 3, "127.0.0.1:80");
	has_inet(PARENT, 6, SOCK_STREAM, 53);
	state_of(PARENT, 6, 0, 0, -1, "127.0.0.1:80 -> 127.0.0.1:4242");
	assert_string_equal(STORY_CALL(&story, PARENT, "accept", 6, 3, 0, 0),
			    " {tcp:4 new 127.0.0.1:80 <- 127.0.0.1:4242 inode 53}"
			    " {tcp:1 pending 1/3} <- ? (whoever is at 127.0.0.1:4242)");
}

/* --- blocked --- */

static void a_blocked_call_says_for_whom(void **state)
{
	(void)state;
	make_pair(SOCK_STREAM);
	part();
	STORY_ENTER(&story, CHILD, "read", 4, TEXT, 5);
	assert_string_equal(story_blocked(&story, CHILD), " waits for parent[100] fd 3");
	state_of(PARENT, 3, 11, 0, 4096, " -> ");
	STORY_ENTER(&story, PARENT, "write", 3, TEXT, 5);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {unix:1 peer queue 4096 B, full: waits for space}"
			    " waits for parent[200] fd 4");
}

static void a_blocked_accept_and_connect_say_on_what(void **state)
{
	socklen_t len;

	(void)state;
	bind_here("server");
	STORY_CALL(&story, PARENT, "listen", 0, 3, 5);
	STORY_ENTER(&story, PARENT, "accept", 3, 0, 0);
	assert_string_equal(story_blocked(&story, PARENT), " {unix:1 waits for a connection}");
	story_attach(&story, CHILD, "child");
	has_socket(CHILD, 4, SOCK_STREAM, 41);
	STORY_CALL(&story, CHILD, "socket", 4, AF_UNIX, SOCK_STREAM, 0);
	len = poke_name("server");
	STORY_ENTER(&story, CHILD, "connect", 4, ADDR, len);
	assert_string_equal(story_blocked(&story, CHILD),
			    " {unix:2 the backlog of @server is full} waits for parent[100] fd 3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, socket_story_begin, socket_story_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_ends_of_a_pair_are_objects),
		TEST(what_is_sent_goes_to_the_holder_of_the_other_end),
		TEST(the_queue_of_the_other_end_is_enough_where_that_is_known),
		TEST(what_is_received_comes_from_who_wrote_exactly_that),
		TEST(looking_takes_nothing),
		TEST(a_receive_that_returns_first_is_still_understood),
		TEST(bytes_that_nobody_was_seen_to_send_leave_a_doubt),
		TEST(the_end_of_file_has_a_reason),
		TEST(a_receive_of_nothing_is_no_end),
		TEST(unread_bytes_are_lost_with_the_last_descriptor),
		TEST(an_untraced_holder_is_found_by_the_inode_of_the_other_end),
		TEST(the_creator_is_named_where_no_holder_is_known),
		TEST(a_holder_that_cannot_be_listed_is_said_to_be_so),
		TEST(nobody_known_is_said_with_the_reason),
		TEST(a_traced_other_end_needs_no_question_about_holders),
		TEST(a_connection_is_one_from_its_two_sides),
		TEST(an_accepted_end_that_was_met_before_is_not_older),
		TEST(a_refused_connection_says_where),
		TEST(internet_sockets_are_named_by_protocol_and_addresses),
		TEST(a_blocked_call_says_for_whom),
		TEST(a_blocked_accept_and_connect_say_on_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
