#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/array.h"
#include "decode/syscalls.h"
#include "filters/seccomp_program.h"

#define TRACED (SECCOMP_RET_TRACE | SECCOMP_PROGRAM_COOKIE)
#define BIT    0x40000000u

static const struct {
	uint32_t arch, bit, names;
} archs[] = {
	{ AUDIT_ARCH_X86_64, 0, AUDIT_ARCH_X86_64 },
	{ AUDIT_ARCH_I386, 0, AUDIT_ARCH_I386 },
	{ AUDIT_ARCH_X86_64, BIT, SYSCALL_ARCH_X32 },
};

/* What the kernel's classic BPF machine does with the instructions that seccomp allows us. */
static uint32_t run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t a = 0, word;

	for (unsigned pc = 0; pc < program->len; pc++) {
		const struct sock_filter *in = &program->filter[pc];

		switch (in->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(in->k + 4 <= sizeof(*data));
			memcpy(&word, (const char *)data + in->k, sizeof(word));
			a = word;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= in->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += in->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == in->k ? in->jt : in->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > in->k ? in->jt : in->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= in->k ? in->jt : in->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & in->k ? in->jt : in->jf;
			break;
		case BPF_RET | BPF_K:
			return in->k;
		default:
			fail_msg("instruction %#x at %u", in->code, pc);
		}
	}
	fail_msg("ran off the end");
	return 0;
}

static struct sock_fprog program_of(struct filter *filter, const char *expr)
{
	struct sock_fprog program;
	char error[256];

	if (expr)
		assert_int_equal(filter_add(filter, expr, error, sizeof(error)), 0);
	assert_int_equal(seccomp_program_create(filter, &program), 0);
	assert_in_range(program.len, 1, BPF_MAXINSNS);
	return program;
}

static uint32_t decide(const struct sock_fprog *program, uint32_t arch, uint32_t nr,
		       const uint64_t args[6])
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	memcpy(data.args, args, sizeof(data.args));
	return run(program, &data);
}

/* Under an expression: is a call with these arguments stopped at? */
static void check(const char *expr, uint32_t names, const char *call, bool is_traced, uint64_t a0,
		  uint64_t a1, uint64_t a2, uint64_t a3)
{
	struct filter *filter = filter_create(false);
	struct sock_fprog program = program_of(filter, expr);
	uint64_t args[6] = { a0, a1, a2, a3 };
	int nr = syscall_number(names, call);
	uint32_t arch = names == SYSCALL_ARCH_X32 ? AUDIT_ARCH_X86_64 : names;

	assert_true(nr >= 0);
	assert_int_equal(decide(&program, arch, (uint32_t)nr, args),
			 is_traced ? TRACED : SECCOMP_RET_ALLOW);
	seccomp_program_finish(&program);
	filter_destroy(filter);
}

static void check_everywhere(const char *expr, const char *call, bool is_traced, uint64_t a0,
			     uint64_t a1, uint64_t a2, uint64_t a3)
{
	check(expr, AUDIT_ARCH_X86_64, call, is_traced, a0, a1, a2, a3);
	check(expr, AUDIT_ARCH_I386, call, is_traced, a0, a1, a2, a3);
	check(expr, SYSCALL_ARCH_X32, call, is_traced, a0, a1, a2, a3);
}

/* All numbers of all architectures: what the filter decides by number, the program decides alike. */
static void compare_all(struct filter *filter, const struct sock_fprog *program)
{
	/* Arguments for which every condition on arguments holds that can. */
	static const uint64_t args[6] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(archs); i++) {
		for (uint32_t nr = 0; nr < SYSCALL_NR_MAX + 10; nr++) {
			uint32_t full = nr | archs[i].bit;
			uint32_t got = decide(program, archs[i].arch, full, args);
			bool is_seen = seccomp_program_traps(filter, archs[i].arch, full);

			if (filter_rule(filter, archs[i].arch, full) || is_seen)
				continue;
			if (got != (filter_wants_nr(filter, archs[i].arch, full)
					    ? TRACED
					    : (uint32_t)SECCOMP_RET_ALLOW))
				fail_msg("arch %zu nr %u: %#x", i, nr, got);
		}
	}
}

static void program_and_filter_agree_on_every_number(void **state)
{
	static const char *const exprs[] = {
		NULL,
		"all",
		"none",
		"%file",
		"!%file",
		"%desc,%network",
		"!%desc",
		"futex",
		"read,write",
		"mseal,listns",
		"!mseal,listns",
		"read@32",
		"!read@32",
		"open@x32",
		"!open@64",
		"socket",
		"sysv",
		"!sysv,socket",
		"%network",
		"!%network",
		"pipe",
		"!pipe",
		"restart_syscall",
		"/^s",
		"%pure",
		"uretprobe",
		"!uretprobe",
		"1073742343",
		"%process",
		"%memory",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(exprs); i++) {
		for (int is_strace = 0; is_strace < 2; is_strace++) {
			struct filter *filter = filter_create(is_strace);
			struct sock_fprog program;
			char error[64];

			if (exprs[i] && filter_add(filter, exprs[i], error, sizeof(error)) < 0) {
				filter_destroy(filter);
				continue;
			}
			program = program_of(filter, NULL);
			compare_all(filter, &program);
			seccomp_program_finish(&program);
			filter_destroy(filter);
		}
	}
}

static void closes_stop_when_descriptors_are_followed(void **state)
{
	static const char *const calls[] = { "close", "close_range", "dup2", "dup3", "setns" };
	struct filter *filter = filter_create(false);
	const uint64_t args[6] = { 3, 4 };
	struct sock_fprog program;
	(void)state;

	program = program_of(filter, "uname");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		assert_int_equal(decide(&program, AUDIT_ARCH_X86_64,
					(uint32_t)syscall_number(AUDIT_ARCH_X86_64, calls[i]),
					args),
				 SECCOMP_RET_ALLOW);
	seccomp_program_finish(&program);
	filter_follow_fds(filter);
	program = program_of(filter, NULL);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		assert_int_equal(decide(&program, AUDIT_ARCH_X86_64,
					(uint32_t)syscall_number(AUDIT_ARCH_X86_64, calls[i]),
					args),
				 SECCOMP_RET_TRACE | SECCOMP_PROGRAM_COOKIE);
	seccomp_program_finish(&program);
	filter_destroy(filter);
}

static void calls_of_the_engine_are_always_seen(void **state)
{
	static const char *const calls[] = { "seccomp", "ptrace", "clone", "clone3" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		check_everywhere("none", calls[i], true, 0, 0, 0, 0);
	check_everywhere("none", "prctl", true, PR_SET_SECCOMP, 0, 0, 0);
	check("none", AUDIT_ARCH_X86_64, "prctl", true, PR_SET_SECCOMP | 1ull << 40, 0, 0, 0);
	check_everywhere("none", "prctl", true, PR_SET_NAME, 0, 0, 0);
	check_everywhere("none", "prctl", false, PR_SET_DUMPABLE, 0, 0, 0);
	check_everywhere("prctl", "prctl", true, PR_SET_NAME, 0, 0, 0);
	/* Also if the set itself wants them on a condition only. */
	check_everywhere("pidfd,namespaces", "clone", true, 0, 0, 0, 0);
	check_everywhere("none", "execve", false, 0, 0, 0, 0);
}

static void descriptor_changes_are_seen_only_if_descriptors_matter(void **state)
{
	static const char *const calls[] = { "close", "close_range", "dup2", "dup3" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		check_everywhere("eventfd", calls[i], true, 3, 4, 0, 0);
		check_everywhere("futex", calls[i], false, 3, 4, 0, 0);
	}
}

static void mmap_stops_only_when_shared(void **state)
{
	(void)state;
	check(NULL, AUDIT_ARCH_X86_64, "mmap", true, 0, 4096, PROT_READ, MAP_SHARED);
	check(NULL, AUDIT_ARCH_X86_64, "mmap", true, 0, 4096, PROT_READ, MAP_SHARED_VALIDATE);
	check(NULL, AUDIT_ARCH_X86_64, "mmap", false, 0, 4096, PROT_READ, MAP_PRIVATE);
	check(NULL, AUDIT_ARCH_X86_64, "mmap", false, 0, 1, 1, MAP_PRIVATE | MAP_ANONYMOUS);
	check(NULL, SYSCALL_ARCH_X32, "mmap", true, 0, 4096, PROT_READ, MAP_SHARED);
	check(NULL, SYSCALL_ARCH_X32, "mmap", false, 0, 4096, PROT_READ, MAP_PRIVATE);
	check(NULL, AUDIT_ARCH_I386, "mmap2", true, 0, 4096, PROT_READ, MAP_SHARED);
	check(NULL, AUDIT_ARCH_I386, "mmap2", false, 0, 4096, PROT_READ, MAP_PRIVATE);
	/* The old call has its arguments in memory. */
	check(NULL, AUDIT_ARCH_I386, "mmap", true, 0x1000, 0, 0, 0);
}

static void a_plain_name_stops_whatever_the_arguments(void **state)
{
	(void)state;
	check_everywhere("mmap", "mmap", true, 0, 4096, PROT_READ, MAP_PRIVATE);
	check_everywhere("ipc,mmap", "mmap", true, 0, 4096, PROT_READ, MAP_PRIVATE);
	check_everywhere("mmap,ipc", "mmap", true, 0, 4096, PROT_READ, MAP_PRIVATE);
	check_everywhere("%file,%ipc", "openat", true, 0, 0, O_DIRECTORY, 0);
}

static void opening_a_directory_does_not_stop(void **state)
{
	(void)state;
	check_everywhere(NULL, "open", false, 0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
	check_everywhere(NULL, "open", true, 0, O_RDONLY | O_CLOEXEC, O_DIRECTORY, 0);
	check_everywhere(NULL, "openat", false, 0, 0, O_DIRECTORY | O_CLOEXEC, 0);
	check_everywhere(NULL, "openat", true, 0, O_DIRECTORY, O_RDWR | O_CREAT, 0);
	check_everywhere(NULL, "openat2", true, 0, 0, 0, 0);
}

static void sockets_stop_by_family(void **state)
{
	(void)state;
	check_everywhere("unix", "socket", true, AF_UNIX, SOCK_STREAM, 0, 0);
	check_everywhere("inet", "socket", true, AF_INET6, SOCK_STREAM, 0, 0);
	check_everywhere("unix,netlink", "socket", true, AF_NETLINK, SOCK_RAW, 0, 0);
	check("unix", AUDIT_ARCH_X86_64, "socket", false, AF_INET, SOCK_STREAM, 0, 0);
	check("inet", SYSCALL_ARCH_X32, "socket", false, AF_UNIX, SOCK_STREAM, 0, 0);
	check("unix", AUDIT_ARCH_I386, "socketcall", true, 1, 0x1000, 0, 0);
	check("sysv-msg", AUDIT_ARCH_I386, "ipc", true, 11, 0, 0, 0);
	check("sysv-msg", AUDIT_ARCH_I386, "ipc", true, 1 << 16 | 12, 0, 0, 0);
	check("sysv-msg", AUDIT_ARCH_I386, "ipc", false, 1, 0, 0, 0);
	check("semget", AUDIT_ARCH_I386, "ipc", false, 2, 0, 0, 0);
	check("futex", AUDIT_ARCH_I386, "socketcall", false, 1, 0, 0, 0);
	check("futex", AUDIT_ARCH_I386, "ipc", false, 11, 0, 0, 0);
}

static void locks_stop_by_command(void **state)
{
	static const uint64_t traced[] = { 5, 6, 7, 12, 13, 14, 36, 37, 38, 1024, 1025 };
	static const uint64_t quiet[] = { 0, 1, 2, 3, 4, 8, 9, 1026, 1030, 1031, 1033 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(traced); i++)
		check_everywhere("locks", "fcntl", true, 3, traced[i], 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(quiet); i++)
		check_everywhere("locks", "fcntl", false, 3, quiet[i], 0, 0);
}

static void what_fcntl_asks_of_the_own_descriptor_only_does_not_stop(void **state)
{
	static const uint64_t traced[] = { 0, 4, 5, 8, 9, 1030, 1031 };
	static const uint64_t quiet[] = { 1, 2, 3 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(traced); i++)
		check_everywhere("locks,pipe", "fcntl", true, 3, traced[i], 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(quiet); i++)
		check_everywhere("locks,pipe", "fcntl", false, 3, quiet[i], 0, 0);
	check_everywhere("fcntl", "fcntl", true, 3, 1, 0, 0);
}

static void fifos_are_made_by_mode(void **state)
{
	(void)state;
	check_everywhere("fifo", "mknodat", true, 0, 0, S_IFIFO | 0600, 0);
	check_everywhere("fifo", "mknodat", false, 0, 0, S_IFREG | 0600, 0);
	check_everywhere("fifo", "mknod", false, 0, S_IFCHR | 0600, 0, 0);
	check_everywhere("fifo", "mknod", true, 0, S_IFIFO | 0600, 0, 0);
}

static void waitid_stops_by_kind_of_id(void **state)
{
	(void)state;
	check_everywhere("pidfd", "waitid", true, 3, 5, 0, 0);
	check_everywhere("pidfd", "waitid", false, 1, 5, 0, 0);
}

static void unknown_architectures_and_numbers_stop_rather_than_die(void **state)
{
	static const uint64_t args[6] = { 0 };
	struct filter *filter = filter_create(false);
	struct sock_fprog program = program_of(filter, NULL);
	(void)state;

	assert_int_equal(decide(&program, AUDIT_ARCH_AARCH64, 63, args), TRACED);
	assert_int_equal(decide(&program, 0, 0, args), TRACED);
	assert_int_equal(decide(&program, AUDIT_ARCH_X86_64, 5000, args), SECCOMP_RET_ALLOW);
	assert_int_not_equal(decide(&program, AUDIT_ARCH_X86_64, UINT32_MAX, args),
			     SECCOMP_RET_KILL_THREAD);
	seccomp_program_finish(&program);
	filter_destroy(filter);
}

static void expensive_calls_of_a_busy_program_run_free(void **state)
{
	static const char *const calls[] = { "stat",   "newfstatat",   "lseek", "getdents64",
					     "brk",    "mprotect",     "fstat", "getpid",
					     "access", "clock_gettime" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		check(NULL, AUDIT_ARCH_X86_64, calls[i], false, 1, 2, 3, 4);
}

/* In a child under the program, without a tracer: RET_TRACE makes a call fail with ENOSYS. */
static int child_under(const struct sock_fprog *program)
{
	void *private, *shared;
	int fds[2];

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, program) <
		    0)
		return 2;
	if (syscall(SYS_getppid) < 0)
		return 3;
	if (syscall(SYS_pipe2, fds, 0) != -1 || errno != ENOSYS)
		return 4;
	private = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (private == MAP_FAILED)
		return 5;
	shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared != MAP_FAILED || errno != ENOSYS)
		return 6;
	if (syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY) < 0)
		return 7;
	if (syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY) != -1 || errno != ENOSYS)
		return 8;
	return 0;
}

static void the_kernel_takes_the_program_and_decides_alike(void **state)
{
	struct filter *filter = filter_create(false);
	struct sock_fprog program = program_of(filter, NULL);
	int status;
	pid_t pid;
	(void)state;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(child_under(&program));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	seccomp_program_finish(&program);
	filter_destroy(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_and_filter_agree_on_every_number),
		cmocka_unit_test(closes_stop_when_descriptors_are_followed),
		cmocka_unit_test(calls_of_the_engine_are_always_seen),
		cmocka_unit_test(descriptor_changes_are_seen_only_if_descriptors_matter),
		cmocka_unit_test(mmap_stops_only_when_shared),
		cmocka_unit_test(a_plain_name_stops_whatever_the_arguments),
		cmocka_unit_test(opening_a_directory_does_not_stop),
		cmocka_unit_test(sockets_stop_by_family),
		cmocka_unit_test(locks_stop_by_command),
		cmocka_unit_test(what_fcntl_asks_of_the_own_descriptor_only_does_not_stop),
		cmocka_unit_test(fifos_are_made_by_mode),
		cmocka_unit_test(waitid_stops_by_kind_of_id),
		cmocka_unit_test(unknown_architectures_and_numbers_stop_rather_than_die),
		cmocka_unit_test(expensive_calls_of_a_busy_program_run_free),
		cmocka_unit_test(the_kernel_takes_the_program_and_decides_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
