#ifndef CAPTURE_PTRACE_LAUNCH_H
#define CAPTURE_PTRACE_LAUNCH_H

#include "capture/ptrace_engine.h"

/* A command that was forked and waits to be let go. */
struct launch {
	pid_t pid;
	int go_fd; /* a byte written here lets it execute */
	int report_fd; /* errno of a failed step comes out here; nothing when it executed */
};

/*
 * Fork a child that waits, that is, sleeps in read(2) with everything as the command is to find
 * it but that pipe. 0 or -errno.
 */
int launch_fork(const struct ptrace_config *config, struct launch *ret_launch);

/* Let it execute. */
void launch_go(struct launch *launch);

/* Let it end instead, with 126. */
void launch_cancel(struct launch *launch);

/*
 * How it went, once the child has executed or ended: 0, or its report. Closes the pipes.
 */
struct launch_report launch_report(struct launch *launch);

#endif
