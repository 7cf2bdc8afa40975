/* Directory entries: fs/readdir.c of the kernel, getdents(2). */
#include "decode/types/dirent.h"

#include <string.h>

#include "decode/consts/file.h"
#include "decode/decode.h"
#include "decode/types/types.h"

/* More than this a directory is not read at once. */
enum { DIRENTS_BYTES_MAX = 1024 * 1024 };

struct entry {
	uint64_t ino, off;
	uint16_t len;
	uint8_t type;
	const char *name;
	size_t name_len;
};

/* The entry at the start of room bytes; false if none is whole there. */
static bool entry_at(const struct decode *d, const uint8_t *data, size_t room, bool is_64,
		     struct entry *entry)
{
	size_t word = is_64 ? 8 : d->word_len;
	size_t head = 2 * word + 2 + is_64;
	size_t end;

	if (room < head)
		return false;
	entry->ino = decode_number(data, word);
	entry->off = decode_number(data + word, word);
	entry->len = (uint16_t)decode_number(data + 2 * word, 2);
	if (entry->len <= head || entry->len > room)
		return false;
	/* The older one has its type in its last byte. */
	entry->type = is_64 ? data[head - 1] : data[entry->len - 1];
	end = is_64 ? entry->len : entry->len - 1u;
	entry->name = (const char *)data + head;
	entry->name_len = strnlen(entry->name, end - head);
	return true;
}

static struct value show_entry(struct decode *d, const struct entry *entry, bool is_64)
{
	struct value value = value_struct(d->arena, 5);
	struct value type = decode_enum(d->arena, &set_dirent_types, entry->type);
	struct value name = value_bytes(arena_copy(d->arena, entry->name, entry->name_len),
					(uint32_t)entry->name_len, entry->name_len);

	name.bytes.form = BYTES_PATH;
	*value_field(&value, "d_ino") = value_uint(entry->ino);
	*value_field(&value, "d_off") = value_uint(entry->off);
	*value_field(&value, "d_reclen") = value_uint(entry->len);
	if (is_64)
		*value_field(&value, "d_type") = type;
	*value_field(&value, "d_name") = name;
	if (!is_64)
		*value_field(&value, "d_type") = type;
	return value;
}

/* Fill items, if there are any, and return how many entries there are. */
static uint32_t walk(struct decode *d, const uint8_t *data, size_t len, bool is_64,
		     struct value *items)
{
	struct entry entry;
	uint32_t n = 0;

	for (size_t at = 0; entry_at(d, data + at, len - at, is_64, &entry); at += entry.len) {
		if (items)
			items[n] = show_entry(d, &entry, is_64);
		n++;
	}
	return n;
}

static size_t dirents_len(const struct decode *d)
{
	int64_t ret = d->is_exit && !d->ev->is_error ? d->ev->ret : 0;

	return ret < 0 ? 0 : ret > DIRENTS_BYTES_MAX ? DIRENTS_BYTES_MAX : (size_t)ret;
}

static void show_dirents(struct decode *d, uint64_t addr, bool is_64, struct value *ret_v)
{
	size_t len = dirents_len(d);
	uint8_t *data = arena_alloc(d->arena, len + 1);
	ssize_t got = len ? mem_read(&d->mem, addr, data, len) : 0;
	uint32_t n = 0;

	*ret_v = value_addr(addr);
	if (got < 0)
		return;
	n = walk(d, data, (size_t)got, is_64, NULL);
	if (!d->options->is_verbose) {
		ret_v->comment = arena_printf(d->arena, "%u entr%s", n, n == 1 ? "y" : "ies");
		return;
	}
	*ret_v = value_array(d->arena, n);
	ret_v->addr = addr;
	walk(d, data, (size_t)got, is_64, ret_v->array.items);
}

static void show_of_word(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	(void)slot;
	show_dirents(d, raw, false, ret_v);
}

static void show_of_64(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	show_dirents(d, raw, true, ret_v);
}

static size_t reach_dirents(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	(void)raw;
	return dirents_len(d);
}

const struct type type_dirents = {
	.name = "dirents", .len32 = 4, .len64 = 8, .show = show_of_word, .reach = reach_dirents
};
const struct type type_dirents64 = {
	.name = "dirents64", .len32 = 4, .len64 = 8, .show = show_of_64, .reach = reach_dirents
};
