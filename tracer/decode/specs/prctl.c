/* prctl(2), refined by its option: as many arguments as the option has, of its kinds. */
#include <linux/filter.h>
#include <sys/prctl.h>

#include "decode/consts/prctl.h"
#include "decode/consts/process.h"
#include "decode/decode.h"
#include "decode/types/types.h"

enum { NAME_LEN = 16 }; /* TASK_COMM_LEN */

/* --- kinds of arguments --- */

/* A thread's name: what does not fit is not looked at by the kernel either. */
static void show_name(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	char name[NAME_LEN];
	bool is_whole = false;
	ssize_t len;

	(void)slot;
	*ret_v = value_addr(raw);
	if (!raw)
		return;
	len = mem_read_string(&d->mem, raw, name, NAME_LEN, &is_whole);
	if (len < 0)
		return;
	if (len > NAME_LEN - 1)
		len = NAME_LEN - 1;
	*ret_v = value_bytes(arena_copy(d->arena, name, (size_t)len), (uint32_t)len, (uint64_t)len);
	ret_v->is_cut = !is_whole;
	ret_v->addr = raw;
}

static const struct type type_task_name = {
	.name = "task_name", .len32 = 4, .len64 = 8, .show = show_name, .is_nested = true
};

/* Who may attach: a process, or anybody, as -1 is called. */
static void show_ptracer(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = (uint32_t)raw == UINT32_MAX ? value_text("PR_SET_PTRACER_ANY", raw)
					     : value_pid((int32_t)raw);
}

static const struct type type_ptracer = {
	.name = "ptracer", .len32 = 4, .len64 = 8, .show = show_ptracer
};

static const struct slot filter_fields[] = { { "len", &type_u16 },
					     { "filter", &type_addr },
					     { 0 } };
static const struct type type_filter = { .name = "sock_fprog", .fields = filter_fields };

/* Which ids a cookie is for: strace writes number and name. */
static void show_scope(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	const char *name = const_set_name(&set_pid_scopes, raw);

	(void)slot;
	*ret_v = decode_enum(d->arena, &set_pid_scopes, raw);
	if (!name || !d->options->is_strace)
		return;
	*ret_v = value_hex(raw);
	ret_v->comment = name;
}

static const struct type type_scope = {
	.name = "pid_scope", .len32 = 4, .len64 = 8, .show = show_scope
};

/* --- what is behind the result --- */

static void aux_name(struct call *call, const struct const_set *set)
{
	const char *name = const_set_name(set, (uint64_t)call->ret);

	if (!call->is_error && name)
		decode_add_aux(call, NULL, value_text(name, (uint64_t)call->ret));
}

static void aux_dump_mode(struct decode *d, struct call *call)
{
	(void)d;
	aux_name(call, &set_dump_modes);
}

static void aux_mce(struct decode *d, struct call *call)
{
	(void)d;
	aux_name(call, &set_mce_policies);
}

static void aux_flags(struct decode *d, struct call *call, const struct const_set *set)
{
	if (!call->is_error && call->ret)
		decode_add_aux(call, NULL, decode_flags(d->arena, set, (uint64_t)call->ret));
}

static void aux_secure_bits(struct decode *d, struct call *call)
{
	aux_flags(d, call, &set_secure_bits);
}

static void aux_speculation(struct decode *d, struct call *call)
{
	aux_flags(d, call, &set_speculation_modes);
}

/* --- rows --- */

#define OPTION                                                                                     \
	{                                                                                          \
		"option", &type_enum, .set = &set_prctl_options                                    \
	}
#define HEX(n_)                                                                                    \
	{                                                                                          \
		n_, &type_xlong                                                                    \
	}
#define DEC(n_)                                                                                    \
	{                                                                                          \
		n_, &type_ulong                                                                    \
	}
#define HEX3 HEX("arg3"), HEX("arg4"), HEX("arg5")
#define PR(option_, ret_, ...)                                                                     \
	{                                                                                          \
		(option_),                                                                         \
		{                                                                                  \
			"prctl", (ret_), .args = { OPTION, ##__VA_ARGS__ }                         \
		}                                                                                  \
	}
#define PR_AUX(option_, ret_, aux_, ...)                                                           \
	{                                                                                          \
		(option_),                                                                         \
		{                                                                                  \
			"prctl", (ret_), .aux = (aux_), .args = { OPTION, ##__VA_ARGS__ }          \
		}                                                                                  \
	}
#define ENUM(name_, set_)                                                                          \
	{                                                                                          \
		name_, &type_enuml, .set = &(set_)                                                 \
	}
#define GET_INT                                                                                    \
	{                                                                                          \
		"addr", &type_ptr, .elem = &type_int, .dir = DIR_OUT                               \
	}
#define GET_UINT                                                                                   \
	{                                                                                          \
		"addr", &type_ptr, .elem = &type_x32, .dir = DIR_OUT                               \
	}

/* linux/prctl.h, of kernels newer than Debian 12's headers. */
enum { OPTION_GET_MDWE = 66, OPTION_SET_MEMORY_MERGE = 67, OPTION_GET_MEMORY_MERGE = 68 };

struct option {
	uint32_t option;
	struct call_spec spec;
};

/* Source: prctl(2). */
static const struct option options[] = {
	PR(PR_SET_PDEATHSIG, RET_ZERO, { "sig", &type_signo }),
	PR(PR_GET_PDEATHSIG, RET_ZERO, { "addr", &type_ptr, .elem = &type_signo, .dir = DIR_OUT }),
	PR_AUX(PR_GET_DUMPABLE, RET_INT, aux_dump_mode),
	PR(PR_SET_DUMPABLE, RET_ZERO, ENUM("mode", set_dump_modes)),
	PR(PR_GET_UNALIGN, RET_ZERO, GET_UINT),
	PR(PR_SET_UNALIGN, RET_ZERO, HEX("mode")),
	PR(PR_GET_KEEPCAPS, RET_INT),
	PR(PR_SET_KEEPCAPS, RET_ZERO, DEC("state")),
	PR(PR_GET_FPEMU, RET_ZERO, GET_UINT),
	PR(PR_GET_FPEXC, RET_ZERO, GET_UINT),
	PR(PR_GET_TIMING, RET_INT),
	PR(PR_SET_TIMING, RET_ZERO, DEC("mode")),
	PR(PR_SET_NAME, RET_ZERO, { "name", &type_task_name }),
	PR(PR_GET_NAME, RET_ZERO, { "name", &type_task_name, .dir = DIR_OUT }),
	PR(PR_GET_ENDIAN, RET_ZERO, GET_UINT),
	PR(PR_GET_SECCOMP, RET_INT),
	PR(PR_CAPBSET_READ, RET_INT, ENUM("cap", set_capabilities)),
	PR(PR_CAPBSET_DROP, RET_ZERO, ENUM("cap", set_capabilities)),
	PR(PR_GET_TSC, RET_ZERO,
	   { "addr", &type_ptr, .elem = &type_enum, .set = &set_tsc_modes, .dir = DIR_OUT }),
	PR(PR_SET_TSC, RET_ZERO, ENUM("mode", set_tsc_modes)),
	PR_AUX(PR_GET_SECUREBITS, RET_HEX, aux_secure_bits),
	PR(PR_SET_SECUREBITS, RET_ZERO, { "bits", &type_flagsl, .set = &set_secure_bits }),
	PR(PR_SET_TIMERSLACK, RET_ZERO, { "slack", &type_long }),
	PR(PR_GET_TIMERSLACK, RET_INT),
	PR(PR_TASK_PERF_EVENTS_DISABLE, RET_ZERO),
	PR(PR_TASK_PERF_EVENTS_ENABLE, RET_ZERO),
	PR(PR_MCE_KILL, RET_ZERO, ENUM("op", set_mce_operations), ENUM("policy", set_mce_policies),
	   HEX("arg4"), HEX("arg5")),
	PR_AUX(PR_MCE_KILL_GET, RET_INT, aux_mce, HEX("arg2"), HEX3),
	PR(PR_SET_MM, RET_ZERO, ENUM("what", set_mm_options), HEX3),
	PR(PR_SET_CHILD_SUBREAPER, RET_ZERO, DEC("state")),
	PR(PR_GET_CHILD_SUBREAPER, RET_ZERO, GET_INT),
	PR(PR_SET_NO_NEW_PRIVS, RET_ZERO, DEC("state"), HEX3),
	PR(PR_GET_NO_NEW_PRIVS, RET_INT, HEX("arg2"), HEX3),
	PR(PR_GET_TID_ADDRESS, RET_ZERO, { "addr", &type_ptr, .elem = &type_addr, .dir = DIR_OUT }),
	PR(PR_SET_THP_DISABLE, RET_ZERO, DEC("state"), HEX3),
	PR(PR_GET_THP_DISABLE, RET_INT, HEX("arg2"), HEX3),
	PR_AUX(PR_GET_SPECULATION_CTRL, RET_HEX, aux_speculation, ENUM("which", set_speculations)),
	PR(PR_SET_SPECULATION_CTRL, RET_ZERO, ENUM("which", set_speculations),
	   ENUM("mode", set_speculation_modes)),
	PR(PR_SET_IO_FLUSHER, RET_ZERO, DEC("state"), HEX3),
	PR(PR_GET_IO_FLUSHER, RET_INT, HEX("arg2"), HEX3),
	PR(PR_SET_SYSCALL_USER_DISPATCH, RET_ZERO, ENUM("mode", set_dispatch_modes), HEX3),
	PR(PR_SCHED_CORE, RET_ZERO, ENUM("op", set_core_operations), { "pid", &type_pid },
	   { "scope", &type_scope }, HEX("cookie")),
	PR(PR_SET_VMA, RET_ZERO, ENUM("attr", set_vma_options), { "addr", &type_addr }, DEC("size"),
	   { "name", &type_string }),
	PR(PR_SET_PTRACER, RET_ZERO, { "pid", &type_ptracer }),
	PR(OPTION_GET_MDWE, RET_HEX, HEX("arg2"), HEX3),
	PR(OPTION_SET_MEMORY_MERGE, RET_ZERO, DEC("state"), HEX3),
	PR(OPTION_GET_MEMORY_MERGE, RET_INT, HEX("arg2"), HEX3),
};

#define MODE ENUM("mode", set_seccomp_modes)

static const struct call_spec strict_mode = { "prctl", RET_ZERO, .args = { OPTION, MODE } };
static const struct call_spec filter_mode = {
	"prctl", RET_ZERO, .args = { OPTION, MODE, { "filter", &type_ptr, .elem = &type_filter } }
};
static const struct call_spec other_mode = { "prctl", RET_ZERO, .args = { OPTION, MODE, HEX3 } };

static const struct call_spec *seccomp_spec(uint64_t mode)
{
	if (mode == 1)
		return &strict_mode;
	return mode == 2 ? &filter_mode : &other_mode;
}

#define AMBIENT ENUM("op", set_ambient_operations)

static const struct call_spec ambient_clear = { "prctl", RET_ZERO,
						.args = { OPTION, AMBIENT, HEX3 } };
static const struct call_spec ambient_one = {
	"prctl", RET_INT,
	.args = { OPTION, AMBIENT, ENUM("cap", set_capabilities), HEX("arg4"), HEX("arg5") }
};

static const struct call_spec *refine_prctl(const struct event *ev, bool is_strace)
{
	uint32_t option = (uint32_t)ev->args[0];

	(void)is_strace;
	if (option == PR_SET_SECCOMP)
		return seccomp_spec(ev->args[1]);
	if (option == PR_CAP_AMBIENT)
		return ev->args[1] == PR_CAP_AMBIENT_CLEAR_ALL ? &ambient_clear : &ambient_one;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (options[i].option == option)
			return &options[i].spec;
	}
	return NULL;
}

static const struct call_spec specs[] = {
	{ "prctl", RET_INT, .refine = refine_prctl, .args = { OPTION, HEX("arg2"), HEX3 } },
};

const struct spec_family family_prctl = SPEC_FAMILY("prctl", specs);
