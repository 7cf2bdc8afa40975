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

/* Is nobody left but those? */
bool leave_is_all(const struct engine *engine);

#endif
