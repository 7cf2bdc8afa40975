#ifndef CAPTURE_PTRACE_REAP_H
#define CAPTURE_PTRACE_REAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "capture/ptrace_core.h"

/*
 * A thread that waits for the tracees while the tracer is busy attaching to them. PTRACE_SEIZE
 * sleeps as long as some thread of its target is in execve, and that one sleeps until its
 * siblings are gone, which, where they are traced already, means until somebody has waited for
 * them. Waiting is the one thing that any thread of the tracer may do.
 */
struct reaper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ending;
	bool is_running, is_ending;
	struct wait_status *taken; /* in their order */
	size_t n_taken, cap_taken;
};

/* 0 or -errno. */
int reaper_start(struct reaper *reaper);

/* Stop it; what it took is the caller's to use and free. */
void reaper_end(struct reaper *reaper);

#endif
