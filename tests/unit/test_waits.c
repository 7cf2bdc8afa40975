/* Who waits for whom, what can never end, and what only looks so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/stat.h>

#include "render/text_finding.h"
#include "tests/unit/told.h"

enum {
	PARENT = 100,
	LEFT = 200,
	RIGHT = 300,
	THREAD = 201,
	FDS = 0x1000,
	TEXT = 0x2000,
	SEMBUF = 0x3000,
	PATH = 0x4000,
	MUTEX = 0x5000,
	OTHER_MUTEX = 0x6000,
	READ = 0400,
	WRITE = 0200,
	SET = 7,
	QUEUE = 9,
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

/* All that is wrong now, as it is written. */
static const char *findings(void)
{
	return told_findings(&story, &report);
}

/* Every wait that there is now. */
static const char *waits_now(void)
{
	return told_waits(&story, &report);
}

static void fork_both(void)
{
	story_fork(&story, PARENT, LEFT);
	story_rename(&story, LEFT, "left");
	story_fork(&story, PARENT, RIGHT);
	story_rename(&story, RIGHT, "right");
}

/* --- pipes --- */

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

static void is_blocked_in(pid_t tid, const char *call, uint64_t a, uint64_t b, uint64_t c)
{
	STORY_ENTER(&story, tid, call, a, b, c);
	story_blocked(&story, tid);
}

/* left writes to right by pipe:1 (3, 4), right to left by pipe:2 (5, 6). */
static void make_circle(void)
{
	make_pipe(3, 4, 70);
	make_pipe(5, 6, 71);
	fork_both();
	for (int fd = 3; fd <= 6; fd++)
		closes(PARENT, fd);
	closes(LEFT, 3);
	closes(LEFT, 6);
	closes(RIGHT, 4);
	closes(RIGHT, 5);
}

static void two_full_pipes_in_a_circle_are_a_deadlock(void **state)
{
	(void)state;
	make_circle();
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	assert_string_equal(findings(), "");
	is_blocked_in(RIGHT, "write", 6, TEXT, 4096);
	assert_string_equal(
		findings(),
		"=== deadlock: left[200] waits for space in pipe:1, which right[300] fd 3 has to "
		"read; right[300] waits for space in pipe:2, which left[200] fd 5 has to read\n"
		"    what is written has to be read by somebody who does not wait for the writer: "
		"read between writes, or write without blocking\n");
}

static void a_circle_ends_when_one_call_has_returned(void **state)
{
	(void)state;
	make_circle();
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(RIGHT, "write", 6, TEXT, 4096);
	story_exit(&story, RIGHT, 4096);
	assert_string_equal(findings(), "");
}

static void what_is_not_followed_is_inferred(void **state)
{
	struct model_options options = { true, true, .follows_descriptors = false };

	(void)state;
	story_end(&story);
	story_begin_with(&story, &options);
	story_attach(&story, PARENT, "parent");
	make_circle();
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(RIGHT, "write", 6, TEXT, 4096);
	assert_non_null(strstr(findings(), "=== deadlock~ (inferred): "));
}

static void another_thread_that_runs_may_read(void **state)
{
	struct event ev = {
		.kind = EVENT_CREATED, .tid = THREAD, .tgid = LEFT, .other = LEFT, .time_ns = 1
	};

	(void)state;
	make_circle();
	model_apply(story.model, &ev, NULL);
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(RIGHT, "write", 6, TEXT, 4096);
	assert_string_equal(findings(), "");
}

static void a_third_holder_who_runs_may_read(void **state)
{
	(void)state;
	make_pipe(3, 4, 70);
	make_pipe(5, 6, 71);
	fork_both();
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(RIGHT, "write", 6, TEXT, 4096);
	assert_string_equal(findings(), "");
}

static void a_reader_with_the_only_write_end_waits_for_ever(void **state)
{
	(void)state;
	make_pipe(3, 4, 70);
	fork_both();
	closes(PARENT, 4);
	closes(RIGHT, 4);
	is_blocked_in(LEFT, "read", 3, TEXT, 64);
	assert_string_equal(findings(),
			    "=== this wait can never end: left[200] waits for data in pipe:1, "
			    "which only itself, by fd 4, can write to\n"
			    "    no end of file comes to pipe:1 while write ends are open: fd 4 of "
			    "left[200]; close those that are not written to\n");
}

static void an_untraced_writer_can_end_the_wait(void **state)
{
	(void)state;
	story_fd(&story, LEFT, 3, FD_PIPE, 70)->value[1] = READ;
	story_fd(&story, LEFT, 4, FD_PIPE, 70)->value[1] = WRITE;
	story_holder(&story, 70, 999, 5, "stranger");
	story_attach(&story, LEFT, "left");
	is_blocked_in(LEFT, "read", 3, TEXT, 64);
	assert_string_equal(findings(), "");
}

static void a_parent_that_waits_for_its_reader_keeps_the_end_of_file_away(void **state)
{
	(void)state;
	make_pipe(3, 4, 70);
	story_fork(&story, PARENT, LEFT);
	story_rename(&story, LEFT, "left");
	closes(LEFT, 4);
	closes(PARENT, 3);
	is_blocked_in(LEFT, "read", 3, TEXT, 64);
	is_blocked_in(PARENT, "wait4", LEFT, 0, 0);
	assert_string_equal(
		findings(),
		"=== deadlock: left[200] waits for data in pipe:1, which parent[100] fd 4 has to "
		"write to; parent[100] waits for child left[200] to end\n"
		"    no end of file comes to pipe:1 while write ends are open: fd 4 of "
		"parent[100]; "
		"close those that are not written to\n");
}

static void a_full_pipe_whose_reader_waits_for_the_writer_is_a_deadlock(void **state)
{
	(void)state;
	make_pipe(3, 4, 70);
	story_fork(&story, PARENT, LEFT);
	closes(LEFT, 3);
	closes(PARENT, 4);
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(PARENT, "wait4", (uint64_t)-1, 0, 0);
	/* An older process may have children that were never seen. */
	assert_string_equal(findings(), "");
	story_exit(&story, PARENT, -EINTR);
	is_blocked_in(PARENT, "wait4", LEFT, 0, 0);
	assert_non_null(strstr(findings(), "=== deadlock: "));
}

static void poll_with_a_time_limit_ends(void **state)
{
	(void)state;
	make_circle();
	is_blocked_in(LEFT, "write", 4, TEXT, 4096);
	is_blocked_in(RIGHT, "poll", 0, 0, 1000);
	assert_string_equal(findings(), "");
}

/* --- System V --- */

static void operates(pid_t pid, uint16_t num, int16_t op, int16_t flags)
{
	struct sembuf operation = { num, op, flags };

	story_poke(&story, SEMBUF, &operation, sizeof(operation));
	STORY_ENTER(&story, pid, "semop", SET, SEMBUF, 1);
}

static void changes(pid_t pid, uint16_t num, int16_t op, int16_t flags)
{
	operates(pid, num, op, flags);
	story_exit(&story, pid, 0);
}

static void waits_for_semaphore(pid_t pid, uint16_t num)
{
	operates(pid, num, -1, 0);
	story_blocked(&story, pid);
}

static void make_set(void)
{
	STORY_CALL(&story, PARENT, "semget", SET, IPC_PRIVATE, 2, IPC_CREAT | 0600);
	fork_both();
}

static void semaphores_taken_in_opposite_order_are_a_deadlock(void **state)
{
	(void)state;
	make_set();
	changes(LEFT, 0, -1, 0);
	changes(RIGHT, 1, -1, 0);
	waits_for_semaphore(LEFT, 1);
	waits_for_semaphore(RIGHT, 0);
	assert_string_equal(
		findings(),
		"=== deadlock~ (inferred): left[200] waits for semaphore sem:1[1], which "
		"right[300]~ has to give back; right[300] waits for semaphore sem:1[0], which "
		"left[200]~ has to give back\n"
		"    take them in the same order everywhere, or all at once\n");
}

static void a_semaphore_that_was_given_back_has_no_holder(void **state)
{
	(void)state;
	make_set();
	changes(LEFT, 0, -1, 0);
	changes(RIGHT, 1, -1, 0);
	changes(RIGHT, 1, 1, 0);
	waits_for_semaphore(LEFT, 1);
	waits_for_semaphore(RIGHT, 0);
	assert_string_equal(findings(), "");
}

static void consumers_are_no_holders(void **state)
{
	(void)state;
	make_set();
	changes(PARENT, 0, 2, 0);
	changes(LEFT, 0, -1, 0);
	changes(RIGHT, 0, -1, 0);
	waits_for_semaphore(LEFT, 0);
	waits_for_semaphore(RIGHT, 0);
	assert_string_equal(findings(), "");
}

static void those_who_wait_for_a_semaphore_are_not_its_holders(void **state)
{
	(void)state;
	make_set();
	changes(LEFT, 0, -1, 0);
	changes(RIGHT, 0, -1, 0);
	waits_for_semaphore(LEFT, 0);
	waits_for_semaphore(RIGHT, 0);
	assert_string_equal(findings(), "");
}

static void a_semaphore_whose_holder_died_is_never_given_back(void **state)
{
	(void)state;
	make_set();
	changes(LEFT, 0, -1, 0);
	story_exits(&story, LEFT);
	waits_for_semaphore(RIGHT, 0);
	assert_string_equal(findings(),
			    "=== this wait may never end~ (inferred): right[300] waits for "
			    "semaphore sem:1[0], which left[200]~, which has ended, has to give "
			    "back\n"
			    "    with SEM_UNDO the kernel gives back what a process had that "
			    "ends\n");
}

static void undo_gives_back_what_a_dead_holder_had(void **state)
{
	(void)state;
	make_set();
	changes(LEFT, 0, -1, SEM_UNDO);
	story_exits(&story, LEFT);
	waits_for_semaphore(RIGHT, 0);
	assert_string_equal(findings(), "");
}

static void a_message_of_a_type_that_nobody_sends(void **state)
{
	(void)state;
	STORY_CALL(&story, PARENT, "msgget", QUEUE, IPC_PRIVATE, IPC_CREAT | 0600);
	STORY_ENTER(&story, PARENT, "msgrcv", QUEUE, TEXT, 64, 2, 0);
	story_blocked(&story, PARENT);
	assert_string_equal(findings(),
			    "=== this wait may never end~ (inferred): parent[100] waits for a "
			    "message of type 2 in msg:1; nobody traced is left who could send\n");
	/* Somebody who knows nothing of the queue yet may send to it. */
	story_attach(&story, LEFT, "left");
	assert_string_equal(findings(), "");
}

/* --- futexes --- */

/* glibc's mutex: word, count, owner, users, kind. */
static void poke_mutex(uint64_t addr, int32_t owner, int32_t kind)
{
	int32_t mutex[5] = { 2, 0, owner, 1, kind };

	story_poke(&story, addr, mutex, sizeof(mutex));
}

static void waits_for_mutex(pid_t tid, uint64_t addr)
{
	is_blocked_in(tid, "futex", addr, FUTEX_WAIT, 2);
}

/* Shared memory that all map at the same place. */
static void share(uint64_t addr)
{
	struct fact *fact = story_fact(&story, 0, FACT_MAPPING, (int64_t)addr, "/dev/shm/x");

	fact->dev = 1;
	fact->ino = 90;
	fact->value[0] = (int64_t)addr;
	fact->value[1] = (int64_t)addr + 0x1000;
	fact->value[2] = (int64_t)addr;
	fact->value[3] = MAPPING_READ | MAPPING_WRITE | MAPPING_SHARED;
}

static void make_mutexes(int32_t kind)
{
	fork_both();
	share(MUTEX);
	share(OTHER_MUTEX);
	poke_mutex(MUTEX, LEFT, kind);
	poke_mutex(OTHER_MUTEX, RIGHT, kind);
}

static void mutexes_locked_in_opposite_order_are_a_deadlock(void **state)
{
	(void)state;
	make_mutexes(0x80);
	waits_for_mutex(LEFT, OTHER_MUTEX);
	waits_for_mutex(RIGHT, MUTEX);
	assert_string_equal(findings(),
			    "=== deadlock~ (inferred): left[200] waits at futex:1, which "
			    "right[300]~ has to unlock; right[300] waits at futex:2, which "
			    "left[200]~ has to unlock\n"
			    "    take them in the same order everywhere, or all at once\n");
}

static void what_does_not_look_like_a_mutex_has_no_owner(void **state)
{
	(void)state;
	make_mutexes(0x12345);
	waits_for_mutex(LEFT, OTHER_MUTEX);
	waits_for_mutex(RIGHT, MUTEX);
	assert_string_equal(findings(), "");
}

static void a_mutex_that_was_unlocked_meanwhile_may_have_another_owner(void **state)
{
	(void)state;
	make_mutexes(0x80);
	waits_for_mutex(LEFT, OTHER_MUTEX);
	STORY_CALL(&story, RIGHT, "futex", 0, OTHER_MUTEX, FUTEX_WAKE, 1);
	waits_for_mutex(RIGHT, MUTEX);
	assert_string_equal(findings(), "");
}

static void a_mutex_with_a_time_limit_is_no_deadlock(void **state)
{
	(void)state;
	make_mutexes(0x80);
	waits_for_mutex(LEFT, OTHER_MUTEX);
	STORY_ENTER(&story, RIGHT, "futex", MUTEX, FUTEX_WAIT, 2, TEXT);
	story_blocked(&story, RIGHT);
	assert_string_equal(findings(), "");
}

/* --- other waits, in words --- */

static void a_fifo_without_a_partner_is_waited_for(void **state)
{
	struct fact *fact = story_fact(&story, 0, FACT_PATH, 1, NULL);

	(void)state;
	fact->dev = 1;
	fact->ino = 60;
	fact->value[0] = S_IFIFO | 0600;
	story_poke(&story, PATH, "/tmp/f", 7);
	is_blocked_in(PARENT, "openat", (uint64_t)AT_FDCWD, PATH, O_WRONLY);
	assert_string_equal(findings(),
			    "=== this wait may never end~ (inferred): parent[100] waits for a "
			    "reader of fifo:1; nobody traced is left who could open for reading\n");
}

static void every_wait_is_said_in_words(void **state)
{
	(void)state;
	make_circle();
	is_blocked_in(LEFT, "read", 5, TEXT, 64);
	STORY_ENTER(&story, PARENT, "wait4", (uint64_t)-1, 0, 0);
	story_blocked(&story, PARENT);
	assert_string_equal(waits_now(),
			    "=== blocked: 2 of 3 threads\n"
			    "    left[200] waits for data in pipe:2, which right[300] fd 6 has to "
			    "write to\n"
			    "    parent[100] waits for child left[200] or right[300] to end\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(two_full_pipes_in_a_circle_are_a_deadlock),
		TEST(a_circle_ends_when_one_call_has_returned),
		TEST(what_is_not_followed_is_inferred),
		TEST(another_thread_that_runs_may_read),
		TEST(a_third_holder_who_runs_may_read),
		TEST(a_reader_with_the_only_write_end_waits_for_ever),
		TEST(an_untraced_writer_can_end_the_wait),
		TEST(a_parent_that_waits_for_its_reader_keeps_the_end_of_file_away),
		TEST(a_full_pipe_whose_reader_waits_for_the_writer_is_a_deadlock),
		TEST(poll_with_a_time_limit_ends),
		TEST(semaphores_taken_in_opposite_order_are_a_deadlock),
		TEST(a_semaphore_that_was_given_back_has_no_holder),
		TEST(consumers_are_no_holders),
		TEST(those_who_wait_for_a_semaphore_are_not_its_holders),
		TEST(a_semaphore_whose_holder_died_is_never_given_back),
		TEST(undo_gives_back_what_a_dead_holder_had),
		TEST(a_message_of_a_type_that_nobody_sends),
		TEST(mutexes_locked_in_opposite_order_are_a_deadlock),
		TEST(what_does_not_look_like_a_mutex_has_no_owner),
		TEST(a_mutex_that_was_unlocked_meanwhile_may_have_another_owner),
		TEST(a_mutex_with_a_time_limit_is_no_deadlock),
		TEST(a_fifo_without_a_partner_is_waited_for),
		TEST(every_wait_is_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
