#ifndef CAPTURE_PTRACE_DISPATCH_H
#define CAPTURE_PTRACE_DISPATCH_H

#include <sys/types.h>

struct engine;

/* Make events of what wait said of tid, and let it go on. */
void dispatch(struct engine *engine, pid_t tid, int status);

/* Tracees that were held because their creator had not reported them: let them go on. */
void dispatch_orphans(struct engine *engine);

#endif
