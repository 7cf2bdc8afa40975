#ifndef CAPTURE_PTRACE_LIVE_H
#define CAPTURE_PTRACE_LIVE_H

#include "event/mem.h"

struct engine;

/* Memory and facts of the tracee that engine->asking points to, while it is stopped. */
struct mem_source live_source(struct engine *engine);

#endif
