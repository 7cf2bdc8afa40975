/* Messages that are received as a whole: which of those in the ledger can it be? */
#include <string.h>

#include "model/message.h"

enum { BEFORE_MAX = 64 };

/* Those that may be the message which was received. */
struct candidates {
	unsigned n;
	struct message *message; /* the first of them */
	unsigned index; /* of it, in the ledger */
	struct flight *flight; /* or, with no message, the send under way */
	uint64_t first_ns, last_ns; /* when all of them may have been put */
	bool is_any_kind, is_any_len; /* they differ in more than that */
	struct message model; /* the first */
};

static bool is_eligible(const struct message_wanted *wanted, const struct message *message)
{
	return !wanted->has_kind || message->is_any_kind || message->kind == wanted->kind;
}

static bool fits(const struct message_wanted *wanted, const struct message *message)
{
	if (message->len != UINT64_MAX && !message->is_any_len && message->len != wanted->len &&
	    !(wanted->is_cut && message->len > wanted->len))
		return false;
	return !wanted->fits || message->is_any_kind || wanted->fits(message->from, wanted->data);
}

/*
 * Has the message to come out before at most n_others, which others may have taken? Messages of
 * one kind come in the order in which they were put.
 */
static bool may_be_next(const struct ledger *ledger, const struct message_wanted *wanted,
			const struct message *message, unsigned n_others)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ledger->n && n <= n_others; i++) {
		const struct message *other = ledger_at(ledger, i);

		if (is_eligible(wanted, other) && other->kind == message->kind &&
		    !other->is_any_kind && !message->is_any_kind)
			n += other->last_ns < message->first_ns;
	}
	return n <= n_others;
}

/* Is there one that has to come out first, since its priority is higher? */
static bool is_outranked(const struct mech_call *m, const struct ledger *ledger,
			 const struct message_wanted *wanted, const struct message *message)
{
	for (unsigned i = 0; wanted->is_by_rank && !wanted->has_kind && i < ledger->n; i++) {
		const struct message *other = ledger_at(ledger, i);

		if (other->kind > message->kind && !other->is_any_kind && !message->is_any_kind &&
		    other->last_ns < m->call->enter_ns)
			return true;
	}
	return false;
}

static void add_candidate(struct candidates *all, const struct message *message)
{
	if (!all->n)
		all->model = *message;
	all->is_any_kind |= message->is_any_kind || message->kind != all->model.kind ||
			    message->from != all->model.from;
	all->is_any_len |= message->is_any_len || message->len != all->model.len;
	if (!all->n || message->first_ns < all->first_ns)
		all->first_ns = message->first_ns;
	if (!all->n || message->last_ns > all->last_ns)
		all->last_ns = message->last_ns;
	all->n++;
}

static bool is_candidate(const struct mech_call *m, const struct ledger *ledger,
			 const struct message_wanted *wanted, const struct message *message,
			 unsigned n_others)
{
	return is_eligible(wanted, message) && fits(wanted, message) &&
	       may_be_next(ledger, wanted, message, n_others) &&
	       (n_others || !is_outranked(m, ledger, wanted, message));
}

static bool is_flight_candidate(const struct mech_call *m, const struct ledger *ledger,
				const struct message_wanted *wanted, const struct flight *flight,
				unsigned n_others)
{
	struct message message = flight_message(flight);

	return (!flight->early || flight->is_many) &&
	       is_candidate(m, ledger, wanted, &message, n_others);
}

static void find(const struct mech_call *m, const struct object *object, struct ledger *ledger,
		 const struct message_wanted *wanted, unsigned n_others, struct candidates *all)
{
	struct flight *f = NULL;

	for (unsigned i = 0; i < ledger->n; i++) {
		struct message *message = ledger_at(ledger, i);

		if (!is_candidate(m, ledger, wanted, message, n_others))
			continue;
		add_candidate(all, message);
		if (!all->message) {
			all->message = message;
			all->index = i;
		}
		/* In order, with nobody else about: no need to look at the rest. */
		if (wanted->has_kind && !n_others && !ledger->n_racing)
			return;
	}
	while ((f = flights_sending(m, object, ledger, f))) {
		struct message message = flight_message(f);

		if (!is_flight_candidate(m, ledger, wanted, f, n_others))
			continue;
		add_candidate(all, &message);
		if (!all->message && (!all->flight || f->enter_ns < all->flight->enter_ns))
			all->flight = f;
	}
}

/* The others of the candidates may as well be the one that is taken now. */
static void doubt_others(const struct mech_call *m, const struct object *object,
			 struct ledger *ledger, const struct message_wanted *wanted,
			 unsigned n_others, const struct candidates *all)
{
	struct flight *f = NULL;

	for (unsigned i = 0; i < ledger->n; i++) {
		struct message *message = ledger_at(ledger, i);

		if (is_candidate(m, ledger, wanted, message, n_others))
			message->is_marked = true;
	}
	for (unsigned i = 0; i < ledger->n; i++) {
		struct message *message = ledger_at(ledger, i);

		if (message->is_marked) {
			ledger_doubt(ledger, message, all->first_ns, all->last_ns);
			message->is_any_kind |= all->is_any_kind;
			message->is_any_len |= all->is_any_len;
		}
		message->is_marked = false;
	}
	while ((f = flights_sending(m, object, ledger, f))) {
		if (!is_flight_candidate(m, ledger, wanted, f, n_others))
			continue;
		flight_doubt(f, all->first_ns, all->last_ns);
		f->is_any_kind |= all->is_any_kind;
		f->is_any_len |= all->is_any_len;
	}
}

static struct message take_message(struct ledger *ledger, const struct candidates *all,
				   bool is_peek)
{
	struct message message;

	if (all->message) {
		message = *all->message;
		if (!is_peek)
			ledger_remove(ledger, all->index);
		return message;
	}
	message = flight_message(all->flight);
	message.number = flight_number(all->flight) + all->flight->early;
	all->flight->early += !is_peek;
	return message;
}

bool message_receive(struct mech_call *m, struct object *object,
		     const struct message_wanted *wanted, bool is_peek, struct message *ret_message)
{
	struct ledger *ledger = ledger_of(object);
	unsigned n_others = flights_receiving(m, ledger);
	struct candidates all = { 0 };

	if (ledger->is_lost)
		return false;
	find(m, object, ledger, wanted, n_others < BEFORE_MAX ? n_others : UINT32_MAX, &all);
	if (!all.n) {
		ledger_lose(ledger);
		return false;
	}
	if (all.n > 1)
		doubt_others(m, object, ledger, wanted,
			     n_others < BEFORE_MAX ? n_others : UINT32_MAX, &all);
	*ret_message = take_message(ledger, &all, is_peek);
	ret_message->is_doubtful |= all.n > 1 || !m->flight || ledger->has_outsiders ||
				    ledger->is_leaky || ledger->debt ||
				    model_misses_messages(m->model, object);
	return true;
}
