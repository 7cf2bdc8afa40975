/* Clocks and sleeping. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "decode/specs/rows.h"

/* linux/timex.h; ADJ_OFFSET_SINGLESHOT and _SS_READ are of several bits and go first. */
static const struct const_name adj_modes[] = {
	{ 0xa001, "ADJ_OFFSET_SS_READ" },
	{ 0x8001, "ADJ_OFFSET_SINGLESHOT" },
	{ 0x0001, "ADJ_OFFSET" },
	{ 0x0002, "ADJ_FREQUENCY" },
	{ 0x0004, "ADJ_MAXERROR" },
	{ 0x0008, "ADJ_ESTERROR" },
	{ 0x0010, "ADJ_STATUS" },
	{ 0x0020, "ADJ_TIMECONST" },
	{ 0x0080, "ADJ_TAI" },
	{ 0x0100, "ADJ_SETOFFSET" },
	{ 0x1000, "ADJ_MICRO" },
	{ 0x2000, "ADJ_NANO" },
	{ 0x4000, "ADJ_TICK" },
};
static const struct const_set set_adj_modes = CONST_SET(adj_modes, "ADJ_???");

/* linux/timex.h */
static const struct const_name sta_flags[] = {
	{ 0x0001, "STA_PLL" },       { 0x0002, "STA_PPSFREQ" },   { 0x0004, "STA_PPSTIME" },
	{ 0x0008, "STA_FLL" },       { 0x0010, "STA_INS" },       { 0x0020, "STA_DEL" },
	{ 0x0040, "STA_UNSYNC" },    { 0x0080, "STA_FREQHOLD" },  { 0x0100, "STA_PPSSIGNAL" },
	{ 0x0200, "STA_PPSJITTER" }, { 0x0400, "STA_PPSWANDER" }, { 0x0800, "STA_PPSERROR" },
	{ 0x1000, "STA_CLOCKERR" },  { 0x2000, "STA_NANO" },      { 0x4000, "STA_MODE" },
	{ 0x8000, "STA_CLK" },
};
static const struct const_set set_sta_flags = CONST_SET(sta_flags, "STA_???");

/* linux/timex.h */
static const char *const clock_states[] = { "TIME_OK",  "TIME_INS",  "TIME_DEL",
					    "TIME_OOP", "TIME_WAIT", "TIME_ERROR" };

/* linux/time.h */
static const struct const_name nanosleep_flags[] = {
	{ 1, "TIMER_ABSTIME" },
};
static const struct const_set set_nanosleep_flags = CONST_SET(nanosleep_flags, "TIMER_???");

#define TIMEX_FIELDS(long_, timeval_)                                                              \
	{                                                                                          \
		{ "modes", &type_flags, .set = &set_adj_modes }, { "offset", &(long_) },           \
			{ "freq", &(long_) }, { "maxerror", &(long_) }, { "esterror", &(long_) },  \
			{ "status", &type_flags, .set = &set_sta_flags },                          \
			{ "constant", &(long_) }, { "precision", &(long_) },                       \
			{ "tolerance", &(long_) }, { "time", &(timeval_) }, { "tick", &(long_) },  \
			{ "ppsfreq", &(long_) }, { "jitter", &(long_) }, { "shift", &type_int },   \
			{ "stabil", &(long_) }, { "jitcnt", &(long_) }, { "calcnt", &(long_) },    \
			{ "errcnt", &(long_) }, { "stbcnt", &(long_) }, { "tai", &type_int },      \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct slot timeval64_fields[] = { { "tv_sec", &type_s64 },
						{ "tv_usec", &type_s64 },
						{ 0 } };
static const struct type type_timeval64 = { .name = "timeval64", .fields = timeval64_fields };
static const struct slot timex_fields[] = TIMEX_FIELDS(type_long, type_timeval);
static const struct slot timex64_fields[] = TIMEX_FIELDS(type_s64, type_timeval64);
static const struct type type_timex = { .name = "timex", .fields = timex_fields };
static const struct type type_timex64 = { .name = "timex64", .fields = timex64_fields };

static const struct slot timezone_fields[] = { { "tz_minuteswest", &type_int },
					       { "tz_dsttime", &type_int },
					       { 0 } };
static const struct type type_timezone = { .name = "timezone", .fields = timezone_fields };

/* Restart codes of the kernel's own, which no program ever sees: linux/errno.h. */
static bool is_interrupted(const struct event *ev)
{
	return ev->ret == -512 || ev->ret == -513 || ev->ret == -514 || ev->ret == -516 ||
	       ev->ret == -EINTR;
}

/*
 * The time that is left of a sleep: written by the kernel only when a signal ended it, and never
 * for an absolute one. slot->len: the argument with the flags, if there is one.
 */
static bool has_remaining(struct decode *d, const struct slot *slot)
{
	return is_interrupted(d->ev) &&
	       (slot->len.kind == LEN_NONE || !(uint32_t)decode_len(d, slot));
}

static void show_remaining(struct decode *d, const struct slot *slot, uint64_t raw,
			   struct value *ret_v)
{
	if (has_remaining(d, slot))
		decode_at(d, slot, slot->elem, raw, ret_v);
	else
		*ret_v = value_addr(raw);
}

static size_t reach_remaining(struct decode *d, const struct slot *slot, uint64_t raw)
{
	(void)raw;
	return has_remaining(d, slot) ? decode_type_len(d, slot->elem) : 0;
}

static const struct type type_remaining = { .name = "remaining",
					    .len32 = 4,
					    .len64 = 8,
					    .show = show_remaining,
					    .reach = reach_remaining };

/* "2026-11-20T19:53:07+0000", in the local time zone; NULL if there is no such date. */
static char *date_text(struct arena *arena, int64_t seconds)
{
	time_t time = (time_t)seconds;
	char text[64];
	struct tm tm;

	if (!localtime_r(&time, &tm) || !strftime(text, sizeof(text), "%FT%T%z", &tm))
		return NULL;
	return arena_printf(arena, "%s", text);
}

static void show_date(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = value_int(d->word_len == 4 ? (int32_t)raw : (int64_t)raw);
	ret_v->comment = ret_v->i ? date_text(d->arena, ret_v->i) : NULL;
}

static const struct type type_date = { .name = "date", .len32 = 4, .len64 = 8, .show = show_date };

static void add_date(struct decode *d, struct call *call)
{
	char *text = call->is_error ? NULL : date_text(d->arena, call->ret);

	if (text)
		decode_add_aux(call, NULL, value_text(text, (uint64_t)call->ret));
}

static void add_clock_state(struct decode *d, struct call *call)
{
	(void)d;
	if (!call->is_error && call->ret >= 0 && call->ret < (int64_t)ARRAY_LEN(clock_states))
		decode_add_aux(call, NULL,
			       value_text(clock_states[call->ret], (uint64_t)call->ret));
}

#define CLOCK_ID ENUM("which_clock", set_clockids)
#define NANOSLEEP(name_, timespec_)                                                                \
	ROW(name_, RET_ZERO, CLOCK_ID, FLAGS("flags", set_nanosleep_flags), IN("rqtp", timespec_), \
	    ARG("rmtp", remaining, .elem = &type_##timespec_, .dir = DIR_EXIT, BYTES_ARG(1)))

static const struct call_spec specs[] = {
	ROW("clock_gettime", RET_ZERO, CLOCK_ID, OUT("tp", timespec)),
	ROW("clock_gettime64", RET_ZERO, CLOCK_ID, OUT("tp", timespec64)),
	ROW("clock_getres", RET_ZERO, CLOCK_ID, OUT("tp", timespec)),
	ROW("clock_getres_time64", RET_ZERO, CLOCK_ID, OUT("tp", timespec64)),
	ROW("clock_settime", RET_ZERO, CLOCK_ID, IN("tp", timespec)),
	ROW("clock_settime64", RET_ZERO, CLOCK_ID, IN("tp", timespec64)),
	NANOSLEEP("clock_nanosleep", timespec),
	NANOSLEEP("clock_nanosleep_time64", timespec64),
	ROW("nanosleep", RET_ZERO, IN("rqtp", timespec),
	    ARG("rmtp", remaining, .elem = &type_timespec, .dir = DIR_EXIT)),
	{ "clock_adjtime", RET_INT, .aux = add_clock_state,
	  .args = { CLOCK_ID, OUT("utx", timex) } },
	{ "clock_adjtime64", RET_INT, .aux = add_clock_state,
	  .args = { CLOCK_ID, OUT("utx", timex64) } },
	{ "adjtimex", RET_INT, .aux = add_clock_state, .args = { OUT("txc_p", timex) } },
	ROW("gettimeofday", RET_ZERO, OUT("tv", timeval), OUT("tz", timezone)),
	ROW("settimeofday", RET_ZERO, IN("tv", timeval), IN("tz", timezone)),
	{ "time", RET_INT, .aux = add_date, .args = { OUT("tloc", date) } },
	ROW("stime", RET_ZERO, IN("tptr", date)),
};

const struct spec_family family_clock = SPEC_FAMILY("clock", specs);
