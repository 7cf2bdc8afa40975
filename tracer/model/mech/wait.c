/* The end of a process as a message to its parent. wait(2) */
#include "model/mech.h"

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

static void apply(struct mech_call *m)
{
	int64_t pid = (int32_t)m->handle.id;

	if (m->handle.op != OP_WAIT)
		return;
	if (!m->is_over && pid > 0)
		mech_add_peer(m, PEER_WAITS_FOR, CERTAIN, (pid_t)pid, -1)->text = "to end";
	else if (!m->is_over)
		add_children(m);
	else if (m->is_success && m->call->ret > 0)
		mech_add_peer(m, PEER_FROM, CERTAIN, (pid_t)m->call->ret, -1);
}

const struct ipc_mech mech_wait = {
	.mech = MECH_WAIT,
	.prefix = "wait",
	.apply = apply,
};
