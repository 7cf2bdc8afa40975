/* The end of a process as a message to its parent. wait(2) */
#include <string.h>
#include <sys/wait.h>

#include "model/mech/pidfd.h"
#include "model/mech/state.h"

enum { ARG_ID = 1, ARG_SIGINFO = 2, WAIT_BY_PIDFD = 3 };

/* A process that is older than the trace has children that were never seen: all are asked for. */
static void ask(const struct mech_ask *ask)
{
	if (ask->handle.op == OP_WAIT && ask->has_peers && !ask->is_exit &&
	    (mech_is_late(ask) || (ask->process && ask->process->is_older)))
		mem_fact(ask->mem, FACT_CHILDREN, ask->mem->ev->tgid);
}

static void add_child(struct mech_call *m, pid_t pid, const char *comm)
{
	struct peer *peer = mech_add_peer(m, PEER_WAITS_FOR, CERTAIN, pid, -1);

	peer->text = "to end";
	if (!peer->comm)
		peer->comm = comm;
}

/* As the kernel lists them; false if it was not asked. */
static bool add_listed_children(struct mech_call *m)
{
	const struct event *ev;
	const struct fact *list = mech_latest(m, FACT_CHILDREN, m->process->tgid, &ev);
	unsigned n = 0;

	for (uint32_t i = 0; list && i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];

		if (fact->kind != FACT_CHILD || fact->subject != m->process->tgid)
			continue;
		add_child(m, (pid_t)fact->value[0],
			  arena_copy(m->arena, event_fact_text(ev, fact), fact->text_len));
		n++;
	}
	if (list && n < (uint64_t)list->value[0])
		m->annotation->is_open = true;
	return n;
}

static void add_children(struct mech_call *m)
{
	const struct process *child = NULL;
	unsigned n = 0;

	if (add_listed_children(m))
		return;
	m->annotation->is_open |= m->process->is_older;
	while ((child = model_next_child(m->model, m->process->tgid, child))) {
		add_child(m, child->tgid, NULL);
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

/* The process of a descriptor that the call waits for, 0 if it waits for none, or is not known. */
static pid_t waited_for_by_pidfd(const struct mech_call *m)
{
	struct holding *holding;
	pid_t pid;

	if (!is_waitid(m) || m->call->raw[0] != WAIT_BY_PIDFD)
		return 0;
	holding = process_holding(m->process, (int)(int32_t)m->call->raw[ARG_ID]);
	if (!holding || holding->object->key.mech != MECH_PIDFD)
		return 0;
	pid = pidfd_pid(holding->object);
	return pid > 0 ? pid : 0;
}

static void add_waited_for(struct mech_call *m)
{
	pid_t number = (pid_t)m->handle.id, pid = waited_for_by_pidfd(m);

	if (pid)
		mech_add_peer(m, PEER_WAITS_FOR, CERTAIN, pid, -1)->text = "to end";
	else if (number > 0 && (!is_waitid(m) || m->call->raw[0] == P_PID))
		mech_add_named(m, PEER_WAITS_FOR, CERTAIN, number, -1)->text = "to end";
	else
		add_children(m);
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
		add_waited_for(m);
	} else if (m->is_success) {
		pid = reported(m);
		if (pid > 0)
			mech_add_named_child(m, pid);
	}
}

const struct ipc_mech mech_wait = {
	.mech = MECH_WAIT,
	.prefix = "wait",
	.ask = ask,
	.apply = apply,
};
