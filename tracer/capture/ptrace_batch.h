#ifndef CAPTURE_PTRACE_BATCH_H
#define CAPTURE_PTRACE_BATCH_H

#include "capture/ptrace_core.h"

/* Block SIGCHLD in the calling thread, and those that it starts: it is waited for. */
void batch_prepare(void);

/*
 * Wait for a stop, then take all others that are pending, so that no tracee is served twice
 * before another is served once. due_ns: CLOCK_MONOTONIC, when the monitor has to get us out of it,
 * 0 = never. 1, 0 if the wait was interrupted, -ECHILD at the end.
 */
int batch_wait(struct engine *engine, uint64_t due_ns);

#endif
