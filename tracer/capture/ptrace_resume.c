#include "capture/ptrace_resume.h"

#include <sys/ptrace.h>

#include "capture/proc.h"
#include "capture/ptrace_machine.h"
#include "capture/tracee.h"

/*
 * A tracee that was killed meanwhile is left to its death's report. Nothing else is known to make
 * this fail; but whom we leave in its stop stays there as long as we live, so ask once more.
 */
static void restart(enum __ptrace_request request, pid_t tid, int sig)
{
	struct proc_status status;

	if (ptrace(request, tid, 0, sig) < 0 && proc_status(tid, &status) == 0 &&
	    status.state == 't')
		ptrace(request, tid, 0, sig);
}

void resume_tracee(struct tracee *tracee, struct stop stop)
{
	int sig = stop_signal(stop);

	switch (machine_restart(tracee, stop)) {
	case RESTART_NONE:
		break;
	case RESTART_SYSCALL:
		restart(PTRACE_SYSCALL, tracee->tid, sig);
		break;
	case RESTART_CONT:
		restart(PTRACE_CONT, tracee->tid, sig);
		break;
	case RESTART_LISTEN:
		restart(PTRACE_LISTEN, tracee->tid, 0);
		break;
	}
}
