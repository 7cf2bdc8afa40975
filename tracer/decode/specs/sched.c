/* When processes run, and how much they may use and have used. */
#include "decode/consts/process.h"
#include "decode/decode.h"
#include "decode/types/process.h"
#include "decode/types/types.h"

/* --- sched_setattr(2), which has what its size says --- */

enum { ATTR_LEN_MIN = 48, ATTR_LEN_MAX = 56, KEEP_POLICY = 8, KEEP_PARAMS = 0x10 };

static void add_attr_params(const uint8_t *data, struct value *ret_v)
{
	*value_field(ret_v, "sched_nice") = value_int((int32_t)decode_number(data + 16, 4));
	*value_field(ret_v, "sched_priority") = value_uint(decode_number(data + 20, 4));
	*value_field(ret_v, "sched_runtime") = value_uint(decode_number(data + 24, 8));
	*value_field(ret_v, "sched_deadline") = value_uint(decode_number(data + 32, 8));
	*value_field(ret_v, "sched_period") = value_uint(decode_number(data + 40, 8));
}

/*
 * Shape:   struct sched_attr of as many bytes as its first word says; what flags say is to be
 *          kept means nothing.
 * Errors:  one too small for the first version, or unreadable, gives the address.
 * Source:  sched_setattr(2); linux/sched/types.h.
 */
static void show_attr_of(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v)
{
	uint8_t data[ATTR_LEN_MAX] = { 0 };
	size_t n = len < ATTR_LEN_MAX ? (size_t)len : ATTR_LEN_MAX;
	uint64_t flags;

	*ret_v = value_addr(addr);
	if (!addr || n < ATTR_LEN_MIN || mem_read_all(&d->mem, addr, data, n) < 0)
		return;
	flags = decode_number(data + 8, 8);
	*ret_v = value_struct(d->arena, 10);
	ret_v->addr = addr;
	*value_field(ret_v, "size") = value_uint(decode_number(data, 4));
	if (d->is_exit || !(flags & KEEP_POLICY))
		*value_field(ret_v, "sched_policy") =
			decode_enum(d->arena, &set_sched_policies, decode_number(data + 4, 4));
	*value_field(ret_v, "sched_flags") = decode_flags(d->arena, &set_sched_flags, flags);
	if (d->is_exit || !(flags & KEEP_PARAMS))
		add_attr_params(data, ret_v);
	if (n < ATTR_LEN_MAX)
		return;
	*value_field(ret_v, "sched_util_min") = value_uint(decode_number(data + 48, 4));
	*value_field(ret_v, "sched_util_max") = value_uint(decode_number(data + 52, 4));
}

static void show_attr_in(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	uint32_t len;

	(void)slot;
	if (!raw || decode_u32_at(d, raw, &len) < 0)
		*ret_v = value_addr(raw);
	else
		show_attr_of(d, raw, len ? len : ATTR_LEN_MIN, ret_v);
}

static void show_attr_out(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	show_attr_of(d, raw, (uint32_t)decode_len(d, slot), ret_v);
}

static size_t reach_attr(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return ATTR_LEN_MAX;
}

static const struct type type_attr_in = {
	.name = "sched_attr", .len32 = 4, .len64 = 8, .show = show_attr_in, .reach = reach_attr
};
static const struct type type_attr_out = {
	.name = "sched_attr", .len32 = 4, .len64 = 8, .show = show_attr_out, .reach = reach_attr
};

/* --- sets of processors --- */

enum { CPUS_LEN_MAX = 1024 };

static void show_cpus(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t len = decode_len(d, slot);
	uint8_t data[CPUS_LEN_MAX];
	const char **names;
	uint32_t n = 0;

	if (len > CPUS_LEN_MAX)
		len = CPUS_LEN_MAX;
	if (!raw || mem_read_all(&d->mem, raw, data, (size_t)len) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	names = arena_array(d->arena, const char *, 8 * len);
	for (unsigned i = 0; i < 8 * len; i++) {
		if (data[i / 8] >> (i % 8) & 1)
			names[n++] = arena_printf(d->arena, "%u", i);
	}
	*ret_v = (struct value){
		.kind = VALUE_BITSET,
		.addr = raw,
		.bits = { .raw = decode_number(data, (size_t)len), .names = names, .n = n }
	};
}

static size_t reach_cpus(struct decode *d, const struct slot *slot, uint64_t raw)
{
	uint64_t len = decode_len(d, slot);

	(void)raw;
	return len < CPUS_LEN_MAX ? (size_t)len : CPUS_LEN_MAX;
}

static const struct type type_cpus = {
	.name = "cpu_set", .len32 = 4, .len64 = 8, .show = show_cpus, .reach = reach_cpus
};

/* --- times(2) --- */

static const struct slot tms_fields[] = {
	{ "tms_utime", &type_long },
	{ "tms_stime", &type_long },
	{ "tms_cutime", &type_long },
	{ "tms_cstime", &type_long },
	{ 0 },
};
static const struct type type_tms = { .name = "tms", .fields = tms_fields };

static void aux_policy(struct decode *d, struct call *call)
{
	const char *name = const_set_name(&set_sched_policies, (uint64_t)call->ret);

	(void)d;
	if (!call->is_error && name)
		decode_add_aux(call, NULL, value_text(name, (uint64_t)call->ret));
}

#define POLICY                                                                                     \
	{                                                                                          \
		"policy", &type_enum, .set = &set_sched_policies                                   \
	}
#define LIMITS(name_, rlimit_, dir_)                                                               \
	{                                                                                          \
		name_, RET_ZERO, .args = {                                                         \
			{ "resource", &type_enum, .set = &set_resources },                         \
			{ "rlim", &type_ptr, .elem = &(rlimit_), .dir = (dir_) }                   \
		}                                                                                  \
	}
#define INTERVAL(name_, timespec_)                                                                 \
	{                                                                                          \
		name_, RET_ZERO, .args = {                                                         \
			{ "pid", &type_pid },                                                      \
			{ "interval", &type_ptr, .elem = &(timespec_), .dir = DIR_OUT }            \
		}                                                                                  \
	}

static const struct call_spec specs[] = {
	{ "getpriority", RET_INT,
	  .args = { { "which", &type_enum, .set = &set_priorities }, { "who", &type_pid } } },
	{ "setpriority", RET_ZERO,
	  .args = { { "which", &type_enum, .set = &set_priorities },
		    { "who", &type_pid },
		    { "niceval", &type_int } } },
	{ "nice", RET_INT, .args = { { "increment", &type_int } } },
	LIMITS("getrlimit", type_rlimit, DIR_OUT),
	LIMITS("ugetrlimit", type_rlimit, DIR_OUT),
	LIMITS("setrlimit", type_rlimit, DIR_IN),
	{ "prlimit64", RET_ZERO,
	  .args = { { "pid", &type_pid },
		    { "resource", &type_enum, .set = &set_resources },
		    { "new_rlim", &type_ptr, .elem = &type_rlimit64 },
		    { "old_rlim", &type_ptr, .elem = &type_rlimit64, .dir = DIR_OUT } } },
	{ "getrusage", RET_ZERO,
	  .args = { { "who", &type_enum, .set = &set_usages },
		    { "ru", &type_ptr, .elem = &type_rusage, .dir = DIR_OUT } } },
	{ "times", RET_UINT, .args = { { "tbuf", &type_ptr, .elem = &type_tms, .dir = DIR_OUT } } },
	{ "sched_yield", RET_ZERO },
	{ "sched_getparam", RET_ZERO,
	  .args = { { "pid", &type_pid },
		    { "param", &type_ptr, .elem = &type_int, .dir = DIR_OUT } } },
	{ "sched_setparam", RET_ZERO,
	  .args = { { "pid", &type_pid }, { "param", &type_ptr, .elem = &type_int } } },
	{ "sched_getscheduler", RET_INT, .aux = aux_policy, .args = { { "pid", &type_pid } } },
	{ "sched_setscheduler", RET_ZERO,
	  .args = { { "pid", &type_pid }, POLICY, { "param", &type_ptr, .elem = &type_int } } },
	{ "sched_get_priority_max", RET_INT, .args = { POLICY } },
	{ "sched_get_priority_min", RET_INT, .args = { POLICY } },
	INTERVAL("sched_rr_get_interval", type_timespec),
	INTERVAL("sched_rr_get_interval_time64", type_timespec64),
	{ "sched_getaffinity", RET_INT,
	  .args = { { "pid", &type_pid },
		    { "len", &type_uint },
		    { "user_mask_ptr", &type_cpus, .dir = DIR_OUT, BYTES_RET } } },
	{ "sched_setaffinity", RET_ZERO,
	  .args = { { "pid", &type_pid },
		    { "len", &type_uint },
		    { "user_mask_ptr", &type_cpus, BYTES_ARG(1) } } },
	{ "sched_getattr", RET_ZERO,
	  .args = { { "pid", &type_pid },
		    { "attr", &type_attr_out, .dir = DIR_OUT, BYTES_ARG(2) },
		    { "size", &type_uint },
		    { "flags", &type_uint } } },
	{ "sched_setattr", RET_ZERO,
	  .args = { { "pid", &type_pid }, { "attr", &type_attr_in }, { "flags", &type_uint } } },
	{ "getcpu", RET_ZERO,
	  .args = { { "cpup", &type_ptr, .elem = &type_uint, .dir = DIR_OUT },
		    { "nodep", &type_ptr, .elem = &type_uint, .dir = DIR_OUT },
		    { "unused", &type_addr } } },
	{ "rseq", RET_ZERO,
	  .args = { { "rseq", &type_addr },
		    { "rseq_len", &type_x32 },
		    { "flags", &type_x32 },
		    { "sig", &type_x32 } } },
};

const struct spec_family family_sched = SPEC_FAMILY("sched", specs);
