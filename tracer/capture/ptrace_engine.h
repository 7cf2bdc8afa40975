#ifndef CAPTURE_PTRACE_ENGINE_H
#define CAPTURE_PTRACE_ENGINE_H

#include <linux/filter.h>
#include <signal.h>

#include "capture/capture.h"
#include "capture/own_calls.h"
#include "capture/target.h"

/* What failed in the child before or at its execve. */
struct launch_report {
	int error;
	char is_filter; /* it was the seccomp filter that was refused */
};

/* What a launched command has to inherit as if we were not there. */
struct launch_env {
	sigset_t mask;
	struct sigaction sigchld, sigpipe, sigxfsz, sigurg;
};

/* Remember the signal set-up that this program was started with; call first thing in main(). */
void launch_env_save(struct launch_env *env);

struct ptrace_config {
	char *const *argv; /* command to launch, NULL for none */
	char *const *envp;
	const char *path; /* of the program file, found by launch_find() */
	const struct launch_env *launch_env;
	const struct target *targets; /* processes to attach to */
	size_t n_targets;
	bool is_following; /* children too */
	bool is_yielding; /* give tracees up to those that want to trace them */
	bool is_killing; /* no tracee outlives us */
	bool has_system_times; /* FACT_SYSTEM_TIME with each exit */
	bool is_interactive_end; /* a signal to us detaches even from a launched command */
	const struct sock_fprog *filter; /* seccomp program for the command, NULL for none */
	uint16_t filter_cookie; /* its SECCOMP_RET_DATA */
	struct own_rights rights; /* what to keep once all have been attached or launched */
	uint64_t wait_note_ns; /* EVENT_BLOCKED after that long; 0 = never */
	uint64_t hang_ns; /* EVENT_HANG after that long, and again; 0 = never */
	struct capture_hooks hooks;
	/* Called with what strace, too, says on stderr: "Process 12 attached". May be NULL. */
	void (*on_note)(void *data, const char *text);
	/* Called with what users ought to know about what they see. */
	void (*on_warning)(void *data, const char *text);
	/* Called with what failed while other things go on: one process of several. */
	void (*on_error)(void *data, const char *text);
};

/* NULL when out of memory. config's pointers must outlive the engine. */
struct capture *ptrace_engine_create(const struct ptrace_config *config);

/* The command's pid, 0 without one; and whether a wait for it gave *ret_status. */
pid_t ptrace_engine_command(const struct capture *capture, bool *ret_has_ended, int *ret_status);

/* What failed in the child before or at its execve; call once the command has ended or executed. */
struct launch_report ptrace_engine_report(struct capture *capture);

/* The signal that made next() return CAPTURE_STOP, or 0. */
int ptrace_engine_stop_signal(const struct capture *capture);

/*
 * Find the program that a shell would run for name: itself if it has a slash, else by PATH.
 * Writes its path. 0, or -errno: -ENOENT, -EACCES, -EISDIR, -ENAMETOOLONG.
 */
int launch_find(const char *name, char *path, size_t len);

#endif
