/* What the model says of FIFOs by name, and of locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "tests/unit/story.h"

enum { PATH = 0x1000, LOCK = 0x2000, PARENT = 100, CHILD = 200, OTHER = 300, INO = 60 };

static struct story story;

static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_poke(&story, PATH, "/tmp/f", 7);
	story_attach(&story, PARENT, "parent");
	story_attach(&story, CHILD, "child");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

/* --- FIFOs --- */

/* It is no link, so that the path and the name mean the same. */
static void path_means(int64_t arg, int64_t mode)
{
	static const enum fact_kind kinds[] = { FACT_PATH, FACT_NAME };

	for (unsigned i = 0; i < 2; i++) {
		struct fact *fact = story_fact(&story, 0, kinds[i], arg, NULL);

		fact->dev = 1;
		fact->ino = INO;
		fact->value[0] = mode;
	}
}

static void has_fifo(pid_t pid, int fd, int64_t access)
{
	struct fact *fact = story_fact(&story, pid, FACT_FD, fd, "/tmp/f");

	fact->dev = 1;
	fact->ino = INO;
	fact->value[0] = FD_FIFO;
	fact->value[1] = access;
}

static void enters_open(pid_t pid, uint64_t flags)
{
	path_means(1, S_IFIFO | 0600);
	STORY_ENTER(&story, pid, "openat", (uint64_t)AT_FDCWD, PATH, flags);
}

static const char *opens(pid_t pid, int fd, int64_t access)
{
	has_fifo(pid, fd, access);
	return story_exit(&story, pid, fd);
}

static void mknod_of_a_fifo_makes_the_object(void **state)
{
	(void)state;
	path_means(0, S_IFIFO | 0600);
	assert_string_equal(STORY_CALL(&story, PARENT, "mknod", 0, PATH, S_IFIFO | 0600, 0),
			    " {fifo:1 new /tmp/f inode 60}");
}

static void a_blocked_open_waits_for_the_other_end(void **state)
{
	(void)state;
	enters_open(PARENT, O_RDONLY);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {fifo:1 /tmp/f inode 60: waits for somebody to open it for writing}"
			    " waits for ? (whoever opens it)");
	enters_open(CHILD, O_WRONLY);
	assert_string_equal(story_blocked(&story, CHILD),
			    " {fifo:1 waits for somebody to open it for reading}"
			    " waits for ? (whoever opens it)");
}

static void who_used_it_before_may_open_it_again(void **state)
{
	(void)state;
	path_means(0, S_IFIFO | 0600);
	STORY_CALL(&story, CHILD, "mknod", 0, PATH, S_IFIFO | 0600, 0);
	enters_open(PARENT, O_WRONLY);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {fifo:1 waits for somebody to open it for reading}"
			    " waits for child[200]~: has used it before");
}

static void opens_that_meet_name_each_other(void **state)
{
	(void)state;
	enters_open(PARENT, O_RDONLY);
	enters_open(CHILD, O_WRONLY);
	assert_string_equal(opens(CHILD, 4, 0300), " {fifo:1 /tmp/f inode 60} -> parent[100]~");
	assert_string_equal(opens(PARENT, 3, 0500), " <- child[200] fd 4");
}

static void a_refused_open_says_why(void **state)
{
	(void)state;
	enters_open(PARENT, O_WRONLY | O_NONBLOCK);
	assert_string_equal(story_exit(&story, PARENT, -ENXIO),
			    " {fifo:1 /tmp/f inode 60: nobody has it open for reading}");
}

static void a_file_is_no_fifo(void **state)
{
	(void)state;
	path_means(1, S_IFREG | 0600);
	STORY_ENTER(&story, PARENT, "openat", (uint64_t)AT_FDCWD, PATH, O_RDONLY);
	assert_string_equal(story_exit(&story, PARENT, -EACCES), "");
}

static void the_name_goes_before_the_fifo(void **state)
{
	(void)state;
	enters_open(PARENT, O_RDWR);
	opens(PARENT, 3, 0700);
	path_means(0, S_IFIFO | 0600);
	assert_string_equal(STORY_CALL(&story, CHILD, "unlink", 0, PATH),
			    " {fifo:1 name removed; 1 descriptor of it left}");
}

/* --- locks --- */

static void has_file(pid_t pid, const char *locks)
{
	struct fact *fact = story_fact(&story, pid, FACT_FD, 5, "/tmp/db");

	fact->dev = 1;
	fact->ino = 70;
	fact->value[0] = FD_FILE;
	fact->value[1] = 0700;
	story_fact(&story, pid, FACT_LOCKS, 5, locks);
}

static void wants(int16_t type, int64_t start, int64_t len)
{
	struct flock lock = { .l_type = type, .l_start = start, .l_len = len };

	story_poke(&story, LOCK, &lock, sizeof(lock));
}

static const char *locks(pid_t pid, int command, int64_t ret)
{
	return STORY_CALL(&story, pid, "fcntl", ret, 5, (uint64_t)command, LOCK);
}

static void a_lock_that_is_taken_says_which(void **state)
{
	(void)state;
	has_file(PARENT, "");
	assert_string_equal(STORY_CALL(&story, PARENT, "flock", 0, 5, LOCK_EX),
			    " {lock:1 /tmp/db inode 70: flock write lock}");
	wants(F_RDLCK, 10, 5);
	assert_string_equal(locks(PARENT, F_SETLK, 0),
			    " {lock:2[10..15) /tmp/db inode 70: POSIX read lock}");
}

static void a_refused_lock_names_its_owner(void **state)
{
	(void)state;
	has_file(PARENT, "1: POSIX  ADVISORY  WRITE 200 00:01:70 0 9\n"
			 "1: -> POSIX  ADVISORY  WRITE 300 00:01:70 0 9\n"
			 "2: POSIX  ADVISORY  WRITE 300 00:01:70 20 EOF\n");
	wants(F_RDLCK, 8, 4);
	assert_string_equal(locks(PARENT, F_SETLK, -EAGAIN),
			    " {lock:1[8..12) /tmp/db inode 70: somebody else has it}"
			    " <- child[200]: has the POSIX write lock [0..10)");
}

static void an_untraced_owner_is_inferred_and_has_a_name(void **state)
{
	(void)state;
	has_file(PARENT, "2: POSIX  ADVISORY  READ 300 00:01:70 20 EOF\n");
	story_fact(&story, 0, FACT_COMM, OTHER, "other");
	wants(F_WRLCK, 0, 0);
	assert_string_equal(locks(PARENT, F_SETLK, -EAGAIN),
			    " {lock:1 /tmp/db inode 70: somebody else has it}"
			    " <- other[300]~: has the POSIX read lock [20..)");
}

static void readers_do_not_exclude_each_other(void **state)
{
	(void)state;
	has_file(PARENT, "1: POSIX  ADVISORY  READ 200 00:01:70 0 EOF\n"
			 "2: FLOCK  ADVISORY  WRITE 200 00:01:70 0 EOF\n");
	wants(F_RDLCK, 0, 0);
	assert_string_equal(locks(PARENT, F_SETLK, -EAGAIN),
			    " {lock:1 /tmp/db inode 70: somebody else has it}");
}

static void a_blocked_lock_waits_for_who_took_it(void **state)
{
	(void)state;
	has_file(PARENT, "1: FLOCK  ADVISORY  WRITE 200 00:01:70 0 EOF\n");
	STORY_ENTER(&story, PARENT, "flock", 5, LOCK_SH);
	/* Nobody saw that it took it, or that it has it still. */
	assert_string_equal(story_blocked(&story, PARENT),
			    " {lock:1 /tmp/db inode 70: waits for a flock read lock}"
			    " waits for child[200]~: has the flock write lock");
}

static void who_was_seen_to_take_a_flock_has_it_until_it_closes_something(void **state)
{
	(void)state;
	has_file(CHILD, "");
	STORY_CALL(&story, CHILD, "flock", 0, 5, LOCK_EX);
	has_file(PARENT, "1: FLOCK  ADVISORY  WRITE 200 00:01:70 0 EOF\n");
	STORY_ENTER(&story, PARENT, "flock", 5, LOCK_SH);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {lock:1 waits for a flock read lock}"
			    " waits for child[200]: has the flock write lock");
	STORY_CALL(&story, CHILD, "close", 0, 9);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {lock:1 waits for a flock read lock}"
			    " waits for child[200]~: has the flock write lock");
}

static void a_deadlock_that_was_refused_is_said(void **state)
{
	(void)state;
	has_file(PARENT, "1: POSIX  ADVISORY  WRITE 200 00:01:70 0 0\n");
	wants(F_WRLCK, 0, 1);
	assert_string_equal(locks(PARENT, F_SETLKW, -EDEADLK),
			    " {lock:1[0..1) /tmp/db inode 70: would be a deadlock: its owner waits"
			    " for us} <- child[200]: has the POSIX write lock [0..1)");
}

static void unlocking_names_those_who_wait(void **state)
{
	(void)state;
	has_file(PARENT, "1: POSIX  ADVISORY  WRITE 100 00:01:70 0 9\n"
			 "1: -> POSIX  ADVISORY  WRITE 200 00:01:70 5 5\n");
	wants(F_UNLCK, 0, 0);
	assert_string_equal(locks(PARENT, F_SETLK, 0),
			    " {lock:1 /tmp/db inode 70: POSIX unlocked}"
			    " -> child[200]: waits for a POSIX write lock [5..6)");
}

static void an_open_files_lock_has_no_process(void **state)
{
	enum { OFD_SETLK = 37 };

	(void)state;
	has_file(PARENT, "1: OFDLCK ADVISORY  WRITE -1 00:01:70 0 EOF\n");
	wants(F_WRLCK, 0, 0);
	assert_string_equal(locks(PARENT, OFD_SETLK, -EAGAIN),
			    " {lock:1 /tmp/db inode 70: somebody else has it}"
			    " <- ? (whoever has the open file that is locked)");
	has_file(CHILD, "");
	locks(CHILD, OFD_SETLK, 0);
	assert_string_equal(
		locks(PARENT, OFD_SETLK, -EAGAIN),
		" {lock:1 somebody else has it} <- child[200]~: has the OFD write lock");
}

static void locks_of_open_files_and_of_processes_have_different_owners(void **state)
{
	enum { OFD_SETLK = 37 };

	(void)state;
	has_file(PARENT, "");
	has_file(CHILD, "");
	wants(F_WRLCK, 0, 1);
	locks(PARENT, OFD_SETLK, 0);
	wants(F_WRLCK, 5, 1);
	locks(CHILD, F_SETLK, 0);
	has_file(OTHER, "1: OFDLCK ADVISORY  WRITE -1 00:01:70 0 0\n"
			"2: POSIX  ADVISORY  WRITE 200 00:01:70 5 5\n"
			"3: FLOCK  ADVISORY  WRITE 200 00:01:70 0 EOF\n");
	wants(F_WRLCK, 0, 1);
	assert_string_equal(locks(OTHER, OFD_SETLK, -EAGAIN),
			    " {lock:1[0..1) somebody else has it}"
			    " <- parent[100]~: has the OFD write lock [0..1)");
	wants(F_WRLCK, 5, 1);
	assert_string_equal(locks(OTHER, F_SETLK, -EAGAIN),
			    " {lock:1[5..6) somebody else has it}"
			    " <- child[200]: has the POSIX write lock [5..6)");
}

static void who_has_opened_a_file_twice_is_in_its_own_way(void **state)
{
	(void)state;
	has_file(PARENT, "1: FLOCK  ADVISORY  WRITE 100 00:01:70 0 EOF\n");
	STORY_ENTER(&story, PARENT, "flock", 5, LOCK_EX);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {lock:1 /tmp/db inode 70: waits for a flock write lock}"
			    " waits for parent[100]~: has the flock write lock");
}

static void waiters_for_an_open_files_lock_are_those_in_the_call(void **state)
{
	enum { OFD_SETLK = 37, OFD_SETLKW = 38 };

	(void)state;
	has_file(PARENT, "");
	has_file(CHILD, "");
	wants(F_WRLCK, 0, 0);
	locks(PARENT, OFD_SETLK, 0);
	STORY_ENTER(&story, CHILD, "fcntl", 5, OFD_SETLKW, LOCK);
	has_file(PARENT, "1: OFDLCK ADVISORY  WRITE -1 00:01:70 0 EOF\n"
			 "1: -> OFDLCK ADVISORY  WRITE -1 00:01:70 0 EOF\n");
	wants(F_UNLCK, 0, 0);
	assert_string_equal(locks(PARENT, OFD_SETLK, 0),
			    " {lock:1 OFD unlocked} -> child[200]~: waits for an OFD write lock");
}

static void asking_for_a_lock_takes_none(void **state)
{
	(void)state;
	has_file(PARENT, "");
	wants(F_WRLCK, 0, 0);
	STORY_ENTER(&story, PARENT, "fcntl", 5, F_GETLK, LOCK);
	wants(F_UNLCK, 0, 0);
	assert_string_equal(story_exit(&story, PARENT, 0), " {lock:1 /tmp/db inode 70}");
}

static void the_answer_to_a_question_names_an_owner(void **state)
{
	struct flock answer = { .l_type = F_RDLCK, .l_pid = CHILD };

	(void)state;
	has_file(PARENT, "");
	wants(F_WRLCK, 0, 0);
	STORY_ENTER(&story, PARENT, "fcntl", 5, F_GETLK, LOCK);
	story_poke(&story, LOCK, &answer, sizeof(answer));
	assert_string_equal(story_exit(&story, PARENT, 0),
			    " {lock:1 /tmp/db inode 70} <- child[200]: has a POSIX read lock");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(mknod_of_a_fifo_makes_the_object),
		TEST(a_blocked_open_waits_for_the_other_end),
		TEST(who_used_it_before_may_open_it_again),
		TEST(opens_that_meet_name_each_other),
		TEST(a_refused_open_says_why),
		TEST(a_file_is_no_fifo),
		TEST(the_name_goes_before_the_fifo),
		TEST(a_lock_that_is_taken_says_which),
		TEST(a_refused_lock_names_its_owner),
		TEST(an_untraced_owner_is_inferred_and_has_a_name),
		TEST(readers_do_not_exclude_each_other),
		TEST(a_blocked_lock_waits_for_who_took_it),
		TEST(who_was_seen_to_take_a_flock_has_it_until_it_closes_something),
		TEST(a_deadlock_that_was_refused_is_said),
		TEST(unlocking_names_those_who_wait),
		TEST(an_open_files_lock_has_no_process),
		TEST(locks_of_open_files_and_of_processes_have_different_owners),
		TEST(who_has_opened_a_file_twice_is_in_its_own_way),
		TEST(waiters_for_an_open_files_lock_are_those_in_the_call),
		TEST(asking_for_a_lock_takes_none),
		TEST(the_answer_to_a_question_names_an_owner),
	};

	return cmocka_run_group_tests_name("model: FIFOs and locks", tests, NULL, NULL);
}
