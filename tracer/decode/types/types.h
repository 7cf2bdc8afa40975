#ifndef DECODE_TYPES_TYPES_H
#define DECODE_TYPES_TYPES_H

#include "decode/spec.h"

/*
 * The types of every day. A family's own shapes have their own header beside this one.
 */

/* Numbers: a register or a field of that many bits, decimal. */
extern const struct type type_s8, type_s16, type_s32, type_s64, type_u8, type_u16, type_u32,
	type_u64;
extern const struct type type_int, type_uint; /* C's, 32 bits */
extern const struct type type_long, type_ulong; /* the tracee's word */
extern const struct type type_size, type_ssize, type_off;

/* Numbers in hexadecimal, 0 as 0. */
extern const struct type type_x8, type_x16, type_x32, type_x64, type_xlong;

/* File modes, octal: 0600. */
extern const struct type type_mode, type_mode16;

/* The slot's set: one name out of it, or names or-ed together. By bits of the field. */
extern const struct type type_enum8, type_enum16, type_enum, type_enum64, type_enuml;
extern const struct type type_flags8, type_flags16, type_flags, type_flags64, type_flagsl;

/* S_IFIFO|0600: file type and mode in one. */
extern const struct type type_file_mode;

extern const struct type type_fd; /* a descriptor */
extern const struct type type_dirfd; /* a descriptor or AT_FDCWD */
extern const struct type type_pid; /* process, thread or process group id */
extern const struct type type_uid; /* user or group id, -1 as such */
extern const struct type type_signo;

/* A tracee address that is not followed. */
extern const struct type type_addr;

/* NUL-terminated strings at the address; paths are never cut short. */
extern const struct type type_string, type_path;

/* Bytes at the address, as many as slot.len says: text, or binary by nature (all \x). */
extern const struct type type_buffer, type_binary;

/* An inline character array of slot.n bytes in a struct, up to its NUL. */
extern const struct type type_char;

/* The address of one slot.elem: {...} for aggregates, [x] for scalars. */
extern const struct type type_ptr;

/* The address of slot.len elements of slot.elem. */
extern const struct type type_array;

/* The address of a NULL-terminated array of strings: argv; envp is shown as a count. */
extern const struct type type_argv, type_envp;

/* The 8 bytes of a kernel signal set; siginfo_t. Aggregates. */
extern const struct type type_sigset, type_siginfo;
extern const struct type type_waitinfo; /* the siginfo_t that waitid(2) fills */

/* Aggregates in the tracee's own layout, and the 64-bit ones that *_time64 calls use. */
extern const struct type type_timespec, type_timeval, type_itimerspec, type_timespec64;

extern const struct const_set set_at_flags, set_clockids, set_file_types;

#endif
