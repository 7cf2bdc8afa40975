#ifndef FILTERS_NAMES_H
#define FILTERS_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "decode/syscalls.h"

/* The architectures whose calls a filter knows. x32 is one of its own here. */
enum arch_index { ARCH_X86_64, ARCH_I386, ARCH_X32, ARCH_AARCH64, ARCH_KINDS };

/* Every call's name by architecture and number (without x32's bit); NULL where there is none. */
struct call_names {
	struct arena arena;
	const char *name[ARCH_KINDS][SYSCALL_NR_MAX];
};

void names_init(struct call_names *names);
void names_finish(struct call_names *names);

/*
 * The index of an AUDIT_ARCH_* or SYSCALL_ARCH_X32; takes x32's bit off *nr. -1 for an unknown
 * architecture.
 */
int names_arch(uint32_t arch, uint64_t *nr);

/* The AUDIT_ARCH_* or SYSCALL_ARCH_X32 of an index. */
uint32_t names_audit_arch(enum arch_index arch);

/* The index for strace's "64", "32", "x32" as a mask of 1 << enum arch_index; 0 for another. */
unsigned names_personality(const char *designator);

#endif
