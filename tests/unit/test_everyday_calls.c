/* The calls of every program that are no IPC: the text is strace's, seen by running it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { A = 0x10000, B = 0x11000, C = 0x12000 };

static int setup(void **state)
{
	struct fake *fake = malloc(sizeof(*fake));

	assert_non_null(fake);
	fake_init(fake, true);
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_finish(*state);
	free(*state);
	return 0;
}

static void poke_longs(struct fake *fake, uint64_t addr, uint64_t first, uint64_t second)
{
	const uint64_t words[2] = { first, second };

	fake_poke(fake, addr, words, sizeof(words));
}

static void clocks_show_their_time(void **state)
{
	struct fake *fake = *state;

	poke_longs(fake, A, 3462, 648586907);
	assert_string_equal(FAKE_CALL(fake, "clock_gettime", 0, 1, A),
			    "clock_gettime(CLOCK_MONOTONIC, {tv_sec=3462, tv_nsec=648586907}) = 0");
	assert_string_equal(FAKE_CALL(fake, "clock_gettime", -22, 77, A),
			    "clock_gettime(0x4d /* CLOCK_??? */, 0x10000) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(fake, "clock_getres", 0, 0, 0),
			    "clock_getres(CLOCK_REALTIME, NULL) = 0");
	assert_string_equal(FAKE_CALL(fake, "clock_settime", -22, 1, A),
			    "clock_settime(CLOCK_MONOTONIC, {tv_sec=3462, tv_nsec=648586907}) = -1 "
			    "EINVAL");
	poke_longs(fake, B, 0, 0);
	assert_string_equal(FAKE_CALL(fake, "gettimeofday", 0, A, B),
			    "gettimeofday({tv_sec=3462, tv_usec=648586907}, {tz_minuteswest=0, "
			    "tz_dsttime=0}) = 0");
	assert_string_equal(FAKE_CALL(fake, "gettimeofday", 0, A, 0),
			    "gettimeofday({tv_sec=3462, tv_usec=648586907}, NULL) = 0");
}

static void a_sleep_shows_what_is_left_only_when_interrupted(void **state)
{
	struct fake *fake = *state;

	poke_longs(fake, A, 5, 1000);
	poke_longs(fake, B, 4, 979997871);
	assert_string_equal(FAKE_CALL(fake, "nanosleep", 0, A, B),
			    "nanosleep({tv_sec=5, tv_nsec=1000}, 0x11000) = 0");
	assert_non_null(strstr(FAKE_CALL(fake, "nanosleep", -516, A, B),
			       "nanosleep({tv_sec=5, tv_nsec=1000}, {tv_sec=4, "
			       "tv_nsec=979997871}) = "));
	assert_non_null(strstr(FAKE_CALL(fake, "clock_nanosleep", -516, 0, 0, A, B),
			       "clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=5, tv_nsec=1000}, "
			       "{tv_sec=4, tv_nsec=979997871}) = "));
	assert_non_null(strstr(FAKE_CALL(fake, "clock_nanosleep", -516, 0, 1, A, B),
			       "clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, {tv_sec=5, "
			       "tv_nsec=1000}, 0x11000) = "));
	assert_string_equal(FAKE_CALL(fake, "clock_nanosleep", 0, 0, 2, A, 0),
			    "clock_nanosleep(CLOCK_REALTIME, 0x2 /* TIMER_??? */, {tv_sec=5, "
			    "tv_nsec=1000}, NULL) = 0");
}

static void a_32_bit_sleep_has_32_bit_times(void **state)
{
	const uint32_t words[2] = { 5, 1000 };
	struct fake *fake = *state;

	fake->arch = AUDIT_ARCH_I386;
	fake_poke(fake, A, words, sizeof(words));
	assert_string_equal(FAKE_CALL(fake, "nanosleep", 0, A, 0),
			    "nanosleep({tv_sec=5, tv_nsec=1000}, NULL) = 0");
	poke_longs(fake, B, 7, 8);
	assert_string_equal(FAKE_CALL(fake, "clock_gettime64", 0, 0, B),
			    "clock_gettime64(CLOCK_REALTIME, {tv_sec=7, tv_nsec=8}) = 0");
}

static void time_is_a_date_too(void **state)
{
	struct fake *fake = *state;

	setenv("TZ", "UTC", 1);
	poke_longs(fake, A, 1795204387, 0);
	assert_string_equal(FAKE_CALL(fake, "time", 1795204387, A),
			    "time([1795204387 /* 2026-11-20T19:53:07+0000 */]) = 1795204387 "
			    "(2026-11-20T19:53:07+0000)");
	assert_string_equal(FAKE_CALL(fake, "time", 1795204387, 0),
			    "time(NULL) = 1795204387 (2026-11-20T19:53:07+0000)");
}

static void a_clock_that_is_off_says_so(void **state)
{
	uint64_t timex[26] = { 0, 0, 0, 16000000, 16000000, 64, 2, 1, 32768000, 9, 551299, 10000 };
	struct fake *fake = *state;

	fake_poke(fake, A, timex, sizeof(timex));
	assert_string_equal(FAKE_CALL(fake, "adjtimex", 5, A),
			    "adjtimex({modes=0, offset=0, freq=0, maxerror=16000000, "
			    "esterror=16000000, status=STA_UNSYNC, constant=2, precision=1, "
			    "tolerance=32768000, time={tv_sec=9, tv_usec=551299}, tick=10000, "
			    "ppsfreq=0, jitter=0, shift=0, stabil=0, jitcnt=0, calcnt=0, errcnt=0, "
			    "stbcnt=0, tai=0}) = 5 (TIME_ERROR)");
}

static void random_bytes_are_hexadecimal(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "\x7f\xee\xd5\x74", 4);
	assert_string_equal(FAKE_CALL(fake, "getrandom", 4, A, 8, 1),
			    "getrandom(\"\\x7f\\xee\\xd5\\x74\", 8, GRND_NONBLOCK) = 4");
	assert_string_equal(FAKE_CALL(fake, "getrandom", -22, A, 4, 7),
			    "getrandom(0x10000, 4, GRND_NONBLOCK|GRND_RANDOM|GRND_INSECURE) = -1 "
			    "EINVAL");
}

static void the_system_describes_itself(void **state)
{
	const uint64_t info[14] = { 3463,        375104,  277664,  155040, 25276518400,
				    24360779776, 8949760, 7405568, 0,      0,
				    116,         0,       0,       1 };
	struct fake *fake = *state;
	char names[6 * 65] = "Linux";

	strcpy(names + 65, "vm");
	strcpy(names + 130, "6.18");
	fake_poke(fake, A, names, sizeof(names));
	assert_string_equal(FAKE_CALL(fake, "uname", 0, A),
			    "uname({sysname=\"Linux\", nodename=\"vm\", ...}) = 0");
	fake_poke(fake, B, info, sizeof(info));
	assert_string_equal(FAKE_CALL(fake, "sysinfo", 0, B),
			    "sysinfo({uptime=3463, loads=[375104, 277664, 155040], "
			    "totalram=25276518400, freeram=24360779776, sharedram=8949760, "
			    "bufferram=7405568, totalswap=0, freeswap=0, procs=116, totalhigh=0, "
			    "freehigh=0, mem_unit=1}) = 0");
	fake_poke(fake, C, "name", 5);
	assert_string_equal(FAKE_CALL(fake, "sethostname", -1, C, 4),
			    "sethostname(\"name\", 4) = -1 EPERM");
	assert_string_equal(FAKE_CALL(fake, "sethostname", -22, C, 70000),
			    "sethostname(0x12000, 70000) = -1 EINVAL");
}

static void the_kernel_log_is_read_by_some_actions(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "<5>[ ", 5);
	assert_string_equal(FAKE_CALL(fake, "syslog", 131072, 10, 0, 0),
			    "syslog(10 /* SYSLOG_ACTION_SIZE_BUFFER */) = 131072");
	assert_string_equal(FAKE_CALL(fake, "syslog", 5, 2, A, 5),
			    "syslog(2 /* SYSLOG_ACTION_READ */, \"<5>[ \", 5) = 5");
	assert_string_equal(FAKE_CALL(fake, "syslog", -22, 99, A, 5),
			    "syslog(99 /* SYSLOG_ACTION_??? */, 0x10000, 5) = -1 EINVAL");
}

static void rebooting_has_a_string_only_with_restart2(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "now", 4);
	assert_string_equal(FAKE_CALL(fake, "reboot", -22, 1, 2, 3, A),
			    "reboot(0x1 /* LINUX_REBOOT_MAGIC_??? */, 0x2 /* "
			    "LINUX_REBOOT_MAGIC_??? */, 0x3 /* LINUX_REBOOT_CMD_??? */) = -1 "
			    "EINVAL");
	assert_string_equal(FAKE_CALL(fake, "reboot", -1, 0xfee1dead, 672274793, 0xa1b2c3d4, A),
			    "reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, "
			    "LINUX_REBOOT_CMD_RESTART2, \"now\") = -1 EPERM");
}

static void swapping_has_a_priority_below_its_flags(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "/nonex", 7);
	assert_string_equal(FAKE_CALL(fake, "swapon", -2, A, 0x8001),
			    "swapon(\"/nonex\", SWAP_FLAG_PREFER|1) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "swapon", -2, A, 0),
			    "swapon(\"/nonex\", 0) = -1 ENOENT");
}

static void attributes_show_the_bytes_they_have(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "/tmp/o.c", 9);
	fake_poke(fake, B, "user.x", 7);
	fake_poke(fake, C, "ab\0c", 4);
	assert_string_equal(FAKE_CALL(fake, "setxattr", 0, A, B, C, 4, 1),
			    "setxattr(\"/tmp/o.c\", \"user.x\", \"ab\\0c\", 4, XATTR_CREATE) = 0");
	assert_string_equal(FAKE_CALL(fake, "getxattr", 4, A, B, C, 10),
			    "getxattr(\"/tmp/o.c\", \"user.x\", \"ab\\0c\", 10) = 4");
	assert_string_equal(FAKE_CALL(fake, "getxattr", 4, A, B, 0, 0),
			    "getxattr(\"/tmp/o.c\", \"user.x\", NULL, 0) = 4");
	assert_string_equal(FAKE_CALL(fake, "fgetxattr", -61, 0, B, C, 10),
			    "fgetxattr(0, \"user.x\", 0x12000, 10) = -1 ENODATA");
	assert_string_equal(FAKE_CALL(fake, "listxattr", 7, A, B, 100),
			    "listxattr(\"/tmp/o.c\", \"user.x\\0\", 100) = 7");
	assert_string_equal(FAKE_CALL(fake, "lremovexattr", 0, A, B),
			    "lremovexattr(\"/tmp/o.c\", \"user.x\") = 0");
}

static void a_size_of_the_tracee_is_not_believed(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "x", 2);
	assert_string_equal(FAKE_CALL(fake, "setxattr", -22, A, A, 0xdead, UINT64_MAX, 0),
			    "setxattr(\"x\", \"x\", 0xdead, 18446744073709551615, 0) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(fake, "init_module", -38, A, UINT64_MAX, 0xdead),
			    "init_module(0x10000, 18446744073709551615, 0xdead) = -1 ENOSYS");
}

static void mounts_show_what_the_kernel_looks_at(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "none", 5);
	fake_poke(fake, B, "/mnt", 5);
	fake_poke(fake, C, "tmpfs", 6);
	assert_string_equal(FAKE_CALL(fake, "mount", -2, A, B, C, 6, A),
			    "mount(\"none\", \"/mnt\", \"tmpfs\", MS_NOSUID|MS_NODEV, \"none\") = "
			    "-1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "mount", -2, A, B, C, 4096, A),
			    "mount(\"none\", \"/mnt\", 0x12000, MS_BIND, 0x10000) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "mount", -2, 0, B, 0, 16384 | 1 << 18, 0),
			    "mount(NULL, \"/mnt\", NULL, MS_REC|MS_PRIVATE, NULL) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "mount", -2, A, B, C, 0xc0ed0001, 0),
			    "mount(\"none\", \"/mnt\", \"tmpfs\", MS_MGC_VAL|MS_RDONLY, NULL) = "
			    "-1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "umount2", -2, B, 2),
			    "umount2(\"/mnt\", MNT_DETACH) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "open_tree", -2, -100, B, 1 | 02000000 | 0x8000),
			    "open_tree(AT_FDCWD, \"/mnt\", "
			    "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(fake, "quotactl", -2, 0x80000700, B, 0, 0),
			    "quotactl(QCMD(Q_GETQUOTA, USRQUOTA), \"/mnt\", 0, NULL) = -1 ENOENT");
}

static void keys_and_policies_are_named(void **state)
{
	struct fake *fake = *state;

	fake_poke(fake, A, "user", 5);
	fake_poke(fake, B, "payload", 8);
	assert_string_equal(FAKE_CALL(fake, "add_key", 659506074, A, A, B, 7, -2),
			    "add_key(\"user\", \"user\", \"payload\", 7, "
			    "KEY_SPEC_PROCESS_KEYRING) = 659506074");
	assert_string_equal(FAKE_CALL(fake, "request_key", 5, A, A, 0, 12),
			    "request_key(\"user\", \"user\", NULL, 12) = 5");
	assert_string_equal(FAKE_CALL(fake, "keyctl", -95, 99, 1, 2, 3, 4),
			    "keyctl(0x63 /* KEYCTL_??? */, 0x1, 0x2, 0x3, 0x4) = -1 EOPNOTSUPP");
	assert_string_equal(FAKE_CALL(fake, "perf_event_open", -14, 0, 0, -1, -1, 8),
			    "perf_event_open(NULL, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) = -1 EFAULT");
	assert_string_equal(
		FAKE_CALL(fake, "landlock_create_ruleset", 7, 0, 0, 1),
		"landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) = 7");
}

static void io_priorities_are_of_two_parts(void **state)
{
	struct fake *fake = *state;

	assert_string_equal(FAKE_CALL(fake, "ioprio_get", 0, 1, 0),
			    "ioprio_get(IOPRIO_WHO_PROCESS, 0) = 0 "
			    "(IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0))");
	assert_string_equal(FAKE_CALL(fake, "ioprio_set", 0, 1, 0, 2 << 13 | 4),
			    "ioprio_set(IOPRIO_WHO_PROCESS, 0, "
			    "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)) = 0");
}

static void a_thread_area_says_which_one_it_became(void **state)
{
	const uint32_t before[4] = { UINT32_MAX, 0xf7f1b4c0, 0xfffff, 0x51 };
	const uint32_t after = 12;
	struct fake *fake = *state;

	fake->arch = AUDIT_ARCH_I386;
	fake_poke(fake, A, before, sizeof(before));
	fake_enter(fake, "set_thread_area", (const uint64_t[6]){ A });
	memcpy(fake->image.bytes.data + fake->image.ranges[0].data, &after, sizeof(after));
	assert_string_equal(fake_exit(fake, 0),
			    "set_thread_area({entry_number=-1, base_addr=0xf7f1b4c0, "
			    "limit=0x0fffff, seg_32bit=1, contents=0, read_exec_only=0, "
			    "limit_in_pages=1, seg_not_present=0, useable=1}) = 0 "
			    "(entry_number=12)");
}

static void calls_of_the_past_show_words(void **state)
{
	struct fake *fake = *state;

	assert_string_equal(FAKE_CALL(fake, "tuxcall", -38, 1, 0, 3),
			    "tuxcall(0x1, NULL, 0x3) = -1 ENOSYS");
	fake->arch = AUDIT_ARCH_I386;
	assert_string_equal(FAKE_CALL(fake, "bdflush", -38, 1, 2), "bdflush(0x1, 0x2) = -1 ENOSYS");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clocks_show_their_time),
		TEST(a_sleep_shows_what_is_left_only_when_interrupted),
		TEST(a_32_bit_sleep_has_32_bit_times),
		TEST(time_is_a_date_too),
		TEST(a_clock_that_is_off_says_so),
		TEST(random_bytes_are_hexadecimal),
		TEST(the_system_describes_itself),
		TEST(the_kernel_log_is_read_by_some_actions),
		TEST(rebooting_has_a_string_only_with_restart2),
		TEST(swapping_has_a_priority_below_its_flags),
		TEST(attributes_show_the_bytes_they_have),
		TEST(a_size_of_the_tracee_is_not_believed),
		TEST(mounts_show_what_the_kernel_looks_at),
		TEST(keys_and_policies_are_named),
		TEST(io_priorities_are_of_two_parts),
		TEST(a_thread_area_says_which_one_it_became),
		TEST(calls_of_the_past_show_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
