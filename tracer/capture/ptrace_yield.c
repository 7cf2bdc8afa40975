#include "capture/ptrace_yield.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "capture/facts_ns.h"
#include "capture/proc.h"
#include "capture/ptrace_attach.h"
#include "capture/ptrace_leave.h"
#include "capture/ptrace_regs.h"
#include "capture/ptrace_resume.h"

static const char *comm_of(pid_t tid, struct proc_status *status)
{
	return proc_status(tid, status) == 0 && status->comm[0] ? status->comm : "?";
}

/* TRACEME needs nothing but that nobody traces it any more when the call is made. */
static void yield_itself(struct engine *engine, struct tracee *tracee)
{
	struct proc_status status;

	engine_warn(engine, "PID %d (%s) is left to its parent, which traces it now", tracee->tid,
		    comm_of(tracee->tid, &status));
	tracee->is_leaving = true;
}

/* Let target go; tracee, which wants it, waits at its call until that is done. */
static void yield_target(struct engine *engine, struct tracee *tracee, struct tracee *target)
{
	struct proc_status status;

	engine_warn(engine, "PID %d (%s) is left to the tracer PID %d", target->tid,
		    comm_of(target->tid, &status), tracee->tid);
	target->is_leaving = true;
	/* It may be stopped with nothing more to be heard of it. */
	if (target->state == TRACEE_HELD || target->state == TRACEE_STOPPED) {
		leave_at_stop(engine, target, stop_classify(target->status));
		return;
	}
	tracee->waits_for = target->tid;
	attach_disturb(target);
}

void yield_at_ptrace(struct engine *engine, struct tracee *tracee)
{
	bool is_attach = tracee->args[0] == PTRACE_ATTACH || tracee->args[0] == PTRACE_SEIZE;
	struct proc_status status;
	struct tracee *target;
	pid_t pid = (pid_t)tracee->args[1];

	if (!is_attach && tracee->args[0] != PTRACE_TRACEME)
		return;
	/* Who is not in our namespace or above it has no number for us, nor for our tracees. */
	if (is_attach && !facts_ns_has_our_pids(&engine->facts, tracee))
		return;
	if (is_attach && proc_status(pid, &status) == 0 && status.tgid == getpid()) {
		regs_fail_call(tracee->tid, EPERM);
		return;
	}
	target = is_attach ? tracee_find(&engine->tracees, pid) : tracee;
	if (!target || target->is_leaving || target->is_launching)
		return;
	/* The parent of the command are we. */
	if (!is_attach && tracee->tgid == engine->launch.pid)
		return;
	if (engine->config.is_yielding && is_attach)
		yield_target(engine, tracee, target);
	else if (engine->config.is_yielding)
		yield_itself(engine, tracee);
	else
		engine_warn_once(engine, WARNED_NESTED,
				 "PID %d (%s) cannot trace or be traced, as ipctrace does that "
				 "already; --yield leaves such processes to their debuggers",
				 tracee->tid, comm_of(tracee->tid, &status));
}

void yield_gone(struct engine *engine, pid_t tid)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->waits_for != tid)
			continue;
		tracee->waits_for = 0;
		resume_tracee(tracee, stop_classify(tracee->status));
	}
}
