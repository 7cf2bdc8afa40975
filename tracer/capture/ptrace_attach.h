#ifndef CAPTURE_PTRACE_ATTACH_H
#define CAPTURE_PTRACE_ATTACH_H

#include <stdbool.h>

#include "capture/target.h"
#include "capture/tracee.h"

/*
 * Seize all threads of a process, the new ones that it makes meanwhile included, and interrupt
 * them; adds them to table. all_threads false: only the thread with that very id.
 * Returns how many, or -errno with a line in error that says why and what to do; -ESTALE if the
 * number belongs to somebody else by now, who is in the table then as one that is leaving.
 */
int attach_process(struct tracee_table *table, const struct target *target, int options,
		   bool all_threads, char *error, size_t error_len);

/* Interrupt a tracee that runs or sleeps; at its stop its call may have to be mended. */
void attach_disturb(struct tracee *tracee);

/*
 * Undo what the attach did to a call that was blocked: at the first stop of a tracee that we
 * interrupted, make a call of the kinds that the kernel would end with EINTR start again. Of one
 * that the kernel resumes by restart_syscall remember which it is.
 */
void attach_mend_call(struct tracee *tracee);

/*
 * At a signal-delivery-stop. A signal that the process ignores would not have come to it at all
 * untraced, nor ended its call with EINTR: such a call starts again. Another one that comes before
 * the call that we made begin again is under way ends that call, as it would have untraced.
 */
void attach_mend_signal(struct tracee *tracee, int sig);

#endif
