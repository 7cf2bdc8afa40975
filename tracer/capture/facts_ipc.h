#ifndef CAPTURE_FACTS_IPC_H
#define CAPTURE_FACTS_IPC_H

#include "capture/facts_cache.h"
#include "event/event.h"

/* Answer FACT_PIPE about either end of a pipe or a FIFO. 0 or -errno. */
int facts_ipc_ask_pipe(struct tracee *tracee, struct event *ev, int fd);

#endif
