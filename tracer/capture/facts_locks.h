#ifndef CAPTURE_FACTS_LOCKS_H
#define CAPTURE_FACTS_LOCKS_H

#include "capture/facts_cache.h"
#include "event/event.h"

/*
 * Answer FACT_LOCK_FDS with a FACT_LOCK_FD for each descriptor of the file of fd, on the whole
 * machine, by which somebody has locks of it: those of the same open file one after the other. It
 * starts from those who have the inode, a FACT_HOLDERS that is answered, too, if it is not yet.
 * 0 or -errno, -EAGAIN as facts_holders_ask() has it.
 * Source: /proc/PID/fdinfo, kcmp(2).
 */
int facts_locks_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);

#endif
