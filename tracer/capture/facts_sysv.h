#ifndef CAPTURE_FACTS_SYSV_H
#define CAPTURE_FACTS_SYSV_H

#include "capture/facts_cache.h"
#include "event/event.h"

/*
 * Answer FACT_MSG, FACT_SEM, FACT_SEM_NSEMS or FACT_SHM about an id of the tracee's IPC namespace,
 * whose inode becomes the fact's ino. Asking changes nothing, not even times.
 * 0, or -errno: -EINVAL, -EIDRM for what is no object, -EXDEV if the namespace is out of reach.
 * The values of semaphores that we may not read are left out: text is empty then.
 * Source: msgctl(2), semctl(2), shmctl(2) with *_STAT_ANY (Linux 4.17).
 */
int facts_sysv_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		   enum fact_kind kind, int id);

#endif
