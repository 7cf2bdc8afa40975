#ifndef CAPTURE_FACTS_PATH_H
#define CAPTURE_FACTS_PATH_H

#include "capture/facts_cache.h"
#include "event/event.h"
#include "event/mem.h"

/* Answer FACT_PATH: what the path in argument arg means, links followed. 0 or -errno. */
int facts_path_ask(struct tracee *tracee, struct event *ev, const struct mem *mem, int arg);

/*
 * Answer FACT_NAME: the name itself, and where it is. Of regular files that cannot be shared memory
 * or queues only what has the name. subject: see fact_name_at(). 0 or -errno.
 */
int facts_path_ask_name(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
			const struct mem *mem, int64_t subject);

#endif
