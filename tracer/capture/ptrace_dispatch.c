/* From stops to events: what each kind of stop means for its tracee. */
#include "capture/ptrace_dispatch.h"

#include <sys/ptrace.h>
#include <sys/wait.h>

#include "capture/ptrace_attach.h"
#include "capture/ptrace_calls.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_family.h"
#include "capture/ptrace_filters.h"
#include "capture/ptrace_leave.h"
#include "capture/ptrace_machine.h"
#include "capture/ptrace_resume.h"
#include "capture/ptrace_signal.h"
#include "capture/ptrace_stop.h"

void dispatch_signal(struct engine *engine, struct wait_status *wait)
{
	struct tracee *tracee = tracee_find(&engine->tracees, wait->tid);
	struct stop stop = stop_classify(wait->status);

	if (stop.kind != STOP_SIGNAL || !tracee || tracee->state == TRACEE_HELD ||
	    tracee->is_leaving)
		return;
	if (ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &wait->info) < 0)
		wait->info.si_signo = 0;
	switch (signal_fate(tracee, &wait->info)) {
	case SIGNAL_IS_DEADLY:
		wait->is_deadly = true;
		return;
	case SIGNAL_IS_FOR_NOBODY:
		stop.code = 0;
		break;
	default:
		break;
	}
	attach_mend_signal(tracee, stop.code);
	resume_tracee(tracee, stop);
	wait->is_delivered = true;
}

static void handle_signal(struct engine *engine, struct tracee *tracee,
			  const struct wait_status *wait)
{
	struct event *ev = engine_event(engine, EVENT_SIGNAL, tracee);

	ev->sig = WSTOPSIG(wait->status);
	if (wait->info.si_signo)
		event_add_range(ev, 0, &wait->info, sizeof(wait->info));
	/* The tracee has gone on: answers about others are as good as ever. */
	engine_ask_hook(engine, tracee, ev);
}

/* It faults, and while it has a tracer it would do so for ever. */
static void handle_deadly_signal(struct engine *engine, struct tracee *tracee,
				 const struct wait_status *wait)
{
	handle_signal(engine, tracee, wait);
	engine_warn(engine,
		    "PID %d, the first process of its PID namespace, is let go: the kernel lets it "
		    "die of signal %d untraced only",
		    tracee->tid, wait->info.si_signo);
	tracee->is_leaving = true;
}

/* One that we have interrupted, or that was just born. */
static void handle_interrupt(struct tracee *tracee)
{
	if (tracee->is_disturbed)
		attach_mend_call(tracee);
	tracee->is_disturbed = false;
	if (!tracee->is_in_call)
		calls_restore_arg(tracee);
}

void dispatch(struct engine *engine, const struct wait_status *wait)
{
	struct tracee *tracee = tracee_find(&engine->tracees, wait->tid);
	struct stop stop = stop_classify(wait->status);
	struct __ptrace_syscall_info info;
	struct machine_step step;
	enum call_op op;

	if (stop.kind == STOP_EXEC &&
	    (!tracee || (tracee->state != TRACEE_HELD && !tracee->is_leaving)) &&
	    family_exec(engine, wait->tid))
		return;
	if (!tracee) {
		if (!stop_is_end(stop) || !family_unknown_death(engine, wait->tid, wait->status))
			family_unknown(engine, wait->tid, wait->status);
		return;
	}
	tracee->system_ns = wait->system_ns;
	op = calls_ask(engine, tracee, stop, &info);
	if (!tracee->is_leaving)
		filters_settle(engine, tracee, filters_is_refusal(wait));
	if (wait->is_delivered) {
		handle_signal(engine, tracee, wait);
		return;
	}
	tracee->status = wait->status;
	step = machine_stop(tracee, stop, op);
	switch (step.act) {
	case ACT_HOLD:
		/* Still at its first stop, or its end, of which nobody will hear before its birth. */
		return;
	case ACT_LEAVE:
		leave_at_stop(engine, tracee, stop);
		return;
	case ACT_DEATH:
		family_death(engine, tracee, stop);
		return;
	case ACT_GROUP_STOP:
		engine_event(engine, EVENT_GROUP_STOP, tracee)->sig = stop.code;
		/* It stopped by itself: whatever its call returned, that was not our doing. */
		tracee->is_disturbed = false;
		if (tracee->tid == engine->launch.pid)
			atomic_store(&engine->monitor.is_command_stopped, true);
		break;
	case ACT_BIRTH:
		family_birth(engine, tracee, stop.code);
		break;
	case ACT_INTERRUPT:
		handle_interrupt(tracee);
		if (tracee->tid == engine->launch.pid)
			atomic_store(&engine->monitor.is_command_stopped, false);
		break;
	case ACT_SIGNAL:
		if (wait->is_deadly)
			handle_deadly_signal(engine, tracee, wait);
		break;
	case ACT_NONE:
	case ACT_EXEC:
		break;
	default:
		calls_stop(engine, tracee, step, &info);
		break;
	}
	if (tracee->is_leaving)
		leave_at_stop(engine, tracee, stop);
	else if (!tracee->waits_for)
		resume_tracee(tracee, stop);
}
