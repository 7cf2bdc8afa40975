/* What makes and ends connections. socket(7), accept(2), connect(2) */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/mech/sock.h"

enum { TO_READ = 0, PENDING = 4, BACKLOG = 5 };

static void note_text(struct mech_call *m, const char *format, const char *text)
{
	char note[SOCK_NAME_MAX + 64];

	snprintf(note, sizeof(note), format, text);
	sock_note(m, arena_copy(m->arena, note, strlen(note)));
}

static void created(struct mech_call *m)
{
	for (unsigned i = 0; i < m->annotation->n_touches; i++) {
		struct touch *touch = &m->annotation->touches[i];
		/* The touch is this very call's: its object is ours to change. */
		struct object *first = (struct object *)touch->object;

		if (first == m->object || first->key.mech != m->object->key.mech)
			continue;
		sock_pair(first, m->object);
		touch->note = arena_printf(m->arena, "other end %s", object_short_name(m->object));
		sock_note(m, arena_printf(m->arena, "other end %s", object_short_name(first)));
	}
}

static void bound(struct mech_call *m)
{
	const struct sock *sock = sock_of(m->object);

	if (!sock->own[0])
		sock_set_name(m, sock_address(m->arena, &m->call->args[1]));
	else
		sock_set_name(m, sock->own);
	if (sock->own[0] && m->touch && !m->touch->is_new)
		sock_note(m, sock->own);
}

static void listens(struct mech_call *m)
{
	const struct fact *after = sock_after(m);
	struct sock *sock = sock_of(m->object);

	sock->is_listening = true;
	sock->backlog = (int)m->call->raw[1];
	sock_set_name(m, sock->own);
	if (after)
		sock_quantity(m, "pending", "", PENDING, after->value[BACKLOG]);
}

static void accepted(struct mech_call *m)
{
	struct sock *sock = sock_of(m->object);

	if (m->handle.arg != HANDLE_RESULT) {
		const struct fact *fact = sock_before(m);

		if (!fact)
			fact = sock_after(m);
		sock_quantity(m, "pending", "", PENDING, fact ? fact->value[BACKLOG] : -1);
		return;
	}
	/* Its other end may have made it known before we did. */
	m->object->is_older = false;
	m->object->creator = m->process->tgid;
	if (m->touch)
		m->touch->is_created = true;
	if (sock->peer)
		sock_note(m, arena_printf(m->arena, "other end %s", object_short_name(sock->peer)));
	sock_add_peers(m, sock->peer, PEER_FROM);
}

/* AF_UNSPEC takes a connection of datagrams back. */
static void connected(struct mech_call *m)
{
	const char *address = sock_address(m->arena, &m->call->args[1]);
	const struct fact *fact = sock_after(m);
	unsigned first = m->annotation->n_peers;
	struct sock *sock = sock_of(m->object);
	bool is_named;

	if (!address && m->object->key.mech == MECH_UNIX) {
		sock->peer = NULL;
		sock->other[0] = '\0';
		return;
	}
	if (address && !sock->other[0])
		sock_copy_name(sock->other, address, strlen(address));
	sock_set_label(m);
	if (m->touch && !m->touch->is_new && m->object->label)
		sock_note(m, arena_printf(m->arena, "%s", m->object->label));
	is_named = !sock_is_connection(sock) && (!fact || !fact->id);
	/* By its name alone: the kernel may not agree. */
	if (is_named && !sock->peer)
		sock->peer = sock_at(m, sock->other);
	sock_add_peers(m, sock->peer, PEER_TO);
	if (is_named)
		sock_infer_peers(m, first, NULL);
}

void sock_not_connected(struct mech_call *m)
{
	const char *address = sock_address(m->arena, &m->call->args[1]);

	if (!address)
		return;
	switch (-m->call->ret) {
	case ECONNREFUSED:
		note_text(m, "nobody listens at %s", address);
		break;
	case EAGAIN:
		note_text(m, "the backlog of %s is full", address);
		break;
	case EINPROGRESS:
		sock_copy_name(sock_of(m->object)->other, address, strlen(address));
		note_text(m, "on its way to %s", address);
		break;
	default:
		break;
	}
}

static void was_shut(struct mech_call *m)
{
	struct sock *sock = sock_of(m->object);
	uint64_t how = m->call->raw[1];

	sock->is_read_shut |= how != SHUT_WR;
	sock->is_write_shut |= how != SHUT_RD;
	if (how == SHUT_RD || !sock_is_connection(sock))
		return;
	if (sock->peer && !sock->peer->holdings && !sock->peer->is_older) {
		sock_note(m, "its other end is closed");
		return;
	}
	sock_note(m, "the other end gets end of file");
	sock_add_peers(m, sock->peer, PEER_TO);
}

static void was_set(struct mech_call *m)
{
	static const uint64_t filters[] = { SO_RCVBUF, SO_RCVBUFFORCE, SO_ATTACH_FILTER,
					    SO_ATTACH_BPF, SO_PEEK_OFF };
	struct mem mem = { .ev = (struct event *)m->enter };
	int32_t linger[2], value;

	for (size_t i = 0; i < ARRAY_LEN(filters) && m->call->raw[1] == SOL_SOCKET; i++)
		sock_of(m->object)->is_filtered |= m->call->raw[2] == filters[i];
	if (m->call->raw[1] == SOL_SOCKET &&
	    (m->call->raw[2] == SO_REUSEADDR || m->call->raw[2] == SO_REUSEPORT) && mem.ev &&
	    mem_read_all(&mem, m->call->raw[3], &value, sizeof(value)) == 0)
		sock_of(m->object)->may_share |= value != 0;
	if (m->call->raw[1] == SOL_SOCKET && m->call->raw[2] == SO_LINGER && mem.ev &&
	    mem_read_all(&mem, m->call->raw[3], linger, sizeof(linger)) == 0)
		sock_of(m->object)->is_abortive = linger[0] && !linger[1];
}

/* The last descriptor of a connection that we saw being made: it ends here. */
static void closed(struct mech_call *m)
{
	const struct fact *before = sock_before(m);
	struct sock *sock = sock_of(m->object);
	bool is_reset;

	if (m->object->is_older || !m->object->holdings || m->object->holdings->next)
		return;
	if (before && before->value[TO_READ] > 0)
		sock_note(m, arena_printf(m->arena, "%lld B were not read",
					  (long long)before->value[TO_READ]));
	if (sock->is_listening && before && before->value[PENDING] > 0)
		sock_note(m, arena_printf(m->arena, "%lld connections were not accepted",
					  (long long)before->value[PENDING]));
	if (!sock_is_connection(sock) || !sock->peer || !sock->peer->holdings ||
	    sock->is_write_shut)
		return;
	is_reset = sock->is_abortive || (before && before->value[TO_READ] > 0);
	sock_note(m, is_reset ? "its last descriptor: the other end gets ECONNRESET"
			      : "its last descriptor: the other end gets end of file");
	sock_add_peers(m, sock->peer, PEER_TO);
}

void sock_succeeded(struct mech_call *m)
{
	switch (m->handle.op) {
	case OP_CREATE:
		created(m);
		break;
	case OP_BIND:
		bound(m);
		break;
	case OP_LISTEN:
		listens(m);
		break;
	case OP_ACCEPT:
		accepted(m);
		break;
	case OP_CONNECT:
		connected(m);
		break;
	case OP_CONTROL:
		if (strcmp(m->call->name, "shutdown") == 0)
			was_shut(m);
		else if (strcmp(m->call->name, "setsockopt") == 0)
			was_set(m);
		break;
	case OP_CLOSE:
		closed(m);
		break;
	default:
		break;
	}
}
