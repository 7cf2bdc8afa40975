#ifndef CAPTURE_SNAPSHOT_H
#define CAPTURE_SNAPSHOT_H

#include "capture/capture.h"
#include "capture/kin.h"
#include "capture/own_calls.h"
#include "capture/target.h"

/*
 * An engine that stops nobody: it looks at processes by /proc and makes the events that tracing
 * them would have made, up to the calls that they are in now: EVENT_ATTACHED for each thread, an
 * EVENT_ENTER that is_blind and an EVENT_HANG for each that sleeps in a call. When all are told,
 * EVENT_SNAPSHOT with SNAPSHOT_PEERS is the moment to snapshot_add() those that they wait for.
 * In the end all threads are looked at again: those that have moved since get an EVENT_AWAKE.
 */
struct snapshot_config {
	const struct target *targets;
	size_t n_targets;
	struct own_rights rights; /* what to keep from the beginning */
	struct capture_hooks hooks; /* at_stop is asked about threads that run on, and not heeded */
	/* Called with what could not be looked at. */
	void (*on_error)(void *data, const char *text);
};

/* NULL when out of memory. config's pointers must outlive the engine. */
struct capture *snapshot_create(const struct snapshot_config *config);

/*
 * Look at the process, too, unless it was or there are too many already; those that may not be
 * looked at are counted.
 */
void snapshot_add(struct capture *capture, pid_t pid);

/* The same for processes, at most 64, of the same process group or the same PID namespace. */
void snapshot_add_kin(struct capture *capture, pid_t pid, enum kin kin);

#endif
