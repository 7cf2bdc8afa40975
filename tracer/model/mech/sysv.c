#include "model/mech/sysv.h"

#include <stdio.h>
#include <string.h>

int64_t sysv_id(const struct mech_call *m)
{
	if (m->handle.op != OP_CREATE)
		return (int32_t)m->handle.id;
	return m->is_success ? m->call->ret : -1;
}

void sysv_ask(const struct mech_ask *ask, enum fact_kind kind)
{
	const struct event *ev = ask->mem->ev;
	bool is_create = ask->handle.op == OP_CREATE;
	int64_t id = is_create ? ev->ret : (int32_t)ask->handle.id;

	if (is_create && (!ask->is_exit || ev->is_error))
		return;
	if (id >= 0)
		mem_fact(ask->mem, kind, id);
}

bool sysv_identify(const struct mech_call *m, enum mech mech, struct ipc_key *ret_key)
{
	struct object *object;
	int64_t id = sysv_id(m);

	if (id < 0)
		return false;
	*ret_key = (struct ipc_key){ .mech = mech, .a = (uint64_t)id };
	/* A removed object keeps its id, for those who still use it, until the kernel gives the id away again. */
	if (m->handle.op == OP_CREATE) {
		object = model_find_object(m->model, ret_key);
		if (object && object->is_removed)
			model_retire_object(m->model, object);
	}
	return true;
}

void sysv_set_label(struct object *object, const struct fact *state)
{
	char label[32];
	int64_t id = (int64_t)object->key.a;

	if (!object->identity[0])
		snprintf(object->identity, sizeof(object->identity), "id %lld", (long long)id);
	if (!state || object->label)
		return;
	if (state->id)
		snprintf(label, sizeof(label), "key 0x%llx", (unsigned long long)state->id);
	else
		snprintf(label, sizeof(label), "private");
	object_set_label(object, label, strlen(label));
}

unsigned sysv_add_users(struct mech_call *m, enum ipc_op op, enum peer_direction direction)
{
	unsigned n = 0;

	for (size_t i = 0; i < m->object->n_users; i++) {
		const struct user *user = &m->object->users[i];
		const struct process *process = model_process(m->model, user->tgid);
		bool has_done = op == OP_SEND   ? user->n_sends
				: op == OP_RECV ? user->n_receives
						: true;

		if (user->tgid == m->process->tgid || !has_done || !process || !process->is_alive)
			continue;
		mech_add_peer(m, direction, INFERRED, user->tgid, -1);
		n++;
	}
	return n;
}

void sysv_removed(struct mech_call *m)
{
	unsigned n = 0;

	for (const struct waiter *w = m->object->waiters; w; w = w->next)
		n++;
	if (m->touch)
		m->touch->note = n ? arena_printf(m->arena, "removed; %u wait%s woken with EIDRM",
						  n, n == 1 ? "er is" : "ers are")
				   : "removed";
	m->object->is_removed = true;
}
