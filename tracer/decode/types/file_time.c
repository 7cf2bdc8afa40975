/* Times of files, with the date that they mean. */
#include "decode/types/file_time.h"

#include <time.h>

#include "decode/decode.h"
#include "decode/types/types.h"

enum { NSEC_PER_SEC = 1000000000, USEC_PER_SEC = 1000000 };

/* linux/stat.h of the kernel */
enum { UTIME_NOW_NSEC = 0x3fffffff, UTIME_OMIT_NSEC = 0x3ffffffe };

static const char *time_comment(struct arena *arena, int64_t sec, uint64_t part, int digits)
{
	char date[64], zone[16];
	time_t time = sec;
	struct tm tm;

	if ((!sec && !part) || !localtime_r(&time, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) ||
	    !strftime(zone, sizeof(zone), "%z", &tm))
		return NULL;
	if (part)
		return arena_printf(arena, "%s.%0*llu%s", date, digits, (unsigned long long)part,
				    zone);
	return arena_printf(arena, "%s%s", date, zone);
}

const char *file_time_comment(struct arena *arena, int64_t sec, uint64_t nsec)
{
	return nsec < NSEC_PER_SEC ? time_comment(arena, sec, nsec, 9) : NULL;
}

static void show_seconds(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	type_long.show(d, slot, raw, ret_v);
	ret_v->comment = file_time_comment(d->arena, ret_v->i, 0);
}

static const struct type type_seconds = {
	.name = "long", .len32 = 4, .len64 = 8, .show = show_seconds
};

static const struct slot utimbuf_fields[] = {
	{ "actime", &type_seconds },
	{ "modtime", &type_seconds },
	{ 0 },
};
const struct type type_utimbuf = { .name = "utimbuf", .fields = utimbuf_fields };

/* What the two numbers of a time were, of whatever layout. */
static int64_t seconds_of(const struct value *time)
{
	return time->st.fields[0].value.i;
}

static uint64_t part_of(const struct value *time)
{
	return time->st.fields[1].value.u;
}

static void show_two(struct decode *d, const struct slot *slot, const struct type *type,
		     uint64_t addr, struct value *ret_v)
{
	bool has_nsec = type != &type_timeval;

	decode_array_at(d, slot, type, addr, 2, ret_v);
	for (uint32_t i = 0; ret_v->kind == VALUE_ARRAY && i < ret_v->array.n; i++) {
		struct value *time = &ret_v->array.items[i];
		uint64_t part = part_of(time);

		if (has_nsec && part == UTIME_NOW_NSEC)
			*time = value_text("UTIME_NOW", part);
		else if (has_nsec && part == UTIME_OMIT_NSEC)
			*time = value_text("UTIME_OMIT", part);
		else if (has_nsec)
			time->comment = file_time_comment(d->arena, seconds_of(time), part);
		else if (part < USEC_PER_SEC)
			time->comment = time_comment(d->arena, seconds_of(time), part, 6);
	}
}

#define TWO(two_, one_)                                                                            \
	static void show_##two_(struct decode *d, const struct slot *slot, uint64_t raw,           \
				struct value *ret_v)                                               \
	{                                                                                          \
		show_two(d, slot, &(one_), raw, ret_v);                                            \
	}                                                                                          \
                                                                                                   \
	static size_t reach_##two_(struct decode *d, const struct slot *slot, uint64_t raw)        \
	{                                                                                          \
		(void)slot;                                                                        \
		return raw ? 2 * decode_type_len(d, &(one_)) : 0;                                  \
	}                                                                                          \
                                                                                                   \
	const struct type type_##two_ = {                                                          \
		.name = #two_, .len32 = 4, .len64 = 8, .show = show_##two_, .reach = reach_##two_  \
	}

TWO(two_timevals, type_timeval);
TWO(two_timespecs, type_timespec);
TWO(two_timespecs64, type_timespec64);
