#ifndef CAPTURE_FACTS_H
#define CAPTURE_FACTS_H

#include "capture/facts_cache.h"
#include "event/event.h"
#include "event/mem.h"

/*
 * Answer a question about a stopped tracee from /proc and the kernel: add the fact to ev. Paths
 * are read through mem.
 * 0, or -errno with nothing added: -ENOSYS for what is no question, -EXDEV for ids of a namespace
 * that cannot be reached. No side effect on the tracee; descriptors that have to be
 * borrowed from it are given back before this returns.
 */
int facts_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
	      const struct mem *mem, enum fact_kind kind, int64_t subject);

#endif
