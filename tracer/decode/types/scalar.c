/* Numbers, names for numbers, descriptors and ids: what fits in a register. */
#include <fcntl.h>
#include <sys/stat.h>

#include "decode/decode.h"
#include "decode/types/types.h"

/* Bits of the type in this tracee. */
static unsigned bits_of(const struct decode *d, const struct type *type)
{
	return 8u * (d->word_len == 4 ? type->len32 : type->len64);
}

static uint64_t masked(const struct decode *d, const struct type *type, uint64_t raw)
{
	unsigned bits = bits_of(d, type);

	return bits >= 64 ? raw : raw & ((1ull << bits) - 1);
}

static int64_t extended(const struct decode *d, const struct type *type, uint64_t raw)
{
	unsigned shift = 64 - bits_of(d, type);

	return (int64_t)(raw << shift) >> shift;
}

static void show_signed(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	*ret_v = value_int(extended(d, slot->type, raw));
}

static void show_unsigned(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	*ret_v = value_uint(masked(d, slot->type, raw));
}

static void show_hex(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	*ret_v = value_hex(masked(d, slot->type, raw));
}

static void show_mode(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	*ret_v = value_oct(masked(d, slot->type, raw));
}

static void show_enum(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	*ret_v = decode_enum(d->arena, slot->set, masked(d, slot->type, raw));
}

static void show_flags(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	*ret_v = decode_flags(d->arena, slot->set, masked(d, slot->type, raw));
}

/* The type, the bits that change what executing does, the permissions: S_IFREG|S_ISUID|0755. */
static void show_file_mode(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	static const struct const_name bits[] = { { S_ISUID, "S_ISUID" },
						  { S_ISGID, "S_ISGID" },
						  { S_ISVTX, "S_ISVTX" } };
	uint64_t mode = raw & 0xffff, rest = mode & ~(uint64_t)S_IFMT;
	const char *type = const_set_name(&set_file_types, mode & S_IFMT);
	const char **names = arena_array(d->arena, const char *, 1 + ARRAY_LEN(bits));
	uint32_t n = 0;

	(void)slot;
	if (!type && (mode & S_IFMT)) {
		*ret_v = value_oct(mode);
		return;
	}
	if (type)
		names[n++] = type;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		if (!(rest & bits[i].value))
			continue;
		names[n++] = bits[i].name;
		rest &= ~bits[i].value;
	}
	*ret_v = (struct value){
		.kind = VALUE_FLAGS,
		.base = 8,
		.flags = { .raw = mode, .names = names, .n = n, .rest = rest, .has_rest = true }
	};
}

static void show_fd(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_fd(d, (int32_t)raw);
}

static void show_dirfd(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = decode_fd(d, (int32_t)raw);
	ret_v->fd.is_cwd = (int32_t)raw == AT_FDCWD;
}

/* No memory of its own, but what the descriptor is has to be asked while the tracee stops. */
static size_t reach_fd(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	decode_fd(d, (int32_t)raw);
	return 0;
}

static void show_pid(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = value_pid((int32_t)raw);
}

static void show_uid(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = (uint32_t)raw == UINT32_MAX ? value_int(-1) : value_uint((uint32_t)raw);
}

static void show_signo(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	const char *name = decode_signal_name(d->arena, (int32_t)raw);

	(void)slot;
	*ret_v = (struct value){ .kind = VALUE_ENUM,
				 .base = 10,
				 .sym = { (uint64_t)(int32_t)raw, name } };
}

static void show_addr(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = value_addr(d->word_len == 4 ? (uint32_t)raw : raw);
}

#define SCALAR(name_, len32_, len64_, show_)                                                       \
	const struct type type_##name_ = {                                                         \
		.name = #name_, .len32 = (len32_), .len64 = (len64_), .show = (show_)              \
	}

SCALAR(s8, 1, 1, show_signed);
SCALAR(s16, 2, 2, show_signed);
SCALAR(s32, 4, 4, show_signed);
SCALAR(s64, 8, 8, show_signed);
SCALAR(u8, 1, 1, show_unsigned);
SCALAR(u16, 2, 2, show_unsigned);
SCALAR(u32, 4, 4, show_unsigned);
SCALAR(u64, 8, 8, show_unsigned);
SCALAR(int, 4, 4, show_signed);
SCALAR(uint, 4, 4, show_unsigned);
SCALAR(long, 4, 8, show_signed);
SCALAR(ulong, 4, 8, show_unsigned);
SCALAR(size, 4, 8, show_unsigned);
SCALAR(ssize, 4, 8, show_signed);
SCALAR(off, 4, 8, show_signed);
SCALAR(x8, 1, 1, show_hex);
SCALAR(x16, 2, 2, show_hex);
SCALAR(x32, 4, 4, show_hex);
SCALAR(x64, 8, 8, show_hex);
SCALAR(xlong, 4, 8, show_hex);
SCALAR(mode, 4, 4, show_mode);
SCALAR(mode16, 2, 2, show_mode);
SCALAR(enum8, 1, 1, show_enum);
SCALAR(enum16, 2, 2, show_enum);
SCALAR(enum, 4, 4, show_enum);
SCALAR(enum64, 8, 8, show_enum);
SCALAR(enuml, 4, 8, show_enum);
SCALAR(flags8, 1, 1, show_flags);
SCALAR(flags16, 2, 2, show_flags);
SCALAR(flags, 4, 4, show_flags);
SCALAR(flags64, 8, 8, show_flags);
SCALAR(flagsl, 4, 8, show_flags);
SCALAR(file_mode, 4, 4, show_file_mode);
SCALAR(pid, 4, 4, show_pid);
SCALAR(uid, 4, 4, show_uid);
SCALAR(signo, 4, 4, show_signo);
SCALAR(addr, 4, 8, show_addr);

const struct type type_fd = {
	.name = "fd", .len32 = 4, .len64 = 4, .show = show_fd, .reach = reach_fd
};
const struct type type_dirfd = {
	.name = "dirfd", .len32 = 4, .len64 = 4, .show = show_dirfd, .reach = reach_fd
};
