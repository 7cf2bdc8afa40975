#ifndef CAPTURE_PTRACE_WAITS_H
#define CAPTURE_PTRACE_WAITS_H

#include "capture/ptrace_core.h"

enum { WAITS_TICK_NS = 50 * 1000 * 1000 };

/*
 * Tell of calls that have become long: EVENT_BLOCKED once, EVENT_HANG when they last on, and
 * EVENT_AWAKE before that of all that sleep no more, so that those which are told to be blocked
 * when a hang is told of have all slept at the same time. Called often; looks once in a tick.
 */
void waits_note(struct engine *engine);

#endif
