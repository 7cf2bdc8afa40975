/* What /proc says of threads and mappings, whatever names they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "capture/proc.h"
#include "capture/procmap.h"

static void a_status_file_is_taken_apart(void **state)
{
	static const char text[] = "Name:\ta) R 1 (b\nUmask:\t0022\nState:\tT (stopped)\n"
				   "Tgid:\t12\nNgid:\t0\nPid:\t13\nPPid:\t1\nTracerPid:\t99\n"
				   "Uid:\t1000\t1001\t1002\t1003\nGid:\t7\t8\t9\t9\n"
				   "VmSize:\t  100 kB\nCapPrm:\t00000000000000c0\n"
				   "CapEff:\t0000000000000040\n"
				   "SigPnd:\t0000000000000001\nShdPnd:\t8000000000000000\n"
				   "SigBlk:\t0000000000000002\nSigIgn:\t0000000000000004\n"
				   "SigCgt:\t0000000000000008\n";
	struct proc_status status;

	(void)state;
	proc_parse_status(text, &status);
	assert_string_equal(status.comm, "a) R 1 (b");
	assert_int_equal(status.state, 'T');
	assert_int_equal(status.tgid, 12);
	assert_int_equal(status.ppid, 1);
	assert_int_equal(status.tracer, 99);
	assert_int_equal(status.uids[0], 1000);
	assert_int_equal(status.uids[1], 1001);
	assert_int_equal(status.uids[2], 1002);
	assert_int_equal(status.gids[0], 7);
	assert_int_equal(status.gids[2], 9);
	assert_true(status.permitted == 0xc0 && status.effective == 0x40);
	assert_true(status.has_vm);
	assert_true(status.pending == 1 && status.blocked == 2 && status.ignored == 4);
	assert_true(status.caught == 8 && status.shared_pending == 1ull << 63);
}

/* The kernel writes a newline in a name as \n: no name can look like another line. */
static void a_name_with_an_escaped_newline_makes_no_line(void **state)
{
	struct proc_status status;

	(void)state;
	proc_parse_status("Name:\tx\\nTracerPid:\\t7\nState:\tS (sleeping)\nTracerPid:\t0\n",
			  &status);
	assert_int_equal(status.tracer, 0);
	assert_string_equal(status.comm, "x\\nTracerPid:\\t7");
}

static void numbers_in_namespaces_are_kept_from_ours_to_its_own(void **state)
{
	struct proc_status status;
	char text[1024] = "NSpid:";

	(void)state;
	proc_parse_status("Pid:\t812\nNStgid:\t9\nNSpid:\t812\t17\t1\nNSpgid:\t4\n", &status);
	assert_int_equal(status.n_inner, 3);
	assert_int_equal(status.inner[0], 812);
	assert_int_equal(status.inner[1], 17);
	assert_int_equal(status.inner[2], 1);
	/* More levels than there can be, and a kernel that does not say. */
	for (int i = 0; i < 50; i++)
		strcat(text, "\t7");
	proc_parse_status(text, &status);
	assert_int_equal(status.n_inner, PID_LEVELS);
	proc_parse_status("Pid:\t812\nNSpid:\tx\n", &status);
	assert_int_equal(status.n_inner, 0);
}

static void a_kernel_thread_and_a_zombie_have_no_memory(void **state)
{
	struct proc_status status;

	(void)state;
	proc_parse_status("Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\n", &status);
	assert_false(status.has_vm);
}

static void a_file_that_ends_anywhere_is_no_danger(void **state)
{
	static const char text[] = "Name:\tlong name of a thread that is too long\nState:\tR\n"
				   "Uid:\t1\t2\nSigPnd:\tzz\n:\n\n\t\nTgid";
	char part[sizeof(text)];
	struct proc_status status;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		memcpy(part, text, len);
		part[len] = '\0';
		proc_parse_status(part, &status);
		assert_true(strlen(status.comm) < sizeof(status.comm));
	}
	assert_int_equal(status.pending, 0);
}

static void the_file_of_this_very_thread_is_understood(void **state)
{
	struct proc_status status;

	(void)state;
	assert_int_equal(proc_status(getpid(), &status), 0);
	assert_int_equal(status.tgid, getpid());
	assert_int_equal(status.ppid, getppid());
	assert_true(status.has_vm);
	assert_int_equal(proc_status(0x7ffffff0, &status), -ESRCH);
}

/* The name may hold what ends a name, and what looks like numbers. */
static void a_threads_start_is_the_22nd_field_whatever_its_name(void **state)
{
	static const char stat[] = "13 (a) R 1 (b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 0 "
				   "424242 18 19\n";
	char part[sizeof(stat)];

	(void)state;
	assert_int_equal(proc_parse_start_time(stat), 424242);
	for (size_t len = 0; len < sizeof(stat) - 20; len++) {
		memcpy(part, stat, len);
		part[len] = '\0';
		assert_true(proc_parse_start_time(part) < 424242);
	}
	assert_true(proc_start_time(getpid()) > 0);
	assert_int_equal(proc_start_time(0x7ffffff0), 0);
}

static void a_mapping_line_is_taken_apart(void **state)
{
	static const char line[] = "7f00-7fff rw-s 00001000 fe:01 1234      /dev/shm/a b (deleted)";
	struct procmap map;

	(void)state;
	assert_int_equal(procmap_parse(line, strlen(line), &map), 0);
	assert_true(map.start == 0x7f00 && map.end == 0x7fff && map.offset == 0x1000);
	assert_int_equal(map.ino, 1234);
	assert_string_equal(map.name, "/dev/shm/a b (deleted)");
	assert_int_equal(procmap_parse("x", 1, &map), -EINVAL);
	assert_int_equal(procmap_parse("2-1 rwxp 0 0:0 0", 16, &map), -EINVAL);
	assert_int_equal(procmap_parse("1-2 rw 0 0:0 0", 14, &map), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_file_is_taken_apart),
		cmocka_unit_test(a_name_with_an_escaped_newline_makes_no_line),
		cmocka_unit_test(numbers_in_namespaces_are_kept_from_ours_to_its_own),
		cmocka_unit_test(a_kernel_thread_and_a_zombie_have_no_memory),
		cmocka_unit_test(a_file_that_ends_anywhere_is_no_danger),
		cmocka_unit_test(the_file_of_this_very_thread_is_understood),
		cmocka_unit_test(a_threads_start_is_the_22nd_field_whatever_its_name),
		cmocka_unit_test(a_mapping_line_is_taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
