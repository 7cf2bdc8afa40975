#ifndef DECODE_TYPES_FUTEX_H
#define DECODE_TYPES_FUTEX_H

#include "decode/spec.h"

/*
 * The address of a priority-inheriting lock. Its word says who owns the lock, and the default
 * face shows that behind the address.
 */
extern const struct type type_futex_pi;

/*
 * The value that a waiter expects. If it looks like the word of a robust lock, the default face
 * says so behind it, marked as a guess: any program may mean something else by it.
 */
extern const struct type type_futex_val;

/* FUTEX_WAKE_OP's last argument: what is done to the second word and compared with it. */
extern const struct type type_futex_wake_op;

extern const struct type type_futex2_flags, type_futex2_mask;

/* struct futex_waitv: a pointee. */
extern const struct type type_futex_waitv;

/* struct robust_list_head: a pointee. */
extern const struct type type_robust_list_head;

#endif
