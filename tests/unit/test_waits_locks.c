/* Who has the locks that others wait for: processes, or the open files that several may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/file.h>

#include "tests/unit/told.h"

enum { PARENT = 100, LEFT = 200, RIGHT = 300 };

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

static const char *findings(void)
{
	return told_findings(&story, &report);
}

static void has_file(pid_t pid, int fd, uint64_t ino)
{
	story_fd(&story, pid, fd, FD_FILE, ino);
}

static void takes_lock(pid_t pid, int fd)
{
	story_forget(&story, pid, FACT_LOCKS, fd);
	STORY_CALL(&story, pid, "flock", 0, (uint64_t)fd, LOCK_EX);
}

/* Waits by fd for a lock of the file that holder has open as holder_fd. */
static void waits_for_lock(pid_t pid, int fd, const char *lines, pid_t holder, int holder_fd)
{
	story_fact(&story, pid, FACT_LOCKS, fd, lines);
	if (holder)
		story_locker(&story, pid, fd, 1, holder, holder_fd, lines);
	STORY_ENTER(&story, pid, "flock", (uint64_t)fd, LOCK_EX);
	story_blocked(&story, pid);
	story_lasts(&story, pid);
}

static void make_files(void)
{
	has_file(PARENT, 5, 80);
	has_file(PARENT, 6, 81);
	story_fork(&story, PARENT, LEFT);
	story_rename(&story, LEFT, "left");
	story_fork(&story, PARENT, RIGHT);
	story_rename(&story, RIGHT, "right");
	takes_lock(LEFT, 5);
	takes_lock(RIGHT, 6);
}

static const char left_has[] = "1: FLOCK  ADVISORY  WRITE 200 00:01:80 0 EOF\n";
static const char right_has[] = "2: FLOCK  ADVISORY  WRITE 300 00:01:81 0 EOF\n";

static void locks_taken_in_opposite_order_are_a_deadlock(void **state)
{
	(void)state;
	make_files();
	waits_for_lock(LEFT, 6, right_has, RIGHT, 6);
	waits_for_lock(RIGHT, 5, left_has, LEFT, 5);
	assert_string_equal(findings(),
			    "=== deadlock: left[200] waits for lock:2, the lock of a file, which "
			    "right[300] fd 6 has to give up; right[300] waits for lock:1, the lock "
			    "of a file, which left[200] fd 5 has to give up\n"
			    "    take them in the same order everywhere, or all at once\n");
}

static void a_holder_that_unlocked_meanwhile_is_none(void **state)
{
	(void)state;
	make_files();
	waits_for_lock(LEFT, 6, right_has, RIGHT, 6);
	STORY_CALL(&story, RIGHT, "flock", 0, 6, LOCK_UN);
	waits_for_lock(RIGHT, 5, left_has, LEFT, 5);
	assert_string_equal(findings(), "");
}

static void a_holder_that_closed_something_meanwhile_may_be_none(void **state)
{
	(void)state;
	make_files();
	waits_for_lock(LEFT, 6, right_has, RIGHT, 6);
	STORY_CALL(&story, RIGHT, "close", 0, 9);
	waits_for_lock(RIGHT, 5, left_has, LEFT, 5);
	assert_string_equal(findings(), "");
}

/* Who waits behind another waiter sleeps on when the lock goes on to that one. */
static void a_holder_that_has_ended_meanwhile_has_none(void **state)
{
	(void)state;
	make_files();
	waits_for_lock(LEFT, 6, right_has, RIGHT, 6);
	story_exits(&story, RIGHT);
	assert_string_equal(findings(), "");
}

static void who_took_a_flock_may_have_handed_it_on(void **state)
{
	(void)state;
	make_files();
	waits_for_lock(LEFT, 6, right_has, 0, 0);
	waits_for_lock(RIGHT, 5, left_has, 0, 0);
	assert_string_equal(findings(), "");
}

static const char own_lock[] = "1: FLOCK  ADVISORY  WRITE 200 00:01:80 0 EOF\n";

static void who_alone_has_the_locked_file_waits_for_itself(void **state)
{
	(void)state;
	make_files();
	has_file(LEFT, 7, 80);
	waits_for_lock(LEFT, 7, own_lock, LEFT, 5);
	assert_string_equal(findings(),
			    "=== deadlock: left[200] waits for lock:1, the lock of a file, which "
			    "only itself, by fd 5, can give up\n"
			    "    an flock is of an open file, not of a process: lock by the "
			    "descriptor that has it, and close it where it was inherited\n");
}

static void a_flock_whose_file_a_child_has_too_is_no_deadlock(void **state)
{
	(void)state;
	make_files();
	has_file(LEFT, 7, 80);
	story_locker(&story, LEFT, 7, 1, RIGHT, 5, own_lock);
	waits_for_lock(LEFT, 7, own_lock, LEFT, 5);
	assert_string_equal(findings(), "");
	assert_string_equal(told_waits(&story, &report),
			    "=== blocked: 1 of 3 threads\n"
			    "    left[200] waits for lock:1, the lock of a file, which "
			    "right[300] fd 5 or left[200] fd 5 has to give up\n");
}

static void all_readers_have_to_give_up_their_locks(void **state)
{
	static const char both[] = "1: FLOCK  ADVISORY  READ 100 00:01:80 0 EOF\n"
				   "2: FLOCK  ADVISORY  READ 300 00:01:80 0 EOF\n";

	(void)state;
	make_files();
	story_locker(&story, LEFT, 5, 2, PARENT, 5,
		     "1: FLOCK  ADVISORY  READ 100 00:01:80 0 EOF\n");
	story_locker(&story, LEFT, 5, 1, RIGHT, 5, "2: FLOCK  ADVISORY  READ 300 00:01:80 0 EOF\n");
	waits_for_lock(LEFT, 5, both, 0, 0);
	assert_string_equal(told_waits(&story, &report),
			    "=== blocked: 1 of 3 threads\n"
			    "    left[200] waits for lock:1, the lock of a file, which "
			    "parent[100] fd 5 and right[300] fd 5 has to give up\n");
}

static void a_lock_that_nobody_is_seen_to_have_may_be_anybodys(void **state)
{
	(void)state;
	make_files();
	/* The file of the lock in the list is in nobody's table: it is on its way in a message. */
	story_locker(&story, LEFT, 6, 1, RIGHT, 6, "9: FLOCK  ADVISORY  READ 777 00:01:81 0 EOF\n");
	waits_for_lock(LEFT, 6, right_has, 0, 0);
	waits_for_lock(RIGHT, 5, left_has, LEFT, 5);
	assert_string_equal(findings(), "");
}

static void a_holder_that_had_a_child_since_is_not_alone(void **state)
{
	enum { HEIR = 400 };

	(void)state;
	make_files();
	waits_for_lock(LEFT, 6, right_has, RIGHT, 6);
	waits_for_lock(RIGHT, 5, left_has, LEFT, 5);
	assert_string_not_equal(findings(), "");
	story_fact(&story, LEFT, FACT_LOCK_FDS, 6, NULL)->value[2] = 1;
	story_lasts(&story, LEFT);
	assert_string_not_equal(findings(), "");
	story_fork(&story, RIGHT, HEIR);
	assert_string_equal(findings(), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(locks_taken_in_opposite_order_are_a_deadlock),
		TEST(a_holder_that_unlocked_meanwhile_is_none),
		TEST(a_holder_that_closed_something_meanwhile_may_be_none),
		TEST(a_holder_that_has_ended_meanwhile_has_none),
		TEST(who_took_a_flock_may_have_handed_it_on),
		TEST(who_alone_has_the_locked_file_waits_for_itself),
		TEST(a_flock_whose_file_a_child_has_too_is_no_deadlock),
		TEST(all_readers_have_to_give_up_their_locks),
		TEST(a_lock_that_nobody_is_seen_to_have_may_be_anybodys),
		TEST(a_holder_that_had_a_child_since_is_not_alone),
	};

	return cmocka_run_group_tests_name("waits: locks", tests, NULL, NULL);
}
