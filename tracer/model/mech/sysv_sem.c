/* System V semaphores. semop(2), ipc/sem.c */
#include <string.h>

#include "model/mech.h"
#include "model/mech/sysv.h"

enum { SEMS_SHOWN = 4 };

/* The four numbers of one semaphore, as FACT_SEM's text has them. */
struct semaphore {
	int32_t value, n_increase, n_zero, pid;
};

static void ask(const struct mech_ask *ask)
{
	if (ask->has_state)
		sysv_ask(ask, FACT_SEM);
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	return sysv_identify(m, MECH_SYSV_SEM, ret_key);
}

static bool semaphore_at(const struct event *ev, const struct fact *fact, unsigned i,
			 struct semaphore *ret_sem)
{
	if (!fact || (i + 1) * sizeof(*ret_sem) > fact->text_len)
		return false;
	memcpy(ret_sem, event_fact_text(ev, fact) + i * sizeof(*ret_sem), sizeof(*ret_sem));
	return true;
}

/* Value of semaphore i before and after, as a quantity called "[i]". */
static void add_value(struct mech_call *m, unsigned i)
{
	const struct fact *before = mech_before(m, FACT_SEM, m->handle.id);
	const struct fact *after = mech_after(m, FACT_SEM, sysv_id(m));
	struct fact was = { 0 }, is = { 0 };
	struct semaphore sem;
	bool has_before = semaphore_at(m->enter, before, i, &sem);
	bool has_after;
	int64_t n_waiting = 0;

	if (has_before) {
		was.value[0] = sem.value;
		n_waiting = sem.n_increase + sem.n_zero;
	}
	has_after = semaphore_at(m->ev, after, i, &sem);
	if (has_after) {
		is.value[0] = sem.value;
		n_waiting = sem.n_increase + sem.n_zero;
	}
	mech_add_quantity(m, arena_printf(m->arena, "[%u]", i), "", has_before ? &was : NULL,
			  has_after ? &is : NULL, 0, -1);
	if (n_waiting && m->touch)
		m->touch->note = arena_printf(m->arena, "%lld wait%s", (long long)n_waiting,
					      n_waiting == 1 ? "s" : "");
}

/* One struct sembuf of the call, from its decoded array. */
static bool operation_at(const struct mech_call *m, unsigned i, unsigned *ret_num, int *ret_op)
{
	const struct value *array = &m->call->args[1];
	const struct value *item;

	if (array->kind != VALUE_ARRAY || i >= array->array.n)
		return false;
	item = &array->array.items[i];
	if (item->kind != VALUE_STRUCT || item->st.n < 2)
		return false;
	*ret_num = (unsigned)item->st.fields[0].value.u;
	*ret_op = (int)item->st.fields[1].value.i;
	return true;
}

/* A P waits for a V by one of the others; a V may let those that wait go on. */
static void add_peers(struct mech_call *m, bool has_p, bool has_v)
{
	if (has_v) {
		for (const struct waiter *w = m->object->waiters; w; w = w->next) {
			if (w->op == OP_WAIT && w->tgid != m->process->tgid)
				mech_add_peer(m, PEER_TO, INFERRED, w->tgid, -1)->text =
					"waits for it";
		}
	}
	if (has_p && !m->is_over)
		sysv_add_users(m, OP_NONE, PEER_WAITS_FOR);
}

static void apply_operations(struct mech_call *m)
{
	bool has_p = false, has_v = false;
	unsigned num;
	int op;

	for (unsigned i = 0; operation_at(m, i, &num, &op); i++) {
		if (i < SEMS_SHOWN)
			add_value(m, num);
		has_p |= op <= 0;
		has_v |= op > 0;
	}
	if (!m->is_over || m->is_success)
		add_peers(m, has_p, has_v);
	if (m->is_success)
		m->object->n_sends += has_v;
	if (m->is_success)
		m->object->n_receives += has_p;
}

static void apply(struct mech_call *m)
{
	const struct fact *before = mech_before(m, FACT_SEM, m->handle.id);
	const struct fact *after = mech_after(m, FACT_SEM, sysv_id(m));
	const struct fact *any = after ? after : before;
	unsigned n = any ? (unsigned)any->value[0] : 0;

	if (!m->object)
		return;
	sysv_set_label(m->object, any);
	if (m->handle.op == OP_WAIT) {
		apply_operations(m);
	} else if (m->is_success && m->handle.op == OP_REMOVE) {
		sysv_removed(m);
	} else {
		for (unsigned i = 0; i < n && i < SEMS_SHOWN; i++)
			add_value(m, i);
	}
}

const struct ipc_mech mech_sysv_sem = {
	.mech = MECH_SYSV_SEM,
	.prefix = "sem",
	.ask = ask,
	.identify = identify,
	.apply = apply,
};
