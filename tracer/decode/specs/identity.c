/* Who a process is: ids, groups, capabilities, personality. */
#include "decode/consts/process.h"
#include "decode/decode.h"
#include "decode/types/types.h"

enum { GROUPS_MAX = 65536 };

/* --- ids --- */

/* The old calls of i386 have 16 bits, of which all ones say the same as 32 of them. */
static void show_old_uid(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	if (d->word_len == 8)
		type_uid.show(d, slot, raw, ret_v);
	else
		*ret_v = (uint16_t)raw == UINT16_MAX ? value_int(-1) : value_uint((uint16_t)raw);
}

static const struct type type_old_uid = {
	.name = "old_uid", .len32 = 2, .len64 = 4, .show = show_old_uid
};

/* Groups behind an address: their number is an argument, or what the call returned. */
static void show_groups_of(struct decode *d, const struct slot *slot, const struct type *type,
			   uint64_t addr, struct value *ret_v)
{
	uint32_t n = (uint32_t)decode_len(d, slot);

	if (!addr || n > GROUPS_MAX)
		*ret_v = value_addr(addr);
	else
		decode_array_at(d, slot, type, addr, n, ret_v);
}

static void show_groups(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	show_groups_of(d, slot, &type_uid, raw, ret_v);
}

static void show_old_groups(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	show_groups_of(d, slot, &type_old_uid, raw, ret_v);
}

static size_t reach_groups(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint32_t n = raw ? (uint32_t)decode_len(d, slot) : 0;

	if (n > d->options->string_limit && !d->options->is_verbose)
		n = d->options->string_limit;
	return 4 * (size_t)(n < DECODE_ITEMS_MAX ? n : DECODE_ITEMS_MAX);
}

static const struct type type_groups = {
	.name = "groups", .len32 = 4, .len64 = 8, .show = show_groups, .reach = reach_groups
};
static const struct type type_old_groups = {
	.name = "old_groups", .len32 = 4, .len64 = 8, .show = show_old_groups, .reach = reach_groups
};

/* --- capabilities --- */

enum { CAPABILITY_V1 = 0x19980330, CAPABILITY_V2 = 0x20071026, CAPABILITY_V3 = 0x20080522 };

static const struct slot capability_header_fields[] = {
	{ "version", &type_enum, .set = &set_capability_versions },
	{ "pid", &type_pid },
	{ 0 },
};
static const struct type type_capability_header = { .name = "cap_user_header",
						    .fields = capability_header_fields };

/* Bits as strace writes them: 1<<CAP_KILL, or the number of the bits that have no name. */
static struct value capability_set(struct decode *d, uint64_t bits)
{
	struct value value = { .kind = VALUE_FLAGS, .flags = { .raw = bits, .rest = bits } };
	const char **names = arena_array(d->arena, const char *, 64);

	for (unsigned i = 0; i < 64; i++) {
		const char *name = const_set_name(&set_capabilities, i);

		if (!name || !(bits >> i & 1))
			continue;
		names[value.flags.n++] = arena_printf(d->arena, "1<<%s", name);
		value.flags.rest &= ~(1ull << i);
	}
	value.flags.names = names;
	/* strace reads the upper half as a number of its own. */
	if (d->options->is_strace)
		value.flags.rest >>= 32;
	return value;
}

/*
 * Shape:   version 1: three 32-bit sets; later ones: two structs of three halves each.
 * Source:  capget(2).
 */
static void show_capabilities(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	static const char *const names[] = { "effective", "permitted", "inheritable" };
	uint8_t data[24] = { 0 };
	uint32_t version;
	size_t len;

	(void)slot;
	*ret_v = value_addr(raw);
	if (!raw || decode_u32_at(d, d->siblings[0], &version) < 0)
		return;
	if (version != CAPABILITY_V1 && version != CAPABILITY_V2 && version != CAPABILITY_V3)
		return;
	len = version == CAPABILITY_V1 ? 12 : 24;
	if (mem_read_all(&d->mem, raw, data, len) < 0)
		return;
	*ret_v = value_struct(d->arena, ARRAY_LEN(names));
	ret_v->addr = raw;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		*value_field(ret_v, names[i]) =
			capability_set(d, decode_number(data + 4 * i, 4) |
						  decode_number(data + 12 + 4 * i, 4) << 32);
}

static size_t reach_capabilities(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return 24;
}

static const struct type type_capabilities = { .name = "cap_user_data",
					       .len32 = 4,
					       .len64 = 8,
					       .show = show_capabilities,
					       .reach = reach_capabilities,
					       .is_nested = true };

/* --- personality --- */

static struct value personality_value(struct decode *d, uint32_t number)
{
	const char *name = const_set_name(&set_personalities, number & 0xff);
	struct value flags = decode_flags(d->arena, &set_personality_flags, number & ~0xffu);
	const char **names = arena_array(d->arena, const char *, flags.flags.n + 1);

	if (number == UINT32_MAX)
		return value_hex(number);
	names[0] = name ? name : arena_printf(d->arena, "%#x /* PER_??? */", number & 0xff);
	for (uint32_t i = 0; i < flags.flags.n; i++)
		names[i + 1] = flags.flags.names[i];
	flags.flags.names = names;
	flags.flags.n++;
	flags.flags.raw = number;
	return flags;
}

static void show_personality(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	(void)slot;
	*ret_v = personality_value(d, (uint32_t)raw);
}

static const struct type type_personality = {
	.name = "personality", .len32 = 4, .len64 = 4, .show = show_personality
};

static void aux_personality(struct decode *d, struct call *call)
{
	if (!call->is_error)
		decode_add_aux(call, NULL, personality_value(d, (uint32_t)call->ret));
}

/* --- rows --- */

#define ID(name_)                                                                                  \
	{                                                                                          \
		name_, RET_UINT                                                                    \
	}
#define SET1(name_, uid_)                                                                          \
	{                                                                                          \
		name_, RET_ZERO, .args = { { "id", &(uid_) } }                                     \
	}
/* The former id is what is returned, whether it has been changed or not. */
#define SETFS(name_, uid_)                                                                         \
	{                                                                                          \
		name_, RET_UINT, .args = { { "id", &(uid_) } }                                     \
	}
#define SET2(name_, uid_)                                                                          \
	{                                                                                          \
		name_, RET_ZERO, .args = { { "rid", &(uid_) }, { "eid", &(uid_) } }                \
	}
#define SET3(name_, uid_)                                                                          \
	{                                                                                          \
		name_, RET_ZERO, .args = {                                                         \
			{ "rid", &(uid_) },                                                        \
			{ "eid", &(uid_) },                                                        \
			{ "sid", &(uid_) }                                                         \
		}                                                                                  \
	}
#define OUT(name_, uid_)                                                                           \
	{                                                                                          \
		name_, &type_ptr, .elem = &(uid_), .dir = DIR_OUT                                  \
	}
#define GET3(name_, uid_)                                                                          \
	{                                                                                          \
		name_, RET_ZERO, .args = { OUT("rid", uid_), OUT("eid", uid_), OUT("sid", uid_) }  \
	}
#define GETGROUPS(name_, groups_)                                                                  \
	{                                                                                          \
		name_, RET_INT, .args = {                                                          \
			{ "gidsetsize", &type_int },                                               \
			{ "grouplist", &(groups_), .dir = DIR_OUT, COUNT_RET }                     \
		}                                                                                  \
	}
#define SETGROUPS(name_, groups_)                                                                  \
	{                                                                                          \
		name_, RET_ZERO, .args = {                                                         \
			{ "gidsetsize", &type_int },                                               \
			{ "grouplist", &(groups_), COUNT_ARG(0) }                                  \
		}                                                                                  \
	}

static const struct call_spec specs[] = {
	{ "gettid", RET_PID },
	{ "getppid", RET_PID },
	{ "getpgrp", RET_PID },
	{ "getpgid", RET_PID, .args = { { "pid", &type_pid } } },
	{ "getsid", RET_PID, .args = { { "pid", &type_pid } } },
	{ "setsid", RET_PID },
	{ "setpgid", RET_ZERO, .args = { { "pid", &type_pid }, { "pgid", &type_pid } } },
	{ "set_tid_address", RET_PID, .args = { { "tidptr", &type_addr } } },
	ID("getuid"),
	ID("geteuid"),
	ID("getgid"),
	ID("getegid"),
	ID("getuid32"),
	ID("geteuid32"),
	ID("getgid32"),
	ID("getegid32"),
	SET1("setuid", type_old_uid),
	SET1("setgid", type_old_uid),
	SET1("setuid32", type_uid),
	SET1("setgid32", type_uid),
	SETFS("setfsuid", type_old_uid),
	SETFS("setfsgid", type_old_uid),
	SETFS("setfsuid32", type_uid),
	SETFS("setfsgid32", type_uid),
	SET2("setreuid", type_old_uid),
	SET2("setregid", type_old_uid),
	SET2("setreuid32", type_uid),
	SET2("setregid32", type_uid),
	SET3("setresuid", type_old_uid),
	SET3("setresgid", type_old_uid),
	SET3("setresuid32", type_uid),
	SET3("setresgid32", type_uid),
	GET3("getresuid", type_old_uid),
	GET3("getresgid", type_old_uid),
	GET3("getresuid32", type_uid),
	GET3("getresgid32", type_uid),
	GETGROUPS("getgroups", type_old_groups),
	GETGROUPS("getgroups32", type_groups),
	SETGROUPS("setgroups", type_old_groups),
	SETGROUPS("setgroups32", type_groups),
	{ "capget", RET_ZERO,
	  .args = { { "header", &type_ptr, .elem = &type_capability_header },
		    { "dataptr", &type_capabilities, .dir = DIR_OUT } } },
	{ "capset", RET_ZERO,
	  .args = { { "header", &type_ptr, .elem = &type_capability_header },
		    { "data", &type_capabilities } } },
	{ "personality", RET_HEX, .aux = aux_personality,
	  .args = { { "personality", &type_personality } } },
};

const struct spec_family family_identity = SPEC_FAMILY("identity", specs);
