#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "filters/classes.h"

/* Members of a class on x86_64, as one string "a b c". */
static char *members(struct arena *arena, const char *name, bool is_strace_face, size_t *ret_n)
{
	const struct call_class *class = class_named(name, is_strace_face);
	const char *const *names;
	char *text = arena_alloc(arena, 1);
	size_t n;

	assert_non_null(class);
	n = class_members(class, AUDIT_ARCH_X86_64, arena, &names);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", names[i]);
	if (ret_n)
		*ret_n = n;
	return text;
}

static void check(const char *name, bool is_strace_face, const char *expected)
{
	struct arena arena = { 0 };

	assert_string_equal(members(&arena, name, is_strace_face, NULL), expected);
	arena_finish(&arena);
}

static bool has(const char *name, const char *call)
{
	const struct call_class *class = class_named(name, false);
	struct rule rule = { 0 };

	assert_non_null(class);
	class_rule(class, ARCH_X86_64, call, &rule);
	return rule.n > 0;
}

/* Counts of strace 7.2's table for x86_64: reference/strace-behaviour.md, section 2. */
static void strace_classes_have_the_sizes_of_strace(void **state)
{
	static const struct {
		const char *name;
		size_t n;
	} sizes[] = {
		{ "%file", 75 },   { "%process", 16 }, { "%network", 21 }, { "%net", 21 },
		{ "%signal", 17 }, { "%ipc", 12 },     { "%desc", 132 },   { "%memory", 28 },
		{ "%creds", 19 },  { "%pure", 8 },     { "%clock", 8 },    { "%stat", 1 },
		{ "%lstat", 1 },   { "%fstat", 3 },    { "%%stat", 5 },    { "%statfs", 1 },
		{ "%fstatfs", 1 }, { "%%statfs", 3 },
	};
	struct arena arena = { 0 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n;

		members(&arena, sizes[i].name, true, &n);
		if (n != sizes[i].n)
			fail_msg("%s has %zu members", sizes[i].name, n);
	}
	arena_finish(&arena);
}

static void small_strace_classes_are_exactly_these(void **state)
{
	(void)state;
	check("ipc", true,
	      "msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt "
	      "shmget");
	check("pure", true, "getegid geteuid getgid getpgrp getpid getppid gettid getuid");
	check("%stat", true, "stat");
	check("%%stat", true, "fstat lstat newfstatat stat statx");
	check("%%statfs", true, "fstatfs statfs ustat");
	check("signal", true,
	      "io_uring_enter kill pause pidfd_send_signal rt_sigaction rt_sigpending "
	      "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
	      "rt_tgsigqueueinfo sigaltstack signalfd signalfd4 tgkill tkill");
	check("clock", true,
	      "adjtimex clock_adjtime clock_getres clock_gettime clock_settime gettimeofday "
	      "settimeofday time");
}

static void sysv_is_the_twelve_calls_in_our_face(void **state)
{
	(void)state;
	check("sysv", false,
	      "msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt "
	      "shmget");
	check("sysv-sem", false, "semctl semget semop semtimedop");
	assert_null(class_named("sysv", true));
}

static void i386_members_are_its_own(void **state)
{
	const char *const *names;
	struct arena arena = { 0 };
	(void)state;

	assert_int_equal(class_members(class_named("%stat", true), AUDIT_ARCH_I386, &arena, &names),
			 3);
	assert_string_equal(names[0], "oldstat");
	assert_string_equal(names[2], "stat64");
	assert_int_equal(
		class_members(class_named("sysv-sem", false), AUDIT_ARCH_I386, &arena, &names), 4);
	assert_string_equal(names[0], "ipc");
	arena_finish(&arena);
}

static void ipc_is_the_union_of_the_mechanisms(void **state)
{
	const struct call_class *class = NULL, *ipc = class_named("ipc", false);
	const char *const *names;
	struct arena arena = { 0 };
	unsigned n_classes = 0;
	(void)state;

	while ((class = class_next(class, false))) {
		size_t n;

		if (!class->is_mechanism)
			continue;
		n_classes++;
		n = class_members(class, AUDIT_ARCH_X86_64, &arena, &names);
		assert_true(n > 0);
		for (size_t i = 0; i < n; i++) {
			struct rule rule = { 0 };

			class_rule(ipc, ARCH_X86_64, names[i], &rule);
			if (!rule.n)
				fail_msg("%s of %s is not in ipc", names[i], class->name);
		}
	}
	assert_true(n_classes > 30);
	arena_finish(&arena);
}

static void calls_that_are_no_ipc_are_not_in_ipc(void **state)
{
	static const char *const calls[] = {
		"stat",
		"newfstatat",
		"statx",
		"fstat",
		"lseek",
		"getdents64",
		"brk",
		"mprotect",
		"madvise",
		"getpid",
		"execve",
		"exit_group",
		"access",
		"nanosleep",
		"fsync",
		"chmod",
		"uname",
		"gettimeofday",
		"rt_sigreturn",
		"arch_prctl",
		"rseq",
		"set_tid_address",
		"prlimit64",
		"getrandom",
		"readlink",
		"sched_yield",
		"clock_nanosleep",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (has("ipc", calls[i]))
			fail_msg("%s", calls[i]);
}

static void data_transfer_belongs_to_mechanisms_with_descriptors_only(void **state)
{
	static const char *const with[] = { "pipe",     "fifo",      "posix-mq", "eventfd",
					    "signalfd", "timerfd",   "inotify",  "unix",
					    "inet",     "netlink",   "socket",   "memfd",
					    "pty",      "shared-mem" };
	static const char *const without[] = { "sysv-msg",   "futex",   "poll",
					       "locks",      "signals", "wait",
					       "process-vm", "ptrace",  "namespaces" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(with); i++)
		assert_true(has(with[i], "read") && has(with[i], "close") && has(with[i], "dup2"));
	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		assert_false(has(without[i], "read") || has(without[i], "close"));
	assert_true(has("unix", "sendmsg"));
	assert_false(has("pipe", "sendmsg"));
	assert_true(has("locks", "fcntl"));
}

static void every_class_is_listed_in_order_with_a_meaning(void **state)
{
	(void)state;
	for (int is_strace = 0; is_strace < 2; is_strace++) {
		const struct call_class *class = NULL, *last = NULL;
		char with_percent[64];
		unsigned n = 0;

		while ((class = class_next(class, is_strace))) {
			if (last && strcmp(last->name, class->name) >= 0)
				fail_msg("%s is not behind %s", class->name, last->name);
			assert_true(strlen(class->meaning) > 10);
			snprintf(with_percent, sizeof(with_percent), "%%%s", class->name);
			assert_ptr_equal(class_named(with_percent, is_strace), class);
			last = class;
			n++;
		}
		assert_true(is_strace ? n == 17 : n > 45);
	}
}

/* The mechanisms that the issues name. */
static void every_mechanism_has_its_class(void **state)
{
	static const char *const names[] = {
		"pipe",     "fifo",       "sysv-msg", "sysv-sem", "sysv-shm",   "sysv",
		"posix-mq", "futex",      "eventfd",  "signalfd", "timerfd",    "epoll",
		"poll",     "inotify",    "fanotify", "unix",     "inet",       "netlink",
		"locks",    "shared-mem", "memfd",    "pty",      "process-vm", "pidfd",
		"signals",  "wait",       "ptrace",   "io-uring", "namespaces", "ipc",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct call_class *class = class_find(names[i], false);

		assert_non_null(class);
		assert_true(class->is_mechanism);
	}
}

static void a_bare_name_is_a_class_only_where_strace_says_so(void **state)
{
	(void)state;
	assert_non_null(class_find("file", true));
	assert_non_null(class_find("%file", true));
	assert_null(class_find("clock", true));
	assert_null(class_find("stat", true));
	assert_null(class_find("net", true));
	assert_null(class_find("pipe", true));
	assert_null(class_find("%pipe", true));
	assert_null(class_find("%", true));
	assert_null(class_find("", true));
	assert_null(class_find("%%%stat", true));
	assert_string_equal(class_find("%net", true)->name, "network");
	/* In our face every class that no call shares its name with, and every mechanism. */
	assert_non_null(class_find("clock", false));
	assert_non_null(class_find("pipe", false));
	assert_null(class_find("stat", false));
	assert_non_null(class_find("%stat", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strace_classes_have_the_sizes_of_strace),
		cmocka_unit_test(small_strace_classes_are_exactly_these),
		cmocka_unit_test(sysv_is_the_twelve_calls_in_our_face),
		cmocka_unit_test(i386_members_are_its_own),
		cmocka_unit_test(ipc_is_the_union_of_the_mechanisms),
		cmocka_unit_test(calls_that_are_no_ipc_are_not_in_ipc),
		cmocka_unit_test(data_transfer_belongs_to_mechanisms_with_descriptors_only),
		cmocka_unit_test(every_class_is_listed_in_order_with_a_meaning),
		cmocka_unit_test(every_mechanism_has_its_class),
		cmocka_unit_test(a_bare_name_is_a_class_only_where_strace_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
