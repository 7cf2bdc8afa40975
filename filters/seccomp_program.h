#ifndef FILTERS_SECCOMP_PROGRAM_H
#define FILTERS_SECCOMP_PROGRAM_H

#include <linux/filter.h>
#include <stdint.h>

#include "filters/filter.h"

/* SECCOMP_RET_DATA, as PTRACE_GETEVENTMSG gives it, of a stop that our program made. */
#define SECCOMP_PROGRAM_COOKIE 0x1bc7u

/*
 * Build the seccomp program that stops (SECCOMP_RET_TRACE with the cookie) at every call that may
 * be in the filter's trace set and lets the others run. Conditions on plain arguments are decided
 * in the kernel (mmap by MAP_SHARED, open not for O_DIRECTORY). It also stops at execve, execveat,
 * seccomp, ptrace, clone, clone3 and prctl(PR_SET_SECCOMP), which the engine must see, and, when
 * the set asks what descriptors are, at close, close_range, dup2 and dup3. Covers the machine's
 * architectures; a call of another one stops.
 *
 * ret_program: its filter is malloc'ed, seccomp_program_finish() frees it.
 * Returns 0; -E2BIG if the kernel would not take a program that long (4096 instructions); or
 * libseccomp's -errno. On failure *ret_program is untouched.
 */
int seccomp_program_create(const struct filter *filter, struct sock_fprog *ret_program);
void seccomp_program_finish(struct sock_fprog *program);

/* Must the engine see this call even if the filter does not want it? */
bool seccomp_program_traps(const struct filter *filter, uint32_t arch, uint64_t nr);

#endif
