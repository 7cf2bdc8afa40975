/*
 * Every call that there is a row for, with arguments that mean something, nothing or the wrong
 * thing, seen from its entry or not, waiting, failed and done, on descriptors of every kind: the
 * model may know nothing of it, but goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "decode/families.h"
#include "decode/syscalls.h"
#include "tests/unit/story.h"

enum { SOMEBODY = 100, CHILD = 200, FD = 3, MEMORY = 0x1000 };

static struct story story;

/* Made at the first use in a process and kept: each call is tried in a process of its own. */
static void begin(void)
{
	int32_t words[64];

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		words[i] = FD;
	story_begin(&story);
	story_attach(&story, SOMEBODY, "somebody");
	story_poke(&story, MEMORY, words, sizeof(words));
}

static void try_returns(const char *name, const uint64_t args[6])
{
	static const int64_t returns[] = { 0, 1, FD, MEMORY, -1, -4, -11, -32, -512 };

	for (size_t i = 0; i < ARRAY_LEN(returns); i++) {
		story_enter(&story, SOMEBODY, name, args);
		story_blocked(&story, SOMEBODY);
		story_exit(&story, SOMEBODY, returns[i]);
		/* One whose entry was before the trace. */
		story_exit(&story, SOMEBODY, returns[i]);
	}
}

static void try_arguments(const char *name)
{
	static const uint64_t args[][6] = {
		{ 0 },
		{ FD, FD, FD, FD, FD, FD },
		{ FD, MEMORY, 16, MEMORY, MEMORY, MEMORY },
		{ FD, MEMORY, MEMORY, MEMORY, 16, 0 },
		{ MEMORY, 16, FD, MEMORY, MEMORY, 16 },
		{ MEMORY, MEMORY, MEMORY, MEMORY, MEMORY, MEMORY },
		{ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		try_returns(name, args[i]);
}

static void try_call(const char *name)
{
	begin();
	try_arguments(name);
	for (int kind = 0; kind < FD_KINDS; kind++) {
		story_fd(&story, SOMEBODY, FD, (enum fd_kind)kind, 70 + (uint64_t)kind);
		try_arguments(name);
	}
	story_end(&story);
}

/* Try it in a process of its own, so that all that fail are told. */
static bool survives(const char *name)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		alarm(60);
		try_call(name);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		print_error("%s: status %#x\n", name, (unsigned)status);
	return status == 0;
}

static void any_call_may_say_anything(void **state)
{
	unsigned n_tried = 0, n_failed = 0;
	const struct spec_family *const *families;
	size_t n;

	(void)state;
	families = families_all(&n);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < families[i]->n; k++) {
			const char *name = families[i]->specs[k].name;

			if (syscall_number(AUDIT_ARCH_X86_64, name) < 0)
				continue;
			n_tried++;
			n_failed += !survives(name);
		}
	}
	assert_true(n_tried > 300);
	assert_int_equal(n_failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_call_may_say_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
