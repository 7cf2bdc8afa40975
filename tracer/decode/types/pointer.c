/* What a register points to: strings, buffers, single objects, arrays, argv. */
#include "decode/decode.h"
#include "decode/types/types.h"

enum { STRING_FIRST = 256 };

static bool is_scalar(const struct type *type)
{
	return type->show != NULL;
}

/* The next steps of a string read page by page; the first is foreseen. */
static size_t reach_string(struct decode *d, const struct slot *slot, uint64_t raw)
{
	size_t to_page_end = 4096 - raw % 4096;

	(void)d;
	(void)slot;
	return to_page_end < STRING_FIRST ? to_page_end : STRING_FIRST;
}

static void show_string_up_to(struct decode *d, uint64_t addr, size_t limit, struct value *ret_v)
{
	char text[DECODE_BYTES_MAX + 1];
	bool is_whole = false;
	ssize_t len;

	if (!addr || decode_is_too_much(d, 1, 0)) {
		*ret_v = value_addr(addr);
		return;
	}
	len = mem_read_string(&d->mem, addr, text, limit + 1, &is_whole);
	if (len < 0) {
		*ret_v = value_addr(addr);
		return;
	}
	if ((size_t)len > limit)
		len = (ssize_t)limit;
	decode_is_too_much(d, 1, (uint64_t)len); /* for what comes next */
	*ret_v = value_bytes(arena_copy(d->arena, text, (size_t)len), (uint32_t)len, (uint64_t)len);
	ret_v->is_cut = !is_whole;
	ret_v->addr = addr;
}

static void show_string(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	size_t limit = d->options->string_limit;

	(void)slot;
	show_string_up_to(d, raw, limit < DECODE_BYTES_MAX ? limit : DECODE_BYTES_MAX, ret_v);
}

static void show_path(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	show_string_up_to(d, raw, DECODE_PATH_MAX - 1, ret_v);
	if (ret_v->kind == VALUE_BYTES)
		ret_v->bytes.form = BYTES_PATH;
}

static size_t reach_buffer(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = raw ? decode_len(d, slot) : 0;

	if (len > d->options->string_limit)
		len = d->options->string_limit;
	return len < DECODE_BYTES_MAX ? len : DECODE_BYTES_MAX;
}

static void show_buffer(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	decode_buffer_at(d, raw, decode_len(d, slot), ret_v);
}

static void show_binary(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	show_buffer(d, slot, raw, ret_v);
	if (ret_v->kind == VALUE_BYTES)
		ret_v->bytes.form = BYTES_HEX;
}

static void show_chars(struct decode *d, const struct slot *slot, const struct span *span,
		       struct value *ret_v)
{
	uint32_t len = 0;

	while (len < span->len && span->data[len])
		len++;
	*ret_v = value_bytes(arena_copy(d->arena, span->data, len), len, len);
	ret_v->is_cut = slot->n && len == slot->n;
}

static size_t reach_ptr(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)raw;
	return decode_type_len(d, slot->elem);
}

static void show_ptr(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	struct value item = { 0 };

	if (decode_at(d, slot, slot->elem, raw, &item) < 0 || !is_scalar(slot->elem)) {
		*ret_v = item;
		return;
	}
	*ret_v = value_ref(d->arena);
	ret_v->array.items[0] = item;
	ret_v->addr = raw;
}

static size_t reach_array(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t n = raw ? decode_len(d, slot) : 0;
	size_t len = decode_type_len(d, slot->elem);

	if (n > d->options->string_limit && !d->options->is_verbose)
		n = d->options->string_limit;
	if (n > DECODE_ITEMS_MAX)
		n = DECODE_ITEMS_MAX;
	return n * len < DECODE_BYTES_MAX ? n * len : DECODE_BYTES_MAX;
}

static void show_array(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	decode_array_at(d, slot, slot->elem, raw, decode_len(d, slot), ret_v);
}

static void show_argv(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint32_t limit = d->options->string_limit, n = 0;
	struct value items;
	uint64_t word;

	(void)slot;
	if (limit > DECODE_ITEMS_MAX)
		limit = DECODE_ITEMS_MAX;
	if (!raw || decode_word_at(d, raw, &word) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	items = value_array(d->arena, limit);
	items.addr = raw;
	for (; n < limit; n++) {
		if (decode_word_at(d, raw + (uint64_t)n * d->word_len, &word) < 0) {
			items.array.fault = raw + (uint64_t)n * d->word_len;
			break;
		}
		if (!word)
			break;
		show_string(d, slot, word, &items.array.items[n]);
	}
	items.is_cut = n == limit &&
		       decode_word_at(d, raw + (uint64_t)n * d->word_len, &word) == 0 && word;
	items.array.n = n;
	items.array.total = n;
	*ret_v = items;
}

static void show_envp(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t word = 1;
	unsigned n = 0;

	if (d->options->is_verbose) {
		show_argv(d, slot, raw, ret_v);
		return;
	}
	*ret_v = value_addr(raw);
	while (raw && n < DECODE_ITEMS_MAX) {
		uint64_t addr = raw + (uint64_t)n * d->word_len;

		if (decode_word_at(d, addr, &word) < 0 || !word)
			break;
		n++;
	}
	if (raw && !word)
		ret_v->comment = arena_printf(d->arena, "%u var%s", n, n == 1 ? "" : "s");
	else if (raw && word && n)
		ret_v->comment =
			arena_printf(d->arena, "%u var%s, unterminated", n, n == 1 ? "" : "s");
}

#define POINTER(name_, show_, reach_, is_nested_)                                                  \
	const struct type type_##name_ = { .name = #name_,                                         \
					   .len32 = 4,                                             \
					   .len64 = 8,                                             \
					   .show = (show_),                                        \
					   .reach = (reach_),                                      \
					   .is_nested = (is_nested_) }

POINTER(string, show_string, reach_string, true);
POINTER(path, show_path, reach_string, true);
POINTER(buffer, show_buffer, reach_buffer, false);
POINTER(binary, show_binary, reach_buffer, false);
POINTER(ptr, show_ptr, reach_ptr, false);
POINTER(array, show_array, reach_array, false);
POINTER(argv, show_argv, NULL, true);
POINTER(envp, show_envp, NULL, true);

const struct type type_char = { .name = "char", .len32 = 1, .len64 = 1, .show_bytes = show_chars };
