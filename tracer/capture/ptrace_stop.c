#include "capture/ptrace_stop.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static enum stop_kind event_kind(int event, int sig)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return STOP_BIRTH;
	case PTRACE_EVENT_VFORK_DONE:
		return STOP_VFORK_DONE;
	case PTRACE_EVENT_EXEC:
		return STOP_EXEC;
	case PTRACE_EVENT_EXIT:
		return STOP_EXIT;
	case PTRACE_EVENT_SECCOMP:
		return STOP_SECCOMP;
	case PTRACE_EVENT_STOP:
		return sig == SIGTRAP ? STOP_INTERRUPT : STOP_GROUP;
	default:
		return STOP_OTHER;
	}
}

struct stop stop_classify(int status)
{
	int event = (int)((unsigned)status >> 16);
	struct stop stop = { STOP_OTHER, 0, false };

	if (WIFEXITED(status)) {
		stop.kind = STOP_EXITED;
		stop.code = WEXITSTATUS(status);
	} else if (WIFSIGNALED(status)) {
		stop.kind = STOP_KILLED;
		stop.code = WTERMSIG(status);
		stop.is_core = WCOREDUMP(status);
	} else if (WIFSTOPPED(status)) {
		stop.code = WSTOPSIG(status);
		if (event) {
			stop.kind = event_kind(event, stop.code);
			if (stop.kind == STOP_BIRTH)
				stop.code = event;
		} else if (stop.code == (SIGTRAP | 0x80)) {
			stop.kind = STOP_SYSCALL;
		} else {
			stop.kind = STOP_SIGNAL;
		}
	}
	return stop;
}

bool stop_is_end(struct stop stop)
{
	return stop.kind == STOP_EXITED || stop.kind == STOP_KILLED;
}

enum stop_restart stop_restart(struct stop stop, bool is_filtered, bool wants_exit)
{
	switch (stop.kind) {
	case STOP_EXITED:
	case STOP_KILLED:
		return RESTART_NONE;
	case STOP_GROUP:
		return RESTART_LISTEN;
	case STOP_EXIT:
		return RESTART_CONT;
	default:
		return is_filtered && !wants_exit ? RESTART_CONT : RESTART_SYSCALL;
	}
}

int stop_signal(struct stop stop)
{
	return stop.kind == STOP_SIGNAL ? stop.code : 0;
}
