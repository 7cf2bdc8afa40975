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
#include <time.h>
#include <unistd.h>

#include "capture/proc.h"
#include "capture/ptrace_refusal.h"
#include "capture/ptrace_regs.h"

enum {
	PASSES_MAX = 10000,
	RETRIES_MAX = 5000,
	RETRY_NS = 1000 * 1000,
	REFUSALS_MAX = 20,
	USER32_CS = 0x23
};
enum { I386_RESTART_SYSCALL = 0 };

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

void attach_disturb(struct tracee *tracee)
{
	tracee->is_disturbed = true;
	/* It can only fail because the thread is dying; if it is not, it has to be stopped. */
	if (ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0) < 0)
		ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
}

/* Whom to attach to, and how. */
struct attaching {
	struct tracee_table *table;
	const struct target *target;
	pid_t tgid; /* of the target */
	int options;
};

/*
 * Was a leader that we had seized superseded by a thread that we had not, which has executed? Nothing
 * is told of such a leader's end.
 */
static bool is_taken_over(const struct tracee *tracee)
{
	struct proc_status status;

	return tracee->tid == tracee->tgid && proc_status(tracee->tid, &status) == 0 &&
	       !status.tracer && status.state != 'Z' && status.state != 'X';
}

/* 1 for a thread that is ours now, 0 for one that was or that makes no more, or -errno. */
static int seize(const struct attaching *attaching, pid_t tid)
{
	struct tracee_table *table = attaching->table;
	pid_t tgid = attaching->tgid;
	struct fd_table *files = NULL;
	struct tracee *tracee = tracee_find(table, tgid);
	struct tracee *known = tracee_find(table, tid);
	struct proc_status status;
	int err;

	if (known && !is_taken_over(known))
		return 0;
	if (tracee)
		files = tracee->files;
	err = seize_patiently(tid, attaching->options);
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
	tracee = known ? known : tracee_add(table, tid, tgid, files);
	if (!target_is_same(attaching->target)) {
		/* It has done nothing to deserve this: not even to be interrupted. */
		tracee->is_leaving = tracee->is_stranger = true;
		return -ESTALE;
	}
	tracee->is_seized_late = true;
	attach_disturb(tracee);
	return 1;
}

/*
 * One look at all threads: how many new ones there were, or -errno. *ret_is_quiet: none was new,
 * nor gone when we came for it; that one may have made others who are not on the list.
 */
static int seize_pass(const struct attaching *attaching, int *ret_first_err, bool *ret_is_quiet)
{
	struct dirent *entry;
	char path[64];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", attaching->target->pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_is_quiet = true;
	while ((entry = readdir(dir))) {
		pid_t tid = atoi(entry->d_name);
		int one = tid > 0 ? seize(attaching, tid) : 0;

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

static void explain(pid_t pid, int err, char *error, size_t len)
{
	if (err == -ESTALE)
		snprintf(error, len,
			 "PID %d has ended, and another process has its number now; it is left "
			 "alone",
			 pid);
	else
		refusal_explain(pid, err, error, len);
}

int attach_process(struct tracee_table *table, const struct target *target, int options,
		   bool all_threads, char *error, size_t error_len)
{
	int total = 0, quiet = 0, first_err = 0, n = 0, n_refusals = 0;
	const struct timespec nap = { 0, RETRY_NS };
	pid_t pid = target->pid;
	struct attaching attaching = { table, target, pid, options };
	struct proc_status status = { 0 };
	bool is_quiet = false;

	if (proc_status(pid, &status) == 0)
		attaching.tgid = status.tgid;
	if (attaching.tgid == getpid()) {
		refusal_explain(pid, -EPERM, error, error_len);
		return -EPERM;
	}
	if (!all_threads) {
		n = seize(&attaching, pid);
		if (n <= 0)
			explain(pid, n ? n : -ESRCH, error, error_len);
		return n ? n : -ESRCH;
	}
	/* Threads may be born while we look: only two looks at which nothing changed are proof. */
	for (int pass = 0; quiet < 2 && pass < PASSES_MAX; pass++) {
		first_err = 0;
		n = seize_pass(&attaching, &first_err, &is_quiet);
		if (n < 0)
			break;
		total += n;
		quiet = is_quiet ? quiet + 1 : 0;
		if (!first_err)
			continue;
		/* In the midst of an execve by a thread some or all are refused, for a moment. */
		if (first_err == -EPERM && ++n_refusals < REFUSALS_MAX) {
			quiet = 0;
			nanosleep(&nap, NULL);
		} else if (!total) {
			break;
		}
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

/* Of syscall, sysenter and int 0x80; orig_rax where no call is being made. */
enum { SYSCALL_LEN = 2 };
static const unsigned long long OUTSIDE_CALLS = -1ull;

/* Signals that do nothing to the process. Source: signal(7); kernel/signal.c sig_ignored(). */
static uint64_t ignored_signals(const struct proc_status *status)
{
	static const uint64_t by_default = 1ull << (SIGCHLD - 1) | 1ull << (SIGCONT - 1) |
					   1ull << (SIGURG - 1) | 1ull << (SIGWINCH - 1);

	return status->ignored | (by_default & ~status->caught);
}

static bool is_interrupted(const struct user_regs_struct *regs)
{
	return (int32_t)regs->rax == -EINTR &&
	       (regs->cs == USER32_CS ? is_disturbed_i386(regs->orig_rax)
				      : is_disturbed_native(regs->orig_rax));
}

/* Is there a signal for it that counts: sig, at whose delivery it stops, or one that is pending? */
static bool has_signal(const struct tracee *tracee, int sig)
{
	struct proc_status status;
	uint64_t signals = sig ? 1ull << (sig - 1) : 0;

	if (proc_status(tracee->tid, &status) < 0)
		return true;
	signals |= (status.pending | status.shared_pending) & ~status.blocked;
	return signals & ~(sig ? ignored_signals(&status) : 0);
}

static void begin_again(struct tracee *tracee, struct user_regs_struct *regs)
{
	tracee->again_nr = regs->orig_rax;
	regs->rax = regs->orig_rax;
	regs->rip -= SYSCALL_LEN; /* back onto the syscall instruction */
	regs->orig_rax = OUTSIDE_CALLS;
	tracee->again_rip = regs->rip;
	ptrace(PTRACE_SETREGS, tracee->tid, 0, regs);
}

/* Was it made to begin a call again, and has it not got to it? */
static bool is_before_call(const struct tracee *tracee, const struct user_regs_struct *regs)
{
	return tracee->again_rip == regs->rip && tracee->again_nr == regs->rax &&
	       (int32_t)regs->orig_rax < 0;
}

/* The signal came to a call, so it ends it: its handler must not return to the call's beginning. */
static void end_after_all(struct tracee *tracee, struct user_regs_struct *regs)
{
	regs->rax = (unsigned long long)-EINTR;
	regs->rip += SYSCALL_LEN;
	ptrace(PTRACE_SETREGS, tracee->tid, 0, regs);
}

void attach_mend_call(struct tracee *tracee)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tracee->tid, 0, &regs) < 0)
		return;
	/* Outside of calls orig_rax is negative. */
	if ((int32_t)regs.rax == -ERESTART_RESTARTBLOCK &&
	    regs.orig_rax != (regs.cs == USER32_CS ? I386_RESTART_SYSCALL : SYS_restart_syscall))
		tracee->resumable = 1 + (int)regs.orig_rax;
	if (is_interrupted(&regs) && !has_signal(tracee, 0))
		begin_again(tracee, &regs);
}

void attach_mend_signal(struct tracee *tracee, int sig)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tracee->tid, 0, &regs) < 0)
		return;
	if (is_interrupted(&regs)) {
		if (!has_signal(tracee, sig))
			begin_again(tracee, &regs);
	} else if (tracee->again_rip && is_before_call(tracee, &regs) && has_signal(tracee, sig)) {
		end_after_all(tracee, &regs);
	}
}
#else
void attach_mend_call(struct tracee *tracee)
{
	(void)tracee;
}

void attach_mend_signal(struct tracee *tracee, int sig)
{
	(void)tracee;
	(void)sig;
}
#endif
