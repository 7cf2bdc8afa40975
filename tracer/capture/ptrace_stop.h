#ifndef CAPTURE_PTRACE_STOP_H
#define CAPTURE_PTRACE_STOP_H

#include <stdbool.h>

/* What a wait status of a tracee says. Source: ptrace(2); the status word alone decides. */
enum stop_kind {
	STOP_EXITED, /* gone, code = exit code */
	STOP_KILLED, /* gone, code = signal */
	STOP_SYSCALL, /* entry or exit: PTRACE_GET_SYSCALL_INFO knows which */
	STOP_SECCOMP, /* a filter said RET_TRACE */
	STOP_SIGNAL, /* signal-delivery-stop, code = signal */
	STOP_GROUP, /* group-stop, code = the stopping signal */
	STOP_INTERRUPT, /* PTRACE_INTERRUPT, birth, or the end of a group-stop */
	STOP_BIRTH, /* fork, vfork, clone: code = PTRACE_EVENT_* */
	STOP_VFORK_DONE,
	STOP_EXEC,
	STOP_EXIT, /* PTRACE_EVENT_EXIT: about to die */
	STOP_OTHER,
};

struct stop {
	enum stop_kind kind;
	int code;
	bool is_core;
};

struct stop stop_classify(int status);

/* Is the tracee gone? */
bool stop_is_end(struct stop stop);

/* How a tracee goes on from a stop. */
enum stop_restart {
	RESTART_NONE, /* it is gone */
	RESTART_SYSCALL, /* PTRACE_SYSCALL: next stop at the next entry or exit */
	RESTART_CONT, /* PTRACE_CONT: next stop where our seccomp program says */
	RESTART_LISTEN, /* stay stopped, tell us about SIGCONT */
};

/*
 * The restart for a stop. is_filtered: our seccomp program finds the entries; wants_exit: the
 * tracee is in a call of which the exit-stop is wanted.
 */
enum stop_restart stop_restart(struct stop stop, bool is_filtered, bool wants_exit);

/* The signal to restart with: the very signal of a signal-delivery-stop, else 0. */
int stop_signal(struct stop stop);

#endif
