/*
 * Pipes and FIFOs: a byte stream in a kernel buffer. pipe(7)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "model/message.h"

enum { READ = 0400, WRITE = 0200 };

/* vmsplice(2) takes out of a pipe if it has the end to read from. */
static bool is_reading(const struct call_spec *spec, const struct handle *handle)
{
	return handle->fact && spec->name[0] == 'v' && strcmp(spec->name, "vmsplice") == 0 &&
	       ((unsigned)handle->fact->value[1] & (READ | WRITE)) == READ;
}

static void ask(const struct mech_ask *ask)
{
	if (ask->has_state)
		mem_fact(ask->mem, FACT_PIPE, ask->handle.id);
	if (ask->handle.op == OP_SEND && !is_reading(ask->spec, &ask->handle))
		mech_ask_holders(ask, READ);
	else if (ask->handle.op == OP_SEND || ask->handle.op == OP_RECV)
		mech_ask_holders(ask, WRITE);
}

static bool is_receive(const struct mech_call *m)
{
	return m->handle.op == OP_RECV || is_reading(m->call->spec, &m->handle);
}

static void begin(const struct mech_call *m, struct flight *flight)
{
	if (!is_reading(m->call->spec, &m->handle))
		return;
	flight->is_send = false;
	flight->is_receive = true;
}

static void add_state(struct mech_call *m)
{
	const struct fact *before = mech_before(m, FACT_PIPE, m->handle.id);
	const struct fact *after = mech_after(m, FACT_PIPE, m->handle.id);
	const struct fact *any = after ? after : before;

	mech_add_quantity(m, "", "B", before, after, 0, any ? any->value[1] : -1);
}

static void wrote(struct mech_call *m, uint64_t len)
{
	m->object->n_sends++;
	m->object->bytes_sent += len;
	message_put(m, m->object, ledger_of(m->object),
		    &(struct message){ .len = len, .fd = (int)m->handle.id }, false);
}

static void received(struct mech_call *m, uint64_t len)
{
	m->object->n_receives++;
	m->object->bytes_received += len;
	/* tee(2) leaves in the pipe what it copies. */
	if (message_take(m, m->object, ledger_of(m->object), len, call_is(m->call, "tee")))
		return;
	mech_add_holders(m, m->object, WRITE, PEER_FROM, "its writer is gone");
	message_doubt_peers(m, m->object, WRITE, 0);
}

/* Those who can read what was written; one whose open has not returned yet is among them. */
static void add_readers(struct mech_call *m)
{
	if (mech_add_holders(m, m->object, READ, PEER_TO, NULL))
		return;
	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_OPEN && w->tgid != m->process->tgid)
			mech_add_peer(m, PEER_TO, INFERRED, w->tgid, -1);
	}
	if (!m->annotation->n_peers)
		mech_add_holders(m, m->object, READ, PEER_TO, "nobody reads it");
}

static void blocked(struct mech_call *m)
{
	bool is_send = !is_receive(m);

	mech_add_holders(m, m->object, is_send ? READ : WRITE, PEER_WAITS_FOR,
			 is_send ? "nobody can read it" : "nobody can write to it");
}

/* The rest of a packet that was read in part is lost: not a stream. */
static void created(struct mech_call *m)
{
	if (call_is(m->call, "pipe2") && (m->call->raw[1] & O_DIRECT))
		ledger_of(m->object)->has_outsiders = true;
}

static void check(struct mech_call *m)
{
	const struct fact *after = mech_after(m, FACT_PIPE, m->handle.id);

	if (after && (m->handle.op == OP_SEND || m->handle.op == OP_RECV))
		ledger_check(m, m->object, ledger_of(m->object), true, after->value[0]);
}

static void apply(struct mech_call *m)
{
	uint64_t len = m->is_success && m->call->ret > 0 ? (uint64_t)m->call->ret : 0;

	add_state(m);
	if (!m->is_over) {
		blocked(m);
		return;
	}
	if (is_receive(m)) {
		if (len)
			received(m, len);
		else if (m->is_success && m->touch && m->call->ret == 0)
			m->touch->note = "end of file: no writer is left";
	} else if (m->handle.op == OP_SEND) {
		if (len)
			wrote(m, len);
		if (m->is_success)
			add_readers(m);
		else if (m->call->ret == -EPIPE && m->touch)
			m->touch->note = "no reader is left";
	} else if (m->is_success && m->handle.op == OP_CREATE) {
		created(m);
	}
	check(m);
}

/* What is in it goes when nobody has it open any more. */
static void check_opened(struct mech_call *m)
{
	const struct fact *after = mech_after(m, FACT_PIPE, m->handle.id);
	struct ledger *ledger = ledger_of(m->object);
	const struct holding *holding = m->object->holdings;

	if (after)
		ledger_check(m, m->object, ledger, true, after->value[0]);
	else if (ledger->units && holding && !holding->next)
		ledger_lose(ledger);
}

/* Who was there, or came at the same time, to make the open return. */
static void opened_fifo(struct mech_call *m)
{
	unsigned own = m->handle.fact ? (unsigned)m->handle.fact->value[1] & (READ | WRITE) : 0;
	bool is_read = own == READ;
	enum peer_direction direction = is_read ? PEER_FROM : PEER_TO;

	if (own != READ && own != WRITE)
		return;
	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_OPEN && w->tgid != m->process->tgid)
			mech_add_peer(m, direction, INFERRED, w->tgid, -1);
	}
	if (!m->annotation->n_peers)
		mech_add_holders(m, m->object, is_read ? WRITE : READ, direction, NULL);
}

/* One that was met as a path is not described yet. */
static void set_label(struct mech_call *m)
{
	const struct fact *fact = m->handle.fact;
	struct object *object = m->object;

	if (!fact)
		return;
	if (!object->identity[0])
		snprintf(object->identity, sizeof(object->identity), "inode %llu",
			 (unsigned long long)fact->ino);
	if (!object->label && m->handle.arg == HANDLE_RESULT)
		object_set_label(object, event_fact_text(m->ev, fact), fact->text_len);
}

static void apply_fifo(struct mech_call *m)
{
	set_label(m);
	apply(m);
	if (!m->is_success || m->handle.op != OP_OPEN)
		return;
	opened_fifo(m);
	check_opened(m);
}

static void describe_fifo(struct object *object, const struct fact *fact, const char *text)
{
	(void)fact;
	if (text)
		object_set_label(object, text, strlen(text));
}

const struct ipc_mech mech_pipe = {
	.mech = MECH_PIPE,
	.prefix = "pipe",
	.fd_kinds = 1ull << FD_PIPE,
	.ask = ask,
	.apply = apply,
	.begin = begin,
};

const struct ipc_mech mech_fifo = {
	.mech = MECH_FIFO,
	.prefix = "fifo",
	.fd_kinds = 1ull << FD_FIFO,
	.ask = ask,
	.apply = apply_fifo,
	.begin = begin,
	.describe = describe_fifo,
};
