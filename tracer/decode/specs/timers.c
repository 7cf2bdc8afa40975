/* Clocks that send a signal when they run out. */
#include "decode/decode.h"
#include "decode/types/sigevent.h"
#include "decode/types/types.h"

/* linux/time.h */
static const struct const_name itimers[] = {
	{ 0, "ITIMER_REAL" },
	{ 1, "ITIMER_VIRTUAL" },
	{ 2, "ITIMER_PROF" },
};
static const struct const_set set_itimers = CONST_SET(itimers, "ITIMER_???");

/* linux/time.h */
static const struct const_name timer_flags[] = {
	{ 1, "TIMER_ABSTIME" },
};
static const struct const_set set_timer_flags = CONST_SET(timer_flags, "TIMER_???");

static const struct slot itimerval_fields[] = {
	{ "it_interval", &type_timeval },
	{ "it_value", &type_timeval },
	{ 0 },
};
static const struct type type_itimerval = { .name = "itimerval", .fields = itimerval_fields };

static const struct slot itimerspec64_fields[] = {
	{ "it_interval", &type_timespec64 },
	{ "it_value", &type_timespec64 },
	{ 0 },
};
static const struct type type_itimerspec64 = { .name = "itimerspec64",
					       .fields = itimerspec64_fields };

#define SETTIME(name_, itimerspec_)                                                                \
	{                                                                                          \
		name_, RET_ZERO, IPC(SIGNAL, CONTROL, 0), .args = {                                \
			{ "timerid", &type_int },                                                  \
			{ "flags", &type_flags, .set = &set_timer_flags },                         \
			{ "new_setting", &type_ptr, .elem = &(itimerspec_) },                      \
			{ "old_setting", &type_ptr, .elem = &(itimerspec_), .dir = DIR_OUT },      \
		}                                                                                  \
	}

#define GETTIME(name_, itimerspec_)                                                                \
	{                                                                                          \
		name_, RET_ZERO, IPC(SIGNAL, CONTROL, 0), .args = {                                \
			{ "timerid", &type_int },                                                  \
			{ "setting", &type_ptr, .elem = &(itimerspec_), .dir = DIR_OUT },          \
		}                                                                                  \
	}

static const struct call_spec specs[] = {
	{ "alarm", RET_UINT, IPC(SIGNAL, CONTROL, 0), .args = { { "seconds", &type_uint } } },
	{ "getitimer", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "which", &type_enum, .set = &set_itimers },
		    { "value", &type_ptr, .elem = &type_itimerval, .dir = DIR_OUT } } },
	{ "setitimer", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "which", &type_enum, .set = &set_itimers },
		    { "value", &type_ptr, .elem = &type_itimerval },
		    { "ovalue", &type_ptr, .elem = &type_itimerval, .dir = DIR_OUT } } },
	{ "timer_create", RET_ZERO, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "which_clock", &type_enum, .set = &set_clockids },
		    { "timer_event_spec", &type_ptr, .elem = &type_sigevent },
		    { "created_timer_id", &type_ptr, .elem = &type_int, .dir = DIR_OUT } } },
	SETTIME("timer_settime", type_itimerspec),
	SETTIME("timer_settime64", type_itimerspec64),
	GETTIME("timer_gettime", type_itimerspec),
	GETTIME("timer_gettime64", type_itimerspec64),
	{ "timer_getoverrun", RET_INT, IPC(SIGNAL, CONTROL, 0),
	  .args = { { "timerid", &type_int } } },
	{ "timer_delete", RET_ZERO, IPC(SIGNAL, CONTROL, 0), .args = { { "timerid", &type_int } } },
};

const struct spec_family family_timers = SPEC_FAMILY("timers", specs);
