#ifndef CAPTURE_PTRACE_WITHHELD_H
#define CAPTURE_PTRACE_WITHHELD_H

#include "capture/ptrace_core.h"

/*
 * A tracee has executed a program. If that has privileges of its own (set-user-ID, set-group-ID,
 * file capabilities) which the kernel has not given it because we, who trace it, do not have
 * them: say so, once for each program. Source: ptrace(2); security/commoncap.c.
 */
void withheld_check(struct engine *engine, struct tracee *tracee);

/* Its memory cannot be read, with that error (-errno): say so, once for each process. */
void withheld_note_unreadable(struct engine *engine, struct tracee *tracee, int err);

#endif
