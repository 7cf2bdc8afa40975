#ifndef CAPTURE_MONITOR_H
#define CAPTURE_MONITOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/own_calls.h"

/*
 * A thread beside the tracer's. It takes the signals that are sent to us, so that one can end us
 * even while the tracer is stuck in the kernel, and it wakes the tracer out of a wait that has
 * lasted too long for what is still to be done.
 *
 * Only the tracer thread waits and ptraces. It is woken by a signal whose handler does nothing,
 * again and again until it says that it has seen it, because a signal that arrives just before
 * a wait begins does not interrupt that wait.
 */
struct monitor {
	pthread_t thread, tracer;
	pid_t tracer_tid;
	struct own_rights rights; /* that it keeps */
	bool is_running;
	atomic_bool is_ending;
	atomic_int signal; /* the first one that asks us to stop; 0 = none */
	atomic_uint dump_requests; /* SIGUSR1 received so often, not served yet */
	atomic_uint_fast64_t due_ns; /* when to wake the tracer, CLOCK_MONOTONIC; 0 = need not */
	atomic_int command; /* pid: gets the signals instead of us; 0 = none */
	int command_fd; /* its pidfd, set before command; its number may be another's any time */
	atomic_bool is_command_stopped; /* it is in a group-stop */
	atomic_bool is_waiting; /* the tracer is in its wait, from which we can wake it */
	atomic_uint n_waits; /* that it has begun: it is alive */

	/* Where an answer may never come: monitor_watch(). */
	atomic_int watched_tid; /* 0 = nowhere */
	atomic_uint_fast64_t watched_addr;
	atomic_uint n_watched;

	/* The thread's own: what it was asked to end by, and how things were then. */
	int asked_sig;
	uint64_t asked_ns;
	unsigned asked_waits;
	unsigned n_asleep; /* looks in a row at which the tracer, which should end, slept */
	uint64_t last_look_ns; /* when it last was at work; it may have been stopped since */
	uint64_t suspended_ns; /* since when we ought to stop; 0 = not at all */
	unsigned seen_watched;
	uint64_t seen_ns; /* when that one was first seen */
	bool is_watched_told;
};

/*
 * Start it. The caller has blocked INT, TERM, HUP, QUIT, USR1, TSTP in all threads. Signals end us until
 * monitor->command is set. 0 or -errno.
 *
 * Where the tracer is stuck when it is asked to end, in a system call of its own such as a write
 * that nobody reads, the process is ended a moment later: that frees the tracees.
 *
 * SIGTSTP stops us once it has stopped the command: our parent is to see that only when the command
 * reads no more from the terminal. A command that ignores or handles it goes on, and so do we.
 */
int monitor_start(struct monitor *monitor);
void monitor_end(struct monitor *monitor);

/*
 * The tracer is about to look at tid: at its memory at addr, or at what /proc says of it if addr is
 * 0. Memory that a userfaultfd or a file system of the tracee's own serves may never answer: if it
 * takes long, the monitor says on stderr who keeps all waiting, since only who reads that can help.
 * tid 0: it has answered.
 */
static inline void monitor_watch(struct monitor *monitor, pid_t tid, uint64_t addr)
{
	atomic_store_explicit(&monitor->watched_addr, addr, memory_order_relaxed);
	atomic_store_explicit(&monitor->watched_tid, tid, memory_order_relaxed);
	if (tid)
		atomic_store_explicit(
			&monitor->n_watched,
			atomic_load_explicit(&monitor->n_watched, memory_order_relaxed) + 1,
			memory_order_release);
}

#endif
