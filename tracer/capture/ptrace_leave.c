/* Letting single tracees go while the others stay. */
#include "capture/ptrace_leave.h"

#include <sys/ptrace.h>

void leave_at_stop(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	/* ESRCH: killed meanwhile; then its real parent hears of it, and we have to as well. */
	if (!stop_is_end(stop) &&
	    ptrace(PTRACE_DETACH, tracee->tid, 0, (long)stop_signal(stop)) < 0)
		return;
	tracee_remove(&engine->tracees, tracee);
}

bool leave_is_all(const struct engine *engine)
{
	const struct tracee *tracee;

	for (tracee = engine->tracees.by_tid; tracee; tracee = tracee->hh.next)
		if (!tracee->is_leaving)
			return false;
	return true;
}
