/* Futexes: wakes, and the waits that they end. kernel/futex/ */
#include "model/mech/futex_wakes.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>

#include "model/mech/shared_mem.h"
#include "model/message.h"

enum { ARG_OP = 1, ARG_VALUE = 2, ARG_SECOND = 4 };
/* Those that an operation ignores are left out of its arguments: specs/futex.c */
enum { ARG_WAIT_BITS = 4, ARG_WAKE_BITS = 3 };

#define ANY_BITS UINT32_MAX

struct futex_word *futex_word(struct object *object)
{
	if (!object->data) {
		object->data = calloc(1, sizeof(struct futex_word));
		if (!object->data)
			abort();
	}
	return object->data;
}

/* The operation of futex(2); -1 for the calls that have a name for each. */
static int command_of(const struct call_spec *spec, const uint64_t *raw)
{
	return strncmp(spec->name, "futex_w", 7) == 0 || strcmp(spec->name, "futex_requeue") == 0
		       ? -1
		       : (int)(raw[ARG_OP] & FUTEX_CMD_MASK);
}

/* Does the call wake those at a second word, or let sleepers go on sleeping there? */
static bool has_second(int command)
{
	return command == FUTEX_REQUEUE || command == FUTEX_CMP_REQUEUE ||
	       command == FUTEX_CMP_REQUEUE_PI || command == FUTEX_WAKE_OP;
}

static bool is_pi(int command)
{
	return command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2 ||
	       command == FUTEX_UNLOCK_PI || command == FUTEX_WAIT_REQUEUE_PI ||
	       command == FUTEX_CMP_REQUEUE_PI;
}

void futex_ask_second(const struct mech_ask *ask)
{
	const uint64_t *raw = ask->mem->ev->args;

	if (has_second(command_of(ask->spec, raw)) && !(raw[ARG_OP] & FUTEX_PRIVATE_FLAG))
		mem_fact(ask->mem, FACT_MAPPING, (int64_t)raw[ARG_SECOND]);
}

/* The second word, NULL if it is the first. */
static struct object *second_word(const struct mech_call *m)
{
	uint64_t addr = m->call->raw[ARG_SECOND];
	const struct fact *map =
		m->enter ? event_fact(m->enter, FACT_MAPPING, (int64_t)addr) : NULL;
	struct ipc_key key = futex_key(m, addr, map);
	struct object *object;
	bool is_new;

	object = model_object(m->model, &key, m->ev, &is_new);
	return object == m->object ? NULL : object;
}

/* --- calls under way --- */

static uint32_t bits_of(int command, const struct mech_call *m)
{
	if (command == FUTEX_WAIT_BITSET)
		return (uint32_t)m->call->raw[ARG_WAIT_BITS];
	return command == FUTEX_WAKE_BITSET ? (uint32_t)m->call->raw[ARG_WAKE_BITS] : ANY_BITS;
}

/*
 * Of a word that says who holds a lock the kernel itself wakes a waiter when that one ends, and
 * hands over one with priority inheritance: a wait for it may end without any wake.
 */
static bool may_end_alone(int command, const struct mech_call *m)
{
	return is_pi(command) || (m->call->raw[ARG_VALUE] & FUTEX_WAITERS);
}

void futex_begin(const struct mech_call *m, struct flight *flight)
{
	int command = command_of(m->call->spec, m->call->raw);
	bool is_wake = m->handle.op == OP_WAKE;
	struct object *second;

	if (!is_wake && m->handle.op != OP_WAIT)
		return;
	flight->is_send = is_wake;
	flight->is_receive = !is_wake;
	flight->fd = -1;
	flight->target = m->object;
	flight->kind = bits_of(command, m);
	flight->len_max = is_pi(command) ? 1 : (uint32_t)m->call->raw[ARG_VALUE];
	flight->is_doubtful =
		is_wake ? is_pi(command) || command == FUTEX_WAKE_OP : may_end_alone(command, m);
	if (!has_second(command) || !m->object)
		return;
	second = second_word(m);
	futex_word(m->object)->n_shifts++;
	if (second)
		futex_word(second)->n_shifts++;
}

static void end_shift(struct mech_call *m, struct object *object)
{
	struct futex_word *word = object ? futex_word(object) : NULL;

	if (!word)
		return;
	word->n_shifts -= word->n_shifts != 0;
	word->shifted_ns = m->ev->time_ns;
}

/* --- wakes --- */

/* How many it has woken, at most: the rest of those that it counts sleep on at the second word. */
static uint64_t woken_by(const struct mech_call *m, int command)
{
	uint64_t most = (uint32_t)m->call->raw[ARG_VALUE], n;

	if (!m->is_success)
		return 0;
	if (command == FUTEX_UNLOCK_PI)
		return 1;
	n = m->call->ret > 0 ? (uint64_t)m->call->ret : 0;
	return has_second(command) && n > most ? most : n;
}

/* Those that nobody can be woken by who has not returned yet. */
static void forget_past(struct mech_call *m, struct ledger *ledger)
{
	uint64_t since_ns = UINT64_MAX;

	for (const struct flight *f = m->object->flights; f; f = f->next) {
		if (f->is_receive && f->enter_ns < since_ns)
			since_ns = f->enter_ns;
	}
	for (unsigned i = ledger->n; i; i--) {
		if (ledger_at(ledger, i - 1)->last_ns < since_ns)
			ledger_remove(ledger, i - 1);
	}
	if (since_ns == UINT64_MAX)
		ledger_clear(ledger);
}

static void put(struct mech_call *m, struct ledger *ledger, struct flight *flight, uint64_t n,
		bool is_unlock)
{
	struct message message = flight_message(flight), sent;

	message.len = n;
	message.taken = flight->early < n ? flight->early : n;
	message.exit_ns = m->ev->time_ns;
	message.last_ns = flight->last_ns > message.exit_ns ? flight->last_ns : message.exit_ns;
	message.number = flight_number(flight);
	/* An unlock does not say whether anybody waited. */
	sent = message;
	sent.is_doubtful = false;
	if (!is_unlock)
		message_add_match(m, m->object, &sent, 0, n, true);
	if (message.taken < n)
		ledger_append(ledger, &message);
}

void futex_woke(struct mech_call *m)
{
	int command = command_of(m->call->spec, m->call->raw);
	struct ledger *ledger = ledger_of(m->object);
	/* Of a call whose entry was not seen, or was of another word, nobody knows since when it wakes. */
	struct flight unseen = { .tid = m->call->tid,
				 .tgid = m->process->tgid,
				 .fd = -1,
				 .kind = ANY_BITS,
				 .is_doubtful = true,
				 .target = m->object };
	struct flight *flight = m->flight && m->flight->target == m->object ? m->flight : &unseen;
	uint64_t n = woken_by(m, command);

	if (has_second(command)) {
		end_shift(m, m->object);
		end_shift(m, second_word(m));
	}
	if (n)
		put(m, ledger, flight, n, command == FUTEX_UNLOCK_PI);
	/* What was thought to be its doing and was not is another's: those were marked. */
	flight->early = 0;
	forget_past(m, ledger);
}

/* --- waits --- */

/* Can no other process than the traced ones have the word in its memory? */
static bool is_among_us(const struct mech_call *m)
{
	const struct fact *map = m->enter ? event_fact(m->enter, FACT_MAPPING, m->handle.id) : NULL;
	struct ipc_key home;

	if (!map || !(map->value[3] & MAPPING_SHARED))
		return m->enter;
	return shared_mem_key(m->enter, map, &home) &&
	       shared_mem_is_ours(model_find_object(m->model, &home));
}

static bool is_certain(const struct mech_call *m)
{
	const struct futex_word *word = futex_word(m->object);

	return m->flight && !m->flight->is_doubtful && !word->n_shifts &&
	       m->flight->enter_ns > word->shifted_ns &&
	       m->flight->enter_ns > model_attached_ns(m->model) && is_among_us(m) &&
	       !model_misses_messages(m->model, m->object);
}

static bool may_be(const struct mech_call *m, const struct message *message)
{
	return message->last_ns >= m->flight->enter_ns &&
	       (message->is_any_kind || (message->kind & m->flight->kind));
}

/* The wakes that it may have been. */
struct wakes {
	unsigned n, index; /* the first one's in the ledger */
	struct message *message; /* that one */
	struct flight *flight; /* or, with no message, the call under way for longest */
	uint64_t first_ns, last_ns; /* between which the one that is taken was */
};

static bool may_be_flight(const struct mech_call *m, const struct flight *flight)
{
	struct message message = flight_message(flight);

	return flight->early < flight->len_max && may_be(m, &message);
}

static struct wakes find(const struct mech_call *m, const struct ledger *ledger)
{
	struct wakes all = { 0 };
	struct flight *f = NULL;

	for (unsigned i = 0; i < ledger->n; i++) {
		struct message *message = ledger_at(ledger, i);

		if (!may_be(m, message))
			continue;
		all.n++;
		if (all.message)
			continue;
		all.message = message;
		all.index = i;
		all.first_ns = message->first_ns;
		all.last_ns = message->last_ns;
	}
	while ((f = flights_sending(m, m->object, ledger, f))) {
		if (!may_be_flight(m, f))
			continue;
		all.n++;
		if (all.message || (all.flight && all.flight->enter_ns <= f->enter_ns))
			continue;
		all.flight = f;
		all.first_ns = f->first_ns;
		all.last_ns = UINT64_MAX;
	}
	return all;
}

/* Any of the others may have been it, and then what is taken now is left in its place. */
static void doubt_others(const struct mech_call *m, struct ledger *ledger, const struct wakes *all)
{
	struct flight *f = NULL;

	for (unsigned i = 0; i < ledger->n; i++) {
		struct message *message = ledger_at(ledger, i);

		if (!may_be(m, message))
			continue;
		ledger_doubt(ledger, message, all->first_ns, all->last_ns);
		message->is_any_kind = true;
	}
	while ((f = flights_sending(m, m->object, ledger, f))) {
		if (!may_be_flight(m, f))
			continue;
		flight_doubt(f, all->first_ns, all->last_ns);
		f->is_any_kind = true;
	}
}

/* One of the sleepers that the call has woken. */
static struct message take(struct ledger *ledger, const struct wakes *all)
{
	struct message message;

	if (all->message) {
		message = *all->message;
		all->message->taken++;
		ledger->units--;
		if (all->message->taken == all->message->len)
			ledger_remove(ledger, all->index);
		return message;
	}
	message = flight_message(all->flight);
	message.number = flight_number(all->flight);
	message.taken = all->flight->early++;
	if (message.len != 1)
		message.len = UINT64_MAX;
	return message;
}

bool futex_woken(struct mech_call *m)
{
	struct ledger *ledger = ledger_of(m->object);
	struct message message;
	struct wakes all;

	if (!m->flight || ledger->is_lost)
		return false;
	all = find(m, ledger);
	if (!all.n)
		return false;
	if (all.n > 1)
		doubt_others(m, ledger, &all);
	message = take(ledger, &all);
	message.is_doubtful |= all.n > 1 || !is_certain(m);
	mech_add_peer(m, PEER_FROM, message.is_doubtful ? INFERRED : CERTAIN, message.pid, -1)
		->tid = message.tid;
	message_add_match(m, m->object, &message, message.taken, message.taken + 1, false);
	forget_past(m, ledger);
	return true;
}
