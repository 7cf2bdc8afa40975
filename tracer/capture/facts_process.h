#ifndef CAPTURE_FACTS_PROCESS_H
#define CAPTURE_FACTS_PROCESS_H

#include "capture/tracee.h"
#include "event/event.h"

/*
 * Answer FACT_PROCESS about any thread, and FACT_CHILDREN about any process, in our numbers: 0, or
 * -errno.
 */
int facts_process_ask(struct event *ev, int64_t tid);
int facts_process_ask_children(struct event *ev, int64_t pid);

#endif
