#ifndef CAPTURE_PTRACE_SIGNAL_H
#define CAPTURE_PTRACE_SIGNAL_H

#include <signal.h>

#include "capture/tracee.h"

/*
 * What the signal at whose delivery a tracee stops would have done to it untraced. The first process
 * of a PID namespace does not get from inside what it has no handler for, not even SIGSTOP, and a
 * fault of its own kills it; with a tracer it gets everything, and no fault kills it.
 * Source: sig_task_ignored(), sig_ignored(), send_signal_locked() and force_sig_info_to_task() in
 * kernel/signal.c; pid_namespaces(7).
 */
enum signal_fate {
	SIGNAL_COUNTS, /* as ever */
	SIGNAL_IS_FOR_NOBODY, /* it would not have come */
	SIGNAL_IS_DEADLY, /* it would have died of it, and does when it faults again untraced */
};

enum signal_fate signal_fate(struct tracee *tracee, const siginfo_t *info);

#endif
