#ifndef CAPTURE_PTRACE_LEAVE_H
#define CAPTURE_PTRACE_LEAVE_H

#include <stdbool.h>

#include "capture/ptrace_core.h"
#include "capture/ptrace_stop.h"

/*
 * A tracee that is leaving has stopped or ended: it goes on untraced, with the signal that it was
 * to get if it is at a signal-delivery-stop, and is forgotten.
 */
void leave_at_stop(struct engine *engine, struct tracee *tracee, struct stop stop);

/*
 * We are about to exit, which lets go of all tracees, and wakes those that are at a stop as if a
 * signal had come: at an entry, epoll_wait and its like would end with EINTR for it. So let those
 * that stop now go on to where nothing of ours stops them any more. Takes a quarter of a second at
 * most; nothing of it is told.
 */
void leave_stops(struct engine *engine);

/* Is nobody left but those? */
bool leave_is_all(const struct engine *engine);

#endif
