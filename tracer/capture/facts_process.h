#ifndef CAPTURE_FACTS_PROCESS_H
#define CAPTURE_FACTS_PROCESS_H

#include "capture/tracee.h"
#include "event/event.h"

/*
 * Answer FACT_PROCESS about any thread, and FACT_CHILDREN about any process: 0, or -EXDEV if the
 * tracee numbers processes otherwise than we do, or -errno.
 */
int facts_process_ask(struct tracee *tracee, struct event *ev, int64_t tid);
int facts_process_ask_children(struct tracee *tracee, struct event *ev, int64_t pid);

#endif
