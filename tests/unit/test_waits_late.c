/* Waits that are judged by what is known late: asked again, of several descriptors, on its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <poll.h>
#include <string.h>
#include <sys/sem.h>

#include "analysis/chain.h"
#include "decode/syscalls.h"
#include "render/text_finding.h"
#include "tests/unit/story.h"

enum {
	PARENT = 100,
	LEFT = 200,
	RIGHT = 300,
	STRANGER = 999,
	GONE = 777,
	FDS = 0x1000,
	TEXT = 0x2000,
	SEMBUF = 0x3000,
	POLLFDS = 0x4000,
	READ = 0400,
	WRITE = 0200,
	SET = 7,
	FIRST_INO = 70,
	SECOND_INO = 71,
	TIMER = 9,
};

static struct story story;
static struct buf report;

static int set_up(void **state)
{
	struct model_options options = { true, true, .follows_descriptors = true };

	(void)state;
	story_begin_with(&story, &options);
	memset(&report, 0, sizeof(report));
	story_attach(&story, PARENT, "parent");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	buf_finish(&report);
	return 0;
}

/* All waits, each behind one that waits for it, and all that is wrong with them. */
static const char *told(void)
{
	struct findings found = { 0 };
	struct arena arena = { 0 };
	struct waits waits;

	waits_find(story.model, &arena, &waits);
	waits_judge(story.model, &waits, &arena, &found);
	waits_chain(story.model, &waits, &arena);
	buf_clear(&report);
	text_waits(&report, &waits, 0);
	for (size_t i = 0; i < found.n; i++)
		text_finding(&report, &found.items[i]);
	arena_finish(&arena);
	return buf_string(&report);
}

static bool is_accused(void)
{
	return strstr(told(), "=== deadlock") || strstr(told(), "=== this wait");
}

static void make_pipe(int read_fd, int write_fd, uint64_t ino)
{
	int32_t fds[2] = { read_fd, write_fd };

	story_fd(&story, PARENT, read_fd, FD_PIPE, ino)->value[1] = READ;
	story_fd(&story, PARENT, write_fd, FD_PIPE, ino)->value[1] = WRITE;
	story_poke(&story, FDS, fds, sizeof(fds));
	STORY_CALL(&story, PARENT, "pipe", 0, FDS);
}

static void closes(pid_t pid, int fd)
{
	STORY_CALL(&story, pid, "close", 0, (uint64_t)fd);
}

/* left writes to right by pipe:1 (3, 4), right to left by pipe:2 (5, 6). */
static void make_circle(void)
{
	make_pipe(3, 4, FIRST_INO);
	make_pipe(5, 6, SECOND_INO);
	story_fork(&story, PARENT, LEFT);
	story_rename(&story, LEFT, "left");
	story_fork(&story, PARENT, RIGHT);
	story_rename(&story, RIGHT, "right");
	for (int fd = 3; fd <= 6; fd++)
		closes(PARENT, fd);
	closes(LEFT, 3);
	closes(LEFT, 6);
	closes(RIGHT, 4);
	closes(RIGHT, 5);
}

static void is_blocked_in(pid_t tid, const char *call, uint64_t a, uint64_t b, uint64_t c)
{
	STORY_ENTER(&story, tid, call, a, b, c);
	story_blocked(&story, tid);
}

static void block_circle(void)
{
	make_circle();
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(RIGHT, "write", 6, TEXT, 4096);
}

static void happens(struct event *ev)
{
	ev->time_ns = story.time_ns += 1000000;
	model_apply(story.model, ev, decoder_apply(story.decoder, ev));
	event_finish(ev);
}

static void who_was_woken_is_not_accused(void **state)
{
	struct event ev = { .kind = EVENT_AWAKE, .tid = RIGHT, .tgid = RIGHT };

	(void)state;
	block_circle();
	assert_true(is_accused());
	happens(&ev);
	assert_false(is_accused());
}

static void a_holder_that_is_found_when_it_lasts_can_end_the_wait(void **state)
{
	struct event ev = { .kind = EVENT_HANG, .tid = RIGHT, .tgid = RIGHT };
	struct fact *fact;

	(void)state;
	block_circle();
	event_add_fact(&ev, FACT_HOLDERS, SECOND_INO, NULL, 0)->value[0] = 1;
	fact = event_add_fact(&ev, FACT_HOLDER, SECOND_INO, "stranger", 8);
	fact->value[0] = STRANGER;
	fact->value[1] = 5;
	fact->value[2] = READ;
	happens(&ev);
	assert_false(is_accused());
	assert_non_null(strstr(told(), "stranger[999]~ fd 5"));
}

/* --- poll --- */

static void polls(pid_t pid, uint64_t addr, const struct pollfd *fds, size_t n)
{
	story_poke(&story, addr, fds, n * sizeof(*fds));
	is_blocked_in(pid, "poll", addr, n, (uint64_t)-1);
}

static void poll_waits_for_any_of_its_pipes(void **state)
{
	struct pollfd left = { 5, POLLIN, 0 }, right = { 3, POLLIN, 0 };

	(void)state;
	make_circle();
	polls(LEFT, POLLFDS, &left, 1);
	assert_false(is_accused());
	polls(RIGHT, POLLFDS + 64, &right, 1);
	assert_string_equal(
		told(),
		"=== blocked: 2 of 3 threads\n"
		"    left[200] waits in poll for any of pipe:2 (right[300] fd 6)\n"
		"      -> right[300] waits in poll for any of pipe:1 (left[200] fd 4)\n"
		"=== deadlock~ (inferred): left[200] waits in poll for any of pipe:2 (right[300] "
		"fd 6); right[300] waits in poll for any of pipe:1 (left[200] fd 4)\n");
}

static void a_timer_may_end_a_poll(void **state)
{
	struct pollfd left[2] = { { 5, POLLIN, 0 }, { TIMER, POLLIN, 0 } },
		      right = { 3, POLLIN, 0 };

	(void)state;
	make_circle();
	story_fd(&story, LEFT, TIMER, FD_TIMERFD, 26)->id = 1;
	polls(LEFT, POLLFDS, left, 2);
	polls(RIGHT, POLLFDS + 64, &right, 1);
	assert_false(is_accused());
}

static void a_plain_file_may_end_a_poll(void **state)
{
	struct pollfd left[2] = { { 5, POLLIN, 0 }, { TIMER, POLLIN, 0 } },
		      right = { 3, POLLIN, 0 };

	(void)state;
	make_circle();
	story_fd(&story, LEFT, TIMER, FD_TTY, 26);
	polls(LEFT, POLLFDS, left, 2);
	polls(RIGHT, POLLFDS + 64, &right, 1);
	assert_false(is_accused());
}

/* --- what was only looked at --- */

static void add_semaphore(struct event *ev, int32_t pid, bool is_alive, const char *comm)
{
	const int32_t sem[4] = { 0, 1, 0, pid };
	struct fact *fact = event_add_fact(ev, FACT_SEM, SET, (const char *)sem, sizeof(sem));

	fact->value[0] = 1;
	fact = event_add_fact(ev, FACT_PROCESS, pid, comm, strlen(comm));
	fact->value[0] = is_alive ? pid : 0;
}

/* pid was found in a semop that waits; last was the last to change the semaphore. */
static void is_found_waiting(pid_t pid, pid_t last, bool is_alive)
{
	const struct sembuf operation = { 0, -1, 0 };
	struct event enter = { .kind = EVENT_ENTER,
			       .tid = pid,
			       .tgid = pid,
			       .arch = AUDIT_ARCH_X86_64,
			       .is_blind = true,
			       .args = { SET, SEMBUF, 1 } };
	struct event hang = { .kind = EVENT_HANG, .tid = pid, .tgid = pid };

	enter.nr = (uint64_t)syscall_number(AUDIT_ARCH_X86_64, "semop");
	event_add_range(&enter, SEMBUF, &operation, sizeof(operation));
	add_semaphore(&enter, last, is_alive, "last");
	happens(&enter);
	happens(&hang);
}

static void who_changed_a_semaphore_last_may_have_it(void **state)
{
	(void)state;
	is_found_waiting(PARENT, GONE, false);
	assert_string_equal(
		told(), "=== blocked: 1 of 1 thread\n"
			"    parent[100] waits for semaphore sem:1[0], which ?[777]~, which has "
			"ended, has to "
			"give back (semop)\n"
			"=== this wait may never end~ (inferred): parent[100] waits for semaphore "
			"sem:1[0], "
			"which ?[777]~, which has ended, has to give back\n"
			"    with SEM_UNDO the kernel gives back what a process had that ends\n");
}

static void of_a_semaphore_that_was_only_looked_at_anybody_may_end_the_wait(void **state)
{
	(void)state;
	story_attach(&story, LEFT, "left");
	is_found_waiting(PARENT, GONE, false);
	assert_false(is_accused());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(who_was_woken_is_not_accused),
		TEST(a_holder_that_is_found_when_it_lasts_can_end_the_wait),
		TEST(poll_waits_for_any_of_its_pipes),
		TEST(a_timer_may_end_a_poll),
		TEST(a_plain_file_may_end_a_poll),
		TEST(who_changed_a_semaphore_last_may_have_it),
		TEST(of_a_semaphore_that_was_only_looked_at_anybody_may_end_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
