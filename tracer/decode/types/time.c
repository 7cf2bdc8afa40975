/* Times: the tracee's own layout, and the 64-bit one. */
#include "decode/types/types.h"

static const struct slot timespec_fields[] = { { "tv_sec", &type_long },
					       { "tv_nsec", &type_ulong },
					       { 0 } };
static const struct slot timespec64_fields[] = { { "tv_sec", &type_s64 },
						 { "tv_nsec", &type_u64 },
						 { 0 } };
static const struct slot timeval_fields[] = { { "tv_sec", &type_long },
					      { "tv_usec", &type_ulong },
					      { 0 } };

const struct type type_timespec = { .name = "timespec", .fields = timespec_fields };
const struct type type_timespec64 = { .name = "timespec64", .fields = timespec64_fields };
const struct type type_timeval = { .name = "timeval", .fields = timeval_fields };

static const struct slot itimerspec_fields[] = {
	{ "it_interval", &type_timespec },
	{ "it_value", &type_timespec },
	{ 0 },
};

const struct type type_itimerspec = { .name = "itimerspec", .fields = itimerspec_fields };
