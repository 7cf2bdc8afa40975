/* The end of a process as a message to its parent. wait(2) */
#include <string.h>
#include <sys/wait.h>

#include "model/mech/pidfd.h"
#include "model/mech/state.h"

enum { ARG_ID = 1, ARG_SIGINFO = 2, WAIT_BY_PIDFD = 3 };

static void add_children(struct mech_call *m)
{
	const struct process *child = NULL;
	unsigned n = 0;

	while ((child = model_next_child(m->model, m->process->tgid, child))) {
		mech_add_peer(m, PEER_WAITS_FOR, CERTAIN, child->tgid, -1)->text = "to end";
		n++;
	}
	if (!n)
		mech_add_peer(m, PEER_WAITS_FOR, UNKNOWN, 0, -1)->text =
			"a child that is not traced";
}

static bool is_waitid(const struct mech_call *m)
{
	return strcmp(m->call->name, "waitid") == 0;
}

/* The only process that the call waits for; 0 if it may be one of several. */
static pid_t waited_for(const struct mech_call *m)
{
	struct holding *holding;
	pid_t pid = (pid_t)m->handle.id;

	if (!is_waitid(m) || m->call->raw[0] == P_PID)
		return pid > 0 ? pid : 0;
	if (m->call->raw[0] != WAIT_BY_PIDFD)
		return 0;
	holding = process_holding(m->process, (int)(int32_t)m->call->raw[ARG_ID]);
	if (!holding || holding->object->key.mech != MECH_PIDFD)
		return 0;
	pid = pidfd_pid(holding->object);
	return pid > 0 ? pid : 0;
}

/* Who has ended, stopped or gone on. */
static pid_t reported(const struct mech_call *m)
{
	if (is_waitid(m))
		return (pid_t)state_member(&m->call->args[ARG_SIGINFO], "si_pid", 0);
	return (pid_t)m->call->ret;
}

static void apply(struct mech_call *m)
{
	pid_t pid;

	if (m->handle.op != OP_WAIT)
		return;
	if (!m->is_over) {
		pid = waited_for(m);
		if (pid)
			mech_add_peer(m, PEER_WAITS_FOR, CERTAIN, pid, -1)->text = "to end";
		else
			add_children(m);
	} else if (m->is_success) {
		pid = reported(m);
		if (pid > 0)
			mech_add_peer(m, PEER_FROM, CERTAIN, pid, -1);
	}
}

const struct ipc_mech mech_wait = {
	.mech = MECH_WAIT,
	.prefix = "wait",
	.apply = apply,
};
