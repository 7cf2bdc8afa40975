#include "model/mech/sysv.h"

#include <errno.h>
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

static enum fact_kind state_kind(enum mech mech)
{
	switch (mech) {
	case MECH_SYSV_MSG:
		return FACT_MSG;
	case MECH_SYSV_SEM:
		return FACT_SEM;
	default:
		return FACT_SHM;
	}
}

static uint64_t namespace_of(const struct mech_call *m)
{
	const struct event *ev = m->enter ? m->enter : m->ev;
	const struct fact *fact = event_fact(ev, FACT_IPC_NS, ev->tid);

	return fact ? fact->ino : 0;
}

/* Is there something of that id: does the call, or what was asked at its stops, prove it? */
static bool exists(const struct mech_call *m, enum fact_kind kind, int64_t id)
{
	bool is_entry = m->ev->kind == EVENT_ENTER;

	return m->is_success || (!m->is_over && !is_entry) || event_fact(m->ev, kind, id) ||
	       (m->enter && event_fact(m->enter, kind, id));
}

/*
 * A removed object keeps its id, for those who still use it, until the kernel gives the id away
 * again: to who creates one now, or to somebody whom we did not see do it.
 */
static bool is_given_away(const struct mech_call *m, const struct object *object,
			  enum fact_kind kind, int64_t id)
{
	if (!object->is_removed)
		return false;
	return m->handle.op == OP_CREATE || (m->enter && m->enter->time_ns > object->removed_ns &&
					     event_fact(m->enter, kind, id));
}

bool sysv_identify_id(const struct mech_call *m, enum mech mech, int64_t id,
		      struct ipc_key *ret_key)
{
	enum fact_kind kind = state_kind(mech);
	struct object *object;

	if (id < 0)
		return false;
	*ret_key = (struct ipc_key){ .mech = mech, .a = (uint64_t)id, .b = namespace_of(m) };
	object = model_find_object(m->model, ret_key);
	if (object && is_given_away(m, object, kind, id)) {
		model_retire_object(m->model, object);
		object = NULL;
	}
	return object || exists(m, kind, id);
}

bool sysv_identify(const struct mech_call *m, enum mech mech, struct ipc_key *ret_key)
{
	return sysv_identify_id(m, mech, sysv_id(m), ret_key);
}

bool sysv_is_gone(struct mech_call *m)
{
	bool is_error = m->is_over && !m->is_success && m->ev->kind == EVENT_EXIT;
	int64_t error = is_error ? -m->call->ret : 0;
	enum fact_kind kind = state_kind((enum mech)m->object->key.mech);
	int64_t id = (int64_t)m->object->key.a;

	if (error != EIDRM && (error != EINVAL || event_fact(m->ev, kind, id)))
		return false;
	/* Of EINVAL there are other reasons: it is gone if it was there and no longer answers. */
	if (error == EINVAL && !m->object->is_removed &&
	    !(m->object->label && model_has_state(m->model)))
		return false;
	m->touch->note = m->enter && event_fact(m->enter, kind, id) ? "removed meanwhile"
								    : "is no longer there";
	if (!m->object->is_removed)
		m->object->removed_ns = m->ev->time_ns;
	m->object->is_removed = true;
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
	m->object->removed_ns = m->ev->time_ns;
}
