#ifndef EVENT_TRACE_RECORD_H
#define EVENT_TRACE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "event/event.h"

/*
 * One event as bytes, and back. All numbers are little-endian:
 *
 *   u32 bytes that follow
 *   u16 fixed_len, then that many bytes: the plain fields of struct event
 *   three tables, ranges, facts and frames, each: u32 count, u16 item_len, count * item_len bytes
 *   u32 count, then that many bytes: event.bytes
 *   whatever a newer writer adds
 *
 * A reader takes what it knows of fixed part, items and record, skips the rest by the lengths,
 * and gives 0 to fields that an older writer did not write.
 */

enum {
	TRACE_RECORD_MAX = 32 * 1024 * 1024,
	/* The kind that the end mark has, and no event: readers of version 1.0 skip it. */
	TRACE_RECORD_END = INT32_MAX,
};

/* Append the record of ev. -EMSGSIZE, with nothing added, if it is over TRACE_RECORD_MAX. */
int trace_record_put(struct buf *out, const struct event *ev);

/*
 * Read the record at data into ev, whose memory is reused. Returns the bytes it takes or
 * -EBADMSG if it is not whole or contradicts itself; ev is then empty. A kind of event that this
 * version does not know gives EVENT_NONE; the end mark is of kind TRACE_RECORD_END, args[0] being
 * the number of events before it and args[1] of those that are not there.
 */
ssize_t trace_record_get(const uint8_t *data, size_t len, struct event *ev);

/* Append the end mark: n_events were written before it, n_lost could not be. */
void trace_record_put_end(struct buf *out, uint64_t n_events, uint64_t n_lost);

#endif
