#ifndef CAPTURE_OWN_CALLS_H
#define CAPTURE_OWN_CALLS_H

#include <stdint.h>

/* What ipctrace goes on doing once everything is set up. */
enum own_calls {
	CALLS_OF_OUTPUT = 1 << 0, /* to files that are open: all that a replay does */
	CALLS_OF_LOOKING = 1 << 1, /* into /proc, and at the memory and descriptors of others */
	CALLS_OF_OBJECTS = 1 << 2, /* questions to the kernel about IPC objects */
	CALLS_OF_STACKS = 1 << 3, /* talking to the process that unwinds */
	CALLS_OF_TRACING = 1 << 4,
	CALLS_OF_FILES = 1 << 5, /* making new ones */
};

/* What a thread of ours keeps: PRIVILEGE() of each capability, and CALLS_OF_* of each kind of calls. */
struct own_rights {
	uint64_t privileges;
	unsigned calls; /* 0: any call */
};

/*
 * Give up, for the calling thread, whatever is not among these rights. A call that it may not make
 * any more fails with ENOSYS, which the C library takes for an old kernel. What cannot be given up is
 * kept: a kernel without seccomp allows everything. To be called before there are threads to make:
 * none can be afterwards.
 */
void own_rights_keep(const struct own_rights *rights);

#endif
