#ifndef CAPTURE_PTRACE_SIGNAL_H
#define CAPTURE_PTRACE_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

#include "capture/tracee.h"

/*
 * Would the signal at whose delivery the tracee stops not have come to it untraced? The first process
 * of a PID namespace does not get from inside what it has no handler for, not even SIGSTOP; with a
 * tracer it gets all. Source: sig_task_ignored(), sig_ignored() and send_signal_locked() in
 * kernel/signal.c; pid_namespaces(7).
 */
bool signal_is_for_nobody(struct tracee *tracee, const siginfo_t *info);

#endif
