#ifndef DECODE_CONSTS_FUTEX_H
#define DECODE_CONSTS_FUTEX_H

#include "decode/spec.h"

/* The commands of futex(2): its second argument without the two flags. */
enum futex_command {
	FUTEX_COMMAND_WAIT,
	FUTEX_COMMAND_WAKE,
	FUTEX_COMMAND_FD,
	FUTEX_COMMAND_REQUEUE,
	FUTEX_COMMAND_CMP_REQUEUE,
	FUTEX_COMMAND_WAKE_OP,
	FUTEX_COMMAND_LOCK_PI,
	FUTEX_COMMAND_UNLOCK_PI,
	FUTEX_COMMAND_TRYLOCK_PI,
	FUTEX_COMMAND_WAIT_BITSET,
	FUTEX_COMMAND_WAKE_BITSET,
	FUTEX_COMMAND_WAIT_REQUEUE_PI,
	FUTEX_COMMAND_CMP_REQUEUE_PI,
	FUTEX_COMMAND_LOCK_PI2,
	FUTEX_COMMANDS,
	FUTEX_COMMAND_MASK = 0x7f,
};

/* What a word of a robust or priority-inheriting lock says beside its owner's tid. */
enum {
	FUTEX_WORD_WAITERS = 0x80000000,
	FUTEX_WORD_OWNER_DIED = 0x40000000,
	FUTEX_WORD_TID = 0x3fffffff,
};

extern const struct const_set set_futex_ops, set_futex_bitsets, set_futex2_sizes, set_futex2_flags;
extern const struct const_set set_futex_wake_ops, set_futex_wake_cmps;

#endif
