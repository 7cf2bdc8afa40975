/* The kernel says EPERM and nothing else; here is found out why. */
#include "capture/ptrace_refusal.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/proc.h"

struct refusal {
	pid_t pid;
	struct proc_status its, ours;
	char *error;
	size_t len;
};

/* Do we have CAP_SYS_PTRACE where the process lives? */
static bool is_capable(const struct refusal *refusal)
{
	char path[64];
	struct stat its, ours;

	if (!(refusal->ours.effective >> CAP_SYS_PTRACE & 1))
		return false;
	/* It counts in our user namespace and in those below, which /proc does not tell apart. */
	snprintf(path, sizeof(path), "/proc/%d/ns/user", refusal->pid);
	return stat(path, &its) < 0 || stat("/proc/self/ns/user", &ours) < 0 ||
	       its.st_ino == ours.st_ino;
}

static bool is_traced_already(const struct refusal *refusal)
{
	struct proc_status tracer = { 0 };

	if (!refusal->its.tracer || refusal->its.tracer == getpid())
		return false;
	proc_status(refusal->its.tracer, &tracer);
	snprintf(refusal->error, refusal->len,
		 "ptrace: operation not permitted: PID %d is already traced by PID %d (%s); end "
		 "that tracer first",
		 refusal->pid, refusal->its.tracer, tracer.comm[0] ? tracer.comm : "?");
	return true;
}

static bool is_ours(const struct refusal *refusal)
{
	if (refusal->its.tgid != getpid())
		return false;
	snprintf(refusal->error, refusal->len,
		 "PID %d is ipctrace itself, which cannot be its own tracer", refusal->pid);
	return true;
}

static bool is_ended(const struct proc_status *status)
{
	return status->state == 'Z' || status->state == 'X';
}

static bool is_kernel_thread(const struct refusal *refusal)
{
	if (refusal->its.has_vm || is_ended(&refusal->its))
		return false;
	snprintf(refusal->error, refusal->len,
		 "PID %d is a kernel thread: it makes no system calls", refusal->pid);
	return true;
}

static bool is_zombie(const struct refusal *refusal)
{
	if (!is_ended(&refusal->its))
		return false;
	snprintf(refusal->error, refusal->len,
		 "PID %d is a zombie: it has ended and waits for its parent %d to take notice; "
		 "trace that one",
		 refusal->pid, refusal->its.ppid);
	return true;
}

/* Are all three of its ids our real one? So the kernel asks. */
static bool has_ids(const uint32_t *ids, uint32_t id)
{
	return ids[0] == id && ids[1] == id && ids[2] == id;
}

static bool is_another_users(const struct refusal *refusal)
{
	const struct proc_status *its = &refusal->its;
	const char *what = NULL;

	if (is_capable(refusal))
		return false;
	if (its->uids[0] != getuid())
		what = its->uids[0] ? "belongs to another user" : "belongs to root";
	else if (!has_ids(its->uids, getuid()) || !has_ids(its->gids, getgid()))
		what = "has taken on other user or group ids (set-user-ID, set-group-ID)";
	else if (its->permitted & ~refusal->ours.effective)
		what = "has capabilities that ipctrace has not";
	if (!what)
		return false;
	snprintf(refusal->error, refusal->len, "ptrace: operation not permitted: PID %d %s; run %s",
		 refusal->pid, what,
		 geteuid() ? "with sudo" : "with CAP_SYS_PTRACE in its user namespace");
	return true;
}

/* The files of a process that is not dumpable belong to root, whoever it runs as. */
static bool is_not_dumpable(const struct refusal *refusal)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/status", refusal->pid);
	if (is_capable(refusal) || stat(path, &st) < 0 || st.st_uid == refusal->its.uids[1])
		return false;
	snprintf(refusal->error, refusal->len,
		 "ptrace: operation not permitted: PID %d has made itself not dumpable, or its "
		 "program file cannot be read; run with sudo",
		 refusal->pid);
	return true;
}

static int yama_scope(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%d", &scope) != 1)
		scope = 0;
	fclose(file);
	return scope;
}

static bool is_out_of_scope(const struct refusal *refusal)
{
	static const char *const advice[] = {
		NULL,
		"run with sudo, launch the command from ipctrace, or let the process call "
		"prctl(PR_SET_PTRACER)",
		"run with sudo",
		"nobody may trace until the next boot",
	};
	int scope = yama_scope();

	if (scope < 1 || scope >= (int)ARRAY_LEN(advice) || (scope < 3 && is_capable(refusal)))
		return false;
	snprintf(refusal->error, refusal->len,
		 "ptrace: operation not permitted: kernel.yama.ptrace_scope is %d; %s", scope,
		 advice[scope]);
	return true;
}

/* Can we trace anything at all? A child of our own is the witness. */
static bool is_ptrace_allowed(void)
{
	pid_t pid = fork();
	bool is_allowed;

	if (pid < 0)
		return true;
	if (pid == 0) {
		for (;;)
			pause();
	}
	is_allowed = ptrace(PTRACE_SEIZE, pid, 0, 0) == 0;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return is_allowed;
}

static bool is_filtered(const struct refusal *refusal)
{
	if (is_ptrace_allowed())
		return false;
	snprintf(refusal->error, refusal->len,
		 "ptrace: operation not permitted at all here; in a container it needs "
		 "--cap-add=SYS_PTRACE and a seccomp profile that allows it");
	return true;
}

static void explain_eperm(const struct refusal *refusal)
{
	static bool (*const causes[])(const struct refusal *refusal) = {
		is_traced_already, is_ours,         is_kernel_thread, is_zombie,
		is_another_users,  is_not_dumpable, is_out_of_scope,  is_filtered,
	};

	for (size_t i = 0; i < ARRAY_LEN(causes); i++)
		if (causes[i](refusal))
			return;
	snprintf(refusal->error, refusal->len,
		 "ptrace: operation not permitted: PID %d is protected by a security module or "
		 "another user namespace; run as root outside of containers",
		 refusal->pid);
}

void refusal_explain(pid_t pid, int err, char *error, size_t len)
{
	struct refusal refusal = { .pid = pid, .error = error, .len = len };

	proc_status(getpid(), &refusal.ours);
	if (proc_status(pid, &refusal.its) < 0)
		err = -ESRCH;
	if (err == -ESRCH)
		snprintf(error, len, "no process has PID %d; `ps ax` lists those that are there",
			 pid);
	else if (err == -EPERM)
		explain_eperm(&refusal);
	else
		snprintf(error, len, "ptrace: cannot attach to PID %d: %s", pid, strerror(-err));
}

void refusal_explain_command(pid_t pid, int err, char *error, size_t len)
{
	struct refusal refusal = { .pid = pid, .error = error, .len = len };
	struct proc_status tracer = { 0 };

	proc_status(getpid(), &refusal.ours);
	if (proc_status(pid, &refusal.its) == 0 && refusal.its.tracer &&
	    refusal.its.tracer != getpid()) {
		proc_status(refusal.its.tracer, &tracer);
		snprintf(error, len,
			 "ptrace: cannot trace a command: PID %d (%s) traces it already, as all "
			 "that ipctrace starts; end that tracer first",
			 refusal.its.tracer, tracer.comm[0] ? tracer.comm : "?");
		return;
	}
	/* Scope 1 leaves us our children. */
	if (err == -EPERM && yama_scope() >= 2 && is_out_of_scope(&refusal))
		return;
	snprintf(error, len,
		 "ptrace: cannot trace a command: %s; in a container it needs "
		 "--cap-add=SYS_PTRACE and a seccomp profile that allows it",
		 strerror(-err));
}
