#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A kernel that does not exist. Its processes fork, execute from any thread, get signals, stop,
 * are killed at any moment and die, and say so as ptrace(2) and reference sections B to D have it:
 * a child's first stop may come before its creator's report, or that report never; an id is used
 * again at once after an execve by another thread; PTRACE_EVENT_STOP comes when nobody asked.
 * The engine's ptrace calls and its looks at /proc end up here (ld --wrap), and are held to:
 *
 *   - a tracee is restarted exactly once for each stop, unless it is held or was killed,
 *   - nobody is after its death,
 *   - PTRACE_LISTEN at group-stops and there alone,
 *   - the signal of a signal-delivery-stop is passed on, and none anywhere else,
 *   - who was told to be born is told to end, once; calls are entered and left in turn.
 */
struct choices {
	/* A number below n; 0 for ever when nothing is left to choose from. */
	unsigned (*choose)(void *data, unsigned n);
	void *data;
};

struct kernel_counts {
	unsigned n_stops, n_events, n_births, n_execs, n_kills, n_blind, n_orphans, n_reused;
};

/*
 * One life of such a world, of n_steps steps and with a filter or without. Returns NULL, or what
 * the engine did wrong (valid until the next call); adds to *counts.
 */
const char *kernel_try(const struct choices *choices, unsigned n_steps, bool is_filtered,
		       struct kernel_counts *counts);

#endif
