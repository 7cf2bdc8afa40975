#ifndef DECODE_SYSCALLS_H
#define DECODE_SYSCALLS_H

#include <stdint.h>

#include "base/arena.h"

/* Call numbers above this are none, on any architecture we know (x32's bit aside). */
enum { SYSCALL_NR_MAX = 1024 };

/*
 * The name of a call number of an architecture (AUDIT_ARCH_*; x32 by its bit in nr), in arena,
 * or NULL. Source: libseccomp, then syscalls.c for calls newer than the library.
 */
const char *syscall_name(struct arena *arena, uint32_t arch, uint64_t nr);

/*
 * The number of a call for an architecture, or -1 if it has none there. With the x32 bit for
 * SYSCALL_ARCH_X32.
 */
int syscall_number(uint32_t arch, const char *name);

/* Not an AUDIT_ARCH: asks syscall_number() for x32's numbers. */
#define SYSCALL_ARCH_X32 0x4000003eu

#endif
