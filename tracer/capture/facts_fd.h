#ifndef CAPTURE_FACTS_FD_H
#define CAPTURE_FACTS_FD_H

#include "capture/facts_cache.h"
#include "event/event.h"

/*
 * What a descriptor is, from the text of its link and the mode and device of what it refers to.
 * Sockets are FD_SOCKET: their family takes asking.
 */
enum fd_kind facts_fd_kind(const char *link, uint32_t mode, uint64_t rdev);

/*
 * What is remembered of the tracee's descriptor, after a look at it if need be: 0, or -errno.
 * *ret_entry is valid until the next question.
 */
int facts_fd_look(struct facts_cache *cache, struct tracee *tracee, int fd,
		  struct fd_entry **ret_entry);

/* Is device dev, as tid sees it, a file system whose files are just files? */
bool facts_fd_is_plain_dev(struct facts_cache *cache, pid_t tid, uint64_t dev);

/*
 * Borrow the tracee's descriptor; close it before the answer is given, as with it ends of file
 * and locks' ends are put off. -EBADF if it is closed, -EPERM, -EBUSY if the tracee is not stopped.
 */
int facts_fd_borrow(struct tracee *tracee, int fd);

/* The same of a socket, also from a tracee that runs on: a close of its own then counts later. */
int facts_fd_borrow_socket(struct tracee *tracee, int fd);

/* Answer FACT_FD, FACT_FD_KIND. 0 or -errno. */
int facts_fd_ask_kind(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);
int facts_fd_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);

/*
 * Answer FACT_FDS with a FACT_HOLDING for each descriptor of the process, at most 4096 of them.
 * What is seen is remembered, if it is the tracee's own process.
 */
int facts_fd_ask_all(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		     int64_t pid);

#endif
