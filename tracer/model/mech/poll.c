/*
 * Waiting for several descriptors at once: poll(2), select(2). They have no object of their own;
 * while they block, all that would block on those descriptors has to be said.
 */
#include "model/mech/poll.h"

#include <poll.h>
#include <string.h>

#include "model/mech/sock.h"
#include "model/mech/state.h"

enum { FIRST_SET = 1, WRITE_SET = 2, SETS_END = 4, ASKED_MAX = 64, SET_BITS = 1024 };

static bool is_listening(const struct object *object)
{
	switch (object->key.mech) {
	case MECH_UNIX:
	case MECH_INET:
	case MECH_SOCKET:
		return object->data && ((const struct sock *)object->data)->is_listening;
	default:
		return false;
	}
}

static unsigned count_holders_but(const struct object *object, const struct process *self)
{
	unsigned n = 0;

	for (const struct holding *h = object->holdings; h; h = h->next)
		n += h->process != self;
	return n;
}

/* Can we tell whose doing makes it ready? Of timers and signals we cannot. */
static bool has_known_parties(const struct mech_call *m, const struct object *object)
{
	switch (object->key.mech) {
	case MECH_PIPE:
	case MECH_FIFO:
	case MECH_UNIX:
	case MECH_INET:
	case MECH_POSIX_MQ:
		return true;
	case MECH_EVENTFD:
		/* One that nobody else has is for signal handlers, or for rings. */
		return count_holders_but(object, m->process) > 0;
	default:
		return false;
	}
}

void poll_wait_for(struct mech_call *m, int fd, struct object *object, enum ipc_op op)
{
	const struct ipc_mech *mech = mech_find((enum mech)object->key.mech);
	unsigned first = m->annotation->n_peers;
	struct mech_call one = *m;

	m->annotation->is_open |= !has_known_parties(m, object);
	if (!mech || !mech->apply || object->key.mech == MECH_EPOLL)
		return;
	if (is_listening(object)) {
		mech_add_peer(m, PEER_WAITS_FOR, UNKNOWN, 0, -1)->text =
			arena_printf(m->arena, "whoever connects to %s", object_short_name(object));
		return;
	}
	one.object = object;
	one.touch = NULL;
	one.handle = (struct handle){ .op = op,
				      .id = fd,
				      .is_fd = true,
				      .fact = m->enter ? event_fact(m->enter, FACT_FD, fd) : NULL };
	mech->apply(&one);
	m->annotation->is_open |= m->annotation->n_peers == first;
	for (unsigned i = first; i < m->annotation->n_peers; i++) {
		struct peer *peer = &m->annotation->peers[i];

		/* Who writes to itself does so in a signal handler. */
		m->annotation->is_open |= peer->pid == m->process->tgid;
		peer->object = object;
		peer->text = peer->text ? arena_printf(m->arena, "%s: %s",
						       object_short_name(object), peer->text)
					: object_short_name(object);
	}
}

static void add_fd(struct mech_call *m, int fd, enum ipc_op op)
{
	struct holding *holding = process_holding(m->process, fd);

	if (holding)
		poll_wait_for(m, fd, holding->object, op);
	else
		m->annotation->is_open = true;
}

static void add_pollfd(struct mech_call *m, const struct value *item)
{
	int64_t events = state_member(item, "events", 0);
	bool is_in = events & (POLLIN | POLLPRI | POLLRDNORM | POLLRDHUP);
	bool is_out = events & (POLLOUT | POLLWRNORM);
	int fd;

	if (item->kind != VALUE_STRUCT || !item->st.n ||
	    item->st.fields[0].value.kind != VALUE_FD) {
		m->annotation->is_open = true;
		return;
	}
	fd = item->st.fields[0].value.fd.fd;
	if (fd < 0)
		return;
	m->annotation->is_open |= (!is_in && !is_out) || (events & POLLPRI);
	if (is_in)
		add_fd(m, fd, OP_RECV);
	else if (is_out)
		add_fd(m, fd, OP_SEND);
	/* Those who can make room for it are not told of. */
	m->annotation->is_open |= is_in && is_out;
}

/* Of an array that was cut, or could not be read, more may be waited for. */
static bool is_whole(const struct value *array)
{
	return array->kind == VALUE_ARRAY && !array->is_cut && !array->array.fault &&
	       array->array.n >= array->array.total;
}

static void add_pollfds(struct mech_call *m, const struct value *fds)
{
	m->annotation->is_open |= !is_whole(fds);
	for (uint32_t i = 0; fds->kind == VALUE_ARRAY && i < fds->array.n; i++)
		add_pollfd(m, &fds->array.items[i]);
}

static void add_set(struct mech_call *m, unsigned arg)
{
	const struct value *set = &m->call->args[arg];

	if (!m->call->raw[arg])
		return;
	m->annotation->is_open |= !is_whole(set) || (arg != FIRST_SET && arg != WRITE_SET);
	for (uint32_t i = 0; set->kind == VALUE_ARRAY && i < set->array.n; i++) {
		if (set->array.items[i].kind == VALUE_FD)
			add_fd(m, set->array.items[i].fd.fd, arg == WRITE_SET ? OP_SEND : OP_RECV);
	}
}

static void apply(struct mech_call *m)
{
	if (m->is_over || m->handle.op != OP_WAIT)
		return;
	if (strstr(m->call->name, "poll")) {
		add_pollfds(m, &m->call->args[0]);
		return;
	}
	for (unsigned i = FIRST_SET; i < SETS_END && i < m->call->n_args; i++)
		add_set(m, i);
}

/* --- questions --- */

void poll_ask_for(const struct mech_ask *ask, int fd, enum ipc_op op)
{
	struct holding *holding = ask->process ? process_holding(ask->process, fd) : NULL;
	const struct ipc_mech *mech =
		holding ? mech_find((enum mech)holding->object->key.mech) : NULL;
	struct mech_ask one = *ask;

	if (!mech || !mech->ask || mech->mech == MECH_EPOLL)
		return;
	one.handle = (struct handle){ .op = op, .id = fd, .is_fd = true };
	one.handle.fact = mem_fact(ask->mem, FACT_FD, fd);
	one.object = holding->object;
	if (one.handle.fact)
		mech->ask(&one);
}

static void ask_pollfds(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	uint64_t n = ev->args[1] < ASKED_MAX ? ev->args[1] : ASKED_MAX;
	struct pollfd fds[ASKED_MAX];
	ssize_t len = mem_read(ask->mem, ev->args[0], fds, n * sizeof(fds[0]));

	for (size_t i = 0; len > 0 && i < (size_t)len / sizeof(fds[0]); i++) {
		if (fds[i].fd >= 0)
			poll_ask_for(ask, fds[i].fd, fds[i].events & POLLIN ? OP_RECV : OP_SEND);
	}
}

static void ask_set(const struct mech_ask *ask, unsigned arg)
{
	const struct event *ev = ask->mem->ev;
	uint64_t n = ev->args[0] < SET_BITS ? ev->args[0] : SET_BITS;
	uint8_t bits[SET_BITS / 8];
	ssize_t len = ev->args[arg] ? mem_read(ask->mem, ev->args[arg], bits, (n + 7) / 8) : 0;

	for (unsigned fd = 0; len > 0 && fd < n && fd / 8 < (size_t)len; fd++) {
		if (bits[fd / 8] >> fd % 8 & 1)
			poll_ask_for(ask, (int)fd, arg == WRITE_SET ? OP_SEND : OP_RECV);
	}
}

/* Only when it has blocked: these calls are made far too often. */
static void ask(const struct mech_ask *ask)
{
	if (ask->is_exit || ask->handle.op != OP_WAIT || !mech_is_late(ask))
		return;
	if (strstr(ask->spec->name, "poll")) {
		ask_pollfds(ask);
		return;
	}
	ask_set(ask, FIRST_SET);
	ask_set(ask, WRITE_SET);
}

const struct ipc_mech mech_poll = {
	.mech = MECH_FD,
	.prefix = "poll",
	.ask = ask,
	.apply = apply,
};
