#include "capture/ptrace_resume.h"

#include <sys/ptrace.h>

#include "capture/tracee.h"

bool resume_wants_exit(const struct tracee *tracee)
{
	return tracee->is_in_call &&
	       (tracee->is_call_kept || tracee->has_changed_arg || tracee->is_installing);
}

void resume_tracee(struct tracee *tracee, struct stop stop)
{
	bool wants_exit = resume_wants_exit(tracee);
	int sig = stop_signal(stop);
	long err = 0;

	switch (stop_restart(stop, tracee->is_filtered, wants_exit)) {
	case RESTART_NONE:
		return;
	case RESTART_SYSCALL:
		err = ptrace(PTRACE_SYSCALL, tracee->tid, 0, sig);
		break;
	case RESTART_CONT:
		err = ptrace(PTRACE_CONT, tracee->tid, 0, sig);
		break;
	case RESTART_LISTEN:
		err = ptrace(PTRACE_LISTEN, tracee->tid, 0, 0);
		tracee->state = TRACEE_LISTENING;
		return;
	}
	/* ESRCH: killed meanwhile; its death will be reported. */
	(void)err;
	tracee->state = TRACEE_RUNNING;
}
