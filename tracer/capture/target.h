#ifndef CAPTURE_TARGET_H
#define CAPTURE_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A process that somebody has named by its number. Numbers are given again: what is remembered
 * here tells whether the number still stands for the process that was meant.
 */
struct target {
	pid_t pid; /* or the id of one of its threads */
	int pidfd; /* -1: none to be had, as for a thread that leads no process */
	uint64_t start_time; /* as proc_start_time(); 0 = there was none with that number */
};

/* Remember who has the number now. Takes a descriptor, of which only so many are to be had. */
void target_init(struct target *target, pid_t pid, bool wants_pidfd);
void target_finish(struct target *target);

/*
 * Is it, or its zombie, still there? Asked after PTRACE_SEIZE, whose tracee keeps its number, it
 * says whether that is the process that was meant.
 */
bool target_is_same(const struct target *target);

#endif
