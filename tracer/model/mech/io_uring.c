/*
 * Rings of operations. What they do is no call and not seen; how many are asked for and done is.
 * io_uring(7)
 */
#include <stdio.h>

#include "model/mech/state.h"

static void ask(const struct mech_ask *ask)
{
	if (ask->has_state && ask->handle.op != OP_CLOSE && ask->handle.op != OP_DUP)
		mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
}

/* Entries between head and tail of one of the rings, both 32-bit counters. */
static struct number filled(const struct mech_call *m, const struct event *ev, const char *head,
			    const char *tail)
{
	struct number first = state_fdinfo(ev, m->handle.id, head, 0);
	struct number last = state_fdinfo(ev, m->handle.id, tail, 0);

	if (!first.is_known || !last.is_known)
		return (struct number){ 0 };
	return (struct number){ true, (uint32_t)last.value - (uint32_t)first.value };
}

static int64_t limit(const struct mech_call *m, const char *mask)
{
	struct number number = state_fdinfo(m->ev, m->handle.id, mask, 0);

	if (!number.is_known)
		number = state_fdinfo(m->enter, m->handle.id, mask, 0);
	return number.is_known ? number.value + 1 : -1;
}

static void apply(struct mech_call *m)
{
	const struct event *after = state_after(m);

	/* What it reads and writes is no call. */
	model_note_unseen_messages(m->model);
	state_add(m, "to submit", "", filled(m, m->enter, "SqHead", "SqTail"),
		  filled(m, after, "SqHead", "SqTail"), limit(m, "SqMask"));
	state_add(m, "completed", "", filled(m, m->enter, "CqHead", "CqTail"),
		  filled(m, after, "CqHead", "CqTail"), limit(m, "CqMask"));
	if (!m->is_over && m->touch)
		m->touch->note = "waits for completions";
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)text;
	snprintf(object->identity, sizeof(object->identity), "inode %llu",
		 (unsigned long long)fact->ino);
}

const struct ipc_mech mech_io_uring = {
	.mech = MECH_IO_URING,
	.prefix = "io_uring",
	.fd_kinds = 1ull << FD_IO_URING,
	.ask = ask,
	.apply = apply,
	.describe = describe,
};
