/* Words, operations and lists of futexes. */
#include "decode/types/futex.h"

#include "decode/consts/futex.h"
#include "decode/decode.h"
#include "decode/types/shift.h"
#include "decode/types/types.h"

/* More than this is no thread id on any Linux. */
enum { TID_MAX = 4 * 1024 * 1024 };

static const char *owner_text(struct arena *arena, uint32_t word, const char *mark)
{
	const char *waiters = word & FUTEX_WORD_WAITERS ? ", waiters" : "";
	const char *died = word & FUTEX_WORD_OWNER_DIED ? ", owner died" : "";
	uint32_t tid = word & FUTEX_WORD_TID;

	if (!tid)
		return arena_printf(arena, "%sfree%s%s", mark, waiters, died);
	return arena_printf(arena, "%sowner %u%s%s", mark, tid, waiters, died);
}

static void show_pi(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint32_t word;

	(void)slot;
	*ret_v = value_addr(raw);
	if (raw && !d->options->is_strace && decode_u32_at(d, raw, &word) == 0)
		ret_v->comment = owner_text(d->arena, word, "");
}

static size_t reach_pi(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	(void)raw;
	return d->options->is_strace ? 0 : sizeof(uint32_t);
}

/* Only with its WAITERS bit, without which any small number would look like an owner. */
static void show_val(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint32_t word = (uint32_t)raw;
	uint32_t tid = word & FUTEX_WORD_TID;

	(void)slot;
	*ret_v = value_uint(word);
	if (!d->options->is_strace && word & FUTEX_WORD_WAITERS && tid && tid <= TID_MAX)
		ret_v->comment = owner_text(d->arena, word, "~");
}

static const char *number_text(struct arena *arena, uint32_t number)
{
	return number ? arena_printf(arena, "0x%x", number) : "0";
}

/* NAME<<shift, or the number with what strace says of an unknown one. */
static const char *part_text(struct arena *arena, const struct const_set *set, uint32_t number,
			     unsigned shift)
{
	const char *name = const_set_name(set, number);

	if (name)
		return arena_printf(arena, "%s<<%u", name, shift);
	return arena_printf(arena, "0x%x<<%u /* %s */", number, shift, set->unknown);
}

static void show_wake_op(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	uint32_t op = raw >> 28 & 7, cmp = raw >> 24 & 15;
	const char *text;

	(void)slot;
	text = arena_printf(d->arena, "%s%s|%s<<12|%s|%s",
			    raw & 0x80000000 ? "FUTEX_OP_OPARG_SHIFT<<28|" : "",
			    part_text(d->arena, &set_futex_wake_ops, op, 28),
			    number_text(d->arena, raw >> 12 & 0xfff),
			    part_text(d->arena, &set_futex_wake_cmps, cmp, 24),
			    number_text(d->arena, raw & 0xfff));
	*ret_v = value_text(text, (uint32_t)raw);
}

/* The size is a number in the lowest two bits, always shown. */
static void show_futex2_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	struct value rest = decode_flags(d->arena, &set_futex2_flags, (uint32_t)raw & ~3u);

	(void)slot;
	*ret_v = (struct value){ .kind = VALUE_FLAGS };
	decode_add_flag(d->arena, ret_v, const_set_name(&set_futex2_sizes, raw & 3));
	for (uint32_t i = 0; i < rest.flags.n; i++)
		decode_add_flag(d->arena, ret_v, rest.flags.names[i]);
	ret_v->flags.raw = (uint32_t)raw;
	ret_v->flags.rest = rest.flags.rest;
}

static void show_futex2_mask(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	(void)slot;
	if (d->options->is_strace)
		*ret_v = value_hex(raw);
	else
		*ret_v = decode_enum(d->arena, &set_futex_bitsets, raw);
}

static void show_addr64(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = value_addr(raw);
}

const struct type type_futex_pi = {
	.name = "futex_pi", .len32 = 4, .len64 = 8, .show = show_pi, .reach = reach_pi
};

#define SCALAR(name_, len32_, len64_, show_)                                                       \
	const struct type type_##name_ = {                                                         \
		.name = #name_, .len32 = (len32_), .len64 = (len64_), .show = (show_)              \
	}

SCALAR(futex_val, 4, 4, show_val);
SCALAR(futex_wake_op, 4, 4, show_wake_op);
SCALAR(futex2_flags, 4, 4, show_futex2_flags);
SCALAR(futex2_mask, 4, 8, show_futex2_mask);
static SCALAR(addr64, 8, 8, show_addr64);

static const struct slot waitv_fields[] = {
	{ "val", &type_x64 },
	{ "uaddr", &type_addr64 },
	{ "flags", &type_futex2_flags },
	{ "reserved", &type_u32, .is_hidden = true },
	{ 0 },
};
const struct type type_futex_waitv = { .name = "futex_waitv", .fields = waitv_fields };

static const struct slot robust_list_head_fields[] = {
	{ "list", &type_addr },
	{ "futex_offset", &type_long },
	{ "list_op_pending", &type_addr },
	{ 0 },
};
const struct type type_robust_list_head = { .name = "robust_list_head",
					    .fields = robust_list_head_fields };
