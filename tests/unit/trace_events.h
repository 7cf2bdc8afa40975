#ifndef TESTS_TRACE_EVENTS_H
#define TESTS_TRACE_EVENTS_H

#include "event/event.h"
#include "event/trace_file.h"

/* Events with something in every field, and files of them. */
extern const struct trace_meta trace_events_meta;

/* Every field differs from every other, and from what it is without being written. */
void trace_events_fill(struct event *ev, unsigned seed);

void trace_events_assert_same(const struct event *a, const struct event *b);

/* A file in memory, at its start, of events 0 to n_events - 1 in blocks of per_block. */
int trace_events_file(unsigned n_events, unsigned per_block, int level);

#endif
