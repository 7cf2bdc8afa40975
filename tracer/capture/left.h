#ifndef CAPTURE_LEFT_H
#define CAPTURE_LEFT_H

#include "event/event.h"

/*
 * Answer each FACT_LEFT of ev: is what was made still there? Nothing is traced any more. System V
 * ids and queues of another IPC namespace are looked for through a process that is in it; when
 * there is none, they have gone with it.
 */
void left_answer(struct event *ev);

#endif
