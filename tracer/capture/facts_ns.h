#ifndef CAPTURE_FACTS_NS_H
#define CAPTURE_FACTS_NS_H

#include <stdbool.h>

#include "capture/facts_cache.h"

/*
 * Be in the tracee's IPC namespace, so that its System V ids mean what they mean to it; every
 * call that gives 0 needs its facts_ns_leave(). Free of cost where it is our own.
 * 0, or -EXDEV if we may not enter it (that takes root), -ESRCH.
 */
int facts_ns_enter(struct facts_cache *cache, struct tracee *tracee);
void facts_ns_leave(struct facts_cache *cache, const struct tracee *tracee);

/* The inode of the tracee's IPC namespace, 0 if it cannot be read. */
uint64_t facts_ns_ipc(struct tracee *tracee);

/* The same as a FACT_IPC_NS; -EXDEV if it cannot be read. */
int facts_ns_ask_ipc(struct tracee *tracee, struct event *ev);

/* The tracee's pids mean the same to us. Where that cannot be read it is taken to be so. */
bool facts_ns_has_our_pids(struct facts_cache *cache, struct tracee *tracee);

/*
 * Answer FACT_PID_NS about the tracee itself, whose namespace never changes: 0, or -ENOENT if it
 * numbers processes as we do, or -errno.
 */
int facts_ns_ask_pid(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		     int64_t tid);

/* The tracee is in our network namespace, as far as we may see that; its sockets may not be. */
bool facts_ns_has_our_network(const struct tracee *tracee);

#endif
