#ifndef ANALYSIS_LEAKS_UNUSED_H
#define ANALYSIS_LEAKS_UNUSED_H

#include "analysis/finding.h"

/*
 * Descriptors of IPC objects that programs inherited across execve and that nobody used until they
 * were closed; those of processes that still run are not judged. begin_ns: when the trace began.
 */
void leaks_find_unused(const struct model *model, struct arena *arena, uint64_t begin_ns,
		       struct findings *findings);

#endif
