/* System V semaphores. semop(2), ipc/sem.c */
#include "model/mech/sysv_sem.h"

#include <stdio.h>
#include <string.h>
#include <sys/sem.h>

#include "base/array.h"
#include "model/mech/details.h"
#include "model/mech/sysv.h"
#include "model/message.h"

enum {
	UNITS_MAX = 256,
	SEMS_SHOWN = 4,
	LAST_MAX = 16,
	DETAILS_SHOWN = 64,
	HOLDS_MAX = 256,
	ARG_COMMAND = 2,
	COMMAND_MASK = 0xff
};

/* What the operations of one process on one semaphore add up to: < 0, it has taken that much. */
struct hold {
	pid_t tgid;
	unsigned num;
	int64_t sum;
	int64_t sum_kept; /* without those of SEM_UNDO, which its end takes back */
};

struct holds {
	struct hold items[HOLDS_MAX];
	unsigned n;
	bool is_full; /* there were more */
};

/* The four numbers of one semaphore, as FACT_SEM's text has them. */
struct semaphore {
	int32_t value, n_increase, n_zero, pid;
};

static bool semaphore_at(const struct event *ev, const struct fact *fact, unsigned i,
			 struct semaphore *ret_sem)
{
	if (!fact || (i + 1) * sizeof(*ret_sem) > fact->text_len)
		return false;
	memcpy(ret_sem, event_fact_text(ev, fact) + i * sizeof(*ret_sem), sizeof(*ret_sem));
	return true;
}

/* Those who have changed them last may have them now. */
static void ask_last(const struct mech_ask *ask, const struct fact *fact)
{
	struct semaphore sem;

	for (unsigned i = 0; i < LAST_MAX && semaphore_at(ask->mem->ev, fact, i, &sem); i++) {
		if (sem.pid > 0)
			mem_fact(ask->mem, FACT_PROCESS, sem.pid);
		fact = event_fact(ask->mem->ev, FACT_SEM, (int32_t)ask->handle.id);
	}
}

static void ask(const struct mech_ask *ask)
{
	if (!ask->has_state)
		return;
	sysv_ask(ask, FACT_SEM);
	if (ask->has_peers && ask->handle.op == OP_WAIT && mech_is_late(ask))
		ask_last(ask, event_fact(ask->mem->ev, FACT_SEM, (int32_t)ask->handle.id));
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	return sysv_identify(m, MECH_SYSV_SEM, ret_key);
}

/* The two samples of one semaphore, as far as they were taken. */
struct samples {
	bool has_before, has_after;
	struct semaphore before, after;
};

static struct samples samples_of(const struct mech_call *m, unsigned i)
{
	const struct fact *before = mech_before(m, FACT_SEM, m->handle.id);
	const struct fact *after = mech_after(m, FACT_SEM, sysv_id(m));
	struct samples samples = { 0 };

	samples.has_before = semaphore_at(m->enter, before, i, &samples.before);
	samples.has_after = semaphore_at(m->ev, after, i, &samples.after);
	return samples;
}

static const char *count_waiters(const struct mech_call *m, int32_t n, const char *what)
{
	return arena_printf(m->arena, "%d wait%s%s", n, n == 1 ? "s" : "", what);
}

/* "2 wait, 1 waits for 0" */
static const char *waiters(const struct mech_call *m, const struct semaphore *sem)
{
	const char *words = sem->n_increase ? count_waiters(m, sem->n_increase, "") : NULL;

	if (sem->n_zero)
		words = state_join(m, words, count_waiters(m, sem->n_zero, " for 0"));
	return words;
}

/* Value of semaphore i before and after, as a quantity called "[i]". */
static void add_value(struct mech_call *m, unsigned i)
{
	static const char *const names[] = { "[0]", "[1]", "[2]", "[3]" };
	struct samples samples = samples_of(m, i);
	unsigned n = m->touch ? m->touch->n_quantities : 0;

	state_add(m, i < ARRAY_LEN(names) ? names[i] : arena_printf(m->arena, "[%u]", i), "",
		  (struct number){ samples.has_before, samples.before.value },
		  (struct number){ samples.has_after, samples.after.value }, -1);
	if (m->touch && m->touch->n_quantities > n)
		m->touch->quantities[n].words =
			waiters(m, samples.has_after ? &samples.after : &samples.before);
}

static struct value detail_of(const struct mech_call *m, unsigned i)
{
	struct samples s = samples_of(m, i);
	struct value value = value_struct(m->arena, 5);

	*value_field(&value, "num") = value_uint(i);
	*value_field(&value, "value") =
		details_change(m, (struct number){ s.has_before, s.before.value },
			       (struct number){ s.has_after, s.after.value });
	*value_field(&value, "waiting_for_increase") =
		details_change(m, (struct number){ s.has_before, s.before.n_increase },
			       (struct number){ s.has_after, s.after.n_increase });
	*value_field(&value, "waiting_for_zero") =
		details_change(m, (struct number){ s.has_before, s.before.n_zero },
			       (struct number){ s.has_after, s.after.n_zero });
	*value_field(&value, "last_pid") =
		details_change_of(m, details_pid(s.has_before ? s.before.pid : 0),
				  details_pid(s.has_after ? s.after.pid : 0));
	return value;
}

/* Of those whose numbers are in nums, n of total, all there is to know. */
static void add_details(struct mech_call *m, const unsigned *nums, unsigned n, uint64_t total)
{
	struct value list;

	if (!details_are_wanted(m) || !n)
		return;
	list = value_array(m->arena, n);
	list.array.total = total;
	list.is_cut = n < total;
	for (unsigned i = 0; i < n; i++)
		list.array.items[i] = detail_of(m, nums[i]);
	details_add(m, "semaphores", list);
}

/* One struct sembuf of the call, from its decoded array. */
static bool operation_at(const struct call *call, unsigned i, unsigned *ret_num, int *ret_op)
{
	const struct value *array = &call->args[1];
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

static bool is_undone(const struct call *call, unsigned i)
{
	return state_member(&call->args[1].array.items[i], "sem_flg", 0) & SEM_UNDO;
}

bool sysv_sem_obstacle(const struct call *call, const struct annotation *annotation,
		       unsigned *ret_num, int *ret_op)
{
	const struct touch *touch = annotation->n_touches ? &annotation->touches[0] : NULL;
	char name[16];

	for (unsigned i = 0; touch && operation_at(call, i, ret_num, ret_op); i++) {
		snprintf(name, sizeof(name), "[%u]", *ret_num);
		for (unsigned j = 0; j < touch->n_quantities; j++) {
			const struct quantity *q = &touch->quantities[j];

			if (!q->has_before || strcmp(q->name, name) != 0)
				continue;
			if (*ret_op ? q->before + *ret_op < 0 : q->before != 0)
				return true;
		}
	}
	/* A single one needs no values to be known. */
	return operation_at(call, 0, ret_num, ret_op) && call->args[1].array.n == 1;
}

/* --- units: a V gives some, a P takes those that were given first --- */

static void begin(const struct mech_call *m, struct flight *flight)
{
	unsigned num, n_sends = 0, n_receives = 0;
	int op;

	for (unsigned i = 0; m->handle.op == OP_WAIT && operation_at(m->call, i, &num, &op); i++) {
		if (op > 0) {
			flight->send_part = n_sends++ ? FLIGHT_ANY_PART : num;
			flight->len_max = n_sends > 1 ? UINT64_MAX : (uint64_t)op;
		} else if (op < 0) {
			flight->receive_part = n_receives++ ? FLIGHT_ANY_PART : num;
		}
	}
	flight->is_send = n_sends;
	flight->is_receive = n_receives;
	flight->target = n_sends || n_receives ? m->object : NULL;
}

/* One of the set. What was in a set that we did not see made is not known. */
static struct ledger *units_of(struct object *object, unsigned num)
{
	struct ledger *ledger = ledger_find(object, num);

	if (ledger)
		return ledger;
	ledger = ledger_part(object, num);
	ledger->is_lost |= !object->creator;
	return ledger;
}

static void give(struct mech_call *m, unsigned num, uint64_t n)
{
	message_put(m, m->object, units_of(m->object, num), &(struct message){ .len = n, .fd = -1 },
		    false);
}

/* What the kernel says is left of semaphore num. */
static void check_units(struct mech_call *m, unsigned num)
{
	const struct fact *after = mech_after(m, FACT_SEM, sysv_id(m));
	struct semaphore sem;

	if (semaphore_at(m->ev, after, num, &sem))
		ledger_check(m, m->object, units_of(m->object, num), true, sem.value);
}

/*
 * What was done with SEM_UNDO the kernel takes back when the process ends: it may do so at any time
 * while there is something to take back, and has done so with those that have ended.
 */
static void mind_undone(struct mech_call *m, unsigned num)
{
	struct ledger *ledger = units_of(m->object, num);
	struct holds *holds = m->object->data;

	ledger->has_outsiders = m->object->is_older || (holds && holds->is_full);
	for (unsigned i = 0; holds && i < holds->n; i++) {
		struct hold *hold = &holds->items[i];
		const struct process *process = model_process(m->model, hold->tgid);

		if (hold->num != num || hold->sum == hold->sum_kept ||
		    hold->tgid == m->process->tgid)
			continue;
		ledger->has_outsiders = true;
		if (process && process->is_alive)
			continue;
		ledger_lose(ledger);
		hold->sum = hold->sum_kept;
	}
}

static void move_units(struct mech_call *m)
{
	unsigned num;
	int op;

	for (unsigned i = 0; operation_at(m->call, i, &num, &op); i++) {
		mind_undone(m, num);
		if (op > 0)
			give(m, num, (uint64_t)op);
		else if (op < 0)
			message_take(m, m->object, units_of(m->object, num),
				     (uint64_t) - (int64_t)op, false);
	}
	for (unsigned i = 0; operation_at(m->call, i, &num, &op); i++)
		check_units(m, num);
}

/* SETVAL and SETALL take away all there is, and give anew. */
static void set_units(struct mech_call *m)
{
	const struct fact *after = mech_after(m, FACT_SEM, sysv_id(m));
	unsigned command = (unsigned)m->call->raw[ARG_COMMAND] & COMMAND_MASK;
	unsigned num = (unsigned)m->call->raw[1];
	struct semaphore sem;

	if (strcmp(m->call->name, "semctl") != 0)
		return;
	if (command == SETVAL) {
		ledger_clear(units_of(m->object, num));
		if ((int32_t)m->call->raw[ARG_COMMAND + 1] > 0)
			give(m, num, m->call->raw[ARG_COMMAND + 1] & INT32_MAX);
	}
	if (command != SETALL)
		return;
	for (num = 0; after && num < UNITS_MAX && semaphore_at(m->ev, after, num, &sem); num++) {
		ledger_clear(units_of(m->object, num));
		if (sem.value)
			give(m, num, (uint64_t)sem.value);
	}
	for (; num < UNITS_MAX && !after; num++)
		ledger_lose(units_of(m->object, num));
	for (struct ledger *ledger = m->object->ledgers; ledger; ledger = ledger->next) {
		if (ledger->part >= num)
			ledger_lose(ledger);
	}
}

/* --- who has taken it --- */

static void note_hold(struct mech_call *m, unsigned num, int op, bool is_undone_later)
{
	struct holds *holds = state_data(m->object, sizeof(*holds));
	struct hold *hold = NULL;

	for (unsigned i = 0; i < holds->n && !hold; i++) {
		if (holds->items[i].tgid == m->process->tgid && holds->items[i].num == num)
			hold = &holds->items[i];
	}
	if (!hold && holds->n == HOLDS_MAX) {
		holds->is_full = true;
		return;
	}
	if (!hold) {
		hold = &holds->items[holds->n++];
		*hold = (struct hold){ .tgid = m->process->tgid, .num = num };
	}
	hold->sum += op;
	hold->sum_kept += is_undone_later ? 0 : op;
}

/* SETVAL and SETALL begin anew. */
static void forget_holds(struct mech_call *m)
{
	struct holds *holds = m->object->data;
	unsigned command = (unsigned)m->call->raw[ARG_COMMAND] & COMMAND_MASK;

	if (!holds || !m->is_success || strcmp(m->call->name, "semctl") != 0)
		return;
	if (command == SETALL)
		memset(holds, 0, sizeof(*holds));
	for (unsigned i = 0; command == SETVAL && i < holds->n; i++) {
		if (holds->items[i].num == (unsigned)m->call->raw[1])
			holds->items[i--] = holds->items[--holds->n];
	}
}

/*
 * Those who have taken what a P waits for, the dead among them only if no living one has. A
 * semaphore that somebody gives more often than he takes it is no lock, and has no holders.
 */
static unsigned add_holders(struct mech_call *m, unsigned num)
{
	const struct holds *holds = m->object->data;
	unsigned n = 0;

	for (unsigned i = 0; holds && i < holds->n; i++) {
		if (holds->items[i].num == num && holds->items[i].sum > 0)
			return 0;
	}
	for (int wants_alive = 1; wants_alive >= 0 && holds && !holds->is_full && !n;
	     wants_alive--) {
		for (unsigned i = 0; i < holds->n; i++) {
			const struct hold *hold = &holds->items[i];
			const struct process *process = model_process(m->model, hold->tgid);
			bool is_alive = process && process->is_alive;
			struct peer *peer;

			if (hold->num != num || is_alive != wants_alive ||
			    hold->tgid == m->process->tgid ||
			    (is_alive ? hold->sum : hold->sum_kept) >= 0)
				continue;
			peer = mech_add_peer(m, PEER_WAITS_FOR, INFERRED, hold->tgid, -1);
			peer->text = is_alive ? "has taken it" : "has taken it, and has ended";
			peer->is_holder = true;
			n++;
		}
	}
	return n;
}

/*
 * What was done before we looked is not known, but who was the last: a semaphore that is a lock
 * has him as its holder, one that counts something else has not.
 */
static unsigned add_last(struct mech_call *m, unsigned num)
{
	const struct event *ev;
	const struct fact *fact = mech_latest(m, FACT_SEM, m->handle.id, &ev), *found;
	struct semaphore sem;
	struct peer *peer;

	if (!m->enter || !m->enter->is_blind || !semaphore_at(ev, fact, num, &sem) ||
	    sem.pid <= 0 || sem.pid == m->process->tgid)
		return 0;
	peer = mech_add_peer(m, PEER_WAITS_FOR, INFERRED, sem.pid, -1);
	found = event_fact(ev, FACT_PROCESS, sem.pid);
	peer->is_gone = found && !found->value[0];
	peer->text = peer->is_gone ? "was the last to change it, and has ended"
				   : "was the last to change it";
	peer->is_holder = true;
	return 1;
}

/* A P waits for a V by one of the others; a V may let those that wait go on. */
static void add_peers(struct mech_call *m, bool has_p, bool has_v)
{
	unsigned num;
	int op;
	bool has_obstacle = !m->is_over && sysv_sem_obstacle(m->call, m->annotation, &num, &op);

	if (has_v) {
		for (const struct waiter *w = m->object->waiters; w; w = w->next) {
			if (w->op == OP_WAIT && w->tgid != m->process->tgid)
				mech_add_peer(m, PEER_TO, INFERRED, w->tgid, -1)->text =
					"waits for it";
		}
	}
	if (has_p && !m->is_over &&
	    !(has_obstacle && op < 0 && (add_holders(m, num) || add_last(m, num))))
		sysv_add_users(m, OP_NONE, PEER_WAITS_FOR);
}

/* The numbers of the semaphores that the call is about, each once. Returns how many there are. */
static unsigned operated(const struct call *call, unsigned nums[DETAILS_SHOWN], unsigned *ret_n)
{
	unsigned num, total = 0;
	int op;

	*ret_n = 0;
	for (unsigned i = 0; operation_at(call, i, &num, &op); i++) {
		bool is_known = false;

		for (unsigned j = 0; j < *ret_n; j++)
			is_known = is_known || nums[j] == num;
		if (is_known)
			continue;
		total++;
		if (*ret_n < DETAILS_SHOWN)
			nums[(*ret_n)++] = num;
	}
	return total;
}

static void add_values(struct mech_call *m, const unsigned *nums, unsigned n, uint64_t total)
{
	for (unsigned i = 0; i < n && i < SEMS_SHOWN; i++)
		add_value(m, nums[i]);
	if (m->touch && m->touch->n_quantities && total > SEMS_SHOWN)
		m->touch->note = arena_printf(m->arena, "and %llu more",
					      (unsigned long long)total - SEMS_SHOWN);
	add_details(m, nums, n, total);
}

static void apply_operations(struct mech_call *m)
{
	unsigned nums[DETAILS_SHOWN], n, total = operated(m->call, nums, &n);
	bool has_p = false, has_v = false;
	unsigned num;
	int op;

	add_values(m, nums, n, total);
	for (unsigned i = 0; operation_at(m->call, i, &num, &op); i++) {
		if (m->is_success)
			note_hold(m, num, op, is_undone(m->call, i));
		has_p |= op <= 0;
		has_v |= op > 0;
	}
	if (m->is_success)
		move_units(m);
	if (!m->is_over || m->is_success)
		add_peers(m, has_p, has_v);
	if (m->is_success)
		m->object->n_sends += has_v;
	if (m->is_success)
		m->object->n_receives += has_p;
}

static void apply_to_all(struct mech_call *m, uint64_t total)
{
	unsigned nums[DETAILS_SHOWN], n = total < DETAILS_SHOWN ? (unsigned)total : DETAILS_SHOWN;

	for (unsigned i = 0; i < n; i++)
		nums[i] = i;
	add_values(m, nums, n, total);
}

static void apply(struct mech_call *m)
{
	const struct fact *before = mech_before(m, FACT_SEM, m->handle.id);
	const struct fact *after = mech_after(m, FACT_SEM, sysv_id(m));
	const struct fact *any = after ? after : before;

	if (!m->object)
		return;
	sysv_set_label(m->object, any);
	if (m->handle.op == OP_WAIT) {
		apply_operations(m);
	} else if (m->is_success && m->handle.op == OP_REMOVE) {
		sysv_removed(m);
	} else {
		forget_holds(m);
		if (m->is_success)
			set_units(m);
		if (any)
			apply_to_all(m, (uint64_t)any->value[0]);
	}
	sysv_is_gone(m);
}

const struct ipc_mech mech_sysv_sem = {
	.mech = MECH_SYSV_SEM,
	.prefix = "sem",
	.ask = ask,
	.identify = identify,
	.apply = apply,
	.begin = begin,
};
