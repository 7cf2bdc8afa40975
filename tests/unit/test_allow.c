/* Processes that may make only few system calls: what the kernel does with the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/allow.h"
#include "base/array.h"

enum { REFUSED = 10, ALLOWED = 11, FAILED = 12 };

static const int few[] = { SYS_getppid, SYS_exit_group };

/* How a child ends that may make only those calls and makes this one. */
static int status_after(long nr, int is_deadly)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (allow_only(few, ARRAY_LEN(few), is_deadly) < 0)
			_exit(FAILED);
		errno = 0;
		if (syscall(nr, -1, 0, 0) >= 0 || errno != ENOSYS)
			_exit(ALLOWED);
		_exit(REFUSED);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void only_what_is_listed_can_be_called(void **state)
{
	static const long others[] = { SYS_getpid, SYS_read, SYS_openat, SYS_socket, SYS_execve };

	(void)state;
#ifdef IPCTRACE_SANITIZED
	skip();
#endif
	for (size_t i = 0; i < ARRAY_LEN(few) - 1; i++) {
		assert_int_equal(status_after(few[i], 0), ALLOWED);
		assert_int_equal(status_after(few[i], 1), ALLOWED);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_int_equal(status_after(others[i], 0), REFUSED);
		assert_int_equal(status_after(others[i], 1), -SIGSYS);
	}
}

#ifdef __x86_64__
static void the_same_call_of_another_architecture_is_deadly(void **state)
{
	enum { X32_BIT = 0x40000000, I386_GETPPID = 64 };
	pid_t pid;
	int status;

	(void)state;
#ifdef IPCTRACE_SANITIZED
	skip();
#endif
	assert_int_equal(status_after(SYS_getppid | X32_BIT, 1), -SIGSYS);
	pid = fork();
	if (pid == 0) {
		long nr = I386_GETPPID;

		allow_only(few, ARRAY_LEN(few), 0);
		__asm__ volatile("int $0x80" : "+a"(nr) : : "memory", "r8", "r9", "r10", "r11");
		_exit(nr < 0 ? REFUSED : ALLOWED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
#endif

/* Bits: which of these socketpair(2)s a child can make that may make them on these conditions. */
static unsigned pairs_made(const struct allowed *calls, size_t n)
{
	static const long pairs[][3] = {
		{ AF_UNIX, SOCK_STREAM, 0 },
		{ AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0 },
		{ AF_UNIX, SOCK_DGRAM, 0 },
		{ AF_UNIX, SOCK_STREAM, 1 },
		{ AF_UNIX | 1L << 32, SOCK_STREAM, 0 },
	};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		unsigned made = 0;
		int ends[2];

		if (allow_only_where(calls, n, 0) < 0)
			_exit(FAILED << 5);
		for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
			if (syscall(SYS_socketpair, pairs[i][0], pairs[i][1], pairs[i][2], ends) ==
				    0 ||
			    errno != ENOSYS)
				made |= 1u << i;
		_exit((int)made);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (unsigned)WEXITSTATUS(status);
}

static void calls_are_allowed_where_all_conditions_of_an_entry_hold(void **state)
{
	static const struct allowed calls[] = {
		{ SYS_socketpair, { { 0, ~0u, AF_INET } } },
		{ SYS_socketpair,
		  { { 0, ~0u, AF_UNIX },
		    { 1, ~(unsigned)SOCK_CLOEXEC, SOCK_STREAM },
		    { 2, 1, 0 } } },
		{ SYS_exit_group },
		{ SYS_socketpair, { { 1, ~0u, SOCK_DGRAM } } },
	};

	(void)state;
#ifdef IPCTRACE_SANITIZED
	skip();
#endif
	assert_int_equal(pairs_made(calls, 3), 1 << 0 | 1 << 1 | 1 << 4);
	/* One entry of several has to hold, and none takes another's place. */
	assert_int_equal(pairs_made(calls, 4), 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4);
	assert_int_equal(pairs_made(calls + 2, 2), 1 << 2);
	assert_int_equal(pairs_made(calls + 2, 1), 0);
}

static void a_list_that_is_too_long_is_refused(void **state)
{
	static const int many[1000];
	static const struct allowed large[1000];

	(void)state;
	assert_int_equal(allow_only(many, ARRAY_LEN(many), 0), -EINVAL);
	assert_int_equal(allow_only_where(large, ARRAY_LEN(large), 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_listed_can_be_called),
#ifdef __x86_64__
		cmocka_unit_test(the_same_call_of_another_architecture_is_deadly),
#endif
		cmocka_unit_test(calls_are_allowed_where_all_conditions_of_an_entry_hold),
		cmocka_unit_test(a_list_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
