/* linux/futex.h */
#include "decode/consts/futex.h"

/* A command with each set of flags that it knows. */
#define PLAIN(nr_, name_)                                                                          \
	{ (nr_), name_ },                                                                          \
	{                                                                                          \
		(nr_) | 0x80, name_ "_PRIVATE"                                                     \
	}
#define TIMED(nr_, name_)                                                                          \
	PLAIN(nr_, name_), { (nr_) | 0x100, name_ "|FUTEX_CLOCK_REALTIME" },                       \
	{                                                                                          \
		(nr_) | 0x180, name_ "_PRIVATE|FUTEX_CLOCK_REALTIME"                               \
	}

static const struct const_name futex_ops[] = {
	TIMED(0, "FUTEX_WAIT"),
	PLAIN(1, "FUTEX_WAKE"),
	{ 2, "FUTEX_FD" },
	{ 2 | 0x80, "FUTEX_FD|FUTEX_PRIVATE_FLAG" },
	PLAIN(3, "FUTEX_REQUEUE"),
	PLAIN(4, "FUTEX_CMP_REQUEUE"),
	PLAIN(5, "FUTEX_WAKE_OP"),
	PLAIN(6, "FUTEX_LOCK_PI"),
	PLAIN(7, "FUTEX_UNLOCK_PI"),
	PLAIN(8, "FUTEX_TRYLOCK_PI"),
	TIMED(9, "FUTEX_WAIT_BITSET"),
	PLAIN(10, "FUTEX_WAKE_BITSET"),
	TIMED(11, "FUTEX_WAIT_REQUEUE_PI"),
	PLAIN(12, "FUTEX_CMP_REQUEUE_PI"),
	PLAIN(13, "FUTEX_LOCK_PI2"),
};
const struct const_set set_futex_ops = CONST_SET(futex_ops, "FUTEX_???");

static const struct const_name bitsets[] = { { UINT32_MAX, "FUTEX_BITSET_MATCH_ANY" } };
const struct const_set set_futex_bitsets = CONST_SET(bitsets, NULL);

static const struct const_name futex2_sizes[] = {
	{ 0, "FUTEX2_SIZE_U8" },
	{ 1, "FUTEX2_SIZE_U16" },
	{ 2, "FUTEX2_SIZE_U32" },
	{ 3, "FUTEX2_SIZE_U64" },
};
const struct const_set set_futex2_sizes = CONST_SET(futex2_sizes, NULL);

static const struct const_name futex2_flags[] = {
	{ 4, "FUTEX2_NUMA" },
	{ 8, "FUTEX2_MPOL" },
	{ 0x80, "FUTEX2_PRIVATE" },
};
const struct const_set set_futex2_flags = CONST_SET(futex2_flags, NULL);

static const struct const_name wake_ops[] = {
	{ 0, "FUTEX_OP_SET" },  { 1, "FUTEX_OP_ADD" }, { 2, "FUTEX_OP_OR" },
	{ 3, "FUTEX_OP_ANDN" }, { 4, "FUTEX_OP_XOR" },
};
const struct const_set set_futex_wake_ops = CONST_SET(wake_ops, "FUTEX_OP_???");

static const struct const_name wake_cmps[] = {
	{ 0, "FUTEX_OP_CMP_EQ" }, { 1, "FUTEX_OP_CMP_NE" }, { 2, "FUTEX_OP_CMP_LT" },
	{ 3, "FUTEX_OP_CMP_LE" }, { 4, "FUTEX_OP_CMP_GT" }, { 5, "FUTEX_OP_CMP_GE" },
};
const struct const_set set_futex_wake_cmps = CONST_SET(wake_cmps, "FUTEX_OP_CMP_???");
