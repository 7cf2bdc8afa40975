#include "capture/ptrace_attach.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/proc.h"

enum { PASSES_MAX = 10000, RETRIES_MAX = 5000, RETRY_NS = 1000 * 1000, USER32_CS = 0x23 };

static long yama_scope(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	long scope = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%ld", &scope) != 1)
		scope = -1;
	fclose(file);
	return scope;
}

/* Can we trace anything at all? A child of our own is the witness. */
static bool is_ptrace_allowed(void)
{
	pid_t pid = fork();
	bool is_allowed;

	if (pid < 0)
		return true;
	if (pid == 0) {
		for (;;)
			pause();
	}
	is_allowed = ptrace(PTRACE_SEIZE, pid, 0, 0) == 0;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return is_allowed;
}

static void explain_eperm(pid_t pid, const struct proc_status *status, char *error, size_t len)
{
	struct proc_status tracer = { 0 };
	long scope = yama_scope();

	if (status->tracer && status->tracer != getpid()) {
		proc_status(status->tracer, &tracer);
		snprintf(
			error, len,
			"ptrace: operation not permitted: PID %d is already traced by PID %d (%s); "
			"end that tracer first",
			pid, status->tracer, tracer.comm[0] ? tracer.comm : "?");
	} else if (status->state == 'Z' || status->state == 'X') {
		snprintf(error, len,
			 "PID %d is a zombie: it has ended and waits for its parent %d "
			 "to take notice; trace that one",
			 pid, status->ppid);
	} else if (!status->has_vm) {
		snprintf(error, len, "PID %d is a kernel thread: it makes no system calls", pid);
	} else if (geteuid() != 0 && status->uid != geteuid()) {
		snprintf(error, len,
			 "ptrace: operation not permitted: PID %d belongs to %s; run with "
			 "sudo",
			 pid, status->uid ? "another user" : "root");
	} else if (geteuid() != 0 && scope >= 1) {
		snprintf(error, len,
			 "ptrace: operation not permitted: kernel.yama.ptrace_scope is "
			 "%ld; run with sudo, or launch the command from ipctrace",
			 scope);
	} else if (!is_ptrace_allowed()) {
		snprintf(error, len,
			 "ptrace: operation not permitted at all here; in a container it "
			 "needs --cap-add=SYS_PTRACE and a seccomp profile that allows it");
	} else {
		snprintf(error, len,
			 "ptrace: operation not permitted: PID %d has privileges of its "
			 "own or has made itself not dumpable; run with sudo",
			 pid);
	}
}

static void explain(pid_t pid, int err, char *error, size_t len)
{
	struct proc_status status;

	if (proc_status(pid, &status) < 0)
		err = -ESRCH;
	if (err == -ESRCH)
		snprintf(error, len, "no process has PID %d; `ps ax` lists those that are there",
			 pid);
	else if (err == -EPERM)
		explain_eperm(pid, &status, error, len);
	else
		snprintf(error, len, "ptrace: cannot attach to PID %d: %s", pid, strerror(-err));
}

/* EAGAIN: it is about to execute, and that needs some time. */
static int seize_patiently(pid_t tid, int options)
{
	struct timespec nap = { 0, RETRY_NS };

	for (int i = 0; ptrace(PTRACE_SEIZE, tid, 0, options) < 0; i++) {
		if (errno != EAGAIN || i == RETRIES_MAX)
			return -errno;
		nanosleep(&nap, NULL);
	}
	return 0;
}

/* 1 for a thread that is ours now, 0 for one that was or that makes no more, or -errno. */
static int seize(struct tracee_table *table, pid_t tid, pid_t tgid, int options)
{
	struct fd_table *files = NULL;
	struct tracee *tracee = tracee_find(table, tgid);
	struct proc_status status;
	int err;

	if (tracee_find(table, tid))
		return 0;
	if (tracee)
		files = tracee->files;
	err = seize_patiently(tid, options);
	if (err < 0) {
		if (err != -EPERM)
			return err;
		if (proc_status(tid, &status) < 0)
			return -ESRCH;
		/* A thread that was born traced is in nobody's way, nor is one that is dying. */
		if (status.tracer == getpid())
			return 0;
		if (status.state == 'Z' || status.state == 'X')
			return tid == tgid ? 0 : -ESRCH;
		return err;
	}
	tracee = tracee_add(table, tid, tgid, files);
	tracee->is_seized_late = true;
	tracee->is_first_stop = true;
	/* What it is blocked in has to be known before it is disturbed. */
	tracee->blocked_nr = proc_blocked_call(tid);
	ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	return 1;
}

/*
 * One look at all threads: how many new ones there were, or -errno. *ret_is_quiet: none was new,
 * nor gone when we came for it; that one may have made others who are not on the list.
 */
static int seize_pass(struct tracee_table *table, pid_t pid, pid_t tgid, int options,
		      int *ret_first_err, bool *ret_is_quiet)
{
	struct dirent *entry;
	char path[64];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_is_quiet = true;
	while ((entry = readdir(dir))) {
		pid_t tid = atoi(entry->d_name);
		int one = tid > 0 ? seize(table, tid, tgid, options) : 0;

		if (one > 0)
			n++;
		if (one > 0 || one == -ESRCH)
			*ret_is_quiet = false;
		else if (one < 0 && !*ret_first_err)
			*ret_first_err = one;
	}
	closedir(dir);
	return n;
}

int attach_process(struct tracee_table *table, pid_t pid, int options, bool all_threads,
		   char *error, size_t error_len)
{
	int total = 0, quiet = 0, first_err = 0, n = 0;
	struct proc_status status = { 0 };
	bool is_quiet = false;
	pid_t tgid;

	if (pid == getpid()) {
		snprintf(error, error_len,
			 "PID %d is ipctrace itself, which cannot be its own tracer", pid);
		return -EPERM;
	}
	tgid = proc_status(pid, &status) == 0 ? status.tgid : pid;
	if (!all_threads) {
		n = seize(table, pid, tgid, options);
		if (n <= 0)
			explain(pid, n ? n : -ESRCH, error, error_len);
		return n ? n : -ESRCH;
	}
	/* Threads may be born while we look: only two looks at which nothing changed are proof. */
	for (int pass = 0; quiet < 2 && pass < PASSES_MAX; pass++) {
		n = seize_pass(table, pid, tgid, options, &first_err, &is_quiet);
		if (n < 0)
			break;
		total += n;
		quiet = is_quiet ? quiet + 1 : 0;
		if (!total && first_err)
			break;
	}
	if (total)
		return total;
	if (!first_err)
		first_err = n < 0 ? n : proc_status(pid, &status) == 0 ? -EPERM : -ESRCH;
	explain(pid, first_err, error, error_len);
	return first_err;
}

/*
 * Calls that end with EINTR when PTRACE_INTERRUPT disturbs them: measured, reference A3. Those
 * on sockets do so only with a timeout set by SO_RCVTIMEO or SO_SNDTIMEO.
 */
#ifdef __x86_64__
static bool is_disturbed_i386(uint64_t nr)
{
	switch (nr) {
	case 3: /* read */
	case 4: /* write */
	case 102: /* socketcall */
	case 117: /* ipc: semop, semtimedop */
	case 145: /* readv */
	case 146: /* writev */
	case 177: /* rt_sigtimedwait */
	case 247: /* io_getevents */
	case 256: /* epoll_wait */
	case 319: /* epoll_pwait */
	case 337: /* recvmmsg */
	case 362: /* connect */
	case 364: /* accept4 */
	case 369: /* sendto */
	case 370: /* sendmsg */
	case 371: /* recvfrom */
	case 372: /* recvmsg */
	case 385: /* io_pgetevents */
	case 416: /* io_pgetevents_time64 */
	case 417: /* recvmmsg_time64 */
	case 420: /* semtimedop_time64 */
	case 421: /* rt_sigtimedwait_time64 */
	case SYS_io_uring_enter:
	case SYS_epoll_pwait2:
		return true;
	default:
		return false;
	}
}

static bool is_disturbed_native(uint64_t nr)
{
	switch (nr) {
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
	case SYS_epoll_pwait2:
	case SYS_semop:
	case SYS_semtimedop:
	case SYS_rt_sigtimedwait:
	case SYS_io_getevents:
	case SYS_io_pgetevents:
	case SYS_io_uring_enter:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_recvmmsg:
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_accept:
	case SYS_accept4:
	case SYS_connect:
	case SYS_read:
	case SYS_readv:
	case SYS_write:
	case SYS_writev:
		return true;
	default:
		return false;
	}
}

void attach_mend_call(const struct tracee *tracee)
{
	struct user_regs_struct regs;
	struct proc_status status;
	bool is_i386;

	if (tracee->blocked_nr == UINT64_MAX || ptrace(PTRACE_GETREGS, tracee->tid, 0, &regs) < 0)
		return;
	is_i386 = regs.cs == USER32_CS;
	if (is_i386 ? !is_disturbed_i386(tracee->blocked_nr)
		    : !is_disturbed_native(tracee->blocked_nr))
		return;
	if ((int32_t)regs.rax != -EINTR || regs.orig_rax != tracee->blocked_nr)
		return;
	/* A signal that is about to be handled ends the call by right. */
	if (proc_status(tracee->tid, &status) < 0 ||
	    ((status.pending | status.shared_pending) & ~status.blocked))
		return;
	regs.rax = regs.orig_rax;
	regs.rip -= 2; /* back onto the syscall instruction */
	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, tracee->tid, 0, &regs);
}
#else
void attach_mend_call(const struct tracee *tracee)
{
	(void)tracee;
}
#endif
