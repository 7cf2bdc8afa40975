#ifndef ANALYSIS_LEAKS_LOCK_H
#define ANALYSIS_LEAKS_LOCK_H

#include "analysis/finding.h"

/*
 * Locks of files that traced programs took and that are held by processes which outlive the trace
 * without being traced. begin_ns: when the trace began.
 */
void leaks_find_locks(const struct model *model, struct arena *arena, uint64_t begin_ns,
		      struct findings *findings);

#endif
