#include "model/known_ledger.h"

#include <string.h>

enum { MESSAGES_MAX = 1024 };
enum { OUTSIDERS = 1, LEAKY = 2, LOST = 4 };
enum { RACING = 1, DOUBTFUL = 2, ANY_KIND = 4, ANY_LEN = 8 };

/* In the text of a FACT_LEDGER: this, then messages. */
enum { LAST_TID, LAST_NS, OTHER_TID, OTHER_NS, HEAD_NUMBERS };
enum {
	NUMBER,
	PID,
	TID,
	FD,
	LEN,
	TAKEN,
	KIND,
	FROM_MECH,
	FROM_A,
	FROM_B,
	FROM_C,
	ENTER_NS,
	EXIT_NS,
	FIRST_NS,
	LAST_PUT_NS,
	BITS,
	MESSAGE_NUMBERS
};

static struct fact *add_keyed(struct event *ev, enum fact_kind kind, const struct object *object,
			      const struct buf *text)
{
	int64_t subject = (int64_t)((uint64_t)object->key.pad << 32 | object->key.mech);
	struct fact *fact = event_add_fact(ev, kind, subject, text->data, text->len);

	fact->dev = object->key.a;
	fact->ino = object->key.b;
	fact->id = object->key.c;
	return fact;
}

static void add_message(struct buf *text, const struct message *message)
{
	const struct ipc_key none = { 0 };
	const struct ipc_key *from = message->from ? &message->from->key : &none;
	const int64_t numbers[MESSAGE_NUMBERS] = {
		[NUMBER] = (int64_t)message->number,
		[PID] = message->pid,
		[TID] = message->tid,
		[FD] = message->fd,
		[LEN] = (int64_t)message->len,
		[TAKEN] = (int64_t)message->taken,
		[KIND] = message->kind,
		[FROM_MECH] = (int64_t)((uint64_t)from->pad << 32 | from->mech),
		[FROM_A] = (int64_t)from->a,
		[FROM_B] = (int64_t)from->b,
		[FROM_C] = (int64_t)from->c,
		[ENTER_NS] = (int64_t)message->enter_ns,
		[EXIT_NS] = (int64_t)message->exit_ns,
		[FIRST_NS] = (int64_t)message->first_ns,
		[LAST_PUT_NS] = (int64_t)message->last_ns,
		[BITS] = (message->is_racing ? RACING : 0) | (message->is_doubtful ? DOUBTFUL : 0) |
			 (message->is_any_kind ? ANY_KIND : 0) |
			 (message->is_any_len ? ANY_LEN : 0),
	};

	buf_add(text, numbers, sizeof(numbers));
}

static void tell_ledger(struct event *ev, const struct object *object, const struct ledger *ledger)
{
	const int64_t head[HEAD_NUMBERS] = {
		[LAST_TID] = ledger->last.tid,
		[LAST_NS] = (int64_t)ledger->last.exit_ns,
		[OTHER_TID] = ledger->last_other.tid,
		[OTHER_NS] = (int64_t)ledger->last_other.exit_ns,
	};
	bool is_too_much = ledger->n > MESSAGES_MAX;
	struct buf text = { 0 };
	struct fact *fact;

	buf_add(&text, head, sizeof(head));
	for (unsigned i = 0; i < ledger->n && !is_too_much; i++)
		add_message(&text, ledger_at(ledger, i));
	fact = add_keyed(ev, FACT_LEDGER, object, &text);
	fact->value[0] = ledger->part;
	fact->value[1] = (ledger->has_outsiders ? OUTSIDERS : 0) | (ledger->is_leaky ? LEAKY : 0) |
			 (ledger->is_lost || is_too_much ? LOST : 0);
	fact->value[2] = (int64_t)ledger->debt;
	fact->value[3] = (int64_t)ledger->doubt_ns;
	buf_finish(&text);
}

bool known_is_whole(const struct object *object)
{
	switch ((enum mech)object->key.mech) {
	case MECH_PIPE:
	case MECH_FIFO:
	case MECH_SYSV_MSG:
	case MECH_POSIX_MQ:
		return true;
	default:
		return false;
	}
}

bool known_tell_messages(struct event *ev, const struct object *object)
{
	const struct buf none = { 0 };
	struct fact *fact;

	if (!object->n_messages && !object->n_sends && !object->n_receives && !object->ledgers)
		return false;
	fact = add_keyed(ev, FACT_COUNTERS, object, &none);
	fact->value[0] = (int64_t)object->n_messages;
	fact->value[1] = (int64_t)object->n_sends;
	fact->value[2] = (int64_t)object->n_receives;
	fact->value[3] = (int64_t)object->bytes_sent;
	fact->value[4] = (int64_t)object->bytes_received;
	for (const struct ledger *ledger = known_is_whole(object) ? object->ledgers : NULL; ledger;
	     ledger = ledger->next)
		tell_ledger(ev, object, ledger);
	return true;
}

void known_learn_counters(struct object *object, const struct fact *fact)
{
	object->n_messages = (uint64_t)fact->value[0];
	object->n_sends = (uint64_t)fact->value[1];
	object->n_receives = (uint64_t)fact->value[2];
	object->bytes_sent = (uint64_t)fact->value[3];
	object->bytes_received = (uint64_t)fact->value[4];
}

/* False: what was recorded cannot be a message. */
static bool learn_message(struct model *model, const int64_t *numbers, struct message *ret_message)
{
	struct ipc_key from = { .mech = (uint32_t)numbers[FROM_MECH],
				.pad = (uint32_t)((uint64_t)numbers[FROM_MECH] >> 32),
				.a = (uint64_t)numbers[FROM_A],
				.b = (uint64_t)numbers[FROM_B],
				.c = (uint64_t)numbers[FROM_C] };

	*ret_message = (struct message){ .number = (uint64_t)numbers[NUMBER],
					 .pid = (pid_t)numbers[PID],
					 .tid = (pid_t)numbers[TID],
					 .fd = (int)numbers[FD],
					 .len = (uint64_t)numbers[LEN],
					 .taken = (uint64_t)numbers[TAKEN],
					 .kind = numbers[KIND],
					 .from = from.mech ? model_find_object(model, &from) : NULL,
					 .enter_ns = (uint64_t)numbers[ENTER_NS],
					 .exit_ns = (uint64_t)numbers[EXIT_NS],
					 .first_ns = (uint64_t)numbers[FIRST_NS],
					 .last_ns = (uint64_t)numbers[LAST_PUT_NS],
					 .is_racing = numbers[BITS] & RACING,
					 .is_doubtful = numbers[BITS] & DOUBTFUL,
					 .is_any_kind = numbers[BITS] & ANY_KIND,
					 .is_any_len = numbers[BITS] & ANY_LEN };
	return ret_message->taken <= ret_message->len && (!from.mech || ret_message->from);
}

/* What was in it before, and what comes next, is as it was told. */
static void learn_state(struct ledger *ledger, const struct fact *fact, const int64_t *head)
{
	ledger->has_outsiders = fact->value[1] & OUTSIDERS;
	ledger->is_leaky = fact->value[1] & LEAKY;
	ledger->is_lost = fact->value[1] & LOST;
	ledger->debt = (uint64_t)fact->value[2];
	ledger->doubt_ns = (uint64_t)fact->value[3];
	ledger->last = (struct put){ (pid_t)head[LAST_TID], (uint64_t)head[LAST_NS] };
	ledger->last_other = (struct put){ (pid_t)head[OTHER_TID], (uint64_t)head[OTHER_NS] };
}

void known_learn_ledger(struct model *model, struct object *object, const struct event *ev,
			const struct fact *fact)
{
	const char *text = event_fact_text(ev, fact);
	size_t head_len = HEAD_NUMBERS * sizeof(int64_t), len = MESSAGE_NUMBERS * sizeof(int64_t);
	int64_t head[HEAD_NUMBERS], numbers[MESSAGE_NUMBERS];
	struct ledger *ledger;
	struct message message;

	if (!known_is_whole(object) || fact->value[0] < 0 || fact->value[0] > UINT16_MAX ||
	    fact->text_len < head_len)
		return;
	ledger = ledger_part(object, (unsigned)fact->value[0]);
	ledger_clear(ledger);
	memcpy(head, text, head_len);
	learn_state(ledger, fact, head);
	for (size_t at = head_len; at + len <= fact->text_len; at += len) {
		memcpy(numbers, text + at, len);
		if (ledger->n == MESSAGES_MAX || !learn_message(model, numbers, &message)) {
			ledger_lose(ledger);
			return;
		}
		ledger_append(ledger, &message);
	}
}
