/* One process in command of another. ptrace(2) */
#include "model/mech.h"

enum { ARG_REQUEST = 0, ARG_PID = 1, REQUEST_TRACEME = 0 };

/* "PTRACE_ATTACH" */
static const char *request(const struct mech_call *m)
{
	const struct value *value = &m->call->args[ARG_REQUEST];

	return value->kind == VALUE_ENUM ? value->sym.name : NULL;
}

static void ask(const struct mech_ask *ask)
{
	pid_t number = (pid_t)ask->mem->ev->args[ARG_PID];
	pid_t pid = model_pid_of(ask->model, ask->process, number).tid;

	if (ask->has_peers && !ask->is_exit && pid > 0 && pid != ask->mem->ev->tid &&
	    !model_comm(ask->model, pid))
		mem_fact(ask->mem, FACT_COMM, pid);
}

static void apply(struct mech_call *m)
{
	pid_t number = (pid_t)m->call->raw[ARG_PID];
	const struct fact *comm;
	struct peer *peer;

	if (!m->is_success)
		return;
	if (m->call->raw[ARG_REQUEST] == REQUEST_TRACEME) {
		if (m->process->ppid)
			mech_add_peer(m, PEER_TO, CERTAIN, m->process->ppid, -1)->text =
				"is to trace it";
		return;
	}
	peer = mech_add_named(m, PEER_TO, CERTAIN, number, -1);
	peer->text = request(m);
	comm = m->enter ? event_fact(m->enter, FACT_COMM, peer->pid) : NULL;
	if (!peer->comm && comm)
		peer->comm = arena_copy(m->arena, event_fact_text(m->enter, comm), comm->text_len);
}

const struct ipc_mech mech_ptrace = {
	.mech = MECH_PTRACE,
	.prefix = "ptrace",
	.ask = ask,
	.apply = apply,
};
