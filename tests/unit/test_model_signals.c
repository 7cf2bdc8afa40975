/* Which send is the signal that somebody got: said for sure only where it cannot be another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/story.h"

enum { INFO = 0x1000, SENDER = 100, SENDER_2 = 200, TARGET = 300, THREAD = 301, REALTIME = 40 };

static struct story story;
static char said[256];

/* All but the first are born in the trace. */
static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_attach(&story, SENDER, "sender");
	story_fork(&story, SENDER, SENDER_2);
	story_fork(&story, SENDER, TARGET);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

/* "#1" or "~#1", and "+2" for those that were merged into it; "" without a match. */
static const char *say(const struct annotation *annotation)
{
	const struct match *match;

	said[0] = '\0';
	if (!annotation || !annotation->n_matches)
		return said;
	match = &annotation->matches[0];
	snprintf(said, sizeof(said), "%s#%llu by %d", match->certainty == CERTAIN ? "" : "~",
		 (unsigned long long)match->number, match->pid);
	if (match->n_merged)
		snprintf(said + strlen(said), 32, " +%llu", (unsigned long long)match->n_merged);
	return said;
}

static const char *gets(pid_t tid, int sig, int code, pid_t sender, int value)
{
	struct event ev = { .kind = EVENT_SIGNAL, .tid = tid, .tgid = TARGET, .sig = sig };
	siginfo_t info;

	story.time_ns += 1000000;
	ev.time_ns = story.time_ns;
	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_pid = sender;
	if (value)
		info.si_value.sival_int = value;
	event_add_range(&ev, 0, &info, sizeof(info));
	say(model_apply(story.model, &ev, NULL));
	event_finish(&ev);
	return said;
}

static void kills(pid_t pid, int sig)
{
	STORY_CALL(&story, pid, "kill", 0, TARGET, (uint64_t)sig);
}

static void queues(pid_t pid, int sig, int value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = pid;
	info.si_value.sival_int = value;
	story_poke(&story, INFO, &info, sizeof(info));
	STORY_CALL(&story, pid, "rt_sigqueueinfo", 0, TARGET, (uint64_t)sig, INFO);
}

static void has_a_second_thread(void)
{
	struct event ev = { .kind = EVENT_CREATED, .tid = THREAD, .tgid = TARGET, .other = TARGET };

	model_apply(story.model, &ev, NULL);
	event_finish(&ev);
}

static void the_send_has_a_number_which_the_delivery_names(void **state)
{
	(void)state;
	assert_non_null(strstr(STORY_CALL(&story, SENDER, "kill", 0, TARGET, SIGUSR1), " #1"));
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "#1 by 100");
}

static void a_delivery_may_be_seen_before_the_send_returns(void **state)
{
	(void)state;
	STORY_ENTER(&story, SENDER, "kill", TARGET, SIGUSR1);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "#1 by 100");
	assert_non_null(strstr(story_exit(&story, SENDER, 0), " #1"));
	kills(SENDER, SIGUSR1);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "#2 by 100");
}

static void a_standard_signal_that_is_pending_swallows_the_next(void **state)
{
	(void)state;
	kills(SENDER, SIGUSR1);
	kills(SENDER_2, SIGUSR1);
	kills(SENDER, SIGUSR1);
	/* The target goes on only now. */
	STORY_CALL(&story, TARGET, "pause", -4);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "#1 by 100 +2");
	kills(SENDER_2, SIGUSR1);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER_2, 0), "#4 by 200");
}

static void what_may_have_come_after_a_delivery_may_be_the_next_one(void **state)
{
	(void)state;
	STORY_ENTER(&story, TARGET, "pause", 0);
	kills(SENDER, SIGUSR1);
	kills(SENDER, SIGUSR1);
	/* Before or after #2 was sent? */
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "#1 by 100");
	kills(SENDER, SIGUSR1);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "~#2 by 100");
}

static void realtime_signals_come_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		kills(SENDER, REALTIME);
	assert_string_equal(gets(TARGET, REALTIME, SI_USER, SENDER, 0), "#1 by 100");
	assert_string_equal(gets(TARGET, REALTIME, SI_USER, SENDER, 0), "#2 by 100");
	assert_string_equal(gets(TARGET, REALTIME, SI_USER, SENDER, 0), "#3 by 100");
	assert_string_equal(gets(TARGET, REALTIME, SI_USER, SENDER, 0), "");
}

static void of_several_threads_another_may_have_taken_the_first(void **state)
{
	(void)state;
	has_a_second_thread();
	kills(SENDER, REALTIME);
	kills(SENDER, REALTIME);
	assert_string_equal(gets(THREAD, REALTIME, SI_USER, SENDER, 0), "~#1 by 100");
	assert_string_equal(gets(TARGET, REALTIME, SI_USER, SENDER, 0), "~#2 by 100");
}

static void a_value_tells_which_it_was(void **state)
{
	(void)state;
	has_a_second_thread();
	queues(SENDER, REALTIME, 7);
	queues(SENDER, REALTIME, 8);
	assert_string_equal(gets(THREAD, REALTIME, SI_QUEUE, SENDER, 8), "#2 by 100");
	assert_string_equal(gets(TARGET, REALTIME, SI_QUEUE, SENDER, 7), "#1 by 100");
}

static void those_to_a_thread_are_counted_apart(void **state)
{
	(void)state;
	has_a_second_thread();
	kills(SENDER, SIGUSR1);
	STORY_CALL(&story, SENDER, "tgkill", 0, TARGET, THREAD, SIGUSR1);
	assert_string_equal(gets(THREAD, SIGUSR1, SI_TKILL, SENDER, 0), "#1 by 100");
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "#1 by 100");
}

static void one_to_the_group_may_be_it(void **state)
{
	(void)state;
	STORY_CALL(&story, SENDER, "kill", 0, 0, SIGTERM);
	assert_string_equal(gets(TARGET, SIGTERM, SI_USER, SENDER, 0), "#1 by 100");
	STORY_CALL(&story, SENDER, "kill", 0, 0, SIGTERM);
	kills(SENDER, SIGTERM);
	assert_string_equal(gets(TARGET, SIGTERM, SI_USER, SENDER, 0), "~#1 by 100");
}

static void what_somebody_else_sent_is_not_ours(void **state)
{
	(void)state;
	kills(SENDER, SIGUSR1);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, 777, 0), "");
	assert_string_equal(gets(TARGET, SIGUSR1, SI_KERNEL, 0, 0), "");
}

static void a_new_action_may_have_thrown_away_what_was_pending(void **state)
{
	(void)state;
	kills(SENDER, SIGUSR1);
	STORY_CALL(&story, TARGET, "rt_sigaction", 0, SIGUSR1, INFO, 0, 8);
	kills(SENDER, SIGUSR1);
	assert_string_equal(gets(TARGET, SIGUSR1, SI_USER, SENDER, 0), "~#1 by 100");
}

static void a_write_without_readers_sends_itself_a_signal(void **state)
{
	(void)state;
	story_fd(&story, TARGET, 3, FD_PIPE, 70);
	STORY_CALL(&story, TARGET, "write", -32, 3, INFO, 1);
	assert_string_equal(gets(TARGET, SIGPIPE, SI_USER, TARGET, 0), "#1 by 300");
}

static void the_end_of_a_child_is_a_send(void **state)
{
	struct event ev = { .kind = EVENT_EXITED, .tid = 400, .tgid = 400 };

	(void)state;
	story_fork(&story, TARGET, 400);
	story.time_ns += 1000000;
	ev.time_ns = story.time_ns;
	model_apply(story.model, &ev, NULL);
	event_finish(&ev);
	assert_string_equal(gets(TARGET, SIGCHLD, CLD_EXITED, 400, 0), "#1 by 400");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_send_has_a_number_which_the_delivery_names),
		TEST(a_delivery_may_be_seen_before_the_send_returns),
		TEST(a_standard_signal_that_is_pending_swallows_the_next),
		TEST(what_may_have_come_after_a_delivery_may_be_the_next_one),
		TEST(realtime_signals_come_in_order),
		TEST(of_several_threads_another_may_have_taken_the_first),
		TEST(a_value_tells_which_it_was),
		TEST(those_to_a_thread_are_counted_apart),
		TEST(one_to_the_group_may_be_it),
		TEST(what_somebody_else_sent_is_not_ours),
		TEST(a_new_action_may_have_thrown_away_what_was_pending),
		TEST(a_write_without_readers_sends_itself_a_signal),
		TEST(the_end_of_a_child_is_a_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
