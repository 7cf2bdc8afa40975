#ifndef RENDER_TEXT_STACK_H
#define RENDER_TEXT_STACK_H

#include "base/buf.h"
#include "event/event.h"

/* The frames of an event, a line each, as strace -k writes them; nothing without frames. */
void text_stack(struct buf *out, const struct event *ev);

#endif
