#ifndef CAPTURE_MONITOR_H
#define CAPTURE_MONITOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

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
	bool is_running;
	atomic_bool is_ending;
	atomic_int signal; /* the first one that asks us to stop; 0 = none */
	atomic_uint dump_requests; /* SIGUSR1 received so often, not served yet */
	atomic_uint_fast64_t due_ns; /* when to wake the tracer, CLOCK_MONOTONIC; 0 = need not */
	pid_t command; /* gets the signals instead of us; 0 = none */
};

/*
 * Start it. The caller has blocked INT, TERM, HUP, QUIT, USR1 in all threads. command: pass
 * signals on to that process, instead of ending; 0 = end. 0 or -errno.
 */
int monitor_start(struct monitor *monitor, pid_t command);
void monitor_end(struct monitor *monitor);

#endif
