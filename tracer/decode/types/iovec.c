/* Scattered buffers: linux/uio.h's struct iovec. */
#include "decode/types/iovec.h"

#include "base/array.h"
#include "decode/decode.h"
#include "decode/types/types.h"

enum { FIELD_BASE, FIELD_LEN };

/* Bases beyond these are read one by one, should anyone ask to see that many. */
enum { PREFETCH_MAX = 64 };

static const struct slot iovec_fields[] = {
	[FIELD_BASE] = { "iov_base", &type_addr },
	[FIELD_LEN] = { "iov_len", &type_size },
	{ 0 },
};

const struct type type_iovec = { .name = "iovec", .fields = iovec_fields };

static const struct slot iovec_slot = { "iov", &type_iovec };

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* One read for all bases while the tracee is stopped, instead of one for each. */
static void prefetch_bases(struct decode *d, const struct value *items, uint64_t limit)
{
	struct event_range wanted[PREFETCH_MAX];
	size_t n = 0;

	if (!d->mem.live)
		return;
	for (uint32_t i = 0; i < items->array.n && n < PREFETCH_MAX; i++) {
		const struct field *fields = items->array.items[i].st.fields;
		uint64_t len = min_u64(fields[FIELD_LEN].value.u, limit);
		uint64_t shown = min_u64(len, d->options->string_limit);

		limit -= len;
		shown = min_u64(shown, DECODE_BYTES_MAX);
		if (shown && fields[FIELD_BASE].value.u)
			wanted[n++] = (struct event_range){ .addr = fields[FIELD_BASE].value.u,
							    .len = (uint32_t)shown };
	}
	if (n > 1)
		d->mem.live->prefetch(d->mem.live->data, d->mem.ev, wanted, n);
}

void iovec_show(struct decode *d, uint64_t addr, uint64_t count, uint64_t limit,
		struct value *ret_v)
{
	decode_array_at(d, &iovec_slot, &type_iovec, addr, count, ret_v);
	if (ret_v->kind != VALUE_ARRAY)
		return;
	prefetch_bases(d, ret_v, limit);
	for (uint32_t i = 0; i < ret_v->array.n; i++) {
		struct field *fields = ret_v->array.items[i].st.fields;
		uint64_t len = min_u64(fields[FIELD_LEN].value.u, limit);

		limit -= len;
		decode_buffer_at(d, fields[FIELD_BASE].value.u, len, &fields[FIELD_BASE].value);
	}
}

static void show_in(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	iovec_show(d, raw, decode_len(d, slot), UINT64_MAX, ret_v);
}

static void show_addr(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	decode_array_at(d, &iovec_slot, &type_iovec, raw, decode_len(d, slot), ret_v);
}

static void show_out(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	if (!d->is_exit || d->ev->is_error)
		show_addr(d, slot, raw, ret_v);
	else
		iovec_show(d, raw, decode_len(d, slot), (uint64_t)d->ev->ret, ret_v);
}

static size_t reach_iovec(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t n = raw ? decode_len(d, slot) : 0;

	if (!d->options->is_verbose)
		n = min_u64(n, d->options->string_limit);
	return min_u64(n, DECODE_ITEMS_MAX) * decode_type_len(d, &type_iovec);
}

#define IOVEC(name_, show_, is_nested_)                                                            \
	const struct type type_iovec_##name_ = { .name = "iovec_" #name_,                          \
						 .len32 = 4,                                       \
						 .len64 = 8,                                       \
						 .show = (show_),                                  \
						 .reach = reach_iovec,                             \
						 .is_nested = (is_nested_) }

IOVEC(in, show_in, true);
IOVEC(out, show_out, true);
IOVEC(addr, show_addr, false);
