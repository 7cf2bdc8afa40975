#include "model/message.h"

#include <string.h>

#include "model/model_core.h"

/* --- what is said of them --- */

void message_add_match(struct mech_call *m, const struct object *object,
		       const struct message *message, uint64_t first, uint64_t end, bool is_sent)
{
	struct annotation *annotation = m->annotation;
	uint64_t now_ns = m->ev->time_ns;
	struct match *match;

	if (!m->model->options.has_peers)
		return;
	if (annotation->n_matches == annotation->cap_matches) {
		unsigned cap = annotation->cap_matches ? annotation->cap_matches * 2 : 4;
		struct match *matches = arena_array(m->arena, struct match, cap);

		if (annotation->n_matches)
			memcpy(matches, annotation->matches,
			       annotation->n_matches * sizeof(*matches));
		annotation->matches = matches;
		annotation->cap_matches = cap;
	}
	match = &annotation->matches[annotation->n_matches++];
	*match = (struct match){ .object = object,
				 .is_sent = is_sent,
				 .certainty = message->is_doubtful ? INFERRED : CERTAIN,
				 .number = message->number,
				 .first = first,
				 .end = end,
				 .len = message->len,
				 .pid = message->pid,
				 .tid = message->tid,
				 .fd = message->fd,
				 .sent_ns = message->enter_ns };
	if (!is_sent && message->enter_ns && now_ns > message->enter_ns)
		match->latency_ns = now_ns - message->enter_ns;
	if (!is_sent && message->exit_ns && now_ns > message->exit_ns)
		match->held_ns = now_ns - message->exit_ns;
}

static void add_sender(struct mech_call *m, const struct message *message)
{
	for (unsigned i = 0; i < m->annotation->n_peers; i++) {
		struct peer *peer = &m->annotation->peers[i];

		if (peer->direction != PEER_FROM || peer->pid != message->pid)
			continue;
		if (message->is_doubtful && peer->certainty == CERTAIN)
			peer->certainty = INFERRED;
		return;
	}
	mech_add_peer(m, PEER_FROM, message->is_doubtful ? INFERRED : CERTAIN, message->pid,
		      message->fd);
}

void message_found(struct mech_call *m, const struct object *object, const struct message *message)
{
	add_sender(m, message);
	message_add_match(m, object, message, 0, message->len, false);
}

/* --- puts --- */

static void note_put(struct ledger *ledger, const struct message *message)
{
	if (ledger->last.tid != message->tid)
		ledger->last_other = ledger->last;
	ledger->last = (struct put){ message->tid, message->exit_ns };
}

/* What others have taken of it already: by what is known, or because somebody's has to be it. */
static uint64_t taken_of(struct ledger *ledger, struct message *message, bool is_whole,
			 uint64_t early)
{
	uint64_t len = is_whole ? 1 : message->len, rest, paid;

	if (early > len) {
		ledger->debt += early - len;
		message->is_doubtful = true;
		early = len;
	}
	rest = len - early;
	paid = rest < ledger->debt ? rest : ledger->debt;
	ledger->debt -= paid;
	message->is_doubtful |= paid != 0;
	return early + paid;
}

void message_put(struct mech_call *m, struct object *object, struct ledger *ledger,
		 const struct message *like, bool is_whole)
{
	struct flight none = { .tid = m->call->tid,
			       .enter_ns = m->call->enter_ns,
			       .first_ns = m->call->enter_ns };
	struct flight *flight = m->flight ? m->flight : &none;
	struct message message = *like;
	uint64_t taken;

	message.pid = m->process->tgid;
	message.tid = m->call->tid;
	message.enter_ns = m->call->enter_ns;
	message.first_ns = flight->first_ns;
	message.exit_ns = m->ev->time_ns;
	message.last_ns = flight->last_ns > message.exit_ns ? flight->last_ns : message.exit_ns;
	message.is_racing = flight->is_doubtful || flight_is_racing(ledger, object, flight);
	message.is_doubtful = flight->is_doubtful;
	message.is_any_kind = flight->is_any_kind;
	message.is_any_len = flight->is_any_len;
	message.number = flight->number ? flight->number : ++object->n_messages;
	flight->number = flight->is_many && flight->early > 1 ? flight->number + 1 : 0;
	taken = taken_of(ledger, &message, is_whole, is_whole && flight->early ? 1 : flight->early);
	flight->early -= is_whole && flight->early ? 1 : flight->early;
	note_put(ledger, &message);
	message_add_match(m, object, &message, 0, message.len, true);
	if (is_whole ? !taken : taken < message.len) {
		message.taken = is_whole ? 0 : taken;
		ledger_append(ledger, &message);
	}
}

/* --- takes of bytes and units --- */

/* What all sends that are under way ask for and was not taken of them yet; UINT64_MAX: not known. */
static uint64_t len_of_flights(const struct mech_call *m, const struct object *object,
			       const struct ledger *ledger)
{
	struct flight *f = NULL;
	uint64_t len = 0;

	while ((f = flights_sending(m, object, ledger, f)))
		len = f->len_max < UINT64_MAX - len ? len + f->len_max - f->early : UINT64_MAX;
	return len;
}

/* Is there nothing left, whoever may have put something by now? */
static bool takes_all(const struct mech_call *m, const struct object *object,
		      const struct ledger *ledger, uint64_t len)
{
	uint64_t more = len_of_flights(m, object, ledger);

	return !ledger->debt && more <= len && ledger->units == len - more;
}

/*
 * Did others who are taking now, or were when somebody took, perhaps get what was in front of ours?
 * Not if there was no more than what we have got.
 */
static bool is_shared(const struct mech_call *m, const struct object *object,
		      const struct ledger *ledger, uint64_t len)
{
	if (!m->flight || m->flight->enter_ns <= ledger->doubt_ns)
		return true;
	return flights_receiving(m, ledger) && !takes_all(m, object, ledger, len);
}

/* The messages that are taken, as far as the order of puts is known: the first n_whole, and a part. */
struct cut {
	unsigned n_whole;
	uint64_t len_of_part; /* 0: the cut is between two messages */
	uint64_t rest; /* what the messages do not have */
	bool has_racing;
	uint64_t first_ns, last_ns; /* between which those n_whole were put */
};

static struct cut find_cut(const struct ledger *ledger, uint64_t len)
{
	struct cut cut = { .rest = len, .first_ns = UINT64_MAX };

	while (cut.rest && cut.n_whole < ledger->n) {
		const struct message *message = ledger_at(ledger, cut.n_whole);
		uint64_t left = message->len - message->taken;

		cut.has_racing |= message->is_racing;
		if (cut.rest < left) {
			cut.len_of_part = cut.rest;
			cut.rest = 0;
			break;
		}
		cut.first_ns = message->first_ns < cut.first_ns ? message->first_ns : cut.first_ns;
		cut.last_ns = message->last_ns > cut.last_ns ? message->last_ns : cut.last_ns;
		cut.rest -= left;
		cut.n_whole++;
	}
	return cut;
}

/*
 * Those whose calls overlapped may be in any order, and in pieces. Yet what was taken of each is
 * certain if all of them were, or if what was put in later is all that was left.
 */
static bool is_clean(const struct mech_call *m, const struct object *object,
		     const struct ledger *ledger, const struct cut *cut)
{
	const struct message *part = cut->len_of_part ? ledger_at(ledger, cut->n_whole) : NULL;
	uint64_t last_ns = cut->last_ns;
	struct flight *f = NULL;
	unsigned n_flights = 0;

	if (part && part->first_ns <= last_ns && cut->n_whole)
		return false;
	if (part && part->last_ns > last_ns)
		last_ns = part->last_ns;
	for (unsigned i = cut->n_whole + (part ? 1 : 0); i < ledger->n; i++) {
		if (ledger_at(ledger, i)->first_ns <= last_ns)
			return false;
	}
	while ((f = flights_sending(m, object, ledger, f))) {
		if (f->first_ns <= last_ns)
			return false;
		n_flights++;
	}
	return !cut->rest || n_flights == 1;
}

/* Which part of those that overlapped was taken is not known: none of them is certain any more. */
static void spread_doubt(const struct mech_call *m, const struct object *object,
			 struct ledger *ledger, const struct cut *cut)
{
	uint64_t first_ns = cut->first_ns, last_ns = cut->last_ns;
	struct message *part = cut->len_of_part ? ledger_at(ledger, cut->n_whole) : NULL;
	struct flight *f = NULL;

	if (part) {
		first_ns = part->first_ns < first_ns ? part->first_ns : first_ns;
		last_ns = part->last_ns > last_ns ? part->last_ns : last_ns;
	}
	for (unsigned i = cut->n_whole; i < ledger->n; i++) {
		struct message *message = ledger_at(ledger, i);

		if (message->is_racing && message->first_ns <= last_ns)
			ledger_doubt(ledger, message, first_ns, last_ns);
	}
	while ((f = flights_sending(m, object, ledger, f))) {
		if (f->first_ns <= last_ns || cut->rest)
			flight_doubt(f, first_ns, cut->rest ? UINT64_MAX : last_ns);
	}
}

/* The part [first, end) of a message was received. */
static void found(struct mech_call *m, const struct object *object, const struct message *message,
		  uint64_t first, uint64_t end)
{
	add_sender(m, message);
	message_add_match(m, object, message, first, end, false);
}

/* The send that has been under way for longest and may have put more than what was taken of it. */
static struct flight *oldest_flight(const struct mech_call *m, const struct object *object,
				    const struct ledger *ledger)
{
	struct flight *oldest = NULL, *f = NULL;

	while ((f = flights_sending(m, object, ledger, f))) {
		if (f->early < f->len_max && f->send_part == ledger->part &&
		    (!oldest || f->enter_ns < oldest->enter_ns))
			oldest = f;
	}
	return oldest;
}

/*
 * What the messages do not have was put by calls that have not returned yet. They have been
 * entered for sure, so that one alone must be it. False if they do not ask for so much.
 */
static bool take_from_flights(struct mech_call *m, const struct object *object,
			      struct ledger *ledger, uint64_t len, bool is_peek, bool is_doubtful)
{
	while (len) {
		struct flight *flight = oldest_flight(m, object, ledger);
		struct message message;
		uint64_t most, part;

		if (!flight)
			return false;
		most = flight->len_max - flight->early;
		part = len < most ? len : most;
		message = flight_message(flight);
		message.number = flight_number(flight);
		message.is_doubtful |= is_doubtful;
		found(m, object, &message, flight->early, flight->early + part);
		len -= part;
		if (is_peek)
			return !len;
		flight->early += part;
	}
	return true;
}

static void take_from_messages(struct mech_call *m, const struct object *object,
			       struct ledger *ledger, const struct cut *cut, bool is_peek,
			       bool is_clean_cut, bool is_doubtful)
{
	for (unsigned i = 0; i < cut->n_whole + (cut->len_of_part ? 1 : 0); i++) {
		struct message *message = ledger_at(ledger, is_peek ? i : 0);
		struct message copy = *message;
		bool is_whole = i < cut->n_whole;
		uint64_t part = is_whole ? message->len - message->taken : cut->len_of_part;

		copy.is_doubtful |= is_doubtful || (copy.is_racing && !is_clean_cut);
		found(m, object, &copy, copy.taken, copy.taken + part);
		if (is_peek)
			continue;
		message->taken += part;
		ledger->units -= part;
		if (is_whole)
			ledger_remove(ledger, 0);
	}
}

static bool take(struct mech_call *m, struct object *object, struct ledger *ledger, uint64_t len,
		 bool is_peek)
{
	bool is_ours = is_shared(m, object, ledger, len);
	bool is_doubtful = is_ours || ledger->has_outsiders || ledger->is_leaky || ledger->debt ||
			   model_misses_messages(m->model, object);
	struct cut cut = find_cut(ledger, len);
	bool has_to_race = cut.has_racing || cut.rest;
	bool is_clean_cut = !has_to_race || takes_all(m, object, ledger, len) ||
			    is_clean(m, object, ledger, &cut);

	if (is_ours && !is_peek && flights_receiving(m, ledger))
		ledger->doubt_ns = m->ev->time_ns;
	if (!is_clean_cut)
		spread_doubt(m, object, ledger, &cut);
	take_from_messages(m, object, ledger, &cut, is_peek, is_clean_cut, is_doubtful);
	return !cut.rest || take_from_flights(m, object, ledger, cut.rest, is_peek,
					      is_doubtful || !is_clean_cut);
}

bool message_take(struct mech_call *m, struct object *object, struct ledger *ledger, uint64_t len,
		  bool is_peek)
{
	unsigned n_peers = m->annotation->n_peers, n_more = m->annotation->n_more_peers;
	unsigned n_matches = m->annotation->n_matches;

	if (!ledger->is_lost) {
		if (take(m, object, ledger, len, is_peek))
			return true;
		ledger_lose(ledger);
	}
	m->annotation->n_peers = n_peers;
	m->annotation->n_more_peers = n_more;
	m->annotation->n_matches = n_matches;
	return false;
}

void message_doubt_peers(struct mech_call *m, const struct object *object, unsigned access,
			 unsigned from)
{
	bool is_own = false;

	for (const struct holding *h = object ? object->holdings : NULL; h; h = h->next)
		is_own |= (h->access & access) && h->process == m->process;
	for (unsigned i = from; i < m->annotation->n_peers; i++) {
		struct peer *peer = &m->annotation->peers[i];

		if (peer->certainty == CERTAIN && (is_own || m->annotation->n_peers > from + 1))
			peer->certainty = INFERRED;
	}
}
