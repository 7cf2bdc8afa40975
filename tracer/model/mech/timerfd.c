/* Timers that are read as descriptors: nobody is at the other end but time. timerfd_create(2) */
#include "model/mech/details.h"

static void ask(const struct mech_ask *ask)
{
	bool is_read = ask->handle.op == OP_RECV;
	uint64_t number;

	if (ask->has_state && (is_read || ask->handle.op == OP_CONTROL))
		mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
	if (is_read && ask->is_exit)
		mem_read_all(ask->mem, ask->mem->ev->args[1], &number, sizeof(number));
}

/* How long until it expires next, at the stop of ev. */
static const char *next(const struct mech_call *m, const struct event *ev)
{
	struct number left = state_fdinfo_time(ev, m->handle.id, "it_value");
	struct number interval = state_fdinfo_time(ev, m->handle.id, "it_interval");

	if (!left.is_known)
		return NULL;
	if (!left.value)
		return "disarmed";
	if (interval.is_known && interval.value)
		return arena_printf(m->arena, "next in %s, then every %s",
				    state_duration(m, (uint64_t)left.value),
				    state_duration(m, (uint64_t)interval.value));
	return arena_printf(m->arena, "next in %s", state_duration(m, (uint64_t)left.value));
}

/* A timer that is not armed has 0 left. */
static void add_details(struct mech_call *m)
{
	const struct event *after = state_after(m);

	details_add(m, "next_ns",
		    details_change(m, state_fdinfo_time(m->enter, m->handle.id, "it_value"),
				   state_fdinfo_time(after, m->handle.id, "it_value")));
	details_add(m, "interval_ns",
		    details_change(m, state_fdinfo_time(m->enter, m->handle.id, "it_interval"),
				   state_fdinfo_time(after, m->handle.id, "it_interval")));
}

static void apply(struct mech_call *m)
{
	const char *note = next(m, m->is_over ? m->ev : m->enter);
	bool is_read = m->handle.op == OP_RECV;
	struct number ticks = state_fdinfo(m->ev, m->handle.id, "ticks", 10);
	struct number none = { 0 };

	if (details_are_wanted(m))
		add_details(m);
	if (!m->is_over && m->touch)
		m->touch->note = note ? arena_printf(m->arena, "waits for it: %s", note)
				      : "waits for it to expire";
	if (!m->is_over || !m->is_success)
		return;
	if (is_read) {
		m->object->n_receives++;
		state_add(m, "expired", "times", none, state_memory(m->ev, m->call->raw[1]), -1);
	} else if (ticks.value) {
		/* The kernel counts one for many until it is read or asked for. */
		state_add(m, "expired at least", "times", none, ticks, -1);
	}
	if (m->touch)
		m->touch->note = note;
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)fact;
	(void)text;
	/* The inode is that of all anonymous files. */
	object->identity[0] = '\0';
}

const struct ipc_mech mech_timerfd = {
	.mech = MECH_TIMERFD,
	.prefix = "timerfd",
	.fd_kinds = 1ull << FD_TIMERFD,
	.ask = ask,
	.apply = apply,
	.describe = describe,
};
