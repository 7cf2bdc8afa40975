/* Stacks of real, stopped processes: each knows its own chain of calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/ptrace_regs.h"
#include "stack/protocol.h"
#include "stack/stack.h"

#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noclone))
#endif

/* --- what the children do; every function does something after its call --- */

NOINLINE static void chain_leaf(void)
{
	syscall(SYS_kill, getpid(), SIGSTOP);
	__asm__ volatile("");
}

NOINLINE static void chain_recurse(int n)
{
	if (n)
		chain_recurse(n - 1);
	else
		chain_leaf();
	__asm__ volatile("");
}

NOINLINE static void chain_handler(int sig)
{
	(void)sig;
	chain_leaf();
	__asm__ volatile("");
}

NOINLINE static void chain_interrupted(void)
{
	syscall(SYS_kill, getpid(), SIGUSR1);
	__asm__ volatile("");
}

NOINLINE static void chain_signal(void)
{
	signal(SIGUSR1, chain_handler);
	chain_interrupted();
	__asm__ volatile("");
}

/* Interrupted at its very first instruction: what is before it belongs to others. */
__attribute__((naked)) NOINLINE static void chain_traps(void)
{
	__asm__ volatile("ud2");
}

NOINLINE static void chain_trap(void)
{
	signal(SIGILL, chain_handler);
	chain_traps();
	__asm__ volatile("");
}

/* The handler runs on a stack of its own. */
NOINLINE static void chain_other_stack(void)
{
	static char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	struct sigaction action = { .sa_handler = chain_handler, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	chain_interrupted();
	__asm__ volatile("");
}

/* The call of a function that does not return is the last instruction: behind it is another. */
NOINLINE __attribute__((noreturn)) static void chain_last(void)
{
	chain_leaf();
	_exit(0);
}

NOINLINE static void chain_never_returns(void)
{
	chain_last();
}

/* A clock that the vdso does not know: it makes a system call. */
NOINLINE static void chain_vdso(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	__asm__ volatile("");
}

NOINLINE static void chain_deep(void)
{
	chain_recurse(5000);
	__asm__ volatile("");
}

/* A name as no linker minds, 20000 letters long. */
#define TEN(x)    x x x x x x x x x x
#define LONG_NAME TEN(TEN(TEN("abcdefghijklmnopqrst")))

static void chain_long(void) __asm__(LONG_NAME);

NOINLINE static void chain_long(void)
{
	chain_leaf();
	__asm__ volatile("");
}

NOINLINE static void chain_plain(void)
{
	chain_recurse(3);
	__asm__ volatile("");
}

/* --- tracing them --- */

static void wait_for(pid_t pid, int stop_signal)
{
	int status;

	for (;;) {
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
		if (WSTOPSIG(status) == stop_signal)
			return;
		ptrace(PTRACE_CONT, pid, NULL, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
	}
}

/* In a child: it dies with the test, whatever becomes of that. */
static void become_tracee(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ptrace(PTRACE_TRACEME);
}

/* A child that is stopped in the middle of run(). */
NOINLINE static pid_t start(void (*run)(void), int stop_signal)
{
	pid_t pid = fork();

	if (pid == 0) {
		become_tracee();
		run();
		_exit(0);
	}
	assert_true(pid > 0);
	wait_for(pid, stop_signal);
	return pid;
}

/* A program that stops itself with SIGSTOP. */
static pid_t start_program(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		become_tracee();
		execl(path, path, (char *)NULL);
		_exit(1);
	}
	assert_true(pid > 0);
	wait_for(pid, SIGSTOP);
	return pid;
}

static void finish(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct stack *create(void)
{
	struct stack *stack;

	assert_int_equal(stack_create(regs_for_unwinding, &stack), 0);
	return stack;
}

static const char *symbol_of(const struct event *ev, unsigned i)
{
	static char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)ev->frames[i].symbol_len,
		 ev->bytes.data + ev->frames[i].symbol);
	return text;
}

static const char *module_of(const struct event *ev, unsigned i)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%.*s", (int)ev->frames[i].module_len,
		 ev->bytes.data + ev->frames[i].module);
	return text;
}

/* Take the stack of pid and compare its symbols with a list; "*" is any, "" must have none. */
static void assert_chain(struct stack *stack, pid_t pid, struct event *ev,
			 const char *const *symbols)
{
	int n;

	event_clear(ev);
	n = stack_capture(stack, ev, pid, pid, 256);
	assert_int_equal(n, ev->n_frames);
	for (unsigned i = 0; symbols[i]; i++) {
		assert_true((int)i < n);
		if (strcmp(symbols[i], "*") != 0)
			assert_string_equal(symbol_of(ev, i), symbols[i]);
	}
}

static void check(void (*run)(void), const char *const *symbols)
{
	struct stack *stack = create();
	pid_t pid = start(run, SIGSTOP);
	struct event ev = { 0 };

	assert_chain(stack, pid, &ev, symbols);
	/* Again from the caches, and again with mappings that may have changed. */
	assert_chain(stack, pid, &ev, symbols);
	stack_invalidate(stack, pid);
	assert_chain(stack, pid, &ev, symbols);
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

static void a_chain_of_calls_is_named(void **state)
{
	static const char *const symbols[] = { "syscall",       "chain_leaf",    "chain_recurse",
					       "chain_recurse", "chain_recurse", "chain_recurse",
					       "chain_plain",   "start",         NULL };

	(void)state;
	check(chain_plain, symbols);
}

static void a_signal_handler_is_seen_through(void **state)
{
	static const char *const symbols[] = {
		"syscall",           "chain_leaf",   "chain_handler", "*", "syscall",
		"chain_interrupted", "chain_signal", "start",         NULL
	};

	(void)state;
	check(chain_signal, symbols);
}

static void a_function_interrupted_at_its_start_is_named(void **state)
{
	static const char *const symbols[] = { "syscall",     "chain_leaf", "chain_handler", "*",
					       "chain_traps", "chain_trap", "start",         NULL };

	(void)state;
	check(chain_trap, symbols);
}

static void a_handler_on_another_stack_is_seen_through(void **state)
{
	static const char *const symbols[] = {
		"syscall",           "chain_leaf",        "chain_handler", "*", "syscall",
		"chain_interrupted", "chain_other_stack", "start",         NULL
	};

	(void)state;
	check(chain_other_stack, symbols);
}

static void a_caller_that_ends_with_its_call_is_named(void **state)
{
	static const char *const symbols[] = { "syscall",    "chain_leaf",
					       "chain_last", "chain_never_returns",
					       "start",      NULL };

	(void)state;
	check(chain_never_returns, symbols);
}

static void the_vdso_is_seen_through(void **state)
{
	struct stack *stack = create();
	pid_t pid = fork();
	struct event ev = { 0 };
	unsigned i = 1;
	int status;

	(void)state;
	if (pid == 0) {
		become_tracee();
		raise(SIGSTOP);
		chain_vdso();
		_exit(0);
	}
	wait_for(pid, SIGSTOP);
	for (;;) {
		struct __ptrace_syscall_info info;

		ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD);
		ptrace(PTRACE_SYSCALL, pid, NULL, 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_clock_gettime)
			break;
	}
	assert_true(stack_capture(stack, &ev, pid, pid, 256) > 3);
	assert_string_equal(module_of(&ev, 0), "[vdso]");
	assert_string_equal(symbol_of(&ev, 0), "clock_gettime");
	assert_string_equal(symbol_of(&ev, 1), "clock_gettime");
	assert_non_null(strstr(module_of(&ev, 1), "libc"));
	/* A sanitizer's wrapper, whose name ends in a suffix or not, may be in between. */
	while (i < ev.n_frames && strstr(symbol_of(&ev, i), "clock_gettime"))
		i++;
	assert_true(i + 1 < ev.n_frames);
	assert_string_equal(symbol_of(&ev, i), "chain_vdso");
	assert_string_equal(symbol_of(&ev, i + 1), "the_vdso_is_seen_through");
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

static void frames_are_limited(void **state)
{
	struct stack *stack = create();
	pid_t pid = start(chain_deep, SIGSTOP);
	struct event ev = { 0 };

	(void)state;
	assert_int_equal(stack_capture(stack, &ev, pid, pid, 3), 3);
	assert_string_equal(symbol_of(&ev, 2), "chain_recurse");
	event_clear(&ev);
	assert_int_equal(stack_capture(stack, &ev, pid, pid, UINT32_MAX), STACK_FRAMES_MAX);
	assert_string_equal(symbol_of(&ev, STACK_FRAMES_MAX - 1), "chain_recurse");
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

static void a_name_that_is_too_long_is_cut_and_says_so(void **state)
{
	static const char name[] = LONG_NAME;
	struct stack *stack = create();
	pid_t pid = start(chain_long, SIGSTOP);
	struct event ev = { 0 };
	const struct event_frame *frame;
	const char *symbol;

	(void)state;
	assert_true(stack_capture(stack, &ev, pid, pid, 256) > 3);
	frame = &ev.frames[2];
	symbol = ev.bytes.data + frame->symbol;
	assert_int_equal(frame->symbol_len, SYMBOL_MAX);
	assert_memory_equal(symbol, name, SYMBOL_MAX - 3);
	assert_memory_equal(symbol + SYMBOL_MAX - 3, "...", 3);
	/* The next ones are whole. */
	assert_string_equal(symbol_of(&ev, 3), "start");
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

/* The path of a program of tests/support; the test is skipped where it was not built. */
static const char *support_program(const char *name)
{
	static char path[4096];
	const char *build = getenv("IPCTRACE_BUILD");

	if (build)
		snprintf(path, sizeof(path), "%s/tests/%s", build, name);
	if (!build || access(path, X_OK) != 0)
		skip();
	return path;
}

static const char *const chain_symbols[] = { "syscall",       "chain_leaf",
					     "chain_recurse", "chain_recurse",
					     "chain_recurse", "chain_recurse",
					     "main",          NULL };

static void a_static_program_is_named(void **state)
{
	const char *path = support_program("stack_chain_static");
	struct stack *stack = create();
	pid_t pid = start_program(path);
	struct event ev = { 0 };

	(void)state;
	assert_chain(stack, pid, &ev, chain_symbols);
	assert_string_equal(module_of(&ev, 1), path);
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

/* Without names the frames are the same, and none has a wrong one. */
static void a_stripped_program_has_frames_without_names(void **state)
{
	static const char *const symbols[] = { "", "", "", "", "", "", "", NULL };
	const char *path = support_program("stack_chain_static");
	char command[8300], stripped[] = "/tmp/test_stack.XXXXXX";
	struct stack *stack = create();
	struct event ev = { 0 };
	pid_t pid;

	(void)state;
	close(mkostemp(stripped, O_CLOEXEC));
	snprintf(command, sizeof(command), "strip -o %s '%s' && chmod +x %s", stripped, path,
		 stripped);
	if (system(command) != 0)
		skip();
	pid = start_program(stripped);
	assert_chain(stack, pid, &ev, symbols);
	assert_string_equal(module_of(&ev, 1), stripped);
	assert_true(ev.frames[2].offset > 0);
	assert_true(ev.frames[3].offset == ev.frames[4].offset);
	finish(pid);
	unlink(stripped);
	stack_destroy(stack);
	event_finish(&ev);
}

/* The same process with another program: nothing of the old one may be left. */
static void after_exec_the_new_program_is_named(void **state)
{
	const char *path = support_program("stack_chain_static");
	struct stack *stack = create();
	struct event ev = { 0 };
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		become_tracee();
		raise(SIGSTOP);
		execl(path, path, (char *)NULL);
		_exit(1);
	}
	wait_for(pid, SIGSTOP);
	assert_true(stack_capture(stack, &ev, pid, pid, 256) > 0);
	assert_non_null(strstr(module_of(&ev, 0), "libc"));
	ptrace(PTRACE_CONT, pid, NULL, 0);
	wait_for(pid, SIGSTOP);
	stack_invalidate(stack, pid);
	assert_chain(stack, pid, &ev, chain_symbols);
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

static void a_32_bit_program_is_not_supported(void **state)
{
	const char *path = support_program("stack_chain_i386");
	struct stack *stack = create();
	pid_t pid = start_program(path);
	struct event ev = { 0 };

	(void)state;
	assert_int_equal(stack_capture(stack, &ev, pid, pid, 256), -ENOTSUP);
	ev.arch = AUDIT_ARCH_I386;
	assert_int_equal(stack_capture(stack, &ev, pid, pid, 256), -ENOTSUP);
	assert_int_equal(ev.n_frames, 0);
	finish(pid);
	stack_destroy(stack);
	event_finish(&ev);
}

static void a_thread_that_is_gone_has_no_stack(void **state)
{
	struct stack *stack = create();
	pid_t pid = start(chain_plain, SIGSTOP);
	struct event ev = { 0 };

	(void)state;
	assert_true(stack_capture(stack, &ev, pid, pid, 256) > 0);
	finish(pid);
	event_clear(&ev);
	assert_int_equal(stack_capture(stack, &ev, pid, pid, 256), -ESRCH);
	stack_forget(stack, pid);
	assert_int_equal(stack_capture(stack, &ev, pid, pid, 256), -ESRCH);
	assert_int_equal(ev.n_frames, 0);
	stack_destroy(stack);
	event_finish(&ev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_of_calls_is_named),
		cmocka_unit_test(a_signal_handler_is_seen_through),
		cmocka_unit_test(a_function_interrupted_at_its_start_is_named),
		cmocka_unit_test(a_handler_on_another_stack_is_seen_through),
		cmocka_unit_test(a_caller_that_ends_with_its_call_is_named),
		cmocka_unit_test(the_vdso_is_seen_through),
		cmocka_unit_test(frames_are_limited),
		cmocka_unit_test(a_name_that_is_too_long_is_cut_and_says_so),
		cmocka_unit_test(a_static_program_is_named),
		cmocka_unit_test(a_stripped_program_has_frames_without_names),
		cmocka_unit_test(after_exec_the_new_program_is_named),
		cmocka_unit_test(a_32_bit_program_is_not_supported),
		cmocka_unit_test(a_thread_that_is_gone_has_no_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
