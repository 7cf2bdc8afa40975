/* Arguments of the calls that map, place and watch memory. */
#include "decode/types/memory.h"

#include "decode/consts/memory.h"
#include "decode/decode.h"
#include "decode/types/shift.h"
#include "decode/types/types.h"

enum { MAP_TYPE_MASK = 0xf, PAGE_LEN = 4096, MPOL_FLAGS = 0xe000 };

/* name or number, then the names and the rest of flags. */
static struct value joined_flags(struct arena *arena, const char *first, const struct value *flags,
				 uint64_t raw)
{
	struct value value = { .kind = VALUE_FLAGS };

	decode_add_flag(arena, &value, first);
	for (uint32_t i = 0; i < flags->flags.n; i++)
		decode_add_flag(arena, &value, flags->flags.names[i]);
	value.flags.raw = raw;
	value.flags.rest = flags->flags.rest;
	return value;
}

static void show_map_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	const char *type = const_set_name(&set_map_types, raw & MAP_TYPE_MASK);
	struct value flags;

	(void)slot;
	raw = (uint32_t)raw;
	if (!type)
		type = arena_printf(d->arena, "0x%x /* %s */", (unsigned)raw & MAP_TYPE_MASK,
				    set_map_types.unknown);
	flags = decode_huge_flags(d->arena, &set_map_flags, raw & ~(uint64_t)MAP_TYPE_MASK,
				  "MAP_HUGE_SHIFT");
	*ret_v = joined_flags(d->arena, type, &flags, raw);
}

static void show_memfd_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_huge_flags(d->arena, &set_memfd_flags, (uint32_t)raw, "MFD_HUGE_SHIFT");
}

static void show_page_offset(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = value_hex(raw * PAGE_LEN);
}

static void show_old_mmap_arg(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	struct slot member = { .name = slot->name, .type = slot->elem, .set = slot->set };
	uint64_t word;

	if (!raw || decode_word_at(d, raw + (uint64_t)slot->len.n * d->word_len, &word) < 0)
		*ret_v = value_addr(raw);
	else
		member.type->show(d, &member, word, ret_v);
}

/* All six members at once, with the first argument. */
static size_t reach_old_mmap_arg(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)raw;
	return slot->len.n ? 0 : DECODE_ARGS_MAX * (size_t)d->word_len;
}

static void show_residency(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = value_uint(raw & 1);
}

static const struct type type_residency = {
	.name = "residency", .len32 = 1, .len64 = 1, .show = show_residency
};
static const struct slot residency_slot = { "resident", &type_residency };

static uint64_t count_pages(const struct decode *d)
{
	uint64_t len = d->n_siblings > 1 ? d->siblings[1] : 0;

	return len / PAGE_LEN + (len % PAGE_LEN != 0);
}

static void show_mincore_vec(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	(void)slot;
	decode_array_at(d, &residency_slot, &type_residency, raw, count_pages(d), ret_v);
}

static size_t reach_mincore_vec(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t n = count_pages(d), limit = d->options->string_limit;

	(void)slot;
	(void)raw;
	if (d->options->is_verbose || limit > DECODE_ITEMS_MAX)
		limit = DECODE_ITEMS_MAX;
	return n < limit ? n : limit;
}

static void show_mempolicy(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	uint32_t mode = (uint32_t)raw & ~(uint32_t)MPOL_FLAGS;
	const char *name = const_set_name(&set_mpol_modes, mode);
	struct value flags = decode_flags(d->arena, &set_mpol_flags, raw & MPOL_FLAGS);

	(void)slot;
	if (!(raw & MPOL_FLAGS)) {
		*ret_v = decode_enum(d->arena, &set_mpol_modes, mode);
	} else if (name) {
		*ret_v = joined_flags(d->arena, name, &flags, (uint32_t)raw);
	} else {
		*ret_v = flags;
		ret_v->flags.raw = (uint32_t)raw;
		ret_v->flags.rest = mode;
	}
}

/* In full, however few bits are set; strace's width counts the 0x in. */
static void show_node_word(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	(void)slot;
	*ret_v = value_text(
		arena_printf(d->arena, "%#0*llx", (int)d->word_len * 2, (unsigned long long)raw),
		raw);
}

static const struct type type_node_word = {
	.name = "node_word", .len32 = 4, .len64 = 8, .show = show_node_word
};
static const struct slot node_slot = { "nodes", &type_node_word };

static uint64_t count_words(struct decode *d, const struct slot *slot)
{
	uint64_t bits = decode_len(d, slot), width = 8ull * d->word_len;

	return bits ? (bits - 1) / width + ((bits - 1) % width != 0) : 0;
}

static void show_nodemask(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint64_t n = count_words(d, slot);

	if (n)
		decode_array_at(d, &node_slot, &type_node_word, raw, n, ret_v);
	else
		*ret_v = value_addr(raw);
}

static size_t reach_nodemask(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t n = count_words(d, slot), limit = d->options->string_limit;

	(void)raw;
	if (d->options->is_verbose || limit > DECODE_ITEMS_MAX)
		limit = DECODE_ITEMS_MAX;
	return (n < limit ? n : limit) * d->word_len;
}

static void show_page_status(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	int32_t status = (int32_t)raw;
	const char *name =
		status < 0 ? decode_errno_name(-(int64_t)status > 4095 ? 0 : -status) : NULL;

	(void)slot;
	*ret_v = name ? value_text(arena_printf(d->arena, "-%s", name), (uint32_t)raw)
		      : value_int(status);
}

#define ARGUMENT(name_, len32_, len64_, show_, reach_)                                             \
	const struct type type_##name_ = { .name = #name_,                                         \
					   .len32 = (len32_),                                      \
					   .len64 = (len64_),                                      \
					   .show = (show_),                                        \
					   .reach = (reach_) }

ARGUMENT(map_flags, 4, 4, show_map_flags, NULL);
ARGUMENT(memfd_flags, 4, 4, show_memfd_flags, NULL);
ARGUMENT(page_offset, 4, 8, show_page_offset, NULL);
ARGUMENT(mincore_vec, 4, 8, show_mincore_vec, reach_mincore_vec);
ARGUMENT(mempolicy, 4, 4, show_mempolicy, NULL);
ARGUMENT(nodemask, 4, 8, show_nodemask, reach_nodemask);
ARGUMENT(page_status, 4, 4, show_page_status, NULL);

/* The descriptor among the members is found in memory. */
const struct type type_old_mmap_arg = { .name = "old_mmap_arg",
					.len32 = 4,
					.len64 = 8,
					.show = show_old_mmap_arg,
					.reach = reach_old_mmap_arg,
					.is_nested = true };
