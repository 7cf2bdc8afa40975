#ifndef CAPTURE_PROC_H
#define CAPTURE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How deep PID namespaces nest: MAX_PID_NS_LEVEL of the kernel, and the first. */
enum { PID_LEVELS = 33 };

/* What /proc/TID/status says of a thread. */
struct proc_status {
	pid_t tgid, ppid, tracer;
	char state; /* R, S, D, T, t, Z, X... */
	uid_t uids[3]; /* real, effective, saved */
	gid_t gids[3];
	uint64_t permitted, effective; /* capabilities */
	uint64_t pending, shared_pending, blocked, ignored, caught; /* signal masks */
	int seccomp; /* 0 none, 1 strict, 2 filters */
	int n_filters; /* of these, 0 before Linux 5.9 */
	bool no_new_privs;
	bool has_vm; /* it has memory: no kernel thread, no zombie */
	uint64_t n_switches; /* how often it was taken off a processor, willing or not */
	/* Its numbers, ours first, then that in each PID namespace below, its own last. */
	pid_t inner[PID_LEVELS];
	unsigned n_inner;
	char comm[32];
};

/* 0, or -ESRCH if there is no such thread, or -errno. */
int proc_status(pid_t tid, struct proc_status *ret_status);

/* Take the text of that file apart, any bytes allowed. */
void proc_parse_status(const char *text, struct proc_status *ret_status);

/*
 * When a thread began, in clock ticks since boot (/proc/TID/stat, field 22): two threads that had
 * the same id one after the other differ in it. 0 if there is no such thread.
 */
uint64_t proc_start_time(pid_t tid);

/* The same from the text of that file, whatever the thread calls itself. */
uint64_t proc_parse_start_time(const char *text);

/*
 * Read a whole small file of /proc into buf, NUL-terminated: bytes read, or -errno.
 */
ssize_t proc_read(pid_t tid, const char *name, char *buf, size_t len);

#endif
