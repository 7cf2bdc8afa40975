#ifndef CAPTURE_FACTS_ANON_H
#define CAPTURE_FACTS_ANON_H

#include <stdbool.h>

#include "capture/facts_cache.h"

/* Kinds of descriptors that share one inode, so that only kcmp(2) tells their files apart. */
bool facts_anon_is_nameless(enum fd_kind kind);

/*
 * Give entry, a descriptor of such a kind that was just looked at through tid, a number that
 * stands for its open file description: that of a descriptor met before, if kcmp says it is the
 * same, else a new one. The number stays with the file for as long as one descriptor of it is
 * remembered.
 */
void facts_anon_identify(struct facts_cache *cache, pid_t tid, struct fd_entry *entry);

#endif
