#ifndef ANALYSIS_LEAKS_H
#define ANALYSIS_LEAKS_H

#include "analysis/finding.h"

/*
 * Objects that traced programs made and did not remove, and that stay without them: System V
 * objects, POSIX queues, files of /dev/shm, FIFOs, paths of unix sockets. Each is a finding whose
 * command removes it. Descriptors that were inherited for nothing follow: leaks_unused.h. begin_ns: when the trace began.
 */
void leaks_find(const struct model *model, struct arena *arena, uint64_t begin_ns,
		struct findings *findings);

#endif
