/* Processes: birth, death, identity, limits, prctl, ptrace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { ID = 0x1000, ARGS = 0x2000, STATUS = 0x3000, DATA = 0x4000, TEXT = 0x5000, MISS = 8 };

static struct fake fake;

static int set_up(void **state)
{
	(void)state;
	fake_init(&fake, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

static void clone_shows_what_its_flags_give_a_meaning(void **state)
{
	uint32_t id = 99;

	(void)state;
	fake_poke(&fake, ID, &id, sizeof(id));
	assert_string_equal(FAKE_CALL(&fake, "clone", 99, SIGCHLD, 0, MISS, MISS, MISS),
			    "clone(child_stack=NULL, flags=SIGCHLD) = 99");
	assert_string_equal(
		FAKE_CALL(&fake, "clone", 99,
			  CLONE_VM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
			  0x8000, ID, 0x44, 0x55),
		"clone(child_stack=0x8000, "
		"flags=CLONE_VM|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID, "
		"parent_tid=[99], tls=0x55, child_tidptr=0x44) = 99");
	assert_string_equal(FAKE_CALL(&fake, "clone", -22, CLONE_PIDFD | 255, 0, ID),
			    "clone(child_stack=NULL, flags=CLONE_PIDFD|255, parent_tid=0x1000) = "
			    "-1 EINVAL");
}

static void clone_of_32_bit_has_its_last_arguments_exchanged(void **state)
{
	uint32_t segment[4] = { 12, 0xf7d2cb40, 0xfffff, 0x51 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, DATA, segment, sizeof(segment));
	assert_string_equal(
		FAKE_CALL(&fake, "clone", 99, CLONE_SETTLS | CLONE_CHILD_SETTID, 0, 0, DATA, 0x44),
		"clone(child_stack=NULL, flags=CLONE_SETTLS|CLONE_CHILD_SETTID, "
		"tls={entry_number=12, base_addr=0xf7d2cb40, limit=0x0fffff, seg_32bit=1, "
		"contents=0, read_exec_only=0, limit_in_pages=1, seg_not_present=0, useable=1}, "
		"child_tidptr=0x44) = 99");
}

static void clone3_shows_what_went_in_and_what_came_out(void **state)
{
	uint64_t args[11] = { CLONE_PARENT_SETTID, 0, 0, ID, SIGCHLD };
	uint32_t id = 99;

	(void)state;
	fake_poke(&fake, ID, &id, sizeof(id));
	fake_poke(&fake, ARGS, args, sizeof(args));
	assert_string_equal(FAKE_CALL(&fake, "clone3", 99, ARGS, 88),
			    "clone3({flags=CLONE_PARENT_SETTID, parent_tid=0x1000, "
			    "exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {parent_tid=[99]}, "
			    "88) = 99");
	assert_string_equal(FAKE_CALL(&fake, "clone3", -22, ARGS, 8),
			    "clone3(0x2000, 8) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "clone3", -14, MISS, 88),
			    "clone3(0x8, 88) = -1 EFAULT");
}

static void set_tid_of_a_huge_size_is_cut(void **state)
{
	uint64_t args[11] = { 0, 0, 0, 0, 0, 0, 0, 0, DATA, 1ull << 40, 0 };
	uint32_t ids[2] = { 5, 6 };

	(void)state;
	fake_poke(&fake, ARGS, args, sizeof(args));
	fake_poke(&fake, DATA, ids, sizeof(ids));
	assert_string_equal(FAKE_CALL(&fake, "clone3", -22, ARGS, 88),
			    "clone3({flags=0, exit_signal=0, stack=NULL, stack_size=0, "
			    "set_tid=[5, 6, ... /* 0x4008 */], set_tid_size=1099511627776}, 88) = "
			    "-1 EINVAL");
}

static const char *waited(uint32_t status)
{
	fake_poke(&fake, STATUS, &status, sizeof(status));
	return FAKE_CALL(&fake, "wait4", 99, (uint64_t)-1, STATUS, 0, 0);
}

static void wait_status_is_written_as_the_macros_ask(void **state)
{
	(void)state;
	assert_string_equal(waited(7 << 8),
			    "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 99");
	assert_string_equal(
		waited(9), "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 99");
	assert_string_equal(waited(0x80 | 11),
			    "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && "
			    "WCOREDUMP(s)}], 0, NULL) = 99");
	assert_string_equal(waited(SIGSTOP << 8 | 0x7f),
			    "wait4(-1, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], 0, NULL) = 99");
	assert_string_equal(waited(0xffff), "wait4(-1, [{WIFCONTINUED(s)}], 0, NULL) = 99");
	assert_string_equal(FAKE_CALL(&fake, "wait4", 0, 5, STATUS, 1, DATA),
			    "wait4(5, 0x3000, WNOHANG, 0x4000) = 0");
	assert_string_equal(FAKE_CALL(&fake, "wait4", -10, (uint64_t)-1, STATUS, 0x40000000, 0),
			    "wait4(-1, 0x3000, __WALL, NULL) = -1 ECHILD");
}

static void waitid_shows_siginfo_and_usage(void **state)
{
	uint32_t info[32] = { SIGCHLD, 0, 1, 0, 42, 0, 3 };
	uint64_t usage[18] = { 1, 2, 3, 4 };

	(void)state;
	fake_poke(&fake, ARGS, info, sizeof(info));
	fake_poke(&fake, DATA, usage, sizeof(usage));
	assert_string_equal(FAKE_CALL(&fake, "waitid", 0, 1, 42, ARGS, 4, DATA),
			    "waitid(P_PID, 42, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=42, "
			    "si_uid=0, si_status=3, si_utime=0, si_stime=0}, WEXITED, "
			    "{ru_utime={tv_sec=1, tv_usec=2}, ru_stime={tv_sec=3, tv_usec=4}, "
			    "...}) = 0");
	memset(info, 0, sizeof(info));
	fake_poke(&fake, ARGS, info, sizeof(info));
	assert_string_equal(FAKE_CALL(&fake, "waitid", 0, 0, 0, ARGS, 5, 0),
			    "waitid(P_ALL, 0, {}, WNOHANG|WEXITED, NULL) = 0");
}

static void waitid_has_no_times_to_tell(void **state)
{
	uint32_t info[32] = { SIGCHLD, 0, 1, 0, 42, 0, 3, 0x5555, 0x5555, 0x5555 };
	struct fake plain;

	(void)state;
	fake_init(&plain, false);
	fake_poke(&plain, ARGS, info, sizeof(info));
	assert_string_equal(FAKE_CALL(&plain, "waitid", 0, 1, 42, ARGS, 4, 0),
			    "waitid(P_PID, 42, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=42, "
			    "si_uid=0, si_status=3}, WEXITED, NULL) = 0");
	fake_finish(&plain);
}

static void programs_are_executed_with_their_arguments(void **state)
{
	uint64_t argv[3] = { TEXT + 4, TEXT + 4, 0 }, envp[2] = { TEXT, 0 };

	(void)state;
	fake_poke(&fake, TEXT, "/a/\0x", 6);
	fake_poke(&fake, ARGS, argv, sizeof(argv));
	fake_poke(&fake, DATA, envp, sizeof(envp));
	assert_string_equal(FAKE_CALL(&fake, "execve", 0, TEXT, ARGS, DATA),
			    "execve(\"/a/\", [\"x\", \"x\"], 0x4000 /* 1 var */) = 0");
	assert_string_equal(
		FAKE_CALL(&fake, "execveat", -2, (uint32_t)-100, TEXT, MISS, MISS, 0x1000),
		"execveat(AT_FDCWD, \"/a/\", 0x8, 0x8, AT_EMPTY_PATH) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(&fake, "exit_group", 0, 3), "exit_group(3) = ?");
}

static void ids_of_minus_one_leave_things_as_they_are(void **state)
{
	uint32_t groups[2] = { 1, 2 };
	uint16_t old_groups[2] = { 3, 0xffff };

	(void)state;
	fake_poke(&fake, DATA, groups, sizeof(groups));
	fake_poke(&fake, ARGS, old_groups, sizeof(old_groups));
	assert_string_equal(FAKE_CALL(&fake, "setresuid", 0, (uint32_t)-1, 0, (uint32_t)-1),
			    "setresuid(-1, 0, -1) = 0");
	assert_string_equal(FAKE_CALL(&fake, "getgroups", 2, 40, DATA),
			    "getgroups(40, [1, 2]) = 2");
	assert_string_equal(FAKE_CALL(&fake, "setgroups", -22, 1 << 20, DATA),
			    "setgroups(1048576, 0x4000) = -1 EINVAL");
	fake.arch = AUDIT_ARCH_I386;
	assert_string_equal(FAKE_CALL(&fake, "setuid", 0, 0xffff), "setuid(-1) = 0");
	assert_string_equal(FAKE_CALL(&fake, "setuid32", 0, 0xffff), "setuid32(65535) = 0");
	assert_string_equal(FAKE_CALL(&fake, "getgroups", 2, 40, ARGS),
			    "getgroups(40, [3, -1]) = 2");
}

static void capabilities_are_bits_by_name(void **state)
{
	uint32_t header[2] = { 0x20080522, 0 }, sets[6] = { 1, 0x21, 0, 0x100, 0, 0 };

	(void)state;
	fake_poke(&fake, ARGS, header, sizeof(header));
	fake_poke(&fake, DATA, sets, sizeof(sets));
	assert_string_equal(FAKE_CALL(&fake, "capset", 0, ARGS, DATA),
			    "capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, "
			    "{effective=1<<CAP_CHOWN|1<<CAP_CHECKPOINT_RESTORE, "
			    "permitted=1<<CAP_CHOWN|1<<CAP_KILL, inheritable=0}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "capget", -22, MISS, DATA),
			    "capget(0x8, 0x4000) = -1 EINVAL");
}

static void limits_are_shown_as_sizes(void **state)
{
	uint64_t limit[2] = { 8192 * 1024, UINT64_MAX };
	uint32_t limit32[2] = { 1024, UINT32_MAX };

	(void)state;
	fake_poke(&fake, DATA, limit, sizeof(limit));
	fake_poke(&fake, ARGS, limit32, sizeof(limit32));
	assert_string_equal(FAKE_CALL(&fake, "prlimit64", 0, 0, 3, 0, DATA),
			    "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, "
			    "rlim_max=RLIM64_INFINITY}) = 0");
	fake.arch = AUDIT_ARCH_I386;
	assert_string_equal(FAKE_CALL(&fake, "setrlimit", 0, 99, ARGS),
			    "setrlimit(0x63 /* RLIMIT_??? */, {rlim_cur=1024, "
			    "rlim_max=RLIM_INFINITY}) = 0");
}

static void scheduling_has_names(void **state)
{
	uint64_t cpus[2] = { 5, 1 };
	uint32_t priority = 5;

	(void)state;
	fake_poke(&fake, DATA, cpus, sizeof(cpus));
	fake_poke(&fake, ID, &priority, sizeof(priority));
	assert_string_equal(FAKE_CALL(&fake, "sched_getaffinity", 16, 0, 128, DATA),
			    "sched_getaffinity(0, 128, [0 2 64]) = 16");
	assert_string_equal(FAKE_CALL(&fake, "sched_setscheduler", -1, 0, 1, ID),
			    "sched_setscheduler(0, SCHED_FIFO, [5]) = -1 EPERM");
	assert_string_equal(FAKE_CALL(&fake, "sched_getscheduler", 6, 0),
			    "sched_getscheduler(0) = 6 (SCHED_DEADLINE)");
	assert_string_equal(FAKE_CALL(&fake, "personality", 0x40000, UINT32_MAX),
			    "personality(0xffffffff) = 0x40000 (PER_LINUX|ADDR_NO_RANDOMIZE)");
}

static void prctl_has_the_arguments_of_its_option(void **state)
{
	(void)state;
	fake_poke(&fake, TEXT, "a-name-that-is-too-long", 24);
	assert_string_equal(FAKE_CALL(&fake, "prctl", 0, 1, SIGKILL, 3, 4, 5),
			    "prctl(PR_SET_PDEATHSIG, SIGKILL) = 0");
	assert_string_equal(FAKE_CALL(&fake, "prctl", 0, 15, TEXT),
			    "prctl(PR_SET_NAME, \"a-name-that-is-\"...) = 0");
	assert_string_equal(FAKE_CALL(&fake, "prctl", 1, 3), "prctl(PR_GET_DUMPABLE) = 1 "
							     "(SUID_DUMP_USER)");
	assert_string_equal(FAKE_CALL(&fake, "prctl", 0, 38, 1, 0, 0, 0),
			    "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0");
	assert_string_equal(FAKE_CALL(&fake, "prctl", 0, 0x59616d61, (uint64_t)-1),
			    "prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY) = 0");
	assert_string_equal(FAKE_CALL(&fake, "prctl", -22, 999, 1, 2, 3, 4),
			    "prctl(0x3e7 /* PR_??? */, 0x1, 0x2, 0x3, 0x4) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "prctl", -14, 22, 2, MISS),
			    "prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0x8) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&fake, "prctl", 0, 47, 4, 0, 0, 0),
			    "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) = 0");
}

static void seccomp_and_arch_prctl_have_the_arguments_of_their_operation(void **state)
{
	uint64_t program[2] = { 3, 0x9000 }, base = 0x7000;

	(void)state;
	fake_poke(&fake, DATA, program, sizeof(program));
	fake_poke(&fake, ARGS, &base, sizeof(base));
	assert_string_equal(FAKE_CALL(&fake, "seccomp", 0, 1, 1, DATA),
			    "seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, {len=3, "
			    "filter=0x9000}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "arch_prctl", 0, 0x1002, 0x7000),
			    "arch_prctl(ARCH_SET_FS, 0x7000) = 0");
	assert_string_equal(FAKE_CALL(&fake, "arch_prctl", 0, 0x1003, ARGS),
			    "arch_prctl(ARCH_GET_FS, [0x7000]) = 0");
}

static void ptrace_has_the_arguments_of_its_request(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "ptrace", 0, 16, 42, 0, 0),
			    "ptrace(PTRACE_ATTACH, 42) = 0");
	assert_string_equal(FAKE_CALL(&fake, "ptrace", 0, 0x4206, 42, 0, 0x100001),
			    "ptrace(PTRACE_SEIZE, 42, NULL, PTRACE_O_TRACESYSGOOD|"
			    "PTRACE_O_EXITKILL) = 0");
	assert_string_equal(FAKE_CALL(&fake, "ptrace", 0, 24, 42, 0, SIGUSR1),
			    "ptrace(PTRACE_SYSCALL, 42, NULL, SIGUSR1) = 0");
	assert_string_equal(FAKE_CALL(&fake, "ptrace", 0, 6, 42, 120, 4),
			    "ptrace(PTRACE_POKEUSER, 42, 8*ORIG_RAX, 0x4) = 0");
	assert_string_equal(FAKE_CALL(&fake, "ptrace", -3, 12, 42, 0, MISS),
			    "ptrace(PTRACE_GETREGS, 42, 0x8) = -1 ESRCH");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(clone_shows_what_its_flags_give_a_meaning),
		CASE(clone_of_32_bit_has_its_last_arguments_exchanged),
		CASE(clone3_shows_what_went_in_and_what_came_out),
		CASE(set_tid_of_a_huge_size_is_cut),
		CASE(wait_status_is_written_as_the_macros_ask),
		CASE(waitid_shows_siginfo_and_usage),
		CASE(waitid_has_no_times_to_tell),
		CASE(programs_are_executed_with_their_arguments),
		CASE(ids_of_minus_one_leave_things_as_they_are),
		CASE(capabilities_are_bits_by_name),
		CASE(limits_are_shown_as_sizes),
		CASE(scheduling_has_names),
		CASE(prctl_has_the_arguments_of_its_option),
		CASE(seccomp_and_arch_prctl_have_the_arguments_of_their_operation),
		CASE(ptrace_has_the_arguments_of_its_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
