/* Who is told to hang, on a kernel where everybody sleeps until a test says otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "capture/proc.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_waits.h"

/* Ids that no real process has. */
enum { LEFT = 100000000, RIGHT, N_THREADS = 2 };

struct sleeper {
	char state;
	uint64_t n_switches;
};

static struct sleeper sleepers[N_THREADS];
static struct engine *engine;
static struct buf told;
static pid_t wakes; /* gets what it waits for while anybody is asked about; 0: nobody */

int __wrap_proc_status(pid_t tid, struct proc_status *ret_status);

/* Source: /proc/TID/status of the threads that there are. */
int __wrap_proc_status(pid_t tid, struct proc_status *ret_status)
{
	if (tid < LEFT || tid >= LEFT + N_THREADS)
		return -ESRCH;
	memset(ret_status, 0, sizeof(*ret_status));
	ret_status->tgid = tid;
	ret_status->state = sleepers[tid - LEFT].state;
	ret_status->n_switches = sleepers[tid - LEFT].n_switches;
	return 0;
}

static enum capture_verdict ask(void *data, struct event *ev, struct mem *mem)
{
	(void)data;
	(void)mem;
	if (ev->kind == EVENT_HANG && wakes) {
		/* It has got it, has done something with it, and sleeps again. */
		sleepers[wakes - LEFT].n_switches++;
		wakes = 0;
	}
	return CAPTURE_KEEP;
}

static void enters_a_call(pid_t tid)
{
	struct tracee *tracee = tracee_add(&engine->tracees, tid, tid, NULL);

	tracee->is_in_call = tracee->is_call_kept = true;
	tracee->enter_ns = clock_ns(CLOCK_MONOTONIC) - NS_PER_SEC;
	sleepers[tid - LEFT] = (struct sleeper){ 'S', 1 };
}

static int set_up(void **state)
{
	struct ptrace_config config = { .hang_ns = 1, .hooks.at_stop = ask };

	(void)state;
	engine = (struct engine *)ptrace_engine_create(&config);
	assert_non_null(engine);
	memset(&told, 0, sizeof(told));
	wakes = 0;
	enters_a_call(LEFT);
	enters_a_call(RIGHT);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_finish(&told);
	capture_destroy(&engine->capture);
	return 0;
}

static void tell_events(void)
{
	static const char *const names[EVENT_KINDS] = {
		[EVENT_HANG] = "hangs",
		[EVENT_AWAKE] = "is awake",
		[EVENT_SNAPSHOT] = "all slept",
	};

	for (size_t i = 0; i < engine->n_events; i++) {
		const struct event *ev = engine->events[i];

		assert_non_null(names[ev->kind]);
		if (ev->kind == EVENT_SNAPSHOT)
			assert_int_equal(ev->code, SNAPSHOT_HANGS);
		buf_printf(&told, "%s%s%s", told.len ? ", " : "",
			   ev->tid == LEFT    ? "left "
			   : ev->tid == RIGHT ? "right "
					      : "",
			   names[ev->kind]);
	}
	engine->n_events = 0;
}

/* What is told when they are looked at twice, a tick apart. */
static const char *looks(void)
{
	buf_clear(&told);
	for (int i = 0; i < 2; i++) {
		engine->next_tick_ns = 0;
		waits_note(engine);
		tell_events();
	}
	return buf_string(&told);
}

static void who_sleeps_from_one_look_to_the_next_hangs(void **state)
{
	(void)state;
	assert_string_equal(looks(), "left hangs, right hangs, all slept");
}

static void who_runs_does_not_hang(void **state)
{
	(void)state;
	sleepers[RIGHT - LEFT].state = 'R';
	assert_string_equal(looks(), "left hangs, all slept");
	sleepers[0].state = 't';
	assert_string_equal(looks(), "");
}

static void who_got_it_while_it_was_asked_about_is_awake(void **state)
{
	(void)state;
	wakes = LEFT;
	assert_string_equal(looks(), "left hangs, right hangs, left is awake, all slept");
}

static void who_got_it_while_another_was_asked_about_is_awake(void **state)
{
	(void)state;
	wakes = RIGHT;
	assert_string_equal(looks(), "left hangs, right hangs, right is awake, all slept");
}

static void who_has_moved_since_is_told_to_be_awake_on_request(void **state)
{
	(void)state;
	looks();
	waits_note_awake(engine);
	assert_int_equal(engine->n_events, 0);
	sleepers[RIGHT - LEFT].n_switches++;
	waits_note_awake(engine);
	buf_clear(&told);
	tell_events();
	assert_string_equal(buf_string(&told), "right is awake");
	waits_note_awake(engine);
	assert_int_equal(engine->n_events, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(who_sleeps_from_one_look_to_the_next_hangs),
		TEST(who_runs_does_not_hang),
		TEST(who_got_it_while_it_was_asked_about_is_awake),
		TEST(who_got_it_while_another_was_asked_about_is_awake),
		TEST(who_has_moved_since_is_told_to_be_awake_on_request),
	};

	return cmocka_run_group_tests_name("waits that are told", tests, NULL, NULL);
}
