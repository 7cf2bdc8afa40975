#ifndef CAPTURE_FACTS_HOLDERS_H
#define CAPTURE_FACTS_HOLDERS_H

#include "capture/facts_cache.h"
#include "event/event.h"

/*
 * Answer FACT_HOLDERS with a FACT_HOLDER for each descriptor of that inode on the machine, whose
 * dev and ino are those of the file: inodes of different file systems may have the same number.
 * At most 64 of them are given, those outside the traced set first; value[0] counts all.
 *
 * It takes a walk through /proc/PID/fd of everybody, so what was found is kept and looked up:
 * again after a second, or when nobody is found, but such walks never take more than 5 % of the
 * time. What is given was true within the last tenth of a second. Threads that have descriptors
 * of their own are not seen.
 * 0, -EAGAIN if nobody is known and it is too early for another walk, or -errno.
 */
int facts_holders_ask(struct facts_cache *cache, struct event *ev, uint64_t ino);

/* When the walk began that the last answer was found by; CLOCK_MONOTONIC, 0: there was none. */
uint64_t facts_holders_walked_ns(const struct facts_cache *cache);

/* Forget what was seen: the next answer is from a walk that is still to come. */
void facts_holders_expire(struct facts_cache *cache);

void facts_holders_finish(struct facts_cache *cache);

#endif
