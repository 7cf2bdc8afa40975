/*
 * A process that was taken over while it unwound: what it may do, and what the tracer makes of its
 * lies. It is the real one but for unwinder_run(), in whose place one of these runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/ptrace_regs.h"
#include "stack/protocol.h"
#include "stack/stack.h"
#include "stack/unwinder.h"

_Noreturn void __wrap_unwinder_run(const struct asking *asking);

/* What it does with its first order; it does not answer the next ones any better. */
static void (*misdeed)(const struct asking *asking);

_Noreturn void __wrap_unwinder_run(const struct asking *asking)
{
	struct order order;

	while (recv(asking->fd, &order, sizeof(order), 0) == sizeof(order))
		misdeed(asking);
	_exit(0);
}

struct message {
	struct told told;
	struct told_frame frames[40];
};

static void send_frames(const struct asking *asking, struct message *message, unsigned n)
{
	message->told.kind = TELL_FRAMES;
	message->told.n_frames = n;
	send(asking->fd, message, sizeof(message->told) + n * sizeof(message->frames[0]),
	     MSG_NOSIGNAL);
}

/* --- the tracer's part --- */

static pid_t stopped_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ptrace(PTRACE_TRACEME);
		raise(SIGSTOP);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void finish(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

struct outcome {
	struct event ev;
	int n;
	const char *trouble;
};

/* The stack of a process that this helper unwinds. */
static struct outcome unwound_by(void (*does)(const struct asking *asking))
{
	struct outcome outcome = { 0 };
	struct stack *stack;
	pid_t pid;

	misdeed = does;
	signal(SIGILL, SIG_DFL); /* cmocka's handler would go on with the tests in there */
	assert_int_equal(stack_create(regs_for_unwinding, &stack), 0);
	pid = stopped_child();
	outcome.n = stack_capture(stack, &outcome.ev, pid, pid, 20);
	outcome.trouble = stack_trouble(stack);
	finish(pid);
	stack_destroy(stack);
	return outcome;
}

/* It is not believed: n frames before are kept, then one says that there is no more. */
static void assert_failed(void (*does)(const struct asking *asking), int n, const char *trouble)
{
	struct outcome outcome = unwound_by(does);

	assert_int_equal(outcome.n, n + 1);
	assert_int_equal(outcome.ev.n_frames, n + 1);
	assert_int_equal(outcome.ev.frames[n].ip, 0);
	assert_string_equal(outcome.trouble, trouble);
	event_finish(&outcome.ev);
}

/* --- ends --- */

static void dies(const struct asking *asking)
{
	(void)asking;
	__asm__ volatile("ud2");
}

static void dies_after_a_frame(const struct asking *asking)
{
	struct message message = { .frames[0] = { .ip = 1, .mapping = NO_MAPPING } };

	send_frames(asking, &message, 1);
	dies(asking);
}

/* It may make no call to sleep; but nothing comes before it has answered. */
static void sleeps(const struct asking *asking)
{
	char byte;

	recv(asking->fd, &byte, 1, 0);
}

static void computes(const struct asking *asking)
{
	(void)asking;
	for (;;)
		__asm__ volatile("");
}

static void asks_for_ever(const struct asking *asking)
{
	const uint8_t *bytes;

	for (;;)
		asking_memory(asking, 0, 1, &bytes);
}

static void one_that_dies_has_failed(void **state)
{
	(void)state;
	assert_failed(dies, 0, "crashed");
	assert_failed(dies_after_a_frame, 1, "crashed");
}

static void one_that_does_not_answer_has_failed(void **state)
{
	(void)state;
	assert_failed(sleeps, 0, "took too long");
	assert_failed(computes, 0, "took too long");
	assert_failed(asks_for_ever, 0, "crashed");
}

/* --- lies --- */

static void tells_half_a_message(const struct asking *asking)
{
	send(asking->fd, "", 1, MSG_NOSIGNAL);
}

static void asks_what_there_is_not(const struct asking *asking)
{
	struct question question = { .kind = 77 };

	send(asking->fd, &question, sizeof(question), MSG_NOSIGNAL);
}

static void asks_for_too_much(const struct asking *asking)
{
	struct question question = { .kind = ASK_MEMORY, .len = ANSWER_LEN + 1 };

	send(asking->fd, &question, sizeof(question), MSG_NOSIGNAL);
}

static void tells_more_frames_than_it_may(const struct asking *asking)
{
	struct message message = { 0 };

	for (unsigned i = 0; i < ARRAY_LEN(message.frames); i++)
		message.frames[i] = (struct told_frame){ .ip = i + 1, .mapping = NO_MAPPING };
	send_frames(asking, &message, ARRAY_LEN(message.frames));
}

static void tells_frames_that_are_not_there(const struct asking *asking)
{
	struct told told = { .kind = TELL_FRAMES, .n_frames = UINT32_MAX };

	send(asking->fd, &told, sizeof(told), MSG_NOSIGNAL);
}

static void tells_a_mapping_that_is_not_there(const struct asking *asking)
{
	struct message message = { .frames[0] = { .ip = 1, .mapping = 0 } };

	send_frames(asking, &message, 1);
}

static void tells_a_name_that_is_too_long(const struct asking *asking)
{
	struct message message = { .frames[0] = { .ip = 1, .mapping = NO_MAPPING } };

	message.frames[0].symbol_len = UINT32_MAX;
	send_frames(asking, &message, 1);
}

static void tells_a_name_that_is_not_all_there(const struct asking *asking)
{
	struct message message = { .frames[0] = { .ip = 1, .mapping = NO_MAPPING } };

	message.frames[0].symbol_len = 1;
	send_frames(asking, &message, 1);
}

static void one_that_lies_has_failed(void **state)
{
	(void)state;
	assert_failed(tells_half_a_message, 0, "crashed");
	assert_failed(asks_what_there_is_not, 0, "crashed");
	assert_failed(asks_for_too_much, 0, "crashed");
	assert_failed(tells_more_frames_than_it_may, 20, "crashed");
	assert_failed(tells_frames_that_are_not_there, 0, "crashed");
	assert_failed(tells_a_mapping_that_is_not_there, 0, "crashed");
	assert_failed(tells_a_name_that_is_too_long, 0, "crashed");
	assert_failed(tells_a_name_that_is_not_all_there, 0, "crashed");
}

static void tells_a_name_with_a_nul(const struct asking *asking)
{
	struct {
		struct told told;
		struct told_frame frame;
		char name[5];
	} message = { { .kind = TELL_FRAMES, .n_frames = 1, .is_last = 1 },
		      { .ip = 1, .mapping = NO_MAPPING, .symbol_len = 5 },
		      "a\0bcd" };

	send(asking->fd, &message, offsetof(typeof(message), name) + 5, MSG_NOSIGNAL);
}

static void a_name_ends_with_its_nul(void **state)
{
	struct outcome outcome = unwound_by(tells_a_name_with_a_nul);

	(void)state;
	assert_int_equal(outcome.n, 1);
	assert_int_equal(outcome.ev.frames[0].symbol_len, 1);
	event_finish(&outcome.ev);
}

/* --- what it gets to know: answers are told back as addresses of frames --- */

static void send_results(const struct asking *asking, const int64_t *results, unsigned n)
{
	struct message message = { .told.is_last = 1 };

	for (unsigned i = 0; i < n; i++)
		message.frames[i] =
			(struct told_frame){ .ip = (uint64_t)results[i], .mapping = NO_MAPPING };
	send_frames(asking, &message, n);
}

static void asks_for_what_is_not_its_business(const struct asking *asking)
{
	struct question rest = { .kind = ASK_MAPS, .at = 1, .len = 1 };
	struct answer answer = { 0 };
	struct buf text = { 0 };
	const uint8_t *bytes;
	int64_t results[6];

	/* Maps before they were read, of whoever was asked about last. */
	send(asking->fd, &rest, sizeof(rest), MSG_NOSIGNAL);
	recv(asking->fd, &answer, sizeof(answer), 0);
	results[0] = answer.result;
	results[1] = asking_open(asking, 0);
	results[2] = asking_read(asking, 0, 1, &bytes);
	results[3] = asking_memory(asking, 0, 8, &bytes);
	results[4] = asking_maps(asking, &text);
	results[5] = asking_open(asking, UINT32_MAX);
	buf_finish(&text);
	send_results(asking, results, ARRAY_LEN(results));
}

static void it_learns_of_the_stopped_process_only(void **state)
{
	static const int64_t expected[] = { -EINVAL, -EINVAL, -EINVAL, -EFAULT, 0, -EINVAL };
	pid_t pids[] = { stopped_child(), stopped_child() };
	struct event ev = { 0 };
	struct stack *stack;

	(void)state;
	misdeed = asks_for_what_is_not_its_business;
	assert_int_equal(stack_create(regs_for_unwinding, &stack), 0);
	/* Of the second one it knows no more, though it was told of the first. */
	for (size_t n = 0; n < ARRAY_LEN(pids); n++) {
		event_clear(&ev);
		assert_int_equal(stack_capture(stack, &ev, pids[n], pids[n], 20),
				 ARRAY_LEN(expected));
		for (size_t i = 0; i < ARRAY_LEN(expected); i++)
			assert_int_equal((int64_t)ev.frames[i].ip, expected[i]);
		finish(pids[n]);
	}
	event_finish(&ev);
	stack_destroy(stack);
}

/* --- what it may do --- */

static const long forbidden[] = {
	SYS_openat, SYS_read,     SYS_write,      SYS_socket,           SYS_execve,
	SYS_clone,  SYS_ptrace,   SYS_kill,       SYS_process_vm_readv, SYS_dup,
	SYS_prctl,  SYS_mprotect, SYS_sendmsg,    SYS_pidfd_open,       SYS_io_uring_setup,
	SYS_bpf,    SYS_seccomp,  SYS_getdents64, SYS_setuid,           SYS_capset
};

static void tries_everything(const struct asking *asking)
{
	int64_t results[ARRAY_LEN(forbidden)];

	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		results[i] = syscall(forbidden[i], -1, 0, 0, 0, 0, 0) < 0 ? errno : 0;
	send_results(asking, results, ARRAY_LEN(results));
}

static void it_can_call_nothing_else(void **state)
{
	struct outcome outcome;

	(void)state;
#ifdef IPCTRACE_SANITIZED
	skip();
#endif
	outcome = unwound_by(tries_everything);
	assert_int_equal(outcome.n, ARRAY_LEN(forbidden));
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		assert_int_equal(outcome.ev.frames[i].ip, ENOSYS);
	event_finish(&outcome.ev);
}

static void takes_memory(const struct asking *asking)
{
	static const size_t mib = 1 << 20;
	int64_t results[2];

	for (unsigned i = 0; i < 2; i++) {
		void *room = mmap(NULL, (i ? 1100 : 500) * mib, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		results[i] = room == MAP_FAILED ? errno : 0;
		if (room != MAP_FAILED)
			munmap(room, (i ? 1100 : 500) * mib);
	}
	send_results(asking, results, 2);
}

static void it_can_have_so_much_memory(void **state)
{
	struct outcome outcome;

	(void)state;
#ifdef IPCTRACE_SANITIZED
	skip();
#endif
	outcome = unwound_by(takes_memory);
	assert_int_equal(outcome.n, 2);
	assert_int_equal(outcome.ev.frames[0].ip, 0);
	assert_int_equal(outcome.ev.frames[1].ip, ENOMEM);
	event_finish(&outcome.ev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_dies_has_failed),
		cmocka_unit_test(one_that_does_not_answer_has_failed),
		cmocka_unit_test(one_that_lies_has_failed),
		cmocka_unit_test(a_name_ends_with_its_nul),
		cmocka_unit_test(it_learns_of_the_stopped_process_only),
		cmocka_unit_test(it_can_call_nothing_else),
		cmocka_unit_test(it_can_have_so_much_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
