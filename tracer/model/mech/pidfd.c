/* Descriptors of processes: all of one process are one object. pidfd_open(2) */
#include "model/mech/pidfd.h"

#include <stdio.h>
#include <string.h>

#include "model/mech/signal.h"
#include "model/mech/signal_queue.h"
#include "model/mech/state.h"

enum { ARG_SIGNAL = 1, ARG_TARGET_FD = 1 };

/* The process that the object stands for. */
struct target {
	pid_t pid; /* 0: not known; -1: it is gone, and waited for */
};

pid_t pidfd_pid(const struct object *object)
{
	const struct target *target = object ? object->data : NULL;

	return target ? target->pid : 0;
}

static void ask(const struct mech_ask *ask)
{
	pid_t pid = pidfd_pid(ask->object);
	struct number told;

	if (ask->handle.op == OP_CLOSE || ask->handle.op == OP_DUP)
		return;
	if (pid <= 0) {
		mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
		told = state_fdinfo(ask->mem->ev, ask->handle.id, "Pid", 10);
		pid = told.is_known ? (pid_t)told.value : 0;
	}
	if (ask->has_peers && ask->handle.op == OP_SEND && pid > 0)
		mem_fact(ask->mem, FACT_SIGNALS, pid);
}

static pid_t named_by(const struct mech_call *m)
{
	return model_pid_of(m->model, m->process, (pid_t)m->call->raw[0]).tid;
}

static void learn(struct mech_call *m)
{
	struct target *target = state_data(m->object, sizeof(*target));
	struct number told = state_fdinfo(m->ev, m->handle.id, "Pid", 10);
	char label[32];

	if (target->pid > 0)
		return;
	if (!told.is_known)
		told = state_fdinfo(m->enter, m->handle.id, "Pid", 10);
	if (!told.is_known && m->is_success && strcmp(m->call->name, "pidfd_open") == 0)
		told = (struct number){ true, named_by(m) };
	if (!told.is_known || told.value <= 0)
		return;
	target->pid = (pid_t)told.value;
	snprintf(label, sizeof(label), "of PID %d", target->pid);
	object_set_label(m->object, label, strlen(label));
}

static void begin(const struct mech_call *m, struct flight *flight)
{
	if (pidfd_pid(m->object) > 0)
		signal_begin(m, flight, pidfd_pid(m->object));
}

static void apply(struct mech_call *m)
{
	struct peer *peer;
	pid_t pid;

	learn(m);
	pid = pidfd_pid(m->object);
	if (pid <= 0)
		return;
	if (!m->is_over) {
		mech_add_peer(m, PEER_WAITS_FOR, CERTAIN, pid, -1)->text = "to end";
		return;
	}
	if (m->handle.op == OP_SEND)
		signal_sent(m, pid);
	if (!m->is_success)
		return;
	if (m->handle.op == OP_SEND) {
		signal_describe_target(m, mech_add_peer(m, PEER_TO, CERTAIN, pid, -1),
				       (int)m->call->raw[ARG_SIGNAL]);
	} else if (strcmp(m->call->name, "pidfd_getfd") == 0) {
		peer = mech_add_peer(m, PEER_FROM, CERTAIN, pid,
				     (int)(int32_t)m->call->raw[ARG_TARGET_FD]);
		peer->text = "a copy of its descriptor";
	} else if (strcmp(m->call->name, "setns") == 0) {
		mech_add_peer(m, PEER_FROM, CERTAIN, pid, -1)->text = "its namespaces";
	} else if (m->handle.op == OP_CONTROL && strncmp(m->call->name, "process_", 8) == 0) {
		mech_add_peer(m, PEER_TO, CERTAIN, pid, -1);
	}
}

const struct ipc_mech mech_pidfd = {
	.mech = MECH_PIDFD,
	.prefix = "pidfd",
	.fd_kinds = 1ull << FD_PIDFD,
	.ask = ask,
	.apply = apply,
	.begin = begin,
};
