/* System V message queues. sysvipc(7), ipc/msg.c */
#include <sys/msg.h>

#include "model/mech/details.h"
#include "model/mech/sysv.h"
#include "model/message.h"

enum {
	ARG_LEN = 2,
	ARG_RCV_TYPE = 3,
	LAST_SENDER = 3,
	LAST_RECEIVER = 4,
	ARG_RCV_FLAGS = 4,
};

static struct ledger *messages_of(const struct mech_call *m)
{
	const struct fact *before = mech_before(m, FACT_MSG, m->handle.id);
	bool is_new = !m->object->ledgers;
	struct ledger *ledger = ledger_of(m->object);

	/* What was in a queue that we did not see made we do not know. */
	if (is_new && !m->object->creator)
		ledger->is_lost = !before || before->value[0] || m->handle.op != OP_SEND;
	return ledger;
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
static bool message_type(const struct mech_call *m, int64_t *ret_type)
{
	const struct value *value = &m->call->args[1];

	if (value->kind != VALUE_STRUCT || !value->st.n)
		return false;
	*ret_type = value->st.fields[0].value.i;
	return true;
}

static void begin(const struct mech_call *m, struct flight *flight)
{
	if (flight->is_send)
		message_type(m, &flight->kind);
}

static const char *wanted_type(const struct mech_call *m, int64_t type)
{
	if (type > 0)
		return arena_printf(m->arena, "waits for type %lld", (long long)type);
	if (type < 0)
		return arena_printf(m->arena, "waits for types up to %llu",
				    -(unsigned long long)type);
	return "waits for any type";
}

static void sent(struct mech_call *m)
{
	struct message message = { .len = m->call->raw[ARG_LEN], .fd = -1 };

	m->object->n_sends++;
	m->object->bytes_sent += message.len;
	message_type(m, &message.kind);
	message_put(m, m->object, messages_of(m), &message, true);
	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_RECV)
			mech_add_peer(m, PEER_TO, CERTAIN, w->tgid, -1)->text =
				wanted_type(m, (int64_t)w->raw[ARG_RCV_TYPE]);
	}
	if (!m->annotation->n_peers)
		sysv_add_users(m, OP_RECV, PEER_TO);
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
	uint64_t flags = m->call->raw[ARG_RCV_FLAGS];
	struct message_wanted wanted = { .len = (uint64_t)m->call->ret };
	struct message message;

	m->object->n_receives++;
	m->object->bytes_received += wanted.len;
	messages_of(m);
	wanted.has_kind = message_type(m, &wanted.kind);
	wanted.is_cut = (flags & MSG_NOERROR) && wanted.len == m->call->raw[ARG_LEN];
	if (!(flags & MSG_COPY) && message_receive(m, m->object, &wanted, false, &message)) {
		message_found(m, m->object, &message);
		return;
	}
	if (add_senders(m))
		return;
	if (after && after->value[3])
		mech_add_peer(m, PEER_FROM, INFERRED, (pid_t)after->value[3], -1)->text =
			"the last sender";
	else if (!sysv_add_users(m, OP_SEND, PEER_FROM))
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
	if (any && details_are_wanted(m)) {
		details_add(m, "last_sender", details_pids(m, before, after, LAST_SENDER));
		details_add(m, "last_receiver", details_pids(m, before, after, LAST_RECEIVER));
	}
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
	if (after && (m->handle.op == OP_SEND || m->handle.op == OP_RECV))
		ledger_check(m, m->object, ledger_of(m->object), false, after->value[0]);
}

const struct ipc_mech mech_sysv_msg = {
	.mech = MECH_SYSV_MSG,
	.prefix = "msg",
	.ask = ask,
	.identify = identify,
	.apply = apply,
	.begin = begin,
};
