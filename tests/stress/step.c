/*
 * Linked into ipctrace_step in place of ptrace(2) and the waits: does something at the n-th of
 * these calls. The environment says what:
 *
 *   IPCTRACE_STEP_KILL_AT=n        SIGKILL to the tracee that the call is about
 *   IPCTRACE_STEP_STOP_AT=n        SIGSTOP to it
 *   IPCTRACE_STEP_DIE_AT=n         SIGKILL to ourselves
 *   IPCTRACE_STEP_INTR_AT=n        SIGINT to ourselves
 *   IPCTRACE_STEP_FAIL_AT=n:e:w    the call is not made: ptrace fails with errno e, a wait with w
 *   IPCTRACE_STEP_STORM=n          every n-th time that a tracee is told to go on it is interrupted at once
 *   IPCTRACE_STEP_REPORT=FILE      where struct report goes; nothing else means: only count
 *
 * A ptrace call is disturbed before it is made. A wait is so when it has told of a tracee that we
 * have not looked at yet; one that told of none is not (unless it is to fail), the next one that
 * does is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

long __real_ptrace(int request, pid_t pid, void *addr, void *data);
pid_t __real_wait4(pid_t pid, int *status, int options, struct rusage *usage);
pid_t __real_waitpid(pid_t pid, int *status, int options);
long __wrap_ptrace(int request, pid_t pid, void *addr, void *data);
pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

enum act { COUNT, KILL, STOP, DIE, INTR, FAIL, N_ACTS };
enum { REQUEST_WAIT = -1 };

/* test_steps.py reads it, also when we are long dead. */
struct report {
	_Atomic uint64_t n_calls;
	_Atomic uint64_t fired_at; /* 0: not yet */
	_Atomic int64_t request; /* at which it was, REQUEST_WAIT for a wait */
	_Atomic int64_t tid;
	_Atomic uint64_t n_restarts, n_interrupts; /* of a storm */
};

static struct {
	struct report own, *report;
	enum act act;
	uint64_t at;
	int error, wait_error;
	uint64_t storm; /* 0: none */
} step = { .report = &step.own };

static const char *const names[N_ACTS] = {
	[KILL] = "IPCTRACE_STEP_KILL_AT", [STOP] = "IPCTRACE_STEP_STOP_AT",
	[DIE] = "IPCTRACE_STEP_DIE_AT",   [INTR] = "IPCTRACE_STEP_INTR_AT",
	[FAIL] = "IPCTRACE_STEP_FAIL_AT",
};

static void open_report(void)
{
	const char *path = getenv("IPCTRACE_STEP_REPORT");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	if (ftruncate(fd, sizeof(struct report)) == 0) {
		struct report *report =
			mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (report != MAP_FAILED)
			step.report = report;
	}
	close(fd);
}

/* Before main(): the traced command is to see nothing of this. */
__attribute__((constructor)) static void set_up(void)
{
	const char *storm = getenv("IPCTRACE_STEP_STORM");

	open_report();
	step.storm = storm ? strtoull(storm, NULL, 10) : 0;
	unsetenv("IPCTRACE_STEP_STORM");
	unsetenv("IPCTRACE_STEP_REPORT");
	for (enum act act = KILL; act < N_ACTS; act++) {
		const char *text = getenv(names[act]);
		char *end;

		if (!text)
			continue;
		step.act = act;
		step.at = strtoull(text, &end, 10);
		if (act == FAIL && sscanf(end, ":%d:%d", &step.error, &step.wait_error) != 2)
			abort();
		unsetenv(names[act]);
	}
}

/* Whether the call with that number is the one; told once. */
static bool fires(uint64_t number, int request, pid_t tid)
{
	uint64_t none = 0;

	if (step.act == COUNT || number < step.at)
		return false;
	if (!atomic_compare_exchange_strong(&step.report->fired_at, &none, number))
		return false;
	step.report->request = request;
	step.report->tid = tid;
	return true;
}

static void disturb(pid_t tid)
{
	switch (step.act) {
	case KILL:
		kill(tid, SIGKILL);
		break;
	case STOP:
		kill(tid, SIGSTOP);
		break;
	case DIE:
		kill(getpid(), SIGKILL);
		break;
	case INTR:
		kill(getpid(), SIGINT);
		break;
	default:
		break;
	}
}

/* It stops once more, or its next stop answers this as well: that is the kernel's choice. */
static void interrupt(pid_t tid)
{
	int error = errno;

	if (step.report->n_restarts++ % step.storm == 0 &&
	    __real_ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0)
		step.report->n_interrupts++;
	errno = error;
}

long __wrap_ptrace(int request, pid_t pid, void *addr, void *data)
{
	long result;
	uint64_t number = atomic_fetch_add(&step.report->n_calls, 1) + 1;

	if (fires(number, request, pid)) {
		if (step.act == FAIL) {
			errno = step.error;
			return -1;
		}
		disturb(pid);
	}
	result = __real_ptrace(request, pid, addr, data);
	if (step.storm && (request == PTRACE_SYSCALL || request == PTRACE_CONT))
		interrupt(pid);
	return result;
}

static bool fails_now(uint64_t number)
{
	if (step.act != FAIL || !fires(number, REQUEST_WAIT, 0))
		return false;
	errno = step.wait_error;
	return true;
}

static pid_t told(uint64_t number, pid_t pid)
{
	int error = errno;

	if (step.act != FAIL && pid > 0 && fires(number, REQUEST_WAIT, pid))
		disturb(pid);
	errno = error;
	return pid;
}

pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	uint64_t number = atomic_fetch_add(&step.report->n_calls, 1) + 1;

	if (fails_now(number))
		return -1;
	return told(number, __real_wait4(pid, status, options, usage));
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	uint64_t number = atomic_fetch_add(&step.report->n_calls, 1) + 1;

	if (fails_now(number))
		return -1;
	return told(number, __real_waitpid(pid, status, options));
}
