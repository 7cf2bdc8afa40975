#ifndef CAPTURE_PTRACE_YIELD_H
#define CAPTURE_PTRACE_YIELD_H

#include "capture/ptrace_core.h"

/*
 * Tracees that trace. A process has one tracer: what they want fails with EPERM, unless we yield
 * (config.is_yielding), or would end with two processes that nobody can kill: it is refused then.
 */

/* tracee is at the entry of ptrace(2), its arguments are remembered. */
void yield_at_ptrace(struct engine *engine, struct tracee *tracee);

/* tid has left or is gone: whoever waits for that goes on. */
void yield_gone(struct engine *engine, pid_t tid);

#endif
