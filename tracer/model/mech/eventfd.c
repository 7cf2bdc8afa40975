/*
 * Event counters: writes add, a read takes all, or one of a semaphore. eventfd(2)
 * What was added is a stream of units, so that a reader is told whose it took.
 */
#include <stdio.h>
#include <string.h>

#include "model/mech/details.h"
#include "model/message.h"

enum { READ = 0400, WRITE = 0200, ARG_INITIAL = 0, ARG_BUFFER = 1 };

static bool is_plain(const struct call_spec *spec)
{
	return strcmp(spec->name, "read") == 0 || strcmp(spec->name, "write") == 0;
}

static void ask(const struct mech_ask *ask)
{
	bool is_send = ask->handle.op == OP_SEND;
	uint64_t number;

	if (!is_send && ask->handle.op != OP_RECV && ask->handle.op != OP_CREATE)
		return;
	if (ask->has_state)
		mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
	/* The number itself, however short strings are kept. */
	if (is_plain(ask->spec) && is_send != ask->is_exit)
		mem_read_all(ask->mem, ask->mem->ev->args[ARG_BUFFER], &number, sizeof(number));
}

static struct number count(const struct mech_call *m, const struct event *ev)
{
	return state_fdinfo(ev, m->handle.id, "eventfd-count", 16);
}

static bool is_semaphore(const struct mech_call *m)
{
	struct number flag = state_fdinfo(m->ev, m->handle.id, "eventfd-semaphore", 10);

	if (!flag.is_known)
		flag = state_fdinfo(m->enter, m->handle.id, "eventfd-semaphore", 10);
	return flag.value;
}

/* What the call has put in or taken out; 0 if it cannot be told. */
static uint64_t amount(const struct mech_call *m, const struct event *ev)
{
	if (!is_plain(m->call->spec))
		return 0;
	return (uint64_t)state_memory(ev, m->call->raw[ARG_BUFFER]).value;
}

static void begin(const struct mech_call *m, struct flight *flight)
{
	uint64_t n = flight->is_send ? amount(m, m->enter) : 0;

	flight->len_max = n ? n : UINT64_MAX;
}

static void check(struct mech_call *m)
{
	struct number after = count(m, m->ev);

	if (after.is_known)
		ledger_check(m, m->object, ledger_of(m->object), true, after.value);
}

static void created(struct mech_call *m)
{
	uint64_t initial = (uint32_t)m->call->raw[ARG_INITIAL];

	if (initial)
		message_put(m, m->object, ledger_of(m->object),
			    &(struct message){ .len = initial, .fd = -1 }, false);
}

static void sent(struct mech_call *m)
{
	uint64_t n = amount(m, m->enter);

	m->object->n_sends++;
	if (n)
		message_put(m, m->object, ledger_of(m->object),
			    &(struct message){ .len = n, .fd = (int)m->handle.id }, false);
	else if (!is_plain(m->call->spec))
		ledger_lose(ledger_of(m->object));
	mech_add_holders(m, m->object, READ, PEER_TO, "nobody else has it");
}

static void received(struct mech_call *m)
{
	uint64_t n = amount(m, m->ev);

	m->object->n_receives++;
	if (!n)
		ledger_lose(ledger_of(m->object));
	if (message_take(m, m->object, ledger_of(m->object), n, false))
		return;
	mech_add_holders(m, m->object, WRITE, PEER_FROM, "who wrote to it is gone");
	state_doubt(m, 0);
}

static void blocked(struct mech_call *m)
{
	bool is_send = m->handle.op == OP_SEND;

	if (!is_send && m->handle.op != OP_RECV)
		return;
	if (m->touch)
		m->touch->note = is_send ? "full: waits for a read" : "waits for a write";
	mech_add_holders(m, m->object, is_send ? READ : WRITE, PEER_WAITS_FOR,
			 "nobody else has it");
}

static void apply(struct mech_call *m)
{
	state_add(m, "count", "", count(m, m->enter), count(m, state_after(m)), -1);
	if (m->touch && m->touch->n_quantities)
		m->touch->quantities[m->touch->n_quantities - 1].is_unsigned = true;
	if (m->touch && m->touch->n_quantities && details_are_wanted(m))
		details_add(m, "semaphore", details_flag(is_semaphore(m)));
	if (!m->is_over) {
		blocked(m);
		return;
	}
	if (!m->is_success)
		return;
	if (m->handle.op == OP_CREATE)
		created(m);
	else if (m->handle.op == OP_SEND)
		sent(m);
	else if (m->handle.op == OP_RECV)
		received(m);
	if (m->handle.op == OP_SEND || m->handle.op == OP_RECV)
		check(m);
	if (m->touch && m->touch->is_new && is_semaphore(m))
		m->touch->note = "a semaphore";
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)text;
	snprintf(object->identity, sizeof(object->identity), "id %llu",
		 (unsigned long long)fact->id);
}

const struct ipc_mech mech_eventfd = {
	.mech = MECH_EVENTFD,
	.prefix = "eventfd",
	.fd_kinds = 1ull << FD_EVENTFD,
	.ask = ask,
	.apply = apply,
	.begin = begin,
	.describe = describe,
};
