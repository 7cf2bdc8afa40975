#ifndef CAPTURE_PTRACE_RESUME_H
#define CAPTURE_PTRACE_RESUME_H

#include "capture/ptrace_stop.h"

struct tracee;

/*
 * Let a tracee go on from its stop: with its signal if it is at the delivery of one, waiting for
 * SIGCONT if it is in a group-stop. One that was killed meanwhile is left to its death's report.
 */
void resume_tracee(struct tracee *tracee, struct stop stop);

#endif
