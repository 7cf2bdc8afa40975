#ifndef FILTERS_SECCOMP_PROGRAM_H
#define FILTERS_SECCOMP_PROGRAM_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "filters/filter.h"

/* SECCOMP_RET_DATA, as PTRACE_GETEVENTMSG gives it, of a stop that our program made. */
#define SECCOMP_PROGRAM_COOKIE 0x1bc7u

/*
 * Build the seccomp program that stops (SECCOMP_RET_TRACE with the cookie) at every call that may
 * be in the filter's trace set and lets the others run. Conditions on plain arguments are decided
 * in the kernel (mmap by MAP_SHARED, open not for O_DIRECTORY). It also stops where
 * seccomp_program_traps() says. Covers the machine's architectures; a call of another one stops.
 * To be loaded with SECCOMP_FILTER_FLAG_SPEC_ALLOW, so that it changes nothing else.
 *
 * ret_program: its filter is malloc'ed, seccomp_program_finish() frees it.
 * Returns 0; -E2BIG if the kernel would not take a program that long (4096 instructions); or
 * libseccomp's or memfd_create's -errno. On failure *ret_program is untouched.
 */
int seccomp_program_create(const struct filter *filter, struct sock_fprog *ret_program);
void seccomp_program_finish(struct sock_fprog *program);

/*
 * Must the engine see this call even if the filter does not want it? Calls that make tracees or
 * change who is traced how: seccomp, ptrace, clone, clone3, prctl (stopped at only when it is
 * PR_SET_SECCOMP); and when the set asks what descriptors are, those after which a known one may
 * be another, and those in which its object may be locked: close, close_range, dup2, dup3, unshare,
 * setns, splice, sendfile.
 */
bool seccomp_program_traps(const struct filter *filter, uint32_t arch, uint64_t nr);

#endif
