/* Netlink sockets: messages to and from the kernel, seldom to each other. netlink(7) */
#include <string.h>

#include "model/mech/sock.h"

static void ask(const struct mech_ask *ask)
{
	bool is_transfer = ask->handle.op == OP_SEND || ask->handle.op == OP_RECV;

	/* The port that it has is known after its first use; there is no number of bytes. */
	if (!is_transfer || (ask->is_exit && !(ask->object && ask->object->label)))
		sock_ask(ask);
}

static void add_party(struct mech_call *m, const char *port, enum peer_direction direction)
{
	struct object *other = port ? sock_at(m, port) : NULL;

	if (!port || strcmp(port, "0") == 0)
		mech_add_peer(m, direction, CERTAIN, 0, -1)->comm = "kernel";
	else if (other)
		mech_add_holders(m, other, SOCK_ACCESS, direction, NULL);
	else
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text =
			arena_printf(m->arena, "whoever has port %s", port);
}

static void transferred(struct mech_call *m, enum peer_direction direction)
{
	struct sock_message messages[SOCK_MESSAGES_MAX];
	bool is_cut, is_send = direction == PEER_TO;
	unsigned n = sock_messages(m, messages, &is_cut);

	for (unsigned i = 0; i < n; i++) {
		m->object->n_sends += is_send;
		m->object->bytes_sent += is_send ? messages[i].len : 0;
		m->object->n_receives += !is_send;
		m->object->bytes_received += is_send ? 0 : messages[i].len;
		if (!i)
			add_party(m, messages[i].address, direction);
	}
}

static void apply(struct mech_call *m)
{
	bool is_transfer = m->handle.op == OP_SEND || m->handle.op == OP_RECV;

	if (!m->object)
		return;
	if (!is_transfer || !m->is_over) {
		sock_apply(m);
		return;
	}
	sock_learn(m);
	if (m->is_success)
		transferred(m, m->handle.op == OP_SEND ? PEER_TO : PEER_FROM);
}

const struct ipc_mech mech_netlink = {
	.mech = MECH_NETLINK,
	.prefix = "netlink",
	.fd_kinds = 1ull << FD_NETLINK,
	.ask = ask,
	.apply = apply,
	.begin = sock_begin,
	.describe = sock_describe,
	.refer = sock_refer,
};
