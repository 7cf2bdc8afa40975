/* How processes end, and what they may use and have used. */
#include "decode/types/process.h"

#include <signal.h>
#include <sys/wait.h>

#include "decode/consts/ptrace.h"
#include "decode/decode.h"
#include "decode/types/types.h"

/* --- wait status --- */

static const char *signal_text(struct arena *arena, int signal)
{
	const char *name = decode_signal_name(arena, signal & 0x7f);

	if (!name)
		return arena_printf(arena, "%d", signal);
	if (signal & 0x80)
		return arena_printf(arena, "%s|0x80", name);
	return name;
}

static const char *stopped_text(struct arena *arena, unsigned status)
{
	const char *signal = signal_text(arena, WSTOPSIG(status));
	unsigned event = status >> 16;
	const char *name = const_set_name(&set_ptrace_events, event);

	if (!event)
		return arena_printf(arena, "{WIFSTOPPED(s) && WSTOPSIG(s) == %s}", signal);
	if (!name)
		name = arena_printf(arena, "%#x", event);
	return arena_printf(arena, "{WIFSTOPPED(s) && WSTOPSIG(s) == %s} | %s << 16", signal, name);
}

static const char *status_text(struct arena *arena, unsigned status)
{
	if (WIFSTOPPED(status) && (status & 0xff) == 0x7f)
		return stopped_text(arena, status);
	if (WIFSIGNALED(status))
		return arena_printf(arena, "{WIFSIGNALED(s) && WTERMSIG(s) == %s%s}",
				    signal_text(arena, WTERMSIG(status)),
				    WCOREDUMP(status) ? " && WCOREDUMP(s)" : "");
	if (WIFEXITED(status))
		return arena_printf(arena, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}",
				    WEXITSTATUS(status));
	if (WIFCONTINUED(status))
		return "{WIFCONTINUED(s)}";
	return arena_printf(arena, "%#x", status);
}

static bool has_waited(const struct decode *d)
{
	return d->is_exit && !d->ev->is_error && d->ev->ret > 0;
}

static void show_status(struct decode *d, const struct slot *slot, uint64_t raw,
			struct value *ret_v)
{
	uint32_t status;

	(void)slot;
	if (!raw || !has_waited(d) || decode_u32_at(d, raw, &status) < 0) {
		*ret_v = value_addr(raw);
		return;
	}
	*ret_v = value_ref(d->arena);
	ret_v->addr = raw;
	ret_v->array.items[0] = value_text(status_text(d->arena, status), status);
}

static size_t reach_status(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)d;
	(void)slot;
	(void)raw;
	return 4;
}

const struct type type_wait_status = {
	.name = "wait_status", .len32 = 4, .len64 = 8, .show = show_status, .reach = reach_status
};

/* --- what was used --- */

static const struct slot rusage_fields[] = {
	{ "ru_utime", &type_timeval },
	{ "ru_stime", &type_timeval },
	{ "ru_maxrss", &type_ulong, .is_verbose = true },
	{ "ru_ixrss", &type_ulong, .is_verbose = true },
	{ "ru_idrss", &type_ulong, .is_verbose = true },
	{ "ru_isrss", &type_ulong, .is_verbose = true },
	{ "ru_minflt", &type_ulong, .is_verbose = true },
	{ "ru_majflt", &type_ulong, .is_verbose = true },
	{ "ru_nswap", &type_ulong, .is_verbose = true },
	{ "ru_inblock", &type_ulong, .is_verbose = true },
	{ "ru_oublock", &type_ulong, .is_verbose = true },
	{ "ru_msgsnd", &type_ulong, .is_verbose = true },
	{ "ru_msgrcv", &type_ulong, .is_verbose = true },
	{ "ru_nsignals", &type_ulong, .is_verbose = true },
	{ "ru_nvcsw", &type_ulong, .is_verbose = true },
	{ "ru_nivcsw", &type_ulong, .is_verbose = true },
	{ 0 },
};
const struct type type_rusage = { .name = "rusage", .fields = rusage_fields };

static void show_usage(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	if (has_waited(d))
		decode_at(d, slot, &type_rusage, raw, ret_v);
	else
		*ret_v = value_addr(raw);
}

static size_t reach_usage(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)slot;
	(void)raw;
	return decode_type_len(d, &type_rusage);
}

const struct type type_wait_usage = {
	.name = "rusage_ptr", .len32 = 4, .len64 = 8, .show = show_usage, .reach = reach_usage
};

/* --- what may be used --- */

/* Sizes are easier to read as so many KiB. */
static struct value limit_value(struct decode *d, uint64_t limit, size_t len)
{
	uint64_t infinity = len == 8 ? UINT64_MAX : UINT32_MAX;

	if (limit == infinity)
		return value_text(len == 8 ? "RLIM64_INFINITY" : "RLIM_INFINITY", limit);
	if (limit > 1024 && limit % 1024 == 0)
		return value_text(
			arena_printf(d->arena, "%llu*1024", (unsigned long long)limit / 1024),
			limit);
	return value_uint(limit);
}

static void show_limits(struct decode *d, const struct span *span, size_t len, struct value *ret_v)
{
	*ret_v = value_struct(d->arena, 2);
	ret_v->addr = span->addr;
	*value_field(ret_v, "rlim_cur") = limit_value(d, decode_number(span->data, len), len);
	*value_field(ret_v, "rlim_max") = limit_value(d, decode_number(span->data + len, len), len);
}

static void show_rlimit(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	(void)slot;
	show_limits(d, span, d->word_len, ret_v);
}

static void show_rlimit64(struct decode *d, const struct slot *slot, const struct span *span,
			  struct value *ret_v)
{
	(void)slot;
	show_limits(d, span, 8, ret_v);
}

const struct type type_rlimit = {
	.name = "rlimit", .len32 = 8, .len64 = 16, .show_bytes = show_rlimit
};
const struct type type_rlimit64 = {
	.name = "rlimit64", .len32 = 16, .len64 = 16, .show_bytes = show_rlimit64
};
