/* Flags with a number in some of their bits. */
#include "decode/types/shift.h"

#include <string.h>

#include "decode/decode.h"

enum { HUGE_SHIFT = 26, HUGE_MASK = 0x3f };

void decode_add_flag(struct arena *arena, struct value *flags, const char *name)
{
	const char **names = arena_array(arena, const char *, flags->flags.n + 1);

	if (flags->flags.n)
		memcpy(names, flags->flags.names, flags->flags.n * sizeof(*names));
	names[flags->flags.n++] = name;
	flags->flags.names = names;
}

struct value decode_huge_flags(struct arena *arena, const struct const_set *set, uint64_t raw,
			       const char *suffix)
{
	unsigned huge = raw >> HUGE_SHIFT & HUGE_MASK;
	struct value value = decode_flags(arena, set, raw & ~((uint64_t)HUGE_MASK << HUGE_SHIFT));

	if (!huge)
		return value;
	if (value.flags.rest)
		decode_add_flag(arena, &value,
				arena_printf(arena, "%#llx", (unsigned long long)value.flags.rest));
	decode_add_flag(arena, &value, arena_printf(arena, "%u<<%s", huge, suffix));
	value.flags.raw = raw;
	value.flags.rest = 0;
	value.comment = NULL;
	return value;
}
