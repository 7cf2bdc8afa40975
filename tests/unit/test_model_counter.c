/* What the model says of eventfds, timers, signals read as messages, and watched sets of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "tests/unit/story.h"

enum { NUMBER = 0x1000, EVENT = 0x2000, INFO = 0x3000, PARENT = 100, CHILD = 200 };

static struct story story;
static uint64_t counter; /* of that eventfd */

static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_attach(&story, PARENT, "parent");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

static void counts(pid_t pid, int fd, uint64_t count)
{
	char text[64];

	snprintf(text, sizeof(text), "eventfd-count: %16llx\neventfd-id: 7\n",
		 (unsigned long long)count);
	story_fact(&story, pid, FACT_FDINFO, fd, text);
}

/* The one eventfd of most stories. */
static void counts_now(uint64_t count)
{
	counter = count;
	counts(PARENT, 3, count);
	counts(CHILD, 3, count);
}

static const char *make_eventfd(uint64_t initial)
{
	story_fd(&story, PARENT, 3, FD_EVENTFD, 26)->id = 7;
	counts_now(initial);
	return STORY_CALL(&story, PARENT, "eventfd2", 3, initial, 0);
}

static const char *adds(pid_t pid, uint64_t n)
{
	story_poke(&story, NUMBER, &n, sizeof(n));
	STORY_ENTER(&story, pid, "write", 3, NUMBER, 8);
	counts_now(counter + n);
	return story_exit(&story, pid, 8);
}

static void enters_read(pid_t pid)
{
	STORY_ENTER(&story, pid, "read", 3, NUMBER, 8);
}

static const char *reads(pid_t pid, uint64_t n)
{
	story_poke(&story, NUMBER, &n, sizeof(n));
	counts_now(counter > n ? counter - n : 0);
	return story_exit(&story, pid, 8);
}

static void a_counter_is_hexadecimal_in_fdinfo(void **state)
{
	(void)state;
	assert_string_equal(make_eventfd(16), " {eventfd:1 new id 7: count 16} #1");
}

static void a_read_names_all_whose_numbers_it_takes(void **state)
{
	(void)state;
	make_eventfd(0);
	story_fork(&story, PARENT, CHILD);
	adds(PARENT, 3);
	adds(CHILD, 4);
	enters_read(PARENT);
	assert_string_equal(reads(PARENT, 7), " {eventfd:1 count 7 -> 0} <- parent[100] fd 3, "
					      "parent[200] fd 3 #1, #2, up to 4.0 ms in counter");
}

static void a_semaphore_gives_back_what_came_first(void **state)
{
	(void)state;
	make_eventfd(0);
	story_fork(&story, PARENT, CHILD);
	adds(CHILD, 1);
	adds(PARENT, 1);
	enters_read(PARENT);
	assert_string_equal(reads(PARENT, 1),
			    " {eventfd:1 count 2 -> 1} <- parent[200] fd 3 #1, 4.0 ms in counter");
}

static void the_first_value_is_that_of_who_made_it(void **state)
{
	(void)state;
	make_eventfd(2);
	story_fork(&story, PARENT, CHILD);
	enters_read(CHILD);
	assert_string_equal(reads(CHILD, 2),
			    " {eventfd:1 count 2 -> 0} <- parent[100] #1, 3.0 ms in counter");
}

static void a_number_that_nobody_was_seen_to_add_leaves_a_doubt(void **state)
{
	(void)state;
	make_eventfd(0);
	story_fork(&story, PARENT, CHILD);
	enters_read(PARENT);
	assert_string_equal(reads(PARENT, 5), " {eventfd:1 count 0} <- parent[200]~ fd 3");
}

static void a_blocked_read_waits_for_those_who_can_write(void **state)
{
	(void)state;
	make_eventfd(0);
	story_fork(&story, PARENT, CHILD);
	enters_read(PARENT);
	assert_string_equal(story_blocked(&story, PARENT), " {eventfd:1 count 0, waits for a write}"
							   " waits for parent[200] fd 3");
}

static void a_timer_says_when_it_expires_next(void **state)
{
	uint64_t n = 3;

	(void)state;
	story_fd(&story, PARENT, 4, FD_TIMERFD, 26)->id = 1;
	STORY_CALL(&story, PARENT, "timerfd_create", 4, 1, 0);
	story_fact(&story, PARENT, FACT_FDINFO, 4,
		   "ticks: 0\nit_value: (0, 1500000)\nit_interval: (0, 2000000)\n");
	STORY_ENTER(&story, PARENT, "read", 4, NUMBER, 8);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {timerfd:1 waits for it: next in 1.5 ms, then every 2 ms}");
	story_poke(&story, NUMBER, &n, sizeof(n));
	story_fact(&story, PARENT, FACT_FDINFO, 4,
		   "ticks: 0\nit_value: (0, 0)\nit_interval: (0, 0)\n");
	assert_string_equal(story_exit(&story, PARENT, 8),
			    " {timerfd:1 expired 3 times, disarmed}");
}

static void poke_siginfo(int signo, int code, int pid)
{
	int32_t info[32] = { signo, 0, code, pid };

	story_poke(&story, INFO, info, sizeof(info));
}

static void a_signal_that_is_read_names_its_sender(void **state)
{
	(void)state;
	story_fd(&story, PARENT, 5, FD_SIGNALFD, 26)->id = 2;
	story_fact(&story, PARENT, FACT_FDINFO, 5, "sigmask:\t0000000000000a00\n");
	assert_string_equal(STORY_CALL(&story, PARENT, "signalfd4", 5, (uint64_t)-1, 0, 8, 0),
			    " {signalfd:1 new SIGUSR1, SIGUSR2}");
	story_fact(&story, PARENT, FACT_SIGNALS, PARENT, "parent")->value[0] = 1 << (SIGUSR1 - 1);
	STORY_ENTER(&story, PARENT, "read", 5, INFO, 128);
	poke_siginfo(SIGUSR1, SI_USER, 77);
	story_fact(&story, PARENT, FACT_SIGNALS, PARENT, "parent");
	assert_string_equal(story_exit(&story, PARENT, 128),
			    " {signalfd:1 pending 1 -> 0} <- ?[77]");
}

static void a_signal_of_a_timer_has_no_sender(void **state)
{
	(void)state;
	story_fd(&story, PARENT, 5, FD_SIGNALFD, 26)->id = 2;
	STORY_ENTER(&story, PARENT, "read", 5, INFO, 128);
	poke_siginfo(SIGALRM, SI_TIMER, 1);
	assert_string_equal(story_exit(&story, PARENT, 128), "");
}

/* --- epoll and poll --- */

static void poke_event(uint64_t addr, uint32_t events, uint64_t data)
{
	uint8_t event[12];

	memcpy(event, &events, sizeof(events));
	memcpy(event + sizeof(events), &data, sizeof(data));
	story_poke(&story, addr, event, sizeof(event));
}

static void make_epoll(void)
{
	make_eventfd(0);
	story_fd(&story, PARENT, 8, FD_EPOLL, 26)->id = 3;
	STORY_CALL(&story, PARENT, "epoll_create1", 8, 0);
}

static const char *watches(int op, int fd, uint64_t data)
{
	poke_event(EVENT, EPOLLIN, data);
	return STORY_CALL(&story, PARENT, "epoll_ctl", 0, 8, (uint64_t)op, (uint64_t)fd, EVENT);
}

static void a_watched_set_counts_its_watches(void **state)
{
	(void)state;
	make_epoll();
	assert_string_equal(watches(EPOLL_CTL_ADD, 3, 40), " {epoll:1 watches 0 -> 1}");
	assert_string_equal(watches(EPOLL_CTL_MOD, 3, 41), " {epoll:1 watches 1}");
	assert_string_equal(watches(EPOLL_CTL_DEL, 3, 0), " {epoll:1 watches 1 -> 0}");
}

static void an_event_names_what_its_data_was_added_with(void **state)
{
	(void)state;
	make_epoll();
	watches(EPOLL_CTL_ADD, 3, 40);
	poke_event(EVENT, EPOLLIN, 40);
	assert_string_equal(STORY_CALL(&story, PARENT, "epoll_wait", 1, 8, EVENT, 1, 0),
			    " {epoll:1 ready: eventfd:1}");
}

static void data_that_several_watches_have_names_none(void **state)
{
	(void)state;
	make_epoll();
	story_fd(&story, PARENT, 4, FD_TIMERFD, 26)->id = 1;
	STORY_CALL(&story, PARENT, "timerfd_create", 4, 1, 0);
	watches(EPOLL_CTL_ADD, 3, 40);
	watches(EPOLL_CTL_ADD, 4, 40);
	poke_event(EVENT, EPOLLIN, 40);
	assert_string_equal(STORY_CALL(&story, PARENT, "epoll_wait", 1, 8, EVENT, 1, 0),
			    " {epoll:1 ready: ?}");
}

static void a_set_whose_making_was_not_seen_is_learnt_from_its_fdinfo(void **state)
{
	(void)state;
	make_eventfd(0);
	story_fd(&story, PARENT, 8, FD_EPOLL, 26)->id = 3;
	story_fact(
		&story, PARENT, FACT_FDINFO, 8,
		"pos:\t0\ntfd:        3 events:       19 data:               2a  pos:0 ino:1a\n");
	poke_event(EVENT, EPOLLIN, 42);
	assert_string_equal(STORY_CALL(&story, PARENT, "epoll_wait", 1, 8, EVENT, 1, 0),
			    " {epoll:1: ready: eventfd:1}");
	/* Once is enough. */
	story_forget(&story, PARENT, FACT_FDINFO, 8);
	assert_string_equal(STORY_CALL(&story, PARENT, "epoll_wait", 1, 8, EVENT, 1, 0),
			    " {epoll:1 ready: eventfd:1}");
}

static void a_blocked_set_waits_for_whoever_makes_one_ready(void **state)
{
	(void)state;
	make_epoll();
	story_fork(&story, PARENT, CHILD);
	watches(EPOLL_CTL_ADD, 3, 40);
	STORY_ENTER(&story, PARENT, "epoll_wait", 8, EVENT, 1, (uint64_t)-1);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {epoll:1 watches eventfd:1}"
			    " waits for parent[200] fd 3: eventfd:1");
}

static void a_blocked_poll_waits_for_those_behind_its_descriptors(void **state)
{
	struct pollfd fds[2] = { { .fd = 3, .events = POLLIN }, { .fd = 9, .events = POLLIN } };

	(void)state;
	make_eventfd(0);
	story_fork(&story, PARENT, CHILD);
	story_poke(&story, EVENT, fds, sizeof(fds));
	STORY_ENTER(&story, PARENT, "poll", EVENT, 2, (uint64_t)-1);
	assert_string_equal(story_blocked(&story, PARENT),
			    " waits for parent[200] fd 3: eventfd:1");
}

static void who_connects_to_a_polled_listener_is_not_known(void **state)
{
	struct pollfd fds = { .fd = 9, .events = POLLIN };

	(void)state;
	story_fd(&story, PARENT, 9, FD_UNIX, 77)->value[3] = 1;
	STORY_CALL(&story, PARENT, "listen", 0, 9, 5);
	story_poke(&story, EVENT, &fds, sizeof(fds));
	STORY_ENTER(&story, PARENT, "poll", EVENT, 1, (uint64_t)-1);
	assert_string_equal(story_blocked(&story, PARENT),
			    " waits for ? (whoever connects to unix:1)");
}

static void a_poll_that_returns_says_nothing_more(void **state)
{
	struct pollfd fds = { .fd = 3, .events = POLLIN, .revents = POLLIN };

	(void)state;
	make_eventfd(0);
	story_poke(&story, EVENT, &fds, sizeof(fds));
	assert_string_equal(STORY_CALL(&story, PARENT, "poll", 1, EVENT, 1, (uint64_t)-1), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_counter_is_hexadecimal_in_fdinfo),
		TEST(a_read_names_all_whose_numbers_it_takes),
		TEST(a_semaphore_gives_back_what_came_first),
		TEST(the_first_value_is_that_of_who_made_it),
		TEST(a_number_that_nobody_was_seen_to_add_leaves_a_doubt),
		TEST(a_blocked_read_waits_for_those_who_can_write),
		TEST(a_timer_says_when_it_expires_next),
		TEST(a_signal_that_is_read_names_its_sender),
		TEST(a_signal_of_a_timer_has_no_sender),
		TEST(a_watched_set_counts_its_watches),
		TEST(an_event_names_what_its_data_was_added_with),
		TEST(data_that_several_watches_have_names_none),
		TEST(a_set_whose_making_was_not_seen_is_learnt_from_its_fdinfo),
		TEST(a_blocked_set_waits_for_whoever_makes_one_ready),
		TEST(a_blocked_poll_waits_for_those_behind_its_descriptors),
		TEST(who_connects_to_a_polled_listener_is_not_known),
		TEST(a_poll_that_returns_says_nothing_more),
	};

	return cmocka_run_group_tests_name("model: counters and waiting", tests, NULL, NULL);
}
