#include "capture/ptrace_machine.h"

#include "capture/tracee.h"

static struct machine_step enter(struct tracee *tracee, enum machine_act act)
{
	/* The kernel owes an exit for every entry; where it was lost the call is over all the same. */
	struct machine_step step = { act, tracee->is_in_call && tracee->is_call_kept };

	tracee->is_in_call = true;
	tracee->is_call_kept = false;
	return step;
}

static struct machine_step leave_call(struct tracee *tracee)
{
	struct machine_step step = { tracee->is_in_call ? ACT_EXIT : ACT_BLIND_EXIT, false };

	if (!tracee->is_in_call)
		tracee->is_call_kept = false;
	tracee->is_in_call = false;
	return step;
}

static struct machine_step syscall_stop(struct tracee *tracee, enum call_op op)
{
	tracee->is_at_entry = op == CALL_OP_ENTRY;
	switch (op) {
	case CALL_OP_ENTRY:
		return enter(tracee, ACT_ENTRY);
	case CALL_OP_EXIT:
		return leave_call(tracee);
	default:
		return (struct machine_step){ ACT_NONE, false };
	}
}

static struct machine_step seccomp_stop(struct tracee *tracee, enum call_op op)
{
	bool is_seen = tracee->is_at_entry;

	if (op == CALL_OP_FOREIGN)
		return (struct machine_step){ ACT_REFUSE, false };
	if (op != CALL_OP_FILTER && op != CALL_OP_VSYSCALL)
		return (struct machine_step){ ACT_NONE, false };
	tracee->is_at_entry = false;
	/* The entry-stop of the same call came first, as the last restart asked for it. */
	if (is_seen)
		return (struct machine_step){ ACT_NONE, false };
	return enter(tracee, op == CALL_OP_FILTER ? ACT_ENTRY : ACT_ENTRY_ONLY);
}

struct machine_step machine_stop(struct tracee *tracee, struct stop stop, enum call_op op)
{
	if (tracee->is_leaving)
		return (struct machine_step){ ACT_LEAVE, false };
	if (tracee->state == TRACEE_HELD) {
		tracee->is_dead = stop_is_end(stop);
		return (struct machine_step){ ACT_HOLD, false };
	}
	tracee->state = TRACEE_STOPPED;
	switch (stop.kind) {
	case STOP_EXITED:
	case STOP_KILLED:
		return (struct machine_step){ ACT_DEATH, false };
	case STOP_SYSCALL:
		return syscall_stop(tracee, op);
	case STOP_SECCOMP:
		return seccomp_stop(tracee, op);
	case STOP_EXEC:
		return (struct machine_step){ ACT_EXEC, false };
	case STOP_SIGNAL:
		return (struct machine_step){ ACT_SIGNAL, false };
	case STOP_GROUP:
		return (struct machine_step){ ACT_GROUP_STOP, false };
	case STOP_BIRTH:
		return (struct machine_step){ ACT_BIRTH, false };
	case STOP_INTERRUPT:
		return (struct machine_step){ ACT_INTERRUPT, false };
	default:
		return (struct machine_step){ ACT_NONE, false };
	}
}

void machine_keep(struct tracee *tracee)
{
	tracee->is_call_kept = tracee->is_in_call;
}

bool machine_wants_exit(const struct tracee *tracee)
{
	return tracee->is_in_call && (tracee->is_call_kept || tracee->has_changed_arg ||
				      tracee->is_installing || tracee->locked_pipe);
}

enum stop_restart machine_restart(struct tracee *tracee, struct stop stop)
{
	enum stop_restart how = stop_restart(stop, tracee->is_filtered, machine_wants_exit(tracee));

	if (how == RESTART_NONE)
		return how;
	tracee->state = how == RESTART_LISTEN ? TRACEE_LISTENING : TRACEE_RUNNING;
	/* Of a call that nobody asks about, nothing more is heard. */
	if (how == RESTART_CONT)
		tracee->is_in_call = false;
	return how;
}
