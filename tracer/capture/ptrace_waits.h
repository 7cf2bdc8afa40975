#ifndef CAPTURE_PTRACE_WAITS_H
#define CAPTURE_PTRACE_WAITS_H

#include "capture/ptrace_core.h"

enum { WAITS_TICK_NS = 50 * 1000 * 1000 };

/*
 * Tell of calls that have become long: EVENT_BLOCKED once, EVENT_HANG when they last on, and
 * EVENT_AWAKE before and after that of all that sleep no more, so that those which are told to be
 * blocked at the SNAPSHOT_HANGS that follows have slept while all these were asked about. Called
 * often; looks once in a tick.
 */
void waits_note(struct engine *engine);

/* Somebody wants to know now who waits: EVENT_AWAKE of all that were told to be blocked, and are not. */
void waits_note_awake(struct engine *engine);

#endif
