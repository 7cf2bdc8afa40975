#include "event/trace_ring.h"

#include <stdlib.h>

#include "event/trace_record.h"

enum { SEGMENTS = 8, SEGMENT_MIN = 4096 };

struct segment {
	struct buf known, events; /* records */
	uint64_t n;
	struct segment *next; /* the one that came after it */
};

struct trace_ring {
	size_t size, len; /* wanted, and what all segments have */
	struct segment *first, *last;
	uint64_t n, n_lost;
};

struct trace_ring *trace_ring_create(size_t size)
{
	struct trace_ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		abort();
	ring->size = size;
	return ring;
}

static size_t segment_len(const struct segment *segment)
{
	return segment->known.len + segment->events.len;
}

static void drop_first(struct trace_ring *ring)
{
	struct segment *segment = ring->first;

	ring->first = segment->next;
	ring->len -= segment_len(segment);
	ring->n -= segment->n;
	ring->n_lost += segment->n;
	buf_finish(&segment->known);
	buf_finish(&segment->events);
	free(segment);
}

void trace_ring_destroy(struct trace_ring *ring)
{
	while (ring && ring->first)
		drop_first(ring);
	free(ring);
}

bool trace_ring_is_full(const struct trace_ring *ring)
{
	const struct segment *last = ring->last;
	size_t limit = ring->size / SEGMENTS;

	if (!last)
		return true;
	/* Where much is known, longer segments: else there would be little but snapshots. */
	if (limit < last->known.len)
		limit = last->known.len;
	return last->events.len >= limit && last->events.len >= SEGMENT_MIN;
}

/* All but the one that is being filled and the one before it can go. */
static void make_room(struct trace_ring *ring)
{
	while (ring->len > ring->size && ring->first != ring->last &&
	       ring->first->next != ring->last)
		drop_first(ring);
}

void trace_ring_begin(struct trace_ring *ring)
{
	struct segment *segment = calloc(1, sizeof(*segment));

	if (!segment)
		abort();
	if (ring->last)
		ring->last->next = segment;
	else
		ring->first = segment;
	ring->last = segment;
	make_room(ring);
}

static int add(struct trace_ring *ring, struct buf *records, const struct event *ev)
{
	size_t before = records->len;
	int err = trace_record_put(records, ev);

	ring->len += records->len - before;
	return err;
}

int trace_ring_add_known(struct trace_ring *ring, const struct event *ev)
{
	return add(ring, &ring->last->known, ev);
}

int trace_ring_add(struct trace_ring *ring, const struct event *ev)
{
	int err = add(ring, &ring->last->events, ev);

	if (err < 0) {
		ring->n_lost++;
		return err;
	}
	ring->last->n++;
	ring->n++;
	make_room(ring);
	return 0;
}

uint64_t trace_ring_kept(const struct trace_ring *ring)
{
	return ring->n;
}

uint64_t trace_ring_lost(const struct trace_ring *ring)
{
	return ring->n_lost;
}

int trace_ring_write(const struct trace_ring *ring, struct trace_writer *writer)
{
	int err = 0;

	if (ring->first)
		err = trace_writer_add_records(writer, &ring->first->known);
	for (const struct segment *segment = ring->first; segment && !err; segment = segment->next)
		err = trace_writer_add_records(writer, &segment->events);
	return err;
}
