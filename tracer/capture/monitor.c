#include "capture/monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/proc.h"

enum {
	WAKE_SIGNAL = SIGURG,
	TICK_NS = 50 * 1000 * 1000,
	NAG_NS = 5 * 1000 * 1000,
	ABSENCE_NS = 4 * TICK_NS,
	STUCK_NS = 700 * 1000 * 1000,
	STUCK_LOOKS = 10, /* and asleep at so many in a row */
	SUSPEND_NS = 2000 * 1000 * 1000,
	ANSWER_NS = 2000 * 1000 * 1000,
};

static void do_nothing(int sig)
{
	(void)sig;
}

/* SIGINT by Ctrl-C and its like reach the whole foreground group: the command has it already. */
static bool is_from_terminal(const siginfo_t *info)
{
	return info->si_code == SI_KERNEL;
}

/* The kernel lets all tracees go when we are gone. */
static void die_of(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), sig);
	_exit(128 + sig);
}

static void remember_asked(struct monitor *monitor, int sig)
{
	if (monitor->asked_sig)
		return;
	monitor->asked_sig = sig;
	monitor->asked_ns = clock_ns(CLOCK_MONOTONIC);
	monitor->asked_waits = atomic_load(&monitor->n_waits);
	monitor->n_asleep = 0;
}

static void take(struct monitor *monitor, const siginfo_t *info)
{
	int sig = info->si_signo, none = 0;
	pid_t command = atomic_load(&monitor->command);

	if (sig == SIGUSR1) {
		atomic_fetch_add(&monitor->dump_requests, 1);
		return;
	}
	if (sig == SIGTSTP) {
		monitor->suspended_ns = clock_ns(CLOCK_MONOTONIC);
		return;
	}
	if (command) {
		if (!is_from_terminal(info))
			syscall(SYS_pidfd_send_signal, monitor->command_fd, sig, NULL, 0);
		if (sig == SIGHUP && !monitor->is_watched_told)
			return; /* it asks many programs to do something else than end */
	} else if (!atomic_compare_exchange_strong(&monitor->signal, &none, sig)) {
		die_of(sig); /* asked twice */
	}
	remember_asked(monitor, sig);
}

/* Stop, as SIGTSTP does that nobody has blocked; returns when we go on. */
static void suspend_self(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	kill(getpid(), SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool is_ignoring_tstp(pid_t pid)
{
	struct proc_status status;

	return proc_status(pid, &status) == 0 &&
	       ((status.ignored | status.caught) >> (SIGTSTP - 1) & 1);
}

static void check_suspended(struct monitor *monitor)
{
	pid_t command = atomic_load(&monitor->command);

	if (!monitor->suspended_ns)
		return;
	if (command && !atomic_load(&monitor->is_command_stopped)) {
		if (clock_ns(CLOCK_MONOTONIC) - monitor->suspended_ns < SUSPEND_NS)
			return;
		if (is_ignoring_tstp(command)) {
			monitor->suspended_ns = 0;
			return;
		}
	}
	monitor->suspended_ns = 0;
	suspend_self();
}

/* To whoever reads it; nobody waits for somebody who does not. */
static void say(const char *text, size_t len)
{
	struct pollfd err = { STDERR_FILENO, POLLOUT, 0 };
	ssize_t n = 0;

	if (poll(&err, 1, 0) == 1 && (err.revents & POLLOUT))
		n = write(STDERR_FILENO, text, len);
	(void)n;
}

/*
 * The tracer computes, or would if it were given a processor: it waits for nobody. A busy machine may
 * leave it without one for seconds.
 */
static bool is_runnable(const struct monitor *monitor)
{
	struct proc_status status;

	return proc_status(monitor->tracer_tid, &status) == 0 && status.state == 'R';
}

/* It waits for the process that unwinds stacks: that has limits of its own. */
static bool awaits_helper(const struct monitor *monitor)
{
	char text[256];

	return proc_read(monitor->tracer_tid, "syscall", text, sizeof(text)) > 0 &&
	       strtol(text, NULL, 10) == SYS_recvfrom;
}

/* Who keeps the tracer, and with it everybody else, waiting? Told once. */
static void check_answer(struct monitor *monitor)
{
	unsigned n = atomic_load_explicit(&monitor->n_watched, memory_order_acquire);
	pid_t tid = atomic_load(&monitor->watched_tid);
	uint64_t addr = atomic_load(&monitor->watched_addr);
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	char where[48] = "/proc", text[200];
	int len;

	if (!tid || n != monitor->seen_watched) {
		monitor->seen_watched = n;
		monitor->seen_ns = now;
		monitor->is_watched_told = false;
		return;
	}
	if (monitor->is_watched_told || now - monitor->seen_ns < ANSWER_NS)
		return;
	if (is_runnable(monitor) || awaits_helper(monitor)) {
		monitor->seen_ns = now;
		return;
	}
	monitor->is_watched_told = true;
	if (addr)
		snprintf(where, sizeof(where), "its memory at %#llx", (unsigned long long)addr);
	len = snprintf(text, sizeof(text),
		       "ipctrace: thread %d does not let us read %s (a userfaultfd?): everything "
		       "traced waits; kill it, or end ipctrace\n",
		       tid, where);
	say(text, (size_t)len);
}

/* Asked to end, is the tracer stuck elsewhere than in its wait? Then end for it. */
static void check_stuck(struct monitor *monitor)
{
	static const char writing[] =
		"ipctrace: ended while it was writing: the end of the trace is missing\n";
	static const char reading[] =
		"ipctrace: ended while it was reading: the end of the trace is missing\n";
	bool is_reading = atomic_load(&monitor->watched_tid) != 0;

	if (!monitor->asked_sig)
		return;
	if (atomic_load(&monitor->is_waiting) ||
	    atomic_load(&monitor->n_waits) != monitor->asked_waits) {
		monitor->asked_sig = 0;
		if (atomic_load(&monitor->signal))
			remember_asked(monitor, atomic_load(&monitor->signal));
		return;
	}
	if (clock_ns(CLOCK_MONOTONIC) - monitor->asked_ns < STUCK_NS && !monitor->is_watched_told)
		return;
	monitor->n_asleep = is_runnable(monitor) ? 0 : monitor->n_asleep + 1;
	if (monitor->n_asleep < STUCK_LOOKS)
		return;
	say(is_reading ? reading : writing, sizeof(reading) - 1);
	die_of(monitor->asked_sig);
}

/* What we could not do while we were stopped, or had no processor, is no sign of being stuck. */
static void forget_absence(struct monitor *monitor)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t absence = now - monitor->last_look_ns;

	if (monitor->last_look_ns && absence > ABSENCE_NS) {
		monitor->asked_ns += absence;
		monitor->seen_ns += absence;
	}
	monitor->last_look_ns = now;
}

static bool has_to_wake(struct monitor *monitor)
{
	uint64_t due = atomic_load(&monitor->due_ns);

	if (atomic_load(&monitor->signal) || atomic_load(&monitor->dump_requests))
		return true;
	return due && clock_ns(CLOCK_MONOTONIC) >= due;
}

static void *run(void *data)
{
	struct monitor *monitor = data;
	sigset_t set;

	own_rights_keep(&monitor->rights);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTSTP);
	while (!atomic_load(&monitor->is_ending)) {
		bool is_waking = has_to_wake(monitor);
		bool is_hasty = is_waking || monitor->suspended_ns;
		struct timespec timeout = { 0, is_hasty ? NAG_NS : TICK_NS };
		siginfo_t info;
		bool has_signal;

		if (is_waking)
			pthread_kill(monitor->tracer, WAKE_SIGNAL);
		has_signal = sigtimedwait(&set, &info, &timeout) > 0;
		forget_absence(monitor);
		if (has_signal)
			take(monitor, &info);
		check_answer(monitor);
		check_stuck(monitor);
		check_suspended(monitor);
	}
	return NULL;
}

int monitor_start(struct monitor *monitor)
{
	struct sigaction action = { .sa_handler = do_nothing };
	sigset_t wake;
	int err;

	monitor->tracer = pthread_self();
	monitor->tracer_tid = gettid();
	sigaction(WAKE_SIGNAL, &action, NULL);
	sigemptyset(&wake);
	sigaddset(&wake, WAKE_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &wake, NULL);
	err = pthread_create(&monitor->thread, NULL, run, monitor);
	if (err)
		return -err;
	monitor->is_running = true;
	return 0;
}

void monitor_end(struct monitor *monitor)
{
	if (!monitor->is_running)
		return;
	atomic_store(&monitor->is_ending, true);
	pthread_kill(monitor->thread, SIGUSR1); /* one of those it waits for: ends its wait */
	pthread_join(monitor->thread, NULL);
	monitor->is_running = false;
}
