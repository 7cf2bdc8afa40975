#ifndef CAPTURE_FACTS_H
#define CAPTURE_FACTS_H

#include "capture/tracee.h"
#include "event/event.h"
#include "event/mem.h"

/*
 * Answer a question about a stopped tracee from /proc and the kernel: add the fact to ev. Paths
 * are read through mem.
 * 0, or -errno with nothing added. No side effect on the tracee; descriptors that have to be
 * borrowed from it are given back before this returns.
 */
int facts_ask(struct tracee *tracee, struct event *ev, const struct mem *mem, enum fact_kind kind,
	      int64_t subject);

/*
 * What a descriptor is, from the text of its link and the mode and device of what it refers to.
 * Sockets are FD_SOCKET: their family takes asking.
 */
enum fd_kind facts_fd_kind(const char *link, uint32_t mode, uint64_t rdev);

#endif
