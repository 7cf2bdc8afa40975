/* Letting single tracees go while the others stay. */
#include "capture/ptrace_leave.h"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "capture/proc.h"
#include "capture/ptrace_attach.h"
#include "capture/ptrace_calls.h"
#include "capture/ptrace_family.h"
#include "capture/ptrace_filters.h"
#include "capture/ptrace_resume.h"
#include "capture/ptrace_yield.h"

/* Of our own time, worked and slept: a busy machine may give us none for long. */
enum { LEAVE_NS = 250 * 1000 * 1000, MOMENT_NS = 1000 * 1000 };

void leave_at_stop(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	bool was_shown = tracee->state != TRACEE_HELD && !tracee->is_stranger && !tracee->is_left;
	pid_t tid = tracee->tid;

	/* Let go at an entry it would find a signal pending that is none, and its call end with EINTR. */
	if (stop.kind == STOP_SYSCALL && tracee->is_disturbed && !tracee->is_in_call) {
		tracee->is_in_call = true;
		resume_tracee(tracee, stop);
		return;
	}
	if (!stop_is_end(stop)) {
		if (tracee->is_disturbed)
			attach_mend_call(tracee);
		if (tracee->state == TRACEE_HELD || !tracee->is_in_call)
			calls_restore_arg(tracee);
		/* ESRCH: killed meanwhile; its end will be reported to us as well. */
		if (ptrace(PTRACE_DETACH, tid, 0, (long)stop_signal(stop)) < 0)
			return;
	}
	if (tracee->state == TRACEE_HELD)
		engine->n_held--;
	filters_settle(engine, tracee, false);
	if (was_shown)
		engine_event(engine, EVENT_DETACHED, tracee);
	if (tid == engine->launch.pid && !stop_is_end(stop)) {
		/* Its status is to be ours; that much its parent will hear. */
		tracee->is_left = true;
		tracee->state = TRACEE_RUNNING;
		yield_gone(engine, tid);
		return;
	}
	family_gone(engine, tracee);
}

/* Is one of them on its way to a stop, rather than asleep, stopped for good or freed? */
static bool has_runner(const struct engine *engine)
{
	const struct tracee *tracee;
	struct proc_status status;

	for (tracee = engine->tracees.by_tid; tracee; tracee = tracee->hh.next) {
		if (!tracee->is_freed && proc_status(tracee->tid, &status) == 0 &&
		    (status.state == 'R' ||
		     (status.state == 't' && tracee->state != TRACEE_LISTENING)))
			return true;
	}
	return false;
}

static void free_from_stop(struct engine *engine, pid_t tid, struct stop stop)
{
	struct tracee *tracee = tracee_find(&engine->tracees, tid);

	if (stop_is_end(stop))
		return;
	if (tracee && tracee->is_disturbed)
		attach_mend_call(tracee);
	/* What it makes from now on is nothing to us. */
	ptrace(PTRACE_SETOPTIONS, tid, 0, PTRACE_O_TRACESYSGOOD);
	if (stop.kind == STOP_GROUP)
		ptrace(PTRACE_LISTEN, tid, 0, 0);
	else
		ptrace(PTRACE_CONT, tid, 0, (long)stop_signal(stop));
	if (!tracee)
		return;
	tracee->state = stop.kind == STOP_GROUP ? TRACEE_LISTENING : TRACEE_RUNNING;
	tracee->is_freed = true;
}

void leave_stops(struct engine *engine)
{
	uint64_t end_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + LEAVE_NS;
	const struct timespec moment = { 0, MOMENT_NS };
	unsigned n_moments = 0;
	int status;
	pid_t tid;

	do {
		atomic_fetch_add(&engine->monitor.n_waits, 1);
		tid = wait4(-1, &status, __WALL | WNOHANG, NULL);
		if (tid > 0) {
			free_from_stop(engine, tid, stop_classify(status));
			continue;
		}
		if (tid < 0 || !has_runner(engine))
			return;
		nanosleep(&moment, NULL);
		n_moments++;
	} while (clock_ns(CLOCK_THREAD_CPUTIME_ID) + n_moments * MOMENT_NS < end_ns);
}

bool leave_is_all(const struct engine *engine)
{
	const struct tracee *tracee;

	for (tracee = engine->tracees.by_tid; tracee; tracee = tracee->hh.next)
		if (!tracee->is_leaving || tracee->is_left)
			return false;
	return true;
}
