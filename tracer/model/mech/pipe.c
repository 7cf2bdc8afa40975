/*
 * Pipes and FIFOs: a byte stream in a kernel buffer. pipe(7)
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "model/mech/stream.h"

enum { READ = 0400, WRITE = 0200 };

static void ask(const struct mech_ask *ask)
{
	if (ask->has_state)
		mem_fact(ask->mem, FACT_PIPE, ask->handle.id);
	if (ask->handle.op == OP_SEND)
		mech_ask_holders(ask, READ);
	else if (ask->handle.op == OP_RECV)
		mech_ask_holders(ask, WRITE);
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
	stream_put(m, m->object, (int)m->handle.id, len);
}

static void received(struct mech_call *m, uint64_t len)
{
	m->object->n_receives++;
	m->object->bytes_received += len;
	/* tee(2) leaves in the pipe what it copies. */
	if (stream_take(m, m->object, len, strcmp(m->call->spec->name, "tee") == 0))
		return;
	mech_add_holders(m, m->object, WRITE, PEER_FROM, "its writer is gone");
	stream_doubt(m, m->object, WRITE, 0);
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
	bool is_send = m->handle.op == OP_SEND;

	mech_add_holders(m, m->object, is_send ? READ : WRITE, PEER_WAITS_FOR,
			 is_send ? "nobody can read it" : "nobody can write to it");
}

static void apply(struct mech_call *m)
{
	uint64_t len = m->is_success && m->call->ret > 0 ? (uint64_t)m->call->ret : 0;

	add_state(m);
	if (!m->is_over) {
		blocked(m);
		return;
	}
	switch (m->handle.op) {
	case OP_SEND:
		if (len)
			wrote(m, len);
		if (m->is_success)
			add_readers(m);
		else if (m->call->ret == -32 && m->touch)
			m->touch->note = "no reader is left";
		break;
	case OP_RECV:
		if (len)
			received(m, len);
		else if (m->is_success && m->touch && m->call->ret == 0)
			m->touch->note = "end of file: no writer is left";
		break;
	default:
		break;
	}
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
	if (m->is_success && m->handle.op == OP_OPEN)
		opened_fifo(m);
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
};

const struct ipc_mech mech_fifo = {
	.mech = MECH_FIFO,
	.prefix = "fifo",
	.fd_kinds = 1ull << FD_FIFO,
	.ask = ask,
	.apply = apply_fifo,
	.describe = describe_fifo,
};
