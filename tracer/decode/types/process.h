#ifndef DECODE_TYPES_PROCESS_H
#define DECODE_TYPES_PROCESS_H

#include "decode/spec.h"

/* clone(2)'s arguments, which are shown with their names and in another order than they have. */
extern const struct type type_clone_stack, type_clone_flags, type_clone_parent_tid, type_clone_tls,
	type_clone_child_tid;

/* The address of a struct clone_args of slot.len bytes: DIR_BOTH. */
extern const struct type type_clone_args;

/*
 * What wait4(2) and waitid(2) store, behind an address: nothing is if no child was waited for.
 * type_wait_status and type_wait_usage look at the return value for that.
 */
extern const struct type type_wait_status, type_wait_usage;

/* struct rusage; an aggregate. */
extern const struct type type_rusage;

/* struct rlimit of the tracee's word, and of 64 bits for all; aggregates. */
extern const struct type type_rlimit, type_rlimit64;

#endif
