#ifndef FILTERS_PATHS_H
#define FILTERS_PATHS_H

#include "decode/decode.h"
#include "filters/names.h"

/*
 * The paths of -P: which calls are on one of them. An argument that is a path has to be the same
 * text, one that is a descriptor has to have it as its link in /proc.
 */
struct path_set;

/* What names are must stay as it is. Never NULL. */
struct path_set *path_set_create(const struct call_names *names);
void path_set_destroy(struct path_set *set);
void path_set_add(struct path_set *set, const char *path);

/*
 * Is the call that ev is about on one of the paths? Asks mem for its arguments and descriptors. Where
 * more descriptors are polled than are looked at, or nothing can be found out of one, the answer is yes.
 * Source: what strace 6.1 selects, seen by trying every argument of every call.
 */
bool path_set_matches(const struct path_set *set, const struct event *ev, const struct mem *mem);

#endif
