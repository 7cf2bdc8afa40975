/* Status words: what they mean, and how a tracee goes on from there (ptrace(2)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "base/array.h"
#include "capture/ptrace_stop.h"

#define STOPPED(event, sig) ((event) << 16 | (sig) << 8 | 0x7f)

/* The table of the stops; restarts: unfiltered, filtered, filtered in a call that is wanted. */
static const struct {
	int status;
	enum stop_kind kind;
	int code, signal;
	enum stop_restart plain, filtered, wanted;
} table[] = {
	{ 0, STOP_EXITED, 0, 0, RESTART_NONE, RESTART_NONE, RESTART_NONE },
	{ 255 << 8, STOP_EXITED, 255, 0, RESTART_NONE, RESTART_NONE, RESTART_NONE },
	{ SIGKILL, STOP_KILLED, SIGKILL, 0, RESTART_NONE, RESTART_NONE, RESTART_NONE },
	{ SIGSEGV | 0x80, STOP_KILLED, SIGSEGV, 0, RESTART_NONE, RESTART_NONE, RESTART_NONE },
	{ STOPPED(0, SIGTRAP | 0x80), STOP_SYSCALL, SIGTRAP | 0x80, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(0, SIGTRAP), STOP_SIGNAL, SIGTRAP, SIGTRAP, RESTART_SYSCALL, RESTART_CONT,
	  RESTART_SYSCALL },
	{ STOPPED(0, SIGSTOP), STOP_SIGNAL, SIGSTOP, SIGSTOP, RESTART_SYSCALL, RESTART_CONT,
	  RESTART_SYSCALL },
	{ STOPPED(0, 64), STOP_SIGNAL, 64, 64, RESTART_SYSCALL, RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_STOP, SIGTRAP), STOP_INTERRUPT, SIGTRAP, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_STOP, SIGSTOP), STOP_GROUP, SIGSTOP, 0, RESTART_LISTEN,
	  RESTART_LISTEN, RESTART_LISTEN },
	{ STOPPED(PTRACE_EVENT_STOP, SIGTTIN), STOP_GROUP, SIGTTIN, 0, RESTART_LISTEN,
	  RESTART_LISTEN, RESTART_LISTEN },
	{ STOPPED(PTRACE_EVENT_FORK, SIGTRAP), STOP_BIRTH, PTRACE_EVENT_FORK, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_VFORK, SIGTRAP), STOP_BIRTH, PTRACE_EVENT_VFORK, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_CLONE, SIGTRAP), STOP_BIRTH, PTRACE_EVENT_CLONE, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_VFORK_DONE, SIGTRAP), STOP_VFORK_DONE, SIGTRAP, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_EXEC, SIGTRAP), STOP_EXEC, SIGTRAP, 0, RESTART_SYSCALL, RESTART_CONT,
	  RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_SECCOMP, SIGTRAP), STOP_SECCOMP, SIGTRAP, 0, RESTART_SYSCALL,
	  RESTART_CONT, RESTART_SYSCALL },
	{ STOPPED(PTRACE_EVENT_EXIT, SIGTRAP), STOP_EXIT, SIGTRAP, 0, RESTART_CONT, RESTART_CONT,
	  RESTART_CONT },
	{ STOPPED(99, SIGTRAP), STOP_OTHER, SIGTRAP, 0, RESTART_SYSCALL, RESTART_CONT,
	  RESTART_SYSCALL },
	{ 0xffff, STOP_OTHER, 0, 0, RESTART_SYSCALL, RESTART_CONT, RESTART_SYSCALL },
};

static void every_stop_is_told_from_the_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct stop stop = stop_classify(table[i].status);

		assert_int_equal(stop.kind, table[i].kind);
		assert_int_equal(stop.code, table[i].code);
		assert_int_equal(stop_signal(stop), table[i].signal);
		assert_int_equal(stop_is_end(stop), table[i].plain == RESTART_NONE);
	}
}

static void every_stop_has_its_restart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct stop stop = stop_classify(table[i].status);

		assert_int_equal(stop_restart(stop, false, false), table[i].plain);
		assert_int_equal(stop_restart(stop, false, true), table[i].plain);
		assert_int_equal(stop_restart(stop, true, false), table[i].filtered);
		assert_int_equal(stop_restart(stop, true, true), table[i].wanted);
	}
}

static void a_core_dump_is_told_from_a_death_without_one(void **state)
{
	(void)state;
	assert_true(stop_classify(SIGABRT | 0x80).is_core);
	assert_false(stop_classify(SIGABRT).is_core);
	assert_false(stop_classify(0x80 << 8).is_core);
}

/* What holds of any status word, legal or not. */
static void any_status_word_keeps_the_laws(void **state)
{
	uint32_t random = 12345;

	(void)state;
	for (unsigned i = 0; i < 2000000; i++) {
		struct stop stop;
		int sig;

		random = random * 1664525u + 1013904223u;
		stop = stop_classify((int)(i < 0x20000 ? i : random));
		sig = stop_signal(stop);
		for (int mode = 0; mode < 4; mode++) {
			enum stop_restart how = stop_restart(stop, mode & 1, mode & 2);

			/* The dead are not restarted, all others are. */
			assert_int_equal(how == RESTART_NONE, stop_is_end(stop));
			/* Only group-stops are listened to: they have to last. */
			assert_int_equal(how == RESTART_LISTEN, stop.kind == STOP_GROUP);
			/* Without a filter no entry may be missed. */
			if (!(mode & 1) && how == RESTART_CONT)
				assert_int_equal(stop.kind, STOP_EXIT);
		}
		/* A signal is passed in a signal-delivery-stop and nowhere else. */
		if (stop.kind == STOP_SIGNAL)
			assert_int_equal(sig, stop.code);
		else
			assert_int_equal(sig, 0);
		assert_in_range(sig, 0, 255);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stop_is_told_from_the_others),
		cmocka_unit_test(every_stop_has_its_restart),
		cmocka_unit_test(a_core_dump_is_told_from_a_death_without_one),
		cmocka_unit_test(any_status_word_keeps_the_laws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
