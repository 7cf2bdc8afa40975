#ifndef CAPTURE_FACTS_INFO_H
#define CAPTURE_FACTS_INFO_H

#include "capture/facts_cache.h"
#include "event/event.h"

/* Answer FACT_FDINFO, at most 64 kB of whole lines. 0; -ENOENT or -EBADF if fd is closed; -errno. */
int facts_info_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);

/* Close the files that were kept. */
void facts_info_finish(struct facts_cache *cache);

#endif
