/*
 * POSIX message queues: the oldest message of the highest priority comes first. mq_overview(7)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "model/mech/state.h"
#include "model/message.h"

enum { READ = 0400, WRITE = 0200, ARG_FLAGS = 1, ARG_LEN = 2, ARG_PRIORITY = 3 };

struct queue {
	pid_t notify; /* who is to be told of the next message; 0 = nobody known */
};

static struct queue *queue_of(struct object *object)
{
	return state_data(object, sizeof(struct queue));
}

/* One that was opened by its name may have been there before. */
static struct ledger *messages_of(struct object *object)
{
	bool is_new = !object->ledgers;
	struct ledger *ledger = ledger_of(object);

	if (is_new && !object->creator)
		ledger->has_outsiders = ledger->is_lost = true;
	return ledger;
}

static bool is_by_name(enum ipc_op op)
{
	return op == OP_CREATE || op == OP_OPEN || op == OP_REMOVE;
}

static void ask(const struct mech_ask *ask)
{
	bool is_send = ask->handle.op == OP_SEND;
	uint32_t priority;

	if (is_by_name(ask->handle.op) && !ask->is_exit)
		mem_fact(ask->mem, FACT_MQ_NAME, 0);
	if (!ask->handle.is_fd)
		return;
	if (ask->has_state)
		mem_fact(ask->mem, FACT_MQ, ask->handle.id);
	if (is_send || ask->handle.op == OP_RECV)
		mech_ask_holders(ask, is_send ? READ : WRITE);
	if (ask->handle.op == OP_RECV && ask->is_exit && ask->mem->ev->args[ARG_PRIORITY])
		mem_read_all(ask->mem, ask->mem->ev->args[ARG_PRIORITY], &priority,
			     sizeof(priority));
}

/* Only mq_unlink and failed opens have a handle that is no descriptor. */
static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	const struct fact *fact = m->enter ? event_fact(m->enter, FACT_MQ_NAME, 0) : NULL;

	if (!fact || fact->value[0] < 0)
		return false;
	*ret_key = (struct ipc_key){ .mech = MECH_POSIX_MQ, .a = fact->dev, .b = fact->ino };
	return true;
}

static void add_state(struct mech_call *m)
{
	struct number limit = state_fact(m->ev, FACT_MQ, m->handle.id, 1);

	if (!limit.is_known)
		limit = state_fact(m->enter, FACT_MQ, m->handle.id, 1);
	state_add(m, "", "msgs", state_fact(m->enter, FACT_MQ, m->handle.id, 0),
		  state_fact(state_after(m), FACT_MQ, m->handle.id, 0),
		  limit.is_known ? limit.value : -1);
}

/* What it made or found, from what the name meant at the entry. */
static void opened(struct mech_call *m)
{
	const struct fact *before = m->enter ? event_fact(m->enter, FACT_MQ_NAME, 0) : NULL;
	bool is_exclusive = (m->call->raw[ARG_FLAGS] & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	bool is_made = is_exclusive || (before && before->value[0] == -ENOENT &&
					(m->call->raw[ARG_FLAGS] & O_CREAT));

	if (!is_made) {
		if (m->touch->is_created)
			m->object->creator = 0;
		m->touch->is_created = false;
		return;
	}
	m->object->creator = m->process->tgid;
	m->touch->is_created = true;
}

static void check(struct mech_call *m)
{
	struct number after = state_fact(m->ev, FACT_MQ, m->handle.id, 0);

	if (after.is_known)
		ledger_check(m, m->object, messages_of(m->object), false, after.value);
}

static void begin(const struct mech_call *m, struct flight *flight)
{
	if (flight->is_send)
		flight->kind = (uint32_t)m->call->raw[ARG_PRIORITY];
}

static bool add_waiters(struct mech_call *m, enum ipc_op op, enum certainty certainty,
			enum peer_direction direction)
{
	unsigned n = 0;

	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op != op || w->tid == m->call->tid)
			continue;
		mech_add_peer(m, direction, certainty, w->tgid, (int)(int32_t)w->raw[0]);
		n++;
	}
	return n;
}

static void sent(struct mech_call *m)
{
	struct queue *queue = queue_of(m->object);
	struct message message = { .fd = (int)m->handle.id,
				   .kind = (uint32_t)m->call->raw[ARG_PRIORITY],
				   .len = m->call->raw[ARG_LEN] };
	struct number before = state_fact(m->enter, FACT_MQ, m->handle.id, 0);
	struct peer *peer;

	m->object->n_sends++;
	m->object->bytes_sent += message.len;
	message_put(m, m->object, messages_of(m->object), &message, true);
	check(m);
	if (!add_waiters(m, OP_RECV, CERTAIN, PEER_TO)) {
		mech_add_holders(m, m->object, READ, PEER_TO, "nobody has it open to receive");
		/* Told once, when a message comes into the empty queue and nobody waits. */
		if (queue->notify && before.is_known && before.value == 0) {
			peer = mech_add_peer(m, PEER_TO, INFERRED, queue->notify, -1);
			peer->text = "is notified, as mq_notify asked";
			queue->notify = 0;
		}
	}
}

static struct number priority_of(const struct mech_call *m)
{
	struct mem mem = { .ev = (struct event *)m->ev };
	uint32_t priority;

	if (!m->call->raw[ARG_PRIORITY] ||
	    mem_read_all(&mem, m->call->raw[ARG_PRIORITY], &priority, sizeof(priority)) < 0)
		return (struct number){ 0 };
	return (struct number){ true, priority };
}

static void received(struct mech_call *m)
{
	struct number priority = priority_of(m);
	struct message_wanted wanted = { .len = (uint64_t)m->call->ret,
					 .has_kind = priority.is_known,
					 .kind = priority.value,
					 .is_by_rank = true };
	struct message message;

	m->object->n_receives++;
	m->object->bytes_received += wanted.len;
	messages_of(m->object);
	if (message_receive(m, m->object, &wanted, false, &message)) {
		check(m);
		message_found(m, m->object, &message);
		return;
	}
	check(m);
	if (add_waiters(m, OP_SEND, INFERRED, PEER_FROM))
		return;
	mech_add_holders(m, m->object, WRITE, PEER_FROM, "sent before we looked");
	state_doubt(m, 0);
}

static void blocked(struct mech_call *m)
{
	bool is_send = m->handle.op == OP_SEND;

	if (!is_send && m->handle.op != OP_RECV)
		return;
	if (m->touch)
		m->touch->note = is_send ? "full: waits for space" : "waits for a message";
	mech_add_holders(m, m->object, is_send ? READ : WRITE, PEER_WAITS_FOR,
			 is_send ? "nobody has it open to receive" : "nobody has it open to send");
}

/* mq_notify(fd, NULL) takes the registration back. */
static void registered(struct mech_call *m)
{
	bool is_on = m->call->raw[1] != 0;

	if (strcmp(m->call->name, "mq_notify") != 0)
		return;
	queue_of(m->object)->notify = is_on ? m->process->tgid : 0;
	if (m->touch)
		m->touch->note = is_on ? "it is told of the next message" : "no longer told";
}

static void removed(struct mech_call *m)
{
	unsigned n = 0;

	for (const struct holding *h = m->object->holdings; h; h = h->next)
		n++;
	if (m->touch)
		m->touch->note = n ? "name removed; goes when the last one closes it" : "removed";
	if (!n)
		model_retire_object(m->model, m->object);
}

static void set_label(struct mech_call *m)
{
	const struct value *name = &m->call->args[0];

	if (m->object->label || !is_by_name(m->handle.op) || name->kind != VALUE_BYTES)
		return;
	object_set_label(m->object,
			 arena_printf(m->arena, "/%.*s", (int)name->bytes.len, name->bytes.data),
			 name->bytes.len + 1);
}

static void apply(struct mech_call *m)
{
	if (!m->object)
		return;
	set_label(m);
	if (!m->is_over) {
		add_state(m);
		blocked(m);
		return;
	}
	if (m->handle.is_fd)
		add_state(m);
	if (!m->is_success)
		return;
	if (m->handle.op == OP_SEND)
		sent(m);
	else if (m->handle.op == OP_RECV)
		received(m);
	else if (m->handle.op == OP_CONTROL)
		registered(m);
	else if (m->handle.op == OP_REMOVE)
		removed(m);
	else if (m->touch && m->handle.arg == HANDLE_RESULT)
		opened(m);
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	if (text && *text)
		object_set_label(object, text, strlen(text));
	if (!fact)
		snprintf(object->identity, sizeof(object->identity), "inode %llu",
			 (unsigned long long)object->key.b);
}

const struct ipc_mech mech_posix_mq = {
	.mech = MECH_POSIX_MQ,
	.prefix = "mq",
	.fd_kinds = 1ull << FD_MQUEUE,
	.ask = ask,
	.identify = identify,
	.apply = apply,
	.begin = begin,
	.describe = describe,
};
