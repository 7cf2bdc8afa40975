/* File offsets that are wider than a 32-bit register. */
#include "decode/types/offset.h"

#include "decode/decode.h"

static uint64_t other_half(const struct decode *d, const struct slot *slot)
{
	return slot->len.slot < d->n_siblings ? d->siblings[slot->len.slot] & UINT32_MAX : 0;
}

static uint64_t joined(const struct decode *d, const struct slot *slot, uint64_t raw)
{
	if (d->word_len == 8)
		return raw;
	return (raw & UINT32_MAX) | other_half(d, slot) << 32;
}

static void show_loff(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	*ret_v = value_int((int64_t)joined(d, slot, raw));
}

static void show_uloff(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	*ret_v = value_uint(joined(d, slot, raw));
}

static void show_llseek_off(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	*ret_v = value_int((int64_t)(raw << 32 | other_half(d, slot)));
}

const struct type type_loff = { .name = "loff", .len32 = 4, .len64 = 8, .show = show_loff };
const struct type type_uloff = { .name = "uloff", .len32 = 4, .len64 = 8, .show = show_uloff };
const struct type type_llseek_off = {
	.name = "llseek_off", .len32 = 4, .len64 = 8, .show = show_llseek_off
};
