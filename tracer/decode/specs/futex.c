/* futex in all its operations, the calls that follow it, and robust lists. */
#include "decode/consts/futex.h"
#include "decode/decode.h"
#include "decode/types/futex.h"
#include "decode/types/types.h"

/* Arguments that an operation ignores are left out, so that the rest moves up. */
static const uint8_t regs_timeout[] = { 0, 1, 3 };
static const uint8_t regs_wait_bitset[] = { 0, 1, 2, 3, 5 };
static const uint8_t regs_wake_bitset[] = { 0, 1, 2, 5 };

#define UADDR                                                                                      \
	{                                                                                          \
		"uaddr", &type_addr                                                                \
	}
#define UADDR_PI                                                                                   \
	{                                                                                          \
		"uaddr", &type_futex_pi                                                            \
	}
#define OP                                                                                         \
	{                                                                                          \
		"futex_op", &type_enum, .set = &set_futex_ops                                      \
	}
#define VAL                                                                                        \
	{                                                                                          \
		"val", &type_uint                                                                  \
	}
#define VAL_EXPECTED                                                                               \
	{                                                                                          \
		"val", &type_futex_val                                                             \
	}
#define VAL2                                                                                       \
	{                                                                                          \
		"val2", &type_uint                                                                 \
	}
#define UADDR2                                                                                     \
	{                                                                                          \
		"uaddr2", &type_addr                                                               \
	}
#define UADDR2_PI                                                                                  \
	{                                                                                          \
		"uaddr2", &type_futex_pi                                                           \
	}
#define VAL3                                                                                       \
	{                                                                                          \
		"val3", &type_uint                                                                 \
	}
#define BITSET                                                                                     \
	{                                                                                          \
		"val3", &type_enum, .set = &set_futex_bitsets                                      \
	}
#define TIMEOUT(time)                                                                              \
	{                                                                                          \
		"timeout", &type_ptr, .elem = &(time)                                              \
	}

#define ROW(name_, op_, regs_, ...)                                                                \
	{                                                                                          \
		.name = (name_), .ret = RET_INT, IPC(FUTEX, op_, 0), .regs = (regs_),              \
		.args = { __VA_ARGS__ },                                                           \
	}

/* By enum futex_command. */
#define FUTEX_ROWS(name, time)                                                                     \
	{                                                                                          \
		[FUTEX_COMMAND_WAIT] =                                                             \
			ROW(name, WAIT, NULL, UADDR, OP, VAL_EXPECTED, TIMEOUT(time)),             \
		[FUTEX_COMMAND_WAKE] = ROW(name, WAKE, NULL, UADDR, OP, VAL),                      \
		[FUTEX_COMMAND_FD] = ROW(name, CREATE, NULL, UADDR, OP, VAL),                      \
		[FUTEX_COMMAND_REQUEUE] = ROW(name, WAKE, NULL, UADDR, OP, VAL, VAL2, UADDR2),     \
		[FUTEX_COMMAND_CMP_REQUEUE] =                                                      \
			ROW(name, WAKE, NULL, UADDR, OP, VAL, VAL2, UADDR2, VAL3),                 \
		[FUTEX_COMMAND_WAKE_OP] = ROW(name, WAKE, NULL, UADDR, OP, VAL, VAL2, UADDR2,      \
					      { "val3", &type_futex_wake_op }),                    \
		[FUTEX_COMMAND_LOCK_PI] =                                                          \
			ROW(name, WAIT, regs_timeout, UADDR_PI, OP, TIMEOUT(time)),                \
		[FUTEX_COMMAND_UNLOCK_PI] = ROW(name, WAKE, NULL, UADDR_PI, OP),                   \
		[FUTEX_COMMAND_TRYLOCK_PI] = ROW(name, CONTROL, NULL, UADDR_PI, OP),               \
		[FUTEX_COMMAND_WAIT_BITSET] = ROW(name, WAIT, regs_wait_bitset, UADDR, OP,         \
						  VAL_EXPECTED, TIMEOUT(time), BITSET),            \
		[FUTEX_COMMAND_WAKE_BITSET] =                                                      \
			ROW(name, WAKE, regs_wake_bitset, UADDR, OP, VAL, BITSET),                 \
		[FUTEX_COMMAND_WAIT_REQUEUE_PI] =                                                  \
			ROW(name, WAIT, NULL, UADDR, OP, VAL, TIMEOUT(time), UADDR2_PI),           \
		[FUTEX_COMMAND_CMP_REQUEUE_PI] =                                                   \
			ROW(name, WAKE, NULL, UADDR, OP, VAL, VAL2, UADDR2_PI, VAL3),              \
		[FUTEX_COMMAND_LOCK_PI2] =                                                         \
			ROW(name, WAIT, regs_timeout, UADDR_PI, OP, TIMEOUT(time)),                \
	}

static const struct call_spec futex_rows[] = FUTEX_ROWS("futex", type_timespec);
static const struct call_spec futex_time64_rows[] = FUTEX_ROWS("futex_time64", type_timespec64);

static const struct call_spec *refine_futex(const struct event *ev, bool is_strace)
{
	uint64_t command = ev->args[1] & FUTEX_COMMAND_MASK;

	(void)is_strace;
	return command < FUTEX_COMMANDS ? &futex_rows[command] : NULL;
}

static const struct call_spec *refine_futex_time64(const struct event *ev, bool is_strace)
{
	uint64_t command = ev->args[1] & FUTEX_COMMAND_MASK;

	(void)is_strace;
	return command < FUTEX_COMMANDS ? &futex_time64_rows[command] : NULL;
}

#define UNKNOWN_FUTEX(name_, refine_)                                                              \
	{                                                                                          \
		.name = (name_), .ret = RET_INT, IPC(FUTEX, NONE, 0), .refine = (refine_),         \
		.args = {                                                                          \
			UADDR, OP, VAL, { "timeout", &type_addr }, UADDR2, { "val3", &type_x32 },  \
		},                                                                                 \
	}

static const struct call_spec set_robust_list_strace = {
	.name = "set_robust_list", .ret = RET_ZERO, IPC(FUTEX, CONTROL, 0),
	.args = {
		{ "head", &type_addr },
		{ "len", &type_size },
	},
};

static const struct call_spec *refine_set_robust_list(const struct event *ev, bool is_strace)
{
	(void)ev;
	return is_strace ? &set_robust_list_strace : NULL;
}

static const struct call_spec specs[] = {
	UNKNOWN_FUTEX("futex", refine_futex),
	UNKNOWN_FUTEX("futex_time64", refine_futex_time64),
	{
		.name = "futex_waitv", .ret = RET_INT, IPC(FUTEX, WAIT, 0),
		.args = {
			{ "waiters", &type_array, .elem = &type_futex_waitv, COUNT_ARG(1) },
			{ "nr_futexes", &type_uint },
			{ "flags", &type_x32 },
			TIMEOUT(type_timespec64),
			{ "clockid", &type_enum, .set = &set_clockids },
		},
	},
	{
		.name = "futex_wake", .ret = RET_INT, IPC(FUTEX, WAKE, 0),
		.args = {
			UADDR,
			{ "mask", &type_futex2_mask },
			{ "nr", &type_int },
			{ "flags", &type_futex2_flags },
		},
	},
	{
		.name = "futex_wait", .ret = RET_ZERO, IPC(FUTEX, WAIT, 0),
		.args = {
			UADDR,
			{ "val", &type_ulong },
			{ "mask", &type_futex2_mask },
			{ "flags", &type_futex2_flags },
			TIMEOUT(type_timespec64),
			{ "clockid", &type_enum, .set = &set_clockids },
		},
	},
	{
		.name = "futex_requeue", .ret = RET_INT, IPC(FUTEX, WAKE, 0),
		.args = {
			{ "waiters", &type_array, .elem = &type_futex_waitv, COUNT_CONST(2) },
			{ "flags", &type_x32 },
			{ "nr_wake", &type_int },
			{ "nr_requeue", &type_int },
		},
	},
	{
		.name = "set_robust_list", .ret = RET_ZERO, IPC(FUTEX, CONTROL, 0),
		.refine = refine_set_robust_list,
		.args = {
			{ "head", &type_ptr, .elem = &type_robust_list_head },
			{ "len", &type_size },
		},
	},
	{
		.name = "get_robust_list", .ret = RET_ZERO, IPC(FUTEX, CONTROL, 0),
		.args = {
			{ "pid", &type_pid },
			{ "head_ptr", &type_ptr, .elem = &type_addr, .dir = DIR_OUT },
			{ "len_ptr", &type_ptr, .elem = &type_size, .dir = DIR_OUT },
		},
	},
};

const struct spec_family family_futex = SPEC_FAMILY("futex", specs);
