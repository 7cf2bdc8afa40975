#include "event/trace_record.h"

#include <errno.h>
#include <stdlib.h>

#include "event/wire.h"

/*
 * The order in the file. New fields go to the end of their list: older readers skip them. Names
 * of types are those of wire.h.
 */
#define EVENT_FIELDS(X)                                                                            \
	X(u32, kind)                                                                               \
	X(u32, arch)                                                                               \
	X(s32, tid)                                                                                \
	X(s32, tgid)                                                                               \
	X(s32, other)                                                                              \
	X(s32, sig)                                                                                \
	X(s32, code)                                                                               \
	X(bool, is_core)                                                                           \
	X(bool, is_error)                                                                          \
	X(bool, is_blind)                                                                          \
	X(u64, nr)                                                                                 \
	X(u64, args[0])                                                                            \
	X(u64, args[1])                                                                            \
	X(u64, args[2])                                                                            \
	X(u64, args[3])                                                                            \
	X(u64, args[4])                                                                            \
	X(u64, args[5])                                                                            \
	X(s64, ret)                                                                                \
	X(u64, ip)                                                                                 \
	X(u64, sp)                                                                                 \
	X(u64, time_ns)                                                                            \
	X(u64, real_ns)                                                                            \
	X(u32, lag_ns)

#define RANGE_FIELDS(X)                                                                            \
	X(u64, addr)                                                                               \
	X(u32, len)                                                                                \
	X(u32, data)

#define FACT_FIELDS(X)                                                                             \
	X(u16, kind)                                                                               \
	X(s64, subject)                                                                            \
	X(u64, dev)                                                                                \
	X(u64, ino)                                                                                \
	X(u64, id)                                                                                 \
	X(s64, value[0])                                                                           \
	X(s64, value[1])                                                                           \
	X(s64, value[2])                                                                           \
	X(s64, value[3])                                                                           \
	X(s64, value[4])                                                                           \
	X(s64, value[5])                                                                           \
	X(u32, text)                                                                               \
	X(u32, text_len)

#define FRAME_FIELDS(X)                                                                            \
	X(u64, ip)                                                                                 \
	X(u64, offset)                                                                             \
	X(u32, module)                                                                             \
	X(u32, module_len)                                                                         \
	X(u32, symbol)                                                                             \
	X(u32, symbol_len)

enum { LEN_bool = 1, LEN_u16 = 2, LEN_u32 = 4, LEN_s32 = 4, LEN_u64 = 8, LEN_s64 = 8 };

#define ADD_LEN(type, field) +LEN_##type

enum {
	EVENT_LEN = 0 EVENT_FIELDS(ADD_LEN),
	RANGE_LEN = 0 RANGE_FIELDS(ADD_LEN),
	FACT_LEN = 0 FACT_FIELDS(ADD_LEN),
	FRAME_LEN = 0 FRAME_FIELDS(ADD_LEN),
	TABLE_HEAD_LEN = 4 + 2,
	ITEM_LEN_MIN = 16, /* no version has written a shorter one */
};

/* put_x() and get_x() of one item; what a table's count and item_len are is written outside. */
#define PUT_FIELD(type, field)  wire_put_##type(p, item->field);
#define TAKE_FIELD(type, field) item->field = wire_take_##type(wire);
#define GET_FIELD(type, field)  item->field = wire_get_##type(wire);
#define ITEM(name, struct_, FIELDS)                                                                \
	static void put_##name(uint8_t **p, const struct_ *item)                                   \
	{                                                                                          \
		FIELDS(PUT_FIELD)                                                                  \
	}                                                                                          \
	/* Most files are of our own version: one look at the length is enough. */                 \
	static void get_##name(struct wire *wire, struct_ *item)                                   \
	{                                                                                          \
		if (wire_left(wire) >= (0 FIELDS(ADD_LEN))) {                                      \
			FIELDS(TAKE_FIELD)                                                         \
			return;                                                                    \
		}                                                                                  \
		FIELDS(GET_FIELD)                                                                  \
	}

ITEM(event, struct event, EVENT_FIELDS)
ITEM(range, struct event_range, RANGE_FIELDS)
ITEM(fact, struct fact, FACT_FIELDS)
ITEM(frame, struct event_frame, FRAME_FIELDS)

static uint64_t record_len(const struct event *ev)
{
	return 2 + EVENT_LEN + 3 * TABLE_HEAD_LEN + (uint64_t)ev->n_ranges * RANGE_LEN +
	       (uint64_t)ev->n_facts * FACT_LEN + (uint64_t)ev->n_frames * FRAME_LEN + 4 +
	       ev->bytes.len;
}

int trace_record_put(struct buf *out, const struct event *ev)
{
	uint64_t len = record_len(ev);
	uint8_t *p;

	if (len > TRACE_RECORD_MAX)
		return -EMSGSIZE;
	p = (uint8_t *)buf_reserve(out, 4 + len);
	wire_put_u32(&p, (uint32_t)len);
	wire_put_u16(&p, EVENT_LEN);
	put_event(&p, ev);
	wire_put_u32(&p, ev->n_ranges);
	wire_put_u16(&p, RANGE_LEN);
	for (uint32_t i = 0; i < ev->n_ranges; i++)
		put_range(&p, &ev->ranges[i]);
	wire_put_u32(&p, ev->n_facts);
	wire_put_u16(&p, FACT_LEN);
	for (uint32_t i = 0; i < ev->n_facts; i++)
		put_fact(&p, &ev->facts[i]);
	wire_put_u32(&p, ev->n_frames);
	wire_put_u16(&p, FRAME_LEN);
	for (uint32_t i = 0; i < ev->n_frames; i++)
		put_frame(&p, &ev->frames[i]);
	wire_put_u32(&p, (uint32_t)ev->bytes.len);
	if (ev->bytes.len)
		memcpy(p, ev->bytes.data, ev->bytes.len);
	out->len += 4 + len;
	return 0;
}

/*
 * The head of a table: its items are all there, and none is so short that many of them would take
 * much more memory than they do in the file.
 */
static int get_table(struct wire *wire, uint32_t *ret_n, uint16_t *ret_item_len)
{
	uint32_t n = wire_get_u32(wire);
	uint16_t item_len = wire_get_u16(wire);

	if (n && (item_len < ITEM_LEN_MIN || n > wire_left(wire) / item_len))
		return -EBADMSG;
	*ret_n = n;
	*ret_item_len = item_len;
	return 0;
}

/* Room for n items, as a table's head has promised them; what was in it is of no interest. */
static void *make_room(void *items, size_t *capacity, uint32_t n, size_t item_len)
{
	if (n <= *capacity)
		return items;
	free(items);
	items = calloc(n, item_len);
	if (!items)
		abort();
	*capacity = n;
	return items;
}

/* get_x() of a whole table into ev->xs. */
#define TABLE(name, names)                                                                         \
	static int get_##names(struct wire *wire, struct event *ev)                                \
	{                                                                                          \
		uint16_t item_len;                                                                 \
		uint32_t n;                                                                        \
                                                                                                   \
		if (get_table(wire, &n, &item_len) < 0)                                            \
			return -EBADMSG;                                                           \
		ev->names = make_room(ev->names, &ev->cap_##names, n, sizeof(*ev->names));         \
		ev->n_##names = n;                                                                 \
		for (uint32_t i = 0; i < n; i++) {                                                 \
			struct wire item = wire_part(wire, item_len);                              \
                                                                                                   \
			get_##name(&item, &ev->names[i]);                                          \
		}                                                                                  \
		return 0;                                                                          \
	}

TABLE(range, ranges)
TABLE(fact, facts)
TABLE(frame, frames)

static bool is_within(size_t total, uint32_t offset, uint32_t len)
{
	return offset <= total && len <= total - offset;
}

/* Does everything that points into event.bytes point into it? */
static bool is_consistent(const struct event *ev)
{
	size_t total = ev->bytes.len;

	for (uint32_t i = 0; i < ev->n_ranges; i++) {
		if (!is_within(total, ev->ranges[i].data, ev->ranges[i].len))
			return false;
	}
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		if (!is_within(total, ev->facts[i].text, ev->facts[i].text_len))
			return false;
	}
	for (uint32_t i = 0; i < ev->n_frames; i++) {
		const struct event_frame *frame = &ev->frames[i];

		if (!is_within(total, frame->module, frame->module_len) ||
		    !is_within(total, frame->symbol, frame->symbol_len))
			return false;
	}
	return true;
}

static int get_all(struct wire *wire, struct event *ev)
{
	uint16_t fixed_len = wire_get_u16(wire);
	struct wire fixed = wire_part(wire, fixed_len);
	uint32_t n_bytes;

	get_event(&fixed, ev);
	if ((uint32_t)ev->kind >= EVENT_KINDS && (uint32_t)ev->kind != TRACE_RECORD_END)
		ev->kind = EVENT_NONE;
	if (get_ranges(wire, ev) < 0 || get_facts(wire, ev) < 0 || get_frames(wire, ev) < 0)
		return -EBADMSG;
	n_bytes = wire_get_u32(wire);
	if (n_bytes > wire_left(wire))
		return -EBADMSG;
	buf_add(&ev->bytes, wire->at, n_bytes);
	return is_consistent(ev) ? 0 : -EBADMSG;
}

ssize_t trace_record_get(const uint8_t *data, size_t len, struct event *ev)
{
	struct wire wire = { data, data + len };
	uint32_t n = wire_get_u32(&wire);

	event_clear(ev);
	if (len < 4 || n > TRACE_RECORD_MAX || n > wire_left(&wire))
		return -EBADMSG;
	wire.end = wire.at + n;
	if (get_all(&wire, ev) < 0) {
		event_clear(ev);
		return -EBADMSG;
	}
	return 4 + (ssize_t)n;
}

void trace_record_put_end(struct buf *out, uint64_t n_events, uint64_t n_lost)
{
	struct event ev = { .args = { n_events, n_lost } };

	ev.kind = (enum event_kind)TRACE_RECORD_END;
	trace_record_put(out, &ev);
}
