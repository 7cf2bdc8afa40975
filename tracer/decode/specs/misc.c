/* Calls of which no IPC mechanism is made: names and plain argument kinds. */
#include "decode/types/types.h"

static const struct call_spec specs[] = {
	{ "getpid", RET_PID },
};

const struct spec_family family_misc = SPEC_FAMILY("misc", specs);
