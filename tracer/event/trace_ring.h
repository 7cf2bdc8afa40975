#ifndef EVENT_TRACE_RING_H
#define EVENT_TRACE_RING_H

#include "event/trace_file.h"

/*
 * The latest events, in bounded memory, to be written as a trace file when something happens.
 * They lie in segments, of which the oldest is dropped when there is no more room. A segment
 * begins with a snapshot: events that tell what was known then, so that whatever segment is the
 * oldest, what is written can be understood.
 */
struct trace_ring;

/* Keep about size bytes, snapshots included; but always one whole segment. Never NULL. */
struct trace_ring *trace_ring_create(size_t size);
void trace_ring_destroy(struct trace_ring *ring);

/* Is it time to begin a segment? So it is at the start. */
bool trace_ring_is_full(const struct trace_ring *ring);

/* Begin one. What is known is then added by trace_ring_add_known(), each -EMSGSIZE or 0. */
void trace_ring_begin(struct trace_ring *ring);
int trace_ring_add_known(struct trace_ring *ring, const struct event *ev);

/* Add an event, in a segment: 0, or -EMSGSIZE if it is too large and was left out. */
int trace_ring_add(struct trace_ring *ring, const struct event *ev);

/* How many events there are, without snapshots, and how many were dropped or left out. */
uint64_t trace_ring_kept(const struct trace_ring *ring);
uint64_t trace_ring_lost(const struct trace_ring *ring);

/* Give all to a writer, as trace_writer_add() does: the oldest snapshot, and the events. */
int trace_ring_write(const struct trace_ring *ring, struct trace_writer *writer);

#endif
