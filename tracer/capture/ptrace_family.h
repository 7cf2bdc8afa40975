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

/* Tracees that have been held too long, as their creator did not report them: let them go on. */
void family_orphans(struct engine *engine);

/* leader has executed; whichever thread called it goes on as leader, all others are gone. */
void family_exec(struct engine *engine, struct tracee *leader);

/* The tracee is gone: the last that is heard of it. */
void family_death(struct engine *engine, struct tracee *tracee, struct stop stop);

/*
 * execve gives its caller the id of the leader. One that had ended before we attached is not in
 * the table: the caller is to be. NULL if it is not known either.
 */
struct tracee *family_find_caller(struct engine *engine, pid_t tid);

#endif
