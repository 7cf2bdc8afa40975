/* What the model says of pidfds, pseudo-terminals, inotify, rings and ptrace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "tests/unit/story.h"

enum { TEXT = 0x1000, EVENT = 0x2000, PARENT = 100, CHILD = 200, FIRST_CHILD = 300 };

static struct story story;

static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_poke(&story, TEXT, "/tmp/watched", 13);
	story_attach(&story, PARENT, "parent");
	story_fork(&story, PARENT, FIRST_CHILD);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

/* --- pidfd --- */

static const char *open_pidfd(void)
{
	story_fd(&story, PARENT, 3, FD_PIDFD, 80);
	story_fact(&story, PARENT, FACT_FDINFO, 3, "pos:\t0\nPid:\t300\nNSpid:\t300\n");
	return STORY_CALL(&story, PARENT, "pidfd_open", 3, FIRST_CHILD, 0);
}

static void a_pidfd_says_whose(void **state)
{
	(void)state;
	assert_string_equal(open_pidfd(), " {pidfd:1 new of PID 300 inode 80}");
}

static void a_signal_through_a_pidfd_has_a_fate(void **state)
{
	(void)state;
	open_pidfd();
	story_fact(&story, PARENT, FACT_SIGNALS, FIRST_CHILD, "child")->value[3] = 1
										   << (SIGUSR1 - 1);
	assert_string_equal(STORY_CALL(&story, PARENT, "pidfd_send_signal", 0, 3, SIGUSR1, 0, 0),
			    " -> parent[300]: caught #1");
}

static void a_copied_descriptor_comes_from_that_process(void **state)
{
	(void)state;
	open_pidfd();
	assert_string_equal(STORY_CALL(&story, PARENT, "pidfd_getfd", 9, 3, 5, 0),
			    " <- parent[300] fd 5: a copy of its descriptor");
}

static void namespaces_come_from_the_process_of_the_pidfd(void **state)
{
	(void)state;
	open_pidfd();
	assert_string_equal(STORY_CALL(&story, PARENT, "setns", 0, 3, 0x08000000),
			    " <- parent[300]: its namespaces");
}

static void waiting_for_a_pidfd_waits_for_the_process(void **state)
{
	struct pollfd fd = { .fd = 3, .events = POLLIN };

	(void)state;
	open_pidfd();
	story_poke(&story, EVENT, &fd, sizeof(fd));
	STORY_ENTER(&story, PARENT, "poll", EVENT, 1, (uint64_t)-1);
	assert_string_equal(story_blocked(&story, PARENT),
			    " waits for parent[300]: pidfd:1: to end");
}

static void waitid_by_pidfd_means_the_process_not_the_number(void **state)
{
	/* si_signo, si_errno, si_code, padding, si_pid */
	int32_t info[32] = { SIGCHLD, 0, 1, 0, FIRST_CHILD };

	(void)state;
	open_pidfd();
	STORY_ENTER(&story, PARENT, "waitid", 3, 3, EVENT, 4, 0);
	assert_string_equal(story_blocked(&story, PARENT), " waits for parent[300]: to end");
	story_poke(&story, EVENT, info, sizeof(info));
	assert_string_equal(story_exit(&story, PARENT, 0), " <- parent[300]");
}

static void waitid_for_anybody_waits_for_all_children(void **state)
{
	(void)state;
	story_fork(&story, PARENT, CHILD);
	STORY_ENTER(&story, PARENT, "waitid", 0, 7, EVENT, 4, 0);
	assert_string_equal(story_blocked(&story, PARENT),
			    " waits for parent[300]: to end, parent[200]: to end");
}

/* --- pty --- */

static void has_pty(pid_t pid, int fd, const char *link)
{
	struct fact *fact = story_fact(&story, pid, FACT_FD, fd, link);

	fact->dev = 1;
	fact->ino = strcmp(link, "/dev/ptmx") == 0 ? 2 : 90;
	fact->id = makedev(136, 4);
	fact->value[0] = FD_PTY;
	fact->value[1] = 0700;
}

static const char *open_pty(int fd, const char *link)
{
	has_pty(PARENT, fd, link);
	return STORY_CALL(&story, PARENT, "openat", fd, (uint64_t)AT_FDCWD, TEXT, O_RDWR);
}

static void both_sides_are_one_object(void **state)
{
	(void)state;
	assert_string_equal(open_pty(3, "/dev/ptmx"),
			    " {pty:1 master new /dev/pts/4 device 136:4}");
	assert_string_equal(open_pty(4, "/dev/pts/4"), " {pty:1 slave}");
}

static void what_the_master_writes_goes_to_the_slave(void **state)
{
	(void)state;
	open_pty(3, "/dev/ptmx");
	open_pty(4, "/dev/pts/4");
	story_fork(&story, PARENT, CHILD);
	STORY_CALL(&story, PARENT, "close", 0, 4);
	STORY_CALL(&story, CHILD, "close", 0, 3);
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 4, 3, TEXT, 4),
			    " {pty:1 master} -> parent[200] fd 4");
	story_fact(&story, CHILD, FACT_QUEUED, 4, NULL)->value[0] = 4;
	STORY_ENTER(&story, CHILD, "read", 4, TEXT, 64);
	story_fact(&story, CHILD, FACT_QUEUED, 4, NULL);
	assert_string_equal(story_exit(&story, CHILD, 4),
			    " {pty:1 slave 4 -> 0 B to read} <- parent[100]~ fd 3");
	STORY_ENTER(&story, PARENT, "read", 3, TEXT, 64);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {pty:1 master} waits for parent[200] fd 4");
}

static void an_untraced_other_side_is_said_to_be_unknown(void **state)
{
	(void)state;
	open_pty(4, "/dev/pts/4");
	STORY_CALL(&story, PARENT, "write", 4, 4, TEXT, 4);
	assert_string_equal(STORY_CALL(&story, PARENT, "write", 4, 4, TEXT, 4),
			    " {pty:1 slave} -> ? (the calls that make descriptors are not traced)");
}

/* --- inotify, rings, ptrace --- */

static void events_name_the_paths_that_were_watched(void **state)
{
	uint32_t event[4] = { 1, 0x100, 0, 0 };

	(void)state;
	story_fd(&story, PARENT, 6, FD_INOTIFY, 26)->id = 4;
	STORY_CALL(&story, PARENT, "inotify_init1", 6, 0);
	STORY_CALL(&story, PARENT, "inotify_add_watch", 1, 6, TEXT, 0x100);
	story_fact(&story, PARENT, FACT_QUEUED, 6, NULL);
	STORY_ENTER(&story, PARENT, "read", 6, EVENT, 4096);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {inotify:1 queued 0 B, waits for a change of /tmp/watched}");
	story_poke(&story, EVENT, event, sizeof(event));
	assert_string_equal(story_exit(&story, PARENT, sizeof(event)),
			    " {inotify:1 queued 0 B, about /tmp/watched}");
	STORY_CALL(&story, PARENT, "inotify_rm_watch", 0, 6, 1);
	assert_string_equal(STORY_CALL(&story, PARENT, "read", sizeof(event), 6, EVENT, 4096),
			    " {inotify:1 queued 0 B}");
}

static void a_ring_counts_what_is_asked_and_done(void **state)
{
	(void)state;
	story_fd(&story, PARENT, 7, FD_IO_URING, 95)->id = 5;
	story_fact(&story, PARENT, FACT_FDINFO, 7,
		   "SqMask:\t0x3\nSqHead:\t4\nSqTail:\t6\nCqMask:\t0x7\nCqHead:\t1\nCqTail:\t1\n");
	STORY_ENTER(&story, PARENT, "io_uring_enter", 7, 2, 1, 1, 0, 0);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {io_uring:1 inode 95: to submit 2/4, completed 0/8,"
			    " waits for completions}");
	story_fact(&story, PARENT, FACT_FDINFO, 7,
		   "SqMask:\t0x3\nSqHead:\t6\nSqTail:\t6\nCqMask:\t0x7\nCqHead:\t1\nCqTail:\t3\n");
	assert_string_equal(story_exit(&story, PARENT, 2),
			    " {io_uring:1 to submit 2 -> 0/4, completed 0 -> 2/8}");
}

static void a_tracer_says_whom_it_commands_and_how(void **state)
{
	(void)state;
	assert_string_equal(STORY_CALL(&story, PARENT, "ptrace", 0, 16, FIRST_CHILD, 0, 0),
			    " -> parent[300]: PTRACE_ATTACH");
	assert_string_equal(STORY_CALL(&story, PARENT, "ptrace", -EPERM, 16, FIRST_CHILD, 0, 0),
			    "");
	assert_string_equal(STORY_CALL(&story, FIRST_CHILD, "ptrace", 0, 0, 0, 0, 0),
			    " -> parent[100]: is to trace it");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_pidfd_says_whose),
		TEST(a_signal_through_a_pidfd_has_a_fate),
		TEST(a_copied_descriptor_comes_from_that_process),
		TEST(namespaces_come_from_the_process_of_the_pidfd),
		TEST(waiting_for_a_pidfd_waits_for_the_process),
		TEST(waitid_by_pidfd_means_the_process_not_the_number),
		TEST(waitid_for_anybody_waits_for_all_children),
		TEST(both_sides_are_one_object),
		TEST(what_the_master_writes_goes_to_the_slave),
		TEST(an_untraced_other_side_is_said_to_be_unknown),
		TEST(events_name_the_paths_that_were_watched),
		TEST(a_ring_counts_what_is_asked_and_done),
		TEST(a_tracer_says_whom_it_commands_and_how),
	};

	return cmocka_run_group_tests_name("model: pidfds, ptys and more", tests, NULL, NULL);
}
