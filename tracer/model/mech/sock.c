/* Sockets: their names, their other ends, and what is asked about them. socket(7), unix(7) */
#include "model/mech/sock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE = 2, PEER_PID = 5 };

struct sock *sock_of(struct object *object)
{
	if (!object->data) {
		object->data = calloc(1, sizeof(struct sock));
		if (!object->data)
			abort();
	}
	return object->data;
}

bool sock_is_connection(const struct sock *sock)
{
	return sock->type == 0 || sock->type == SOCK_STREAM || sock->type == SOCK_SEQPACKET;
}

/* --- names --- */

/* Addresses are of a family; those of TCP and UDP, and of netlink's protocols, are apart. */
static const char *full_name(struct mech_call *m, const char *address)
{
	const struct sock *sock = sock_of(m->object);
	bool is_unix = m->object->key.mech == MECH_UNIX;

	return arena_printf(m->arena, "%u.%d.%d %s", m->object->key.mech, is_unix ? 0 : sock->type,
			    m->object->key.mech == MECH_NETLINK ? sock->protocol : 0, address);
}

static bool is_loopback(const char *address)
{
	static const char *const hosts[] = { "127.", "[::1]:", "[::ffff:127." };

	for (unsigned i = 0; i < ARRAY_LEN(hosts); i++) {
		if (strncmp(address, hosts[i], strlen(hosts[i])) == 0)
			return true;
	}
	return false;
}

bool sock_is_only_name(const struct object *object, const char *name)
{
	return object->key.mech != MECH_UNIX || name[0] == '/' || name[0] == '@';
}

struct object *sock_at(struct mech_call *m, const char *address)
{
	static const char *const anywhere[] = { "0.0.0.0", "[::]" };
	struct object *object;
	const char *port;

	if (!address || !address[0])
		return NULL;
	object = model_named_object(m->model, full_name(m, address));
	if (object && object->holdings)
		return object;
	/* Bound to any address, it has those of this machine: of which we know these. */
	port = m->object->key.mech == MECH_INET && is_loopback(address) ? strrchr(address, ':')
									: NULL;
	for (unsigned i = 0; port && i < ARRAY_LEN(anywhere); i++) {
		object = model_named_object(
			m->model, full_name(m, arena_printf(m->arena, "%s%s", anywhere[i], port)));
		if (object && object->holdings)
			return object;
	}
	return NULL;
}

/* What people know it by. Who was called has the arrow pointing to it. */
void sock_set_label(struct mech_call *m)
{
	const struct sock *sock = sock_of(m->object);
	const char *arrow = sock->is_accepted ? " <- " : " -> ";
	const char *label;

	if (!sock->own[0] && !sock->other[0])
		return;
	if (m->object->key.mech == MECH_NETLINK)
		label = arena_printf(m->arena, "port %s", sock->own);
	else if (!sock->other[0])
		label = sock->own;
	else if (!sock->own[0])
		label = arena_printf(m->arena, "%s%s", arrow + 1, sock->other);
	else
		label = arena_printf(m->arena, "%s%s%s", sock->own, arrow, sock->other);
	if (!m->object->label || strcmp(m->object->label, label) != 0)
		object_set_label(m->object, label, strlen(label));
}

void sock_set_name(struct mech_call *m, const char *name)
{
	struct sock *sock = sock_of(m->object);

	if (!name || !name[0])
		return;
	sock_copy_name(sock->own, name, strlen(name));
	if (m->object->key.mech == MECH_NETLINK || sock->is_listening || !sock_is_connection(sock))
		model_name_object(m->model, full_name(m, sock->own), m->object);
	sock_set_label(m);
}

/* --- other ends --- */

void sock_pair(struct object *a, struct object *b)
{
	sock_of(a)->peer = b;
	sock_of(b)->peer = a;
}

/* The name that sockets of the Internet have by their protocol. */
static void set_kind(struct object *object, int type, int protocol)
{
	struct sock *sock = sock_of(object);

	if (sock->type)
		return;
	sock->type = type;
	sock->protocol = protocol;
	if (object->key.mech == MECH_INET && type == SOCK_STREAM)
		object->prefix = "tcp";
	else if (object->key.mech == MECH_INET && type == SOCK_DGRAM)
		object->prefix = "udp";
}

void sock_describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)text;
	if (fact)
		set_kind(object, (int)fact->value[3], (int)fact->value[4]);
}

void sock_refer(const struct object *object, void (*keep)(void *data, struct object *object),
		void *data)
{
	const struct sock *sock = object->data;

	if (sock)
		keep(data, sock->peer);
	ledger_refer(object, keep, data);
}

struct object *sock_of_inode(struct mech_call *m, uint64_t ino)
{
	struct ipc_key key = { .mech = m->object->key.mech, .a = m->object->key.a, .b = ino };
	struct object *peer;
	bool is_new;

	peer = model_object(m->model, &key, m->ev, &is_new);
	if (is_new) {
		/* Whoever has it, we did not see it being made. */
		peer->is_older = true;
		snprintf(peer->identity, sizeof(peer->identity), "inode %llu",
			 (unsigned long long)ino);
		set_kind(peer, sock_of(m->object)->type, sock_of(m->object)->protocol);
	}
	return peer;
}

/* Port 0 is that of sockets that have none. */
static bool is_bound(const struct object *object, const char *name)
{
	const char *colon = object->key.mech == MECH_INET ? strrchr(name, ':') : NULL;

	if (object->key.mech == MECH_NETLINK)
		return strcmp(name, "0") != 0;
	return !colon || strcmp(colon, ":0") != 0;
}

/* "A -> B", "A -> ", "A". Names of files may have an arrow in them too: the last one counts. */
static void learn_names(struct mech_call *m, const char *text, size_t len)
{
	struct sock *sock = sock_of(m->object);
	char name[SOCK_NAME_MAX];
	size_t own = len;

	for (size_t i = 0; i + 4 <= len; i++) {
		if (memcmp(text + i, " -> ", 4) == 0)
			own = i;
	}
	if (own < len && own + 4 < len)
		sock_copy_name(sock->other, text + own + 4, len - own - 4);
	sock_copy_name(name, text, own);
	if (!is_bound(m->object, name))
		name[0] = '\0';
	if (name[0] && strcmp(name, sock->own) != 0)
		sock_set_name(m, name);
	sock_set_label(m);
}

static void learn(struct mech_call *m, const struct event *ev, const struct fact *fact)
{
	struct sock *sock = sock_of(m->object);
	struct object *peer;

	if (!fact)
		return;
	if (fact->value[STATE] == TCP_LISTEN)
		sock->is_listening = true;
	learn_names(m, event_fact_text(ev, fact), fact->text_len);
	if (!fact->id || fact->id == m->object->key.b)
		return;
	peer = sock_of_inode(m, fact->id);
	if (sock_is_connection(sock))
		sock_pair(m->object, peer);
	else
		sock->peer = peer;
}

/* How the peer's creator is called: asked for where nothing better could be found out. */
static void add_creator(struct mech_call *m, pid_t pid, enum peer_direction direction)
{
	const struct event *events[] = { m->enter, m->ev };
	struct peer *peer = mech_add_peer(m, direction, INFERRED, pid, -1);

	peer->text = "its creator";
	for (unsigned i = 0; i < ARRAY_LEN(events) && !peer->comm; i++) {
		const struct fact *fact = events[i] ? event_fact(events[i], FACT_COMM, pid) : NULL;

		if (fact)
			peer->comm = arena_copy(m->arena, event_fact_text(events[i], fact),
						fact->text_len);
	}
}

static pid_t creator_of_peer(const struct mech_call *m)
{
	const struct fact *fact = sock_after(m);

	if (!fact)
		fact = sock_before(m);
	if (!fact || fact->value[STATE] == TCP_LISTEN || m->object->key.mech != MECH_UNIX)
		return 0;
	return (pid_t)fact->value[PEER_PID];
}

void sock_infer_peers(struct mech_call *m, unsigned from, const char *text)
{
	for (unsigned i = from; i < m->annotation->n_peers; i++) {
		struct peer *peer = &m->annotation->peers[i];

		if (peer->certainty == CERTAIN)
			peer->certainty = INFERRED;
		if (text && !peer->text)
			peer->text = text;
	}
}

/* It may have holders that we cannot see, besides those that we do: then nothing is certain. */
static bool is_shared_unseen(const struct object *object)
{
	return object->is_older && object->key.mech != MECH_NETLINK;
}

void sock_add_peers(struct mech_call *m, struct object *object, enum peer_direction direction)
{
	struct sock *sock = sock_of(m->object);
	unsigned first = m->annotation->n_peers;
	struct object *listener;
	bool is_gone;
	pid_t pid;

	if (object && mech_add_holders(m, object, SOCK_ACCESS, direction, NULL)) {
		if (is_shared_unseen(object))
			sock_infer_peers(m, first, NULL);
		return;
	}
	is_gone = object && !object->is_older;
	listener = is_gone ? NULL : sock_at(m, sock->other);
	if (listener && mech_add_holders(m, listener, SOCK_ACCESS, direction, NULL)) {
		sock_infer_peers(m, first,
				 sock_is_connection(sock) ? "listens there" : "has that address");
		return;
	}
	pid = is_gone ? 0 : creator_of_peer(m);
	if (pid && pid != m->process->tgid)
		add_creator(m, pid, direction);
	else if (is_gone)
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text = "its other end is closed";
	else if (object && mech_is_unreadable(m, object))
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text =
			"held by a process that may not be looked at";
	else if (sock->other[0])
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text =
			arena_printf(m->arena, "whoever is at %s", sock->other);
	else
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text = "its other end is not known";
}

/* --- state --- */

const struct fact *sock_before(const struct mech_call *m)
{
	return mech_before(m, FACT_SOCKET, m->handle.id);
}

const struct fact *sock_after(const struct mech_call *m)
{
	return mech_after(m, FACT_SOCKET, m->handle.id);
}

void sock_quantity(struct mech_call *m, const char *name, const char *unit, unsigned index,
		   int64_t limit)
{
	/* What can be asked for alone has its number at the same place. */
	static const enum fact_kind alone[] = { FACT_QUEUE, FACT_NOT_TAKEN, FACT_NONE,
						FACT_PEER_QUEUE };
	const struct fact *before = sock_before(m), *after = sock_after(m);

	if (!before && index < ARRAY_LEN(alone))
		before = mech_before(m, alone[index], m->handle.id);
	if (!after && index < ARRAY_LEN(alone))
		after = mech_after(m, alone[index], m->handle.id);
	if (before && before->value[index] < 0)
		before = NULL;
	if (after && after->value[index] < 0)
		after = NULL;
	mech_add_quantity(m, name, unit, before, after, index, limit);
}

void sock_note(struct mech_call *m, const char *note)
{
	if (m->touch)
		m->touch->note = m->touch->note
					 ? arena_printf(m->arena, "%s, %s", m->touch->note, note)
					 : note;
}

void sock_learn(struct mech_call *m)
{
	learn(m, m->enter, sock_before(m));
	learn(m, m->ev, sock_after(m));
}

void sock_apply(struct mech_call *m)
{
	if (!m->object)
		return;
	if (m->handle.arg == HANDLE_RESULT && m->handle.op == OP_ACCEPT)
		sock_of(m->object)->is_accepted = true;
	sock_learn(m);
	if (!m->is_over)
		sock_blocked(m);
	else if (m->handle.op == OP_SEND)
		sock_sent(m);
	else if (m->handle.op == OP_RECV)
		sock_received(m);
	else if (m->is_success)
		sock_succeeded(m);
	else if (m->handle.op == OP_CONNECT)
		sock_not_connected(m);
	else if (m->handle.op == OP_ACCEPT && m->call->ret == -EAGAIN)
		sock_note(m, "no connection is pending");
}
