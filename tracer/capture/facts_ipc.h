#ifndef CAPTURE_FACTS_IPC_H
#define CAPTURE_FACTS_IPC_H

#include "capture/facts_cache.h"
#include "event/event.h"

/* Answer FACT_QUEUE. 0 or -errno. */
int facts_ipc_ask_queue(struct tracee *tracee, struct event *ev, int fd);

/*
 * Answer FACT_PIPE about either end of a pipe or a FIFO. 0 or -errno, -EBUSY if a call of another
 * tracee may keep the pipe locked.
 */
int facts_ipc_ask_pipe(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);

/*
 * The tracee is about to move data between from and to (numbers of its own). With a pipe at one end
 * and a socket, terminal or the like at the other, the kernel may sleep with the pipe locked; who asks
 * how full it is sleeps then too, and no signal ends that. Returns that pipe's inode or 0.
 * Source: splice_file_to_pipe(), splice_to_socket() and iter_file_splice_write() in fs/splice.c.
 */
uint64_t facts_ipc_pipe_to_lock(struct facts_cache *cache, struct tracee *tracee, int from, int to);

/*
 * Answer FACT_MQ. 0 or -errno, -EBADF for what is no queue. The process to notify is -1, not
 * known: the kernel tells it only to a read, which changes the queue's times.
 */
int facts_ipc_ask_mq(struct tracee *tracee, struct event *ev, int fd);

/* Answer FACT_LOCKS about the file of a descriptor, also when nobody has a lock. 0 or -errno. */
int facts_ipc_ask_locks(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd);

/*
 * Answer FACT_SIGNALS about a process or thread: 0, -ESRCH, or -EXDEV where its pids are not
 * ours. Masks have signal n at bit n - 1.
 */
int facts_ipc_ask_signals(struct event *ev, int64_t pid);

#endif
