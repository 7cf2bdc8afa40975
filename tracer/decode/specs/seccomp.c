/* What a process may call, and what of its architecture it has: seccomp(2), arch_prctl(2). */
#include "decode/consts/prctl.h"
#include "decode/decode.h"
#include "decode/types/types.h"

/* --- seccomp --- */

static const struct slot filter_fields[] = { { "len", &type_u16 },
					     { "filter", &type_addr },
					     { 0 } };
static const struct type type_filter = { .name = "sock_fprog", .fields = filter_fields };

static const struct slot notif_sizes_fields[] = { { "seccomp_notif", &type_u16 },
						  { "seccomp_notif_resp", &type_u16 },
						  { "seccomp_data", &type_u16 },
						  { 0 } };
static const struct type type_notif_sizes = { .name = "seccomp_notif_sizes",
					      .fields = notif_sizes_fields };

#define OPERATION                                                                                  \
	{                                                                                          \
		"op", &type_enum, .set = &set_seccomp_operations                                   \
	}
#define HEX_FLAGS                                                                                  \
	{                                                                                          \
		"flags", &type_x32                                                                 \
	}
#define DEC_FLAGS                                                                                  \
	{                                                                                          \
		"flags", &type_uint                                                                \
	}

static const struct call_spec set_filter = {
	"seccomp", RET_INT,
	.args = { OPERATION,
		  { "flags", &type_flags, .set = &set_seccomp_flags },
		  { "uargs", &type_ptr, .elem = &type_filter } }
};
/* With this flag the result is the listener's descriptor. */
static const struct call_spec set_filter_listener = {
	"seccomp", RET_FD,
	.args = { OPERATION,
		  { "flags", &type_flags, .set = &set_seccomp_flags },
		  { "uargs", &type_ptr, .elem = &type_filter } }
};
static const struct call_spec action_avail = { "seccomp", RET_ZERO,
					       .args = { OPERATION,
							 DEC_FLAGS,
							 { "uargs", &type_ptr, .elem = &type_enum,
							   .set = &set_seccomp_actions } } };
static const struct call_spec notif_sizes = {
	"seccomp", RET_ZERO,
	.args = { OPERATION,
		  DEC_FLAGS,
		  { "uargs", &type_ptr, .elem = &type_notif_sizes, .dir = DIR_OUT } }
};

enum { OP_SET_FILTER = 1, OP_ACTION_AVAIL = 2, OP_NOTIF_SIZES = 3, FLAG_NEW_LISTENER = 8 };

static const struct call_spec *refine_seccomp(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	switch ((uint32_t)ev->args[0]) {
	case OP_SET_FILTER:
		return ev->args[1] & FLAG_NEW_LISTENER ? &set_filter_listener : &set_filter;
	case OP_ACTION_AVAIL:
		return &action_avail;
	case OP_NOTIF_SIZES:
		return &notif_sizes;
	default:
		return NULL;
	}
}

/* --- arch_prctl --- */

#define CODE                                                                                       \
	{                                                                                          \
		"code", &type_enum, .set = &set_arch_options                                       \
	}

/* x86 asm/fpu/types.h: components of the extended state. */
static const struct const_name state_masks[] = {
	{ 0x3, "XFEATURE_MASK_FPSSE" },         { 0x4, "XFEATURE_MASK_YMM" },
	{ 0x8, "XFEATURE_MASK_BNDREGS" },       { 0x10, "XFEATURE_MASK_BNDCSR" },
	{ 0xe0, "XFEATURE_MASK_AVX512" },       { 0x20, "XFEATURE_MASK_OPMASK" },
	{ 0x40, "XFEATURE_MASK_ZMM_Hi256" },    { 0x80, "XFEATURE_MASK_Hi16_ZMM" },
	{ 0x100, "XFEATURE_MASK_PT" },          { 0x200, "XFEATURE_MASK_PKRU" },
	{ 0x400, "XFEATURE_MASK_PASID" },       { 0x60000, "XFEATURE_MASK_XTILE" },
	{ 0x20000, "XFEATURE_MASK_XTILE_CFG" }, { 0x40000, "XFEATURE_MASK_XTILE_DATA" },
};
static const struct const_set set_state_masks = CONST_SET(state_masks, "XFEATURE_MASK_???");

/* x86 asm/fpu/types.h: one component by number. */
static const struct const_name state_numbers[] = {
	{ 0, "XFEATURE_FP" },          { 1, "XFEATURE_SSE" },        { 2, "XFEATURE_YMM" },
	{ 3, "XFEATURE_BNDREGS" },     { 4, "XFEATURE_BNDCSR" },     { 5, "XFEATURE_OPMASK" },
	{ 6, "XFEATURE_ZMM_Hi256" },   { 7, "XFEATURE_Hi16_ZMM" },   { 8, "XFEATURE_PT" },
	{ 9, "XFEATURE_PKRU" },        { 10, "XFEATURE_PASID" },     { 11, "XFEATURE_CET_USER" },
	{ 12, "XFEATURE_CET_KERNEL" }, { 17, "XFEATURE_XTILE_CFG" }, { 18, "XFEATURE_XTILE_DATA" },
};
static const struct const_set set_state_numbers = CONST_SET(state_numbers, NULL);

/* strace writes these as a number with their names behind it. */
static struct value commented(struct decode *d, uint64_t raw, struct value names)
{
	struct value value = value_hex(raw);
	const char *text = "";

	if (names.kind == VALUE_ENUM)
		text = names.sym.name ? names.sym.name : "XFEATURE_???";
	for (uint32_t i = 0; names.kind == VALUE_FLAGS && i < names.flags.n; i++)
		text = arena_printf(d->arena, "%s%s%s", text, i ? "|" : "", names.flags.names[i]);
	value.comment = *text ? text : NULL;
	return value;
}

static void show_state_mask(struct decode *d, const struct slot *slot, uint64_t raw,
			    struct value *ret_v)
{
	(void)slot;
	*ret_v = commented(d, raw, decode_flags(d->arena, &set_state_masks, raw));
}

static void show_state_number(struct decode *d, const struct slot *slot, uint64_t raw,
			      struct value *ret_v)
{
	(void)slot;
	*ret_v = commented(d, raw, decode_enum(d->arena, &set_state_numbers, raw));
}

static const struct type type_state_mask = {
	.name = "xfeature_mask", .len32 = 8, .len64 = 8, .show = show_state_mask
};
static const struct type type_state_number = {
	.name = "xfeature", .len32 = 4, .len64 = 8, .show = show_state_number
};

static const struct call_spec arch_alone = { "arch_prctl", RET_INT, .args = { CODE } };
static const struct call_spec arch_set = { "arch_prctl", RET_ZERO,
					   .args = { CODE, { "addr", &type_xlong } } };
static const struct call_spec arch_get = {
	"arch_prctl", RET_ZERO,
	.args = { CODE, { "addr", &type_ptr, .elem = &type_addr, .dir = DIR_OUT } }
};
static const struct call_spec arch_get_mask = {
	"arch_prctl", RET_ZERO,
	.args = { CODE, { "addr", &type_ptr, .elem = &type_state_mask, .dir = DIR_OUT } }
};
static const struct call_spec arch_number = { "arch_prctl", RET_ZERO,
					      .args = { CODE, { "addr", &type_state_number } } };

static const struct call_spec *refine_arch_prctl(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	switch ((uint32_t)ev->args[0]) {
	case 0x1003: /* ARCH_GET_FS */
	case 0x1004:
	case 0x4001: /* ARCH_GET_UNTAG_MASK */
		return &arch_get;
	case 0x1011: /* ARCH_GET_CPUID */
		return &arch_alone;
	case 0x1021: /* ARCH_GET_XCOMP_SUPP */
	case 0x1022:
	case 0x1024:
		return &arch_get_mask;
	case 0x1023: /* ARCH_REQ_XCOMP_PERM */
	case 0x1025:
		return &arch_number;
	default:
		return &arch_set;
	}
}

static const struct call_spec specs[] = {
	{ "seccomp", RET_INT, .refine = refine_seccomp,
	  .args = { OPERATION, HEX_FLAGS, { "uargs", &type_addr } } },
	{ "arch_prctl", RET_INT, .refine = refine_arch_prctl,
	  .args = { CODE, { "addr", &type_xlong } } },
};

const struct spec_family family_seccomp = SPEC_FAMILY("seccomp", specs);
