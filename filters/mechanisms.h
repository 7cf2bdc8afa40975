#ifndef FILTERS_MECHANISMS_H
#define FILTERS_MECHANISMS_H

#include <stdint.h>

#include "filters/condition.h"

/* The mechanisms of inter-process communication that have a class. */
enum mechanism {
	MECHANISM_PIPE,
	MECHANISM_FIFO,
	MECHANISM_SYSV_MSG,
	MECHANISM_SYSV_SEM,
	MECHANISM_SYSV_SHM,
	MECHANISM_POSIX_MQ,
	MECHANISM_FUTEX,
	MECHANISM_EVENTFD,
	MECHANISM_SIGNALFD,
	MECHANISM_TIMERFD,
	MECHANISM_EPOLL,
	MECHANISM_POLL,
	MECHANISM_INOTIFY,
	MECHANISM_FANOTIFY,
	MECHANISM_UNIX,
	MECHANISM_INET,
	MECHANISM_NETLINK,
	MECHANISM_SOCKET,
	MECHANISM_LOCKS,
	MECHANISM_SHARED_MEM,
	MECHANISM_MEMFD,
	MECHANISM_PTY,
	MECHANISM_PROCESS_VM,
	MECHANISM_PIDFD,
	MECHANISM_SIGNALS,
	MECHANISM_WAIT,
	MECHANISM_PTRACE,
	MECHANISM_IO_URING,
	MECHANISM_USERFAULTFD,
	MECHANISM_NAMESPACES,
	MECHANISM_KINDS
};

#define MECHANISM_BIT(mechanism) (1ull << (mechanism))
#define MECHANISM_ALL            (MECHANISM_BIT(MECHANISM_KINDS) - 1)

/*
 * Add to *rule on what conditions call belongs to the mechanisms of a mask. i386's mmap, whose
 * arguments are in memory, goes by the kernel's name for it, "old_mmap".
 */
void mechanisms_rule(uint64_t mechanisms, const char *call, struct rule *rule);

#endif
