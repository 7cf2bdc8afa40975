/* openat2's way of opening: linux/openat2.h. */
#include "decode/types/open_how.h"

#include "decode/consts/file.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/types.h"

enum {
	HOW_LEN = 24, /* of its first version */
	HOW_MAX = 4096,
	MAKES_FILE = 020000100, /* O_CREAT, and the bit that is O_TMPFILE's own */
};

/* Bytes of a later version that mean something. */
static bool has_more(struct decode *d, uint64_t addr, uint64_t len)
{
	uint8_t bytes[HOW_MAX];
	ssize_t got;

	if (len <= HOW_LEN)
		return false;
	len = len < HOW_MAX ? len : HOW_MAX;
	got = mem_read(&d->mem, addr + HOW_LEN, bytes, len - HOW_LEN);
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i])
			return true;
	}
	return false;
}

static void show_open_how(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	uint64_t len = decode_len(d, slot), flags, mode;
	uint8_t bytes[HOW_LEN];

	*ret_v = value_addr(raw);
	if (!raw || len < HOW_LEN || mem_read_all(&d->mem, raw, bytes, sizeof(bytes)) < 0)
		return;
	flags = decode_number(bytes, 8);
	mode = decode_number(bytes + 8, 8);
	*ret_v = value_struct(d->arena, 3);
	ret_v->addr = raw;
	*value_field(ret_v, "flags") = decode_open_flags(d->arena, flags);
	if (mode || (flags & MAKES_FILE))
		*value_field(ret_v, "mode") = value_oct(mode);
	*value_field(ret_v, "resolve") =
		decode_flags(d->arena, &set_resolve_flags, decode_number(bytes + 16, 8));
	ret_v->is_cut = has_more(d, raw, len);
}

static size_t reach_open_how(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = decode_len(d, slot);

	(void)raw;
	return len < HOW_MAX ? len : HOW_MAX;
}

const struct type type_open_how = {
	.name = "open_how", .len32 = 4, .len64 = 8, .show = show_open_how, .reach = reach_open_how
};
