#ifndef CAPTURE_PTRACE_FILTERS_H
#define CAPTURE_PTRACE_FILTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/ptrace_core.h"

/*
 * Seccomp filters that the traced programs install themselves. Such a filter hides calls from
 * ours, as the kernel does what the stricter of the two says. And where it traps or kills, the
 * kernel makes the prevented call return its own number.
 */

/* Is a tracee that is at the entry of this call about to install a filter? */
bool filters_is_install(const struct tracee *tracee);

/* It has done so, with success: from now on it stops at every call, its other threads, too, if
 * the filter is for them as well. */
void filters_installed(struct engine *engine, struct tracee *tracee);

/* Is a tracee of which nothing is known but its id under our filter, and no other? */
bool filters_has_ours_only(const struct engine *engine, pid_t tid);

/*
 * The newest event is the exit of a call that returned ret. If it may be one that a filter
 * prevented, keep it back until the tracee's next stop tells.
 */
void filters_doubt(struct engine *engine, struct tracee *tracee, int64_t ret);

/* The tracee has stopped again, or is gone: the event that was kept back, if any, is due. */
void filters_settle(struct engine *engine, struct tracee *tracee, bool is_refused);

/* The same for all that nothing has been heard of for a while: a filter's signal comes at once. */
void filters_settle_old(struct engine *engine);

/* Does a wait status say that a seccomp filter was the reason? */
bool filters_is_refusal(const struct wait_status *wait);

#endif
