/*
 * The structures of io_uring_setup, _enter and _register. They are the same for callers of 32 and
 * of 64 bits: linux/io_uring.h.
 */
#include "decode/types/io_uring.h"

#include <string.h>

#include "base/array.h"
#include "decode/consts/io_uring.h"
#include "decode/decode.h"
#include "decode/types/iovec.h"
#include "decode/types/shift.h"
#include "decode/types/types.h"

/* A number at an offset that the struct has. */
static uint64_t at(const struct span *span, size_t offset, size_t len)
{
	return decode_number(span->data + offset, len);
}

static bool has_failed(const struct decode *d)
{
	return d->is_exit && d->ev->is_error;
}

/* --- setup --- */

enum { PARAMS_LEN = 120, OFF_SQ = 40, OFF_CQ = 80 };

/* Names of the 32-bit offsets, and of what stands behind them if it is not 0. */
struct ring_offsets {
	size_t offset;
	const char *names[7];
};

static const struct ring_offsets sq_offsets = {
	OFF_SQ, { "head", "tail", "ring_mask", "ring_entries", "flags", "dropped", "array" }
};
static const struct ring_offsets cq_offsets = {
	OFF_CQ, { "head", "tail", "ring_mask", "ring_entries", "overflow", "cqes", "flags" }
};

static void add_offsets(struct decode *d, const struct span *span,
			const struct ring_offsets *offsets, struct value *ret_v)
{
	size_t offset = offsets->offset;

	*ret_v = value_struct(d->arena, 9);
	for (int i = 0; i < 7; i++, offset += 4)
		*value_field(ret_v, offsets->names[i]) = value_uint(at(span, offset, 4));
	if (at(span, offset, 4))
		*value_field(ret_v, "resv1") = value_hex(at(span, offset, 4));
	if (at(span, offset + 4, 8))
		*value_field(ret_v, "user_addr") = value_addr(at(span, offset + 4, 8));
}

/* strace mentions what has to be 0 only if it is not. */
static void add_reserved(struct decode *d, const struct span *span, size_t offset, struct value *v)
{
	struct value items = value_array(d->arena, 3);
	bool is_zero = true;

	for (int i = 0; i < 3; i++) {
		uint64_t number = at(span, offset + 4 * (size_t)i, 4);

		items.array.items[i] = value_hex(number);
		is_zero &= number == 0;
	}
	if (!is_zero)
		*value_field(v, "resv") = items;
}

static void show_params(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	uint64_t flags = at(span, 8, 4);

	(void)slot;
	*ret_v = value_struct(d->arena, 10);
	ret_v->addr = span->addr;
	*value_field(ret_v, "flags") = decode_flags(d->arena, &set_ring_setup, flags);
	*value_field(ret_v, "sq_thread_cpu") = value_hex(at(span, 12, 4));
	*value_field(ret_v, "sq_thread_idle") = value_uint(at(span, 16, 4));
	if (flags & RING_SETUP_ATTACH_WQ)
		*value_field(ret_v, "wq_fd") = decode_fd(d, (int32_t)at(span, 24, 4));
	add_reserved(d, span, 28, ret_v);
	if (has_failed(d))
		return;
	*value_field(ret_v, "sq_entries") = value_uint(at(span, 0, 4));
	*value_field(ret_v, "cq_entries") = value_uint(at(span, 4, 4));
	*value_field(ret_v, "features") =
		decode_flags(d->arena, &set_ring_features, at(span, 20, 4));
	add_offsets(d, span, &sq_offsets, value_field(ret_v, "sq_off"));
	add_offsets(d, span, &cq_offsets, value_field(ret_v, "cq_off"));
}

/* Nested: wq_fd is found in memory. */
const struct type type_ring_params = { .name = "io_uring_params",
				       .len32 = PARAMS_LEN,
				       .len64 = PARAMS_LEN,
				       .align = 8,
				       .show_bytes = show_params,
				       .is_nested = true };

/* --- enter --- */

static void show_sigset_at(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	static const struct slot sigset_slot = { "sigmask", &type_sigset };

	if (len != 8 || decode_at(d, &sigset_slot, &type_sigset, addr, ret_v) < 0)
		*ret_v = value_addr(addr);
}

static void show_getevents(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	static const struct slot time_slot = { "ts", &type_timespec64 };
	uint8_t bytes[24];
	struct span span = { bytes, sizeof(bytes), raw };

	*ret_v = value_addr(raw);
	if (!raw || d->options->is_strace || decode_len(d, slot) != sizeof(bytes) ||
	    mem_read_all(&d->mem, raw, bytes, sizeof(bytes)) < 0)
		return;
	*ret_v = value_struct(d->arena, 4);
	ret_v->addr = raw;
	show_sigset_at(d, at(&span, 0, 8), at(&span, 8, 4), value_field(ret_v, "sigmask"));
	*value_field(ret_v, "sigmask_sz") = value_uint(at(&span, 8, 4));
	*value_field(ret_v, "min_wait_usec") = value_uint(at(&span, 12, 4));
	decode_at(d, &time_slot, &type_timespec64, at(&span, 16, 8), value_field(ret_v, "ts"));
}

/* --- register --- */

static void show_register(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint32_t command = (uint32_t)raw & ~RING_USE_REGISTERED_RING;
	struct value plain = decode_enum(d->arena, &set_ring_registers, command);

	(void)slot;
	if (!(raw & RING_USE_REGISTERED_RING)) {
		*ret_v = plain;
		return;
	}
	*ret_v = (struct value){ .kind = VALUE_FLAGS, .comment = plain.comment };
	decode_add_flag(d->arena, ret_v, "IORING_REGISTER_USE_REGISTERED_RING");
	if (plain.sym.name)
		decode_add_flag(d->arena, ret_v, plain.sym.name);
	else
		ret_v->flags.rest = command;
	ret_v->flags.raw = (uint32_t)raw;
}

static void show_fds_at(struct decode *d, uint64_t addr, uint64_t n, struct value *ret_v)
{
	static const struct slot fd_slot = { "fd", &type_fd };

	decode_array_at(d, &fd_slot, &type_fd, addr, n, ret_v);
}

static void show_fds(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	show_fds_at(d, raw, decode_len(d, slot), ret_v);
}

static void show_buffers_at(struct decode *d, uint64_t addr, uint64_t n, struct value *ret_v)
{
	static const struct slot buffer_slot = { "iov", &type_iovec };

	decode_array_at(d, &buffer_slot, &type_iovec, addr, n, ret_v);
}

enum { CPU_BYTES_MAX = 1024 };

static void show_cpus(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);
	uint8_t mask[CPU_BYTES_MAX];
	const char **names;
	uint32_t n = 0;

	if (len > sizeof(mask))
		len = sizeof(mask);
	if (!raw || (len && mem_read_all(&d->mem, raw, mask, len) < 0)) {
		*ret_v = value_addr(raw);
		return;
	}
	names = arena_array(d->arena, const char *, len * 8);
	for (uint32_t i = 0; i < len * 8; i++) {
		if (mask[i / 8] & 1u << i % 8)
			names[n++] = arena_printf(d->arena, "%u", i);
	}
	*ret_v = (struct value){ .kind = VALUE_BITSET,
				 .bits = { decode_number(mask, len), names, n, false } };
	ret_v->addr = raw;
}

enum { PROBE_LEN = 16 };

static const struct slot probe_op_fields[] = {
	{ "op", &type_enum8, .set = &set_ring_ops },
	{ "resv", &type_u8, .is_hidden = true },
	{ "flags", &type_flags16, .set = &set_ring_op_flags },
	{ "resv2", &type_u32, .is_hidden = true },
	{ 0 },
};
static const struct type type_probe_op = { .name = "probe_op", .fields = probe_op_fields };

static void show_probe(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	static const struct slot ops_slot = { "ops", &type_probe_op };
	uint64_t n = decode_len(d, slot);
	uint8_t bytes[PROBE_LEN];
	struct span span = { bytes, sizeof(bytes), raw };
	struct value last_op;

	if (!raw || mem_read_all(&d->mem, raw, bytes, sizeof(bytes)) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	if (n > at(&span, 1, 1))
		n = at(&span, 1, 1);
	*ret_v = value_struct(d->arena, 3);
	ret_v->addr = raw;
	last_op = decode_enum(d->arena, &set_ring_ops, at(&span, 0, 1));
	last_op.base = 10;
	*value_field(ret_v, "last_op") = last_op;
	*value_field(ret_v, "ops_len") = value_uint(at(&span, 1, 1));
	decode_array_at(d, &ops_slot, &type_probe_op, raw + PROBE_LEN, n,
			value_field(ret_v, "ops"));
}

static void show_workers(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	static const char *const labels[] = { "[IO_WQ_BOUND]", "[IO_WQ_UNBOUND]" };
	uint64_t n = decode_len(d, slot);
	uint32_t number = 0;

	if (n > ARRAY_LEN(labels))
		n = ARRAY_LEN(labels);
	*ret_v = value_array(d->arena, (uint32_t)n);
	ret_v->addr = raw;
	for (uint32_t i = 0; i < n; i++) {
		if (decode_u32_at(d, raw + 4 * i, &number) < 0) {
			*ret_v = value_addr(raw);
			return;
		}
		ret_v->array.items[i] = value_uint(number);
		ret_v->array.items[i].label = labels[i];
	}
}

static size_t reach_workers(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t n = decode_len(d, slot);

	(void)raw;
	return (n < 2 ? (size_t)n : 2) * 4;
}

/* { u32 offset, resv; u64 data; } */
static void show_files_update(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	uint8_t bytes[16];
	struct span span = { bytes, sizeof(bytes), raw };

	if (!raw || mem_read_all(&d->mem, raw, bytes, sizeof(bytes)) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	*ret_v = value_struct(d->arena, 3);
	ret_v->addr = raw;
	*value_field(ret_v, "offset") = value_uint(at(&span, 0, 4));
	if (at(&span, 4, 4))
		*value_field(ret_v, "resv") = value_hex(at(&span, 4, 4));
	show_fds_at(d, at(&span, 8, 8), decode_len(d, slot), value_field(ret_v, "fds"));
}

static void show_fd_number(struct decode *d, const struct span *span, bool is_fd,
			   struct value *ret_v)
{
	uint64_t data = at(span, 8, 8);

	*ret_v = value_struct(d->arena, 3);
	ret_v->addr = span->addr;
	*value_field(ret_v, "offset") = value_int((int32_t)at(span, 0, 4));
	if (at(span, 4, 4))
		*value_field(ret_v, "resv") = value_hex(at(span, 4, 4));
	*value_field(ret_v, "data") = is_fd ? decode_fd(d, (int32_t)data) : value_hex(data);
}

static void show_fd_update(struct decode *d, const struct slot *slot, const struct span *span,
			   struct value *ret_v)
{
	(void)slot;
	show_fd_number(d, span, true, ret_v);
}

static void show_fd_removal(struct decode *d, const struct slot *slot, const struct span *span,
			    struct value *ret_v)
{
	(void)slot;
	show_fd_number(d, span, false, ret_v);
}

enum { RSRC_LEN = 32 };

/* Shows n items at addr: descriptors, buffers. */
typedef void show_data_fn(struct decode *d, uint64_t addr, uint64_t n, struct value *ret_v);

static void show_tags_at(struct decode *d, uint64_t addr, uint64_t n, struct value *ret_v)
{
	static const struct slot tag_slot = { "tag", &type_x64 };

	decode_array_at(d, &tag_slot, &type_x64, addr, n, ret_v);
}

/* The struct at raw if it has the size that the caller says; otherwise its address. */
static bool read_rsrc(struct decode *d, const struct slot *slot, uint64_t raw, uint8_t *bytes,
		      struct value *ret_v)
{
	if (raw && decode_len(d, slot) == RSRC_LEN &&
	    mem_read_all(&d->mem, raw, bytes, RSRC_LEN) == 0) {
		*ret_v = value_struct(d->arena, 5);
		ret_v->addr = raw;
		return true;
	}
	*ret_v = value_addr(raw);
	return false;
}

/* { u32 nr, flags; u64 resv2, data, tags; } */
static void show_rsrc_register(struct decode *d, const struct slot *slot, uint64_t raw,
			       show_data_fn *show_data, struct value *ret_v)
{
	uint8_t bytes[RSRC_LEN];
	struct span span = { bytes, sizeof(bytes), raw };
	uint64_t n;

	if (!read_rsrc(d, slot, raw, bytes, ret_v))
		return;
	n = at(&span, 0, 4);
	*value_field(ret_v, "nr") = value_uint(n);
	*value_field(ret_v, "flags") =
		decode_flags(d->arena, &set_ring_rsrc_flags, at(&span, 4, 4));
	if (at(&span, 8, 8))
		*value_field(ret_v, "resv2") = value_hex(at(&span, 8, 8));
	show_data(d, at(&span, 16, 8), n, value_field(ret_v, "data"));
	show_tags_at(d, at(&span, 24, 8), n, value_field(ret_v, "tags"));
}

/* { u32 offset, resv; u64 data, tags; u32 nr, resv2; } */
static void show_rsrc_update(struct decode *d, const struct slot *slot, uint64_t raw,
			     show_data_fn *show_data, struct value *ret_v)
{
	uint8_t bytes[RSRC_LEN];
	struct span span = { bytes, sizeof(bytes), raw };
	uint64_t n;

	if (!read_rsrc(d, slot, raw, bytes, ret_v))
		return;
	n = at(&span, 24, 4);
	*value_field(ret_v, "offset") = value_uint(at(&span, 0, 4));
	show_data(d, at(&span, 8, 8), n, value_field(ret_v, "data"));
	show_tags_at(d, at(&span, 16, 8), n, value_field(ret_v, "tags"));
	*value_field(ret_v, "nr") = value_uint(n);
}

static void show_files2(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	show_rsrc_register(d, slot, raw, show_fds_at, ret_v);
}

static void show_buffers2(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	show_rsrc_register(d, slot, raw, show_buffers_at, ret_v);
}

static void show_files_update2(struct decode *d, const struct slot *slot, uint64_t raw,
			       struct value *ret_v)
{
	show_rsrc_update(d, slot, raw, show_fds_at, ret_v);
}

static void show_buffers_update(struct decode *d, const struct slot *slot, uint64_t raw,
				struct value *ret_v)
{
	show_rsrc_update(d, slot, raw, show_buffers_at, ret_v);
}

enum { RESTRICT_REGISTER, RESTRICT_SQE, RESTRICT_ALLOWED, RESTRICT_REQUIRED };

/* { u16 opcode; u8 register_op or sqe_op or sqe_flags; u8 resv; u32 resv2[3]; } */
static void show_restriction(struct decode *d, const struct slot *slot, const struct span *span,
			     struct value *ret_v)
{
	uint64_t kind = at(span, 0, 2), operand = at(span, 2, 1);

	(void)slot;
	*ret_v = value_struct(d->arena, 3);
	ret_v->addr = span->addr;
	*value_field(ret_v, "opcode") = decode_enum(d->arena, &set_ring_restrictions, kind);
	if (kind == RESTRICT_REGISTER)
		*value_field(ret_v, "register_op") =
			decode_enum(d->arena, &set_ring_registers, operand);
	else if (kind == RESTRICT_SQE)
		*value_field(ret_v, "sqe_op") = decode_enum(d->arena, &set_ring_ops, operand);
	else
		*value_field(ret_v, "sqe_flags") =
			decode_flags(d->arena, &set_ring_sqe_flags, operand);
	if (at(span, 3, 1))
		*value_field(ret_v, "resv") = value_hex(at(span, 3, 1));
}

#define ARGUMENT(name_, len32_, len64_, show_, reach_, is_nested_)                                 \
	const struct type type_ring_##name_ = { .name = "ring_" #name_,                            \
						.len32 = (len32_),                                 \
						.len64 = (len64_),                                 \
						.show = (show_),                                   \
						.reach = (reach_),                                 \
						.is_nested = (is_nested_) }

ARGUMENT(register, 4, 4, show_register, NULL, false);
ARGUMENT(getevents, 4, 8, show_getevents, NULL, true);
ARGUMENT(fds, 4, 8, show_fds, NULL, true);
ARGUMENT(cpus, 4, 8, show_cpus, NULL, true);
ARGUMENT(probe, 4, 8, show_probe, NULL, true);
ARGUMENT(workers, 4, 8, show_workers, reach_workers, false);
ARGUMENT(files_update, 4, 8, show_files_update, NULL, true);
ARGUMENT(files2, 4, 8, show_files2, NULL, true);
ARGUMENT(files_update2, 4, 8, show_files_update2, NULL, true);
ARGUMENT(buffers2, 4, 8, show_buffers2, NULL, true);
ARGUMENT(buffers_update, 4, 8, show_buffers_update, NULL, true);

#define BYTES(name_, len_, show_, is_nested_)                                                      \
	const struct type type_ring_##name_ = { .name = "ring_" #name_,                            \
						.len32 = (len_),                                   \
						.len64 = (len_),                                   \
						.align = 8,                                        \
						.show_bytes = (show_),                             \
						.is_nested = (is_nested_) }

BYTES(fd_update, 16, show_fd_update, true);
BYTES(fd_removal, 16, show_fd_removal, false);
BYTES(restriction, 16, show_restriction, false);

#define STRUCT(name_, ...)                                                                         \
	static const struct slot name_##_fields[] = { __VA_ARGS__, { 0 } };                        \
	const struct type type_ring_##name_ = { .name = "ring_" #name_, .fields = name_##_fields }

#define RESERVED(type_, n_)                                                                        \
	{                                                                                          \
		.name = "resv", .type = &(type_), .n = (n_), .is_hidden = true                     \
	}

STRUCT(buf_reg, { "ring_addr", &type_x64 }, { "ring_entries", &type_u32 }, { "bgid", &type_u16 },
       { "flags", &type_flags16, .set = &set_ring_pbuf_flags }, RESERVED(type_u64, 3));
STRUCT(sync_cancel, { "addr", &type_x64 }, { "fd", &type_s32 },
       { "flags", &type_flags, .set = &set_ring_cancel_flags }, { "timeout", &type_timespec64 },
       { "opcode", &type_enum8, .set = &set_ring_ops }, RESERVED(type_u8, 7),
       RESERVED(type_u64, 3));
STRUCT(file_range, { "off", &type_u32 }, { "len", &type_u32 }, RESERVED(type_u64, 1));
STRUCT(buf_status, { "buf_group", &type_u32 }, { "head", &type_u32 }, RESERVED(type_u32, 8));
STRUCT(clock, { "clockid", &type_enum, .set = &set_clockids }, RESERVED(type_u32, 3));
STRUCT(clone_buffers, { "src_fd", &type_u32 },
       { "flags", &type_flags, .set = &set_ring_clone_flags }, { "src_off", &type_u32 },
       { "dst_off", &type_u32 }, { "nr", &type_u32 }, RESERVED(type_u32, 3));
