/* System V message queues. sysvipc(7), ipc/msg.c */
#include <stdlib.h>
#include <sys/msg.h>

#include "model/mech.h"
#include "model/mech/sysv.h"

enum { LEDGER_MAX = 4096, OWED_MAX = 64, ARG_RCV_TYPE = 3, LAST_SENDER = 3, LAST_RECEIVER = 4 };

/* Messages that are in the queue, by who sent them, oldest first. */
struct message {
	pid_t pid;
	int64_t type;
	uint64_t enter_ns, exit_ns; /* of the call that sent it */
};

struct ledger {
	struct message messages[LEDGER_MAX];
	unsigned n;
	/* Types of messages that were received before their sending was seen to be over. */
	int64_t owed[OWED_MAX];
	unsigned n_owed;
	uint64_t doubt_ns; /* who sent what was sent before is not certain */
	bool is_inexact;
};

static struct ledger *ledger_of(const struct mech_call *m)
{
	const struct fact *before = mech_before(m, FACT_MSG, m->handle.id);
	struct object *object = m->object;

	if (!object->data) {
		object->data = calloc(1, sizeof(struct ledger));
		if (!object->data)
			abort();
		/* What was in a queue that we did not see made we do not know. */
		((struct ledger *)object->data)->is_inexact =
			(object->is_older || !object->creator) &&
			!(before && !before->value[0] && m->handle.op == OP_SEND);
	}
	return object->data;
}

static void ask(const struct mech_ask *ask)
{
	const struct fact *fact;
	pid_t last;

	if (!ask->has_state)
		return;
	sysv_ask(ask, FACT_MSG);
	fact = event_fact(ask->mem->ev, FACT_MSG, (int32_t)ask->handle.id);
	if (!fact || !ask->has_peers || !mech_is_late(ask))
		return;
	last = (pid_t)fact->value[ask->handle.op == OP_RECV ? LAST_SENDER : LAST_RECEIVER];
	if (last > 0)
		mem_fact(ask->mem, FACT_PROCESS, last);
}

/* Who was the last at the other end; one that has ended is of no use. */
static void add_last(struct mech_call *m)
{
	const struct event *ev;
	const struct fact *fact = mech_latest(m, FACT_MSG, m->handle.id, &ev), *found;
	pid_t pid = fact ? (pid_t)fact->value[m->handle.op == OP_RECV ? LAST_SENDER : LAST_RECEIVER]
			 : 0;

	found = pid > 0 ? event_fact(ev, FACT_PROCESS, pid) : NULL;
	if (pid > 0 && pid != m->process->tgid && !(found && !found->value[0]))
		mech_add_peer(m, PEER_WAITS_FOR, INFERRED, pid, -1);
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	return sysv_identify(m, MECH_SYSV_MSG, ret_key);
}

/* The type of the message that the call sent or got, from its decoded struct msgbuf. */
static int64_t message_type(const struct mech_call *m)
{
	const struct value *value = &m->call->args[1];

	return value->kind == VALUE_STRUCT && value->st.n ? value->st.fields[0].value.i : 0;
}

static const char *wanted_type(const struct mech_call *m, int64_t type)
{
	if (type > 0)
		return arena_printf(m->arena, "waits for type %lld", (long long)type);
	if (type < 0)
		return arena_printf(m->arena, "waits for types up to %lld", -(long long)type);
	return "waits for any type";
}

/* Was the message that is being noted received already? */
static bool pay(struct ledger *ledger, int64_t type)
{
	for (unsigned i = 0; i < ledger->n_owed; i++) {
		if (ledger->owed[i] == type) {
			ledger->owed[i] = ledger->owed[--ledger->n_owed];
			return true;
		}
	}
	return false;
}

static void owe(struct ledger *ledger, int64_t type)
{
	if (ledger->n_owed == OWED_MAX)
		ledger->is_inexact = true;
	else
		ledger->owed[ledger->n_owed++] = type;
}

static void sent(struct mech_call *m)
{
	struct ledger *ledger = ledger_of(m);
	int64_t type = message_type(m);

	m->object->n_sends++;
	m->object->bytes_sent += m->call->raw[2];
	if (ledger->n == LEDGER_MAX)
		ledger->is_inexact = true;
	else if (!pay(ledger, type))
		ledger->messages[ledger->n++] =
			(struct message){ m->process->tgid, type, m->call->enter_ns,
					  m->call->exit_ns };
	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_RECV)
			mech_add_peer(m, PEER_TO, CERTAIN, w->tgid, -1)->text =
				wanted_type(m, (int64_t)w->raw[ARG_RCV_TYPE]);
	}
	if (!m->annotation->n_peers)
		sysv_add_users(m, OP_RECV, PEER_TO);
}

/* Is there another of its type that somebody else may have sent before it? */
static bool is_racing(const struct ledger *ledger, unsigned first)
{
	const struct message *taken = &ledger->messages[first];

	for (unsigned i = first + 1; i < ledger->n; i++) {
		const struct message *other = &ledger->messages[i];

		if (other->type == taken->type && other->pid != taken->pid &&
		    other->enter_ns < taken->exit_ns)
			return true;
	}
	return taken->enter_ns < ledger->doubt_ns;
}

/*
 * The sender of the message just received: the oldest of its type, unless sends overlapped.
 */
static bool take(struct ledger *ledger, int64_t type, pid_t *ret_pid, bool *ret_is_certain)
{
	for (unsigned i = 0; i < ledger->n; i++) {
		if (ledger->messages[i].type != type)
			continue;
		*ret_pid = ledger->messages[i].pid;
		*ret_is_certain = !ledger->is_inexact && !is_racing(ledger, i);
		/* The one it raced with is as doubtful when its turn comes. */
		if (!*ret_is_certain && ledger->doubt_ns < ledger->messages[i].exit_ns)
			ledger->doubt_ns = ledger->messages[i].exit_ns;
		for (unsigned j = i + 1; j < ledger->n; j++)
			ledger->messages[j - 1] = ledger->messages[j];
		ledger->n--;
		return true;
	}
	return false;
}

/* Those who are in the middle of sending: it must be from one of them. */
static unsigned add_senders(struct mech_call *m)
{
	unsigned n = 0;

	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_SEND && w->tgid != m->process->tgid) {
			mech_add_peer(m, PEER_FROM, INFERRED, w->tgid, -1);
			n++;
		}
	}
	return n;
}

static void received(struct mech_call *m)
{
	const struct fact *after = mech_after(m, FACT_MSG, m->handle.id);
	struct ledger *ledger = ledger_of(m);
	int64_t type = message_type(m);
	bool is_certain;
	pid_t pid;

	m->object->n_receives++;
	m->object->bytes_received += (uint64_t)m->call->ret;
	if (take(ledger, type, &pid, &is_certain)) {
		mech_add_peer(m, PEER_FROM, is_certain ? CERTAIN : INFERRED, pid, -1);
		return;
	}
	if (!ledger->is_inexact)
		owe(ledger, type);
	if (add_senders(m))
		return;
	if (after && after->value[3])
		mech_add_peer(m, PEER_FROM, INFERRED, (pid_t)after->value[3], -1)->text =
			"the last sender";
	else
		mech_add_peer(m, PEER_FROM, UNKNOWN, 0, -1)->text = "sent before we looked";
}

static void blocked(struct mech_call *m)
{
	if (m->handle.op == OP_RECV && m->touch)
		m->touch->note = wanted_type(m, (int64_t)m->call->raw[ARG_RCV_TYPE]);
	if (m->handle.op == OP_SEND && m->touch)
		m->touch->note = "full: waits for space";
	if (!sysv_add_users(m, m->handle.op == OP_RECV ? OP_SEND : OP_RECV, PEER_WAITS_FOR))
		add_last(m);
}

static void apply(struct mech_call *m)
{
	const struct fact *before = mech_before(m, FACT_MSG, m->handle.id);
	const struct fact *after = mech_after(m, FACT_MSG, sysv_id(m));
	const struct fact *any = after ? after : before;

	if (!m->object)
		return;
	sysv_set_label(m->object, any);
	mech_add_quantity(m, "", "msgs", before, after, 0, -1);
	mech_add_quantity(m, "", "B", before, after, 1, any ? any->value[2] : -1);
	if (!m->is_over)
		blocked(m);
	else if (sysv_is_gone(m))
		return;
	else if (m->is_success && m->handle.op == OP_SEND)
		sent(m);
	else if (m->is_success && m->handle.op == OP_RECV)
		received(m);
	else if (m->is_success && m->handle.op == OP_REMOVE)
		sysv_removed(m);
}

const struct ipc_mech mech_sysv_msg = {
	.mech = MECH_SYSV_MSG,
	.prefix = "msg",
	.ask = ask,
	.identify = identify,
	.apply = apply,
};
