/*
 * Asynchronous I/O of old.
 * Shape:  { u64 aio_data; u32 aio_key, aio_rw_flags; u16 aio_lio_opcode; s16 aio_reqprio;
 *         u32 aio_fildes; u64 aio_buf, aio_nbytes; s64 aio_offset; u64; u32 aio_flags, aio_resfd; }
 *         on every architecture of ours.
 * Source: linux/aio_abi.h.
 */
#include "decode/types/aio.h"

#include "decode/consts/fd.h"
#include "decode/consts/io_uring.h"
#include "decode/decode.h"
#include "decode/types/iovec.h"
#include "decode/types/types.h"

enum { IOCB_LEN = 64, FLAG_RESFD = 1, FLAG_IOPRIO = 2, IOPRIO_SHIFT = 13 };

enum aio_op {
	AIO_PREAD = 0,
	AIO_PWRITE = 1,
	AIO_POLL = 5,
	AIO_PREADV = 7,
	AIO_PWRITEV = 8,
};

static uint64_t at(const struct span *span, size_t offset, size_t len)
{
	return decode_number(span->data + offset, len);
}

static struct value priority_value(struct decode *d, const struct span *span)
{
	int16_t raw = (int16_t)at(span, 18, 2);
	struct value value;

	if (!(at(span, 56, 4) & FLAG_IOPRIO))
		return value_int(raw);
	value = value_call(d->arena, "IOPRIO_PRIO_VALUE", 2);
	value.call.args[0] =
		decode_enum(d->arena, &set_ioprio_classes, (uint16_t)raw >> IOPRIO_SHIFT);
	value.call.args[1] = value_uint((uint16_t)raw & ((1u << IOPRIO_SHIFT) - 1));
	return value;
}

static void add_head(struct decode *d, const struct span *span, struct value *v)
{
	uint64_t key = at(span, 8, 4), rw_flags = at(span, 12, 4);
	struct value op = decode_enum(d->arena, &set_aio_ops, at(span, 16, 2));

	op.base = 10;
	*value_field(v, "aio_data") = value_hex(at(span, 0, 8));
	if (key)
		*value_field(v, "aio_key") = value_uint(key);
	if (rw_flags)
		*value_field(v, "aio_rw_flags") =
			decode_flags(d->arena, &set_aio_rw_flags, rw_flags);
	*value_field(v, "aio_lio_opcode") = op;
	if (at(span, 18, 2))
		*value_field(v, "aio_reqprio") = priority_value(d, span);
	*value_field(v, "aio_fildes") = decode_fd(d, (int32_t)at(span, 20, 4));
}

static void show_head(struct decode *d, const struct slot *slot, const struct span *span,
		      struct value *ret_v)
{
	(void)slot;
	*ret_v = value_struct(d->arena, 6);
	ret_v->addr = span->addr;
	add_head(d, span, ret_v);
}

/* What follows the head, if the operation has it: where the bytes are. */
static void add_buffer(struct decode *d, const struct span *span, struct value *v)
{
	static const struct slot vector_slot = { "iov", &type_iovec };
	uint64_t op = at(span, 16, 2), buf = at(span, 24, 8), n = at(span, 32, 8);
	struct value *data;

	if (op > AIO_PWRITE && op != AIO_POLL && op != AIO_PREADV && op != AIO_PWRITEV)
		return;
	data = value_field(v, "aio_buf");
	if (op == AIO_POLL) {
		*data = decode_flags(d->arena, &set_poll_events, buf);
	} else if (op == AIO_PWRITEV) {
		iovec_show(d, buf, n, UINT64_MAX, data);
	} else if (op == AIO_PREADV) {
		decode_array_at(d, &vector_slot, &type_iovec, buf, n, data);
	} else if (op == AIO_PWRITE && buf) {
		decode_buffer_at(d, buf, n, data);
	} else {
		*data = value_hex(buf);
	}
	if (op <= AIO_PWRITE)
		*value_field(v, "aio_nbytes") = value_uint(n);
	if (op != AIO_POLL)
		*value_field(v, "aio_offset") = value_int((int64_t)at(span, 40, 8));
	if (at(span, 56, 4))
		*value_field(v, "aio_flags") =
			decode_flags(d->arena, &set_aio_flags, at(span, 56, 4));
	if (at(span, 56, 4) & FLAG_RESFD)
		*value_field(v, "aio_resfd") = decode_fd(d, (int32_t)at(span, 60, 4));
}

static void show_iocb_ptr(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint8_t bytes[IOCB_LEN];
	struct span span = { bytes, sizeof(bytes), raw };

	(void)slot;
	if (!raw || mem_read_all(&d->mem, raw, bytes, sizeof(bytes)) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	*ret_v = value_struct(d->arena, 11);
	ret_v->addr = raw;
	add_head(d, &span, ret_v);
	add_buffer(d, &span, ret_v);
}

const struct type type_iocb_head = { .name = "iocb",
				     .len32 = IOCB_LEN,
				     .len64 = IOCB_LEN,
				     .align = 8,
				     .show_bytes = show_head,
				     .is_nested = true };
const struct type type_iocb_ptr = {
	.name = "iocb_ptr", .len32 = 4, .len64 = 8, .show = show_iocb_ptr, .is_nested = true
};
static const struct slot event_fields[] = {
	{ "data", &type_x64 },
	{ "obj", &type_x64 },
	{ "res", &type_s64 },
	{ "res2", &type_s64 },
	{ 0 },
};
const struct type type_aio_event = { .name = "io_event", .fields = event_fields };
