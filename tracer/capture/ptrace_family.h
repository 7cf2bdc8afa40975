#ifndef CAPTURE_PTRACE_FAMILY_H
#define CAPTURE_PTRACE_FAMILY_H

#include <sys/types.h>

#include "capture/ptrace_stop.h"

struct engine;
struct tracee;

/* parent is at the stop that tells of its child; code: PTRACE_EVENT_* of that stop. */
void family_birth(struct engine *engine, struct tracee *parent, int code);

/*
 * A first stop, or the end, of someone unknown: a child whose creator has not reported yet. Or
 * a child of ours that runs a command for -o, or one that was superseded by an execve.
 */
void family_unknown(struct engine *engine, pid_t tid, int status);

/*
 * Tracees that have been held too long, as their creator did not report them, or all that are held
 * if nobody is left to report (is_over): let them go on.
 */
void family_orphans(struct engine *engine, bool is_over);

/*
 * The process tgid has executed: whichever of its threads called goes on as its leader, all others
 * are gone. Returns whether anything is known of it; nothing is of one whose birth is still to be
 * reported.
 */
bool family_exec(struct engine *engine, pid_t tgid);

/* The tracee has ended with tracee->status: forget it. */
void family_gone(struct engine *engine, struct tracee *tracee);

/* The same, and say so: the last that is heard of it. */
void family_death(struct engine *engine, struct tracee *tracee, struct stop stop);

/*
 * A leader that is not in the table is gone: it had ended before we attached, a thread took its
 * id by execve and was killed before it could say so. Returns whether there was one.
 */
bool family_unknown_death(struct engine *engine, pid_t tgid, int status);

#endif
