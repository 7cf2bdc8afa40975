/*
 * Waiting for several descriptors at once: poll(2), select(2). They have no object of their own;
 * while they block, all that would block on those descriptors has to be said.
 */
#include "model/mech/poll.h"

#include <poll.h>
#include <string.h>

#include "model/mech/sock.h"
#include "model/mech/state.h"

enum { FIRST_SET = 1, WRITE_SET = 2, SETS_END = 4 };

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

void poll_wait_for(struct mech_call *m, int fd, struct object *object, enum ipc_op op)
{
	const struct ipc_mech *mech = mech_find((enum mech)object->key.mech);
	unsigned first = m->annotation->n_peers;
	struct mech_call one = *m;

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
	for (unsigned i = first; i < m->annotation->n_peers; i++) {
		struct peer *peer = &m->annotation->peers[i];

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
}

static void add_pollfds(struct mech_call *m, const struct value *fds)
{
	for (uint32_t i = 0; fds->kind == VALUE_ARRAY && i < fds->array.n; i++) {
		const struct value *item = &fds->array.items[i];
		int64_t events = state_member(item, "events", 0);

		if (item->kind != VALUE_STRUCT || !item->st.n ||
		    item->st.fields[0].value.kind != VALUE_FD)
			continue;
		if (events & (POLLIN | POLLPRI | POLLRDNORM | POLLRDHUP))
			add_fd(m, item->st.fields[0].value.fd.fd, OP_RECV);
		else if (events & (POLLOUT | POLLWRNORM))
			add_fd(m, item->st.fields[0].value.fd.fd, OP_SEND);
	}
}

static void add_set(struct mech_call *m, const struct value *set, enum ipc_op op)
{
	for (uint32_t i = 0; set->kind == VALUE_ARRAY && i < set->array.n; i++) {
		if (set->array.items[i].kind == VALUE_FD)
			add_fd(m, set->array.items[i].fd.fd, op);
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
		add_set(m, &m->call->args[i], i == WRITE_SET ? OP_SEND : OP_RECV);
}

const struct ipc_mech mech_poll = {
	.mech = MECH_FD,
	.prefix = "poll",
	.apply = apply,
};
