#include "model/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "model/mech.h"

/* A pipe of the largest size that anybody may ask for holds no more than that many pages' writes. */
enum { MESSAGES_MIN = 8, MESSAGES_MAX = 65536 };

struct ledger *ledger_find(const struct object *object, unsigned part)
{
	struct ledger *ledger = object->ledgers;

	while (ledger && ledger->part != part)
		ledger = ledger->next;
	return ledger;
}

struct ledger *ledger_part(struct object *object, unsigned part)
{
	struct ledger *ledger = ledger_find(object, part);

	if (ledger)
		return ledger;
	ledger = calloc(1, sizeof(*ledger));
	if (!ledger)
		abort();
	ledger->part = part;
	ledger->has_outsiders = ledger->is_lost = object->is_older;
	ledger->next = object->ledgers;
	object->ledgers = ledger;
	return ledger;
}

struct ledger *ledger_of(struct object *object)
{
	return ledger_part(object, 0);
}

void ledger_destroy(struct ledger *ledger)
{
	while (ledger) {
		struct ledger *next = ledger->next;

		free(ledger->messages);
		free(ledger);
		ledger = next;
	}
}

struct message *ledger_at(const struct ledger *ledger, unsigned i)
{
	return &ledger->messages[(ledger->first + i) & (ledger->cap - 1)];
}

void ledger_refer(const struct object *object, void (*keep)(void *data, struct object *object),
		  void *data)
{
	for (const struct ledger *ledger = object->ledgers; ledger; ledger = ledger->next) {
		for (unsigned i = 0; i < ledger->n; i++)
			keep(data, (struct object *)ledger_at(ledger, i)->from);
	}
}

/* Room for one more: false if there are too many. The capacity is a power of 2. */
static bool reserve(struct ledger *ledger)
{
	unsigned cap = ledger->cap ? ledger->cap * 2 : MESSAGES_MIN;
	struct message *messages;

	if (ledger->n < ledger->cap)
		return true;
	if (ledger->n == MESSAGES_MAX)
		return false;
	messages = malloc(cap * sizeof(*messages));
	if (!messages)
		abort();
	for (unsigned i = 0; i < ledger->n; i++)
		messages[i] = *ledger_at(ledger, i);
	free(ledger->messages);
	ledger->messages = messages;
	ledger->first = 0;
	ledger->cap = cap;
	return true;
}

void ledger_append(struct ledger *ledger, const struct message *message)
{
	if (!reserve(ledger)) {
		ledger_lose(ledger);
		return;
	}
	*ledger_at(ledger, ledger->n++) = *message;
	ledger->units += message->len - message->taken;
	ledger->n_racing += message->is_racing;
}

void ledger_remove(struct ledger *ledger, unsigned i)
{
	const struct message *message = ledger_at(ledger, i);

	ledger->units -= message->len - message->taken;
	ledger->n_racing -= message->is_racing;
	/* Those in front of it move: it is one of the first. */
	for (; i; i--)
		*ledger_at(ledger, i) = *ledger_at(ledger, i - 1);
	ledger->first = (ledger->first + 1) & (ledger->cap - 1);
	ledger->n--;
}

void ledger_clear(struct ledger *ledger)
{
	ledger->first = ledger->n = ledger->n_racing = 0;
	ledger->units = ledger->debt = 0;
	ledger->is_lost = ledger->is_leaky = false;
}

void ledger_lose(struct ledger *ledger)
{
	ledger_clear(ledger);
	ledger->is_lost = true;
}

void ledger_doubt(struct ledger *ledger, struct message *message, uint64_t first_ns,
		  uint64_t last_ns)
{
	ledger->n_racing += !message->is_racing;
	message->is_racing = message->is_doubtful = true;
	if (message->first_ns > first_ns)
		message->first_ns = first_ns;
	if (message->last_ns < last_ns)
		message->last_ns = last_ns;
}

void ledger_check(const struct mech_call *m, const struct object *object, struct ledger *ledger,
		  bool is_units, int64_t number)
{
	uint64_t own = is_units ? ledger->units : ledger->n;

	if (object->flights || m->object->flights)
		return;
	if (number == 0)
		ledger_clear(ledger);
	else if ((uint64_t)number != own || ledger->debt)
		ledger_lose(ledger);
}

/* --- calls under way --- */

void flight_begin(struct flight *flight)
{
	struct object *object = flight->target;

	flight->is_under_way = object != NULL;
	if (!object)
		return;
	flight->previous = NULL;
	flight->next = object->flights;
	if (flight->next)
		flight->next->previous = flight;
	object->flights = flight;
}

void flight_end(struct flight *flight)
{
	if (!flight->is_under_way)
		return;
	if (flight->previous)
		flight->previous->next = flight->next;
	else
		flight->target->flights = flight->next;
	if (flight->next)
		flight->next->previous = flight->previous;
	flight->is_under_way = false;
}

void flight_settle(struct flight *flight)
{
	if (flight->target && flight->early)
		ledger_part(flight->target, flight->send_part)->debt += flight->early;
	flight->early = 0;
}

void flight_abandon(struct flight *flight)
{
	struct ledger *ledger = flight->is_under_way ? flight->target->ledgers : NULL;

	flight_end(flight);
	for (; ledger; ledger = ledger->next)
		ledger_lose(ledger);
}

bool flight_is_racing(const struct ledger *ledger, const struct object *object,
		      const struct flight *flight)
{
	const struct put *other =
		ledger->last.tid == flight->tid ? &ledger->last_other : &ledger->last;

	if (!flight->enter_ns || (other->tid && other->exit_ns >= flight->enter_ns))
		return true;
	for (const struct flight *f = object->flights; f; f = f->next) {
		if (f->is_send && f->tid != flight->tid &&
		    (f->send_part == ledger->part || f->send_part == FLIGHT_ANY_PART))
			return true;
	}
	return false;
}

void flight_doubt(struct flight *flight, uint64_t first_ns, uint64_t last_ns)
{
	flight->is_doubtful = true;
	if (flight->first_ns > first_ns)
		flight->first_ns = first_ns;
	if (flight->last_ns < last_ns)
		flight->last_ns = last_ns;
}

uint64_t flight_number(struct flight *flight)
{
	struct object *object = flight->target;

	if (!flight->number) {
		flight->number = object->n_messages + 1;
		object->n_messages += flight->is_many ? FLIGHT_MESSAGES : 1;
	}
	return flight->number;
}

struct message flight_message(const struct flight *flight)
{
	return (struct message){ .pid = flight->tgid,
				 .tid = flight->tid,
				 .fd = flight->fd,
				 .len = flight->len_max,
				 .kind = flight->kind,
				 .tag = flight->tag,
				 .from = flight->from,
				 .enter_ns = flight->enter_ns,
				 .first_ns = flight->first_ns,
				 .last_ns = UINT64_MAX,
				 .is_doubtful = flight->is_doubtful,
				 .is_any_kind = flight->is_any_kind,
				 .is_any_len = flight->is_any_len };
}

static bool is_about(unsigned part, const struct ledger *ledger)
{
	return part == ledger->part || part == FLIGHT_ANY_PART;
}

struct flight *flights_sending(const struct mech_call *m, const struct object *object,
			       const struct ledger *ledger, struct flight *previous)
{
	struct flight *flight = previous ? previous->next : object->flights;

	while (flight && (!flight->is_send || flight->tid == m->call->tid ||
			  !is_about(flight->send_part, ledger)))
		flight = flight->next;
	return flight;
}

unsigned flights_receiving(const struct mech_call *m, const struct ledger *ledger)
{
	unsigned n = 0;

	for (const struct flight *f = m->object->flights; f; f = f->next) {
		if (f->is_receive && f->tid != m->call->tid && is_about(f->receive_part, ledger))
			n += f->is_many ? FLIGHT_MESSAGES : 1;
	}
	return n;
}
