/* Sends and receives of sockets: whose bytes, whose messages, who is waited for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/mech/sock.h"

enum { TO_READ = 0, NOT_TAKEN = 1, PEER_TO_READ = 3, ARG_LEN = 2 };

/* net.core.rmem_default is 212992 bytes; half of it is a safe distance. */
enum { RECEIVE_BUFFER = 106496, DATAGRAM_COST = 2048 };

/* --- state --- */

static const char *some(struct mech_call *m, unsigned n, const char *what)
{
	return arena_printf(m->arena, "%u descriptor%s %s", n, n == 1 ? "" : "s", what);
}

/*
 * The number of datagrams in a ledger, n_more of them since the call began, where the length of
 * the kernel's first one agrees. It is of those that were seen: others may be on their way.
 */
static void add_messages(struct mech_call *m, const char *name, struct object *queue, int n_more,
			 int64_t first_len)
{
	const struct ledger *ledger = ledger_of(queue);
	struct fact before = { .value = { (int64_t)ledger->n - n_more } };
	struct fact after = { .value = { ledger->n } };
	bool is_same = ledger->n ? first_len == (int64_t)ledger_at(ledger, 0)->len : first_len <= 0;

	if (!ledger->is_lost && !ledger->has_outsiders && !ledger->debt && is_same &&
	    before.value[0] >= 0)
		mech_add_quantity(m, name, "msgs seen", &before, &after, 0, -1);
}

static void add_peer_queue(struct mech_call *m)
{
	const struct fact *after = sock_after(m);
	bool is_dgram = sock_of(m->object)->type == SOCK_DGRAM;

	if (!after)
		after = mech_after(m, FACT_NOT_TAKEN, m->handle.id);
	sock_quantity(m, is_dgram ? "peer's first message" : "peer queue", "B", PEER_TO_READ, -1);
	if (m->object->key.mech == MECH_INET && !is_dgram && after && after->value[NOT_TAKEN] > 0)
		sock_quantity(m, "not taken", "B", NOT_TAKEN, -1);
}

/* --- sending --- */

static struct object *target(struct mech_call *m, const struct sock_message *message)
{
	struct sock *sock = sock_of(m->object);
	const char *why_nobody;
	bool is_certain;

	if (sock_is_connection(sock))
		return sock->peer;
	return sock_receiver(m, message->address, &is_certain, &why_nobody);
}

/* Who gets the message becomes a peer of that direction. */
static void add_receivers(struct mech_call *m, const struct sock_message *message,
			  enum peer_direction direction)
{
	struct sock *sock = sock_of(m->object);
	unsigned first = m->annotation->n_peers;
	const char *why_nobody;
	struct object *to;
	bool is_certain;

	if (sock_is_connection(sock)) {
		sock_add_peers(m, sock->peer, direction);
		return;
	}
	to = sock_receiver(m, message->address, &is_certain, &why_nobody);
	if (to || (!message->address && m->object->key.mech == MECH_UNIX))
		sock_add_peers(m, to, direction);
	else
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text = why_nobody;
	if (!is_certain)
		sock_infer_peers(m, first, NULL);
}

/* Whose ledger has what the call sends: see sock.h. NULL: not known. */
static struct object *ledger_object(struct mech_call *m, const struct sock_message *message)
{
	return sock_is_connection(sock_of(m->object)) ? m->object : target(m, message);
}

void sock_begin(const struct mech_call *m, struct flight *flight)
{
	struct sock_message messages[SOCK_MESSAGES_MAX];
	struct mech_call call = *m;
	bool is_cut;

	flight->from = m->object;
	if (flight->is_send && !sock_is_connection(sock_of(m->object)))
		flight->target = sock_messages(&call, messages, &is_cut)
					 ? target(&call, &messages[0])
					 : NULL;
}

/*
 * A datagram of the Internet is dropped where the receiver's buffer is full. What its contents take
 * of that is less than twice their length and a page's half each.
 */
static void note_drops(struct mech_call *m, const struct object *to, struct ledger *ledger)
{
	if (m->object->key.mech == MECH_INET && sock_of(m->object)->type != SOCK_STREAM &&
	    2 * ledger->units + DATAGRAM_COST * (uint64_t)ledger->n > RECEIVE_BUFFER)
		ledger->is_leaky = true;
	if (sock_of((struct object *)to)->is_filtered)
		ledger->has_outsiders = true;
}

static void put(struct mech_call *m, struct object *to, const struct sock_message *message)
{
	struct message sent = { .fd = (int)m->handle.id, .len = message->len, .from = m->object };
	const struct sock *sock = sock_of(m->object);

	m->object->n_sends++;
	m->object->bytes_sent += message->len;
	if (sock_flags(m->call) & MSG_OOB)
		ledger_of(m->object)->has_outsiders = true;
	if (to && (message->len || sock->type != SOCK_STREAM))
		message_put(m, to, ledger_of(to), &sent,
			    !sock_is_connection(sock) || sock->type == SOCK_SEQPACKET);
	if (to)
		note_drops(m, to, ledger_of(to));
}

void sock_note_error(struct mech_call *m)
{
	bool is_send = m->handle.op == OP_SEND;

	switch (-m->call->ret) {
	case EPIPE:
		sock_note(m, sock_of(m->object)->is_write_shut ? "it was shut down here"
							       : "its other end is closed");
		break;
	case EAGAIN:
		if (is_send)
			sock_note(m, "full");
		break;
	case ECONNRESET:
		sock_note(m, m->object->key.mech == MECH_UNIX
				     ? "its other end was closed with data unread"
				     : "its other end has reset the connection");
		break;
	case ECONNREFUSED:
		sock_note(m, "nobody has that address");
		break;
	default:
		break;
	}
}

void sock_sent(struct mech_call *m)
{
	struct sock_message messages[SOCK_MESSAGES_MAX];
	const struct fact *after = sock_after(m), *queue;
	struct object *to = NULL, *last = NULL;
	unsigned n, n_fds = 0;
	bool is_cut;

	add_peer_queue(m);
	if (!m->is_success) {
		sock_note_error(m);
		return;
	}
	n = sock_messages(m, messages, &is_cut);
	for (unsigned i = 0; i < n; i++) {
		to = target(m, &messages[i]);
		put(m, ledger_object(m, &messages[i]), &messages[i]);
		if (!i || to != last)
			add_receivers(m, &messages[i], PEER_TO);
		last = to;
		n_fds += messages[i].n_fds;
	}
	if (n == 1 && !sock_is_connection(sock_of(m->object)))
		sock_add_receiver_queue(m, to);
	queue = to ? mech_after(m, FACT_UNIX_QUEUE, (int64_t)to->key.b) : NULL;
	if (n == 1 && queue && messages[0].address)
		add_messages(m, "peer queue", to, 1, queue->value[PEER_TO_READ]);
	if (sock_of(m->object)->type == SOCK_DGRAM && n == 1 && to && after && !is_cut &&
	    to == sock_of(m->object)->peer)
		add_messages(m, "peer queue", to, 1, after->value[PEER_TO_READ]);
	if (is_cut)
		ledger_lose(
			ledger_of(to && !sock_is_connection(sock_of(m->object)) ? to : m->object));
	if (n_fds)
		sock_note(m, some(m, n_fds, "passed"));
}

/* --- receiving --- */

/* The kernel vouches for the pid that came with a message, unless a privileged sender lied. */
static void add_by_credentials(struct mech_call *m, pid_t pid)
{
	struct peer *peer = mech_add_named(m, PEER_FROM, INFERRED, pid, -1);

	peer->text = "its credentials";
}

/* Can a socket have sent from that address? Those bound to any address differ but in the port. */
static bool may_have_address(const struct object *from, const char *address)
{
	const char *own = sock_of((struct object *)from)->own;
	const char *port = from->key.mech == MECH_INET ? strrchr(own, ':') : NULL;
	const char *other = port ? strrchr(address, ':') : NULL;

	return !own[0] || strcmp(own, address) == 0 || (port && other && !strcmp(port, other));
}

/* Was there perhaps more in the message than the receiver had room for? */
static bool is_cut(const struct mech_call *m, const struct sock_message *message)
{
	if (call_begins(m->call, "recvm"))
		return message->flags & MSG_TRUNC;
	return call_is(m->call, "readv") || message->len == m->call->raw[ARG_LEN];
}

/* What a datagram says of where it is from. */
struct origin {
	const struct object *from; /* the socket that has its address, or NULL */
	const char *address;
};

static bool is_from(const struct object *from, const void *data)
{
	const struct origin *origin = data;

	if (origin->from)
		return from == origin->from;
	return !origin->address || may_have_address(from, origin->address);
}

/* A datagram: the ledger says who; the address, where there is one, says whether that is so. */
static void received_datagram(struct mech_call *m, const struct sock_message *message, bool is_peek)
{
	struct object *from = sock_at(m, message->address);
	struct origin origin = { from, message->address };
	struct sock *sock = sock_of(m->object);
	bool is_pair = sock->peer && sock_of(sock->peer)->peer == m->object;
	unsigned first = m->annotation->n_peers;
	struct message_wanted wanted = { .len = message->len,
					 .is_cut = is_cut(m, message),
					 .has_kind = true,
					 .fits = is_from,
					 .data = &origin };
	struct message sent;

	if (message_receive(m, m->object, &wanted, is_peek, &sent)) {
		/* Whoever knows the name of a socket may send to it. */
		sent.is_doubtful |= from ? sent.from != from || sock_of(from)->may_share ||
						    !sock_is_only_name(from, message->address)
					 : !is_pair || message->address;
		message_found(m, m->object, &sent);
		return;
	}
	if (message->pid)
		add_by_credentials(m, message->pid);
	else if (from || (!message->address && sock->peer))
		sock_add_peers(m, from ? from : sock->peer, PEER_FROM);
	else
		mech_add_peer(m, PEER_FROM, UNKNOWN, 0, -1)->text =
			message->address
				? arena_printf(m->arena, "whoever is at %s", message->address)
				: "a socket without a name";
	sock_infer_peers(m, first, NULL);
}

/* Several holders are all candidates. */
static void add_candidates(struct mech_call *m, const struct sock_message *message)
{
	unsigned first = m->annotation->n_peers;

	if (message->pid) {
		add_by_credentials(m, message->pid);
		return;
	}
	sock_add_peers(m, sock_of(m->object)->peer, PEER_FROM);
	message_doubt_peers(m, sock_of(m->object)->peer, SOCK_ACCESS, first);
}

static void received_by_connection(struct mech_call *m, const struct sock_message *message,
				   bool is_peek)
{
	struct sock *sock = sock_of(m->object);
	struct message_wanted wanted = { .len = message->len,
					 .is_cut = is_cut(m, message),
					 .has_kind = true };
	struct message sent;

	if (sock->peer && sock->type == SOCK_SEQPACKET) {
		if (message_receive(m, sock->peer, &wanted, is_peek, &sent)) {
			message_found(m, sock->peer, &sent);
			return;
		}
	} else if (sock->peer &&
		   message_take(m, sock->peer, ledger_of(sock->peer), message->len, is_peek)) {
		return;
	}
	add_candidates(m, message);
}

static bool is_end(const struct mech_call *m)
{
	const struct call *call = m->call;
	bool has_len = !call_begins(call, "recvm") && !call_is(call, "readv");

	if (call->ret || !sock_is_connection(sock_of(m->object)) || call_begins(call, "recvmm"))
		return false;
	return !has_len || call->raw[ARG_LEN];
}

static void note_end(struct mech_call *m)
{
	const struct sock *sock = sock_of(m->object);

	if (sock->is_read_shut)
		sock_note(m, "end of file: it was shut down here");
	else if (sock->peer && sock_of(sock->peer)->is_write_shut)
		sock_note(m, "end of file: the other end was shut down");
	else if (sock->peer && !sock->peer->holdings && !sock->peer->is_older)
		sock_note(m, "end of file: the other end is closed");
	else
		sock_note(m, "end of file");
}

/* Descriptors that are on their way to the socket: scm_fds of its fdinfo. */
static bool in_flight(const struct event *ev, int64_t fd, struct fact *ret_number)
{
	const struct fact *fact = ev ? event_fact(ev, FACT_FDINFO, fd) : NULL;
	const char *text, *at;

	if (!fact)
		return false;
	text = event_fact_text(ev, fact);
	at = memmem(text, fact->text_len, "scm_fds:", 8);
	if (!at)
		return false;
	at += 8;
	ret_number->value[0] = 0;
	while (at < text + fact->text_len && (*at == ' ' || *at == '\t'))
		at++;
	while (at < text + fact->text_len && *at >= '0' && *at <= '9')
		ret_number->value[0] = ret_number->value[0] * 10 + (*at++ - '0');
	return true;
}

static void note_descriptors(struct mech_call *m, unsigned n_fds, bool is_control_cut)
{
	struct fact before = { 0 }, after = { 0 };
	bool has_before = in_flight(m->enter, m->handle.id, &before);
	bool has_after = m->is_over && in_flight(m->ev, m->handle.id, &after);

	if ((has_before && before.value[0]) || (has_after && after.value[0]))
		mech_add_quantity(m, "fds in flight", "", has_before ? &before : NULL,
				  has_after ? &after : NULL, 0, -1);
	if (n_fds)
		sock_note(m, some(m, n_fds, "received"));
	if (is_control_cut)
		sock_note(m, "control messages were cut off");
}

/* With nothing to read in it, and nobody about to send, what was missed is over. */
static void check_empty(struct mech_call *m)
{
	const struct sock *sock = sock_of(m->object);
	const struct fact *after = sock_after(m);
	struct object *queue = sock_is_connection(sock) ? sock->peer : m->object;
	struct ledger *ledger = queue ? ledger_of(queue) : NULL;

	if (!after)
		after = mech_after(m, FACT_QUEUE, m->handle.id);
	if (!after || after->value[TO_READ] || !ledger ||
	    (m->object->key.mech == MECH_INET && sock->type != SOCK_DGRAM))
		return;
	if (ledger->is_lost || ledger->is_leaky)
		ledger_check(m, queue, ledger, true, 0);
}

void sock_received(struct mech_call *m)
{
	bool is_peek = sock_flags(m->call) & MSG_PEEK;
	struct sock_message messages[SOCK_MESSAGES_MAX];
	struct sock *sock = sock_of(m->object);
	bool is_cut_off, is_control_cut = false;
	unsigned n, n_fds = 0;

	sock_quantity(m, sock->type == SOCK_DGRAM ? "first message" : "", "B", TO_READ, -1);
	if (!m->is_success) {
		sock_note_error(m);
		return;
	}
	if (is_end(m)) {
		note_end(m);
		return;
	}
	if (sock_flags(m->call) & MSG_ERRQUEUE) {
		sock_note(m, "of its errors");
		return;
	}
	n = sock_messages(m, messages, &is_cut_off);
	for (unsigned i = 0; i < n; i++) {
		m->object->n_receives += !is_peek;
		m->object->bytes_received += is_peek ? 0 : messages[i].len;
		if (!sock_is_connection(sock))
			received_datagram(m, &messages[i], is_peek);
		else if (messages[i].len)
			received_by_connection(m, &messages[i], is_peek);
		n_fds += messages[i].n_fds;
		is_control_cut |= messages[i].flags & MSG_CTRUNC;
	}
	if (n == 1 && !sock_is_connection(sock) && sock_after(m))
		add_messages(m, "", m->object, is_peek ? 0 : -1, sock_after(m)->value[TO_READ]);
	if (is_cut_off && !is_peek)
		ledger_lose(
			ledger_of(sock->peer && sock_is_connection(sock) ? sock->peer : m->object));
	note_descriptors(m, n_fds, is_control_cut);
	check_empty(m);
}

/* --- blocked --- */

static void blocked_in_connect(struct mech_call *m)
{
	const char *address = sock_address(m->arena, &m->call->args[1]);
	struct object *listener = sock_at(m, address);

	if (!address)
		return;
	if (m->object->key.mech == MECH_UNIX)
		sock_note(m, arena_printf(m->arena, "the backlog of %s is full", address));
	else
		sock_note(m, arena_printf(m->arena, "no answer of %s yet", address));
	if (listener)
		mech_add_holders(m, listener, SOCK_ACCESS, PEER_WAITS_FOR, NULL);
	else
		mech_add_peer(m, PEER_WAITS_FOR, UNKNOWN, 0, -1)->text =
			arena_printf(m->arena, "whoever listens at %s", address);
}

static void blocked_in_send(struct mech_call *m)
{
	struct sock_message messages[SOCK_MESSAGES_MAX];
	bool is_cut;

	add_peer_queue(m);
	sock_note(m, "full: waits for space");
	if (sock_messages(m, messages, &is_cut))
		add_receivers(m, &messages[0], PEER_WAITS_FOR);
}

/* SO_RCVTIMEO and SO_SNDTIMEO end a send or receive; unless they were asked for, they may. */
static bool has_limit(const struct mech_call *m)
{
	const struct event *ev;
	const struct fact *fact;

	if (m->call->spec->ipc.op == OP_WAIT)
		return false;
	fact = mech_latest(m, FACT_LIMITS, m->handle.id, &ev);
	return !fact || fact->value[m->handle.op == OP_SEND];
}

void sock_blocked(struct mech_call *m)
{
	struct sock *sock = sock_of(m->object);

	m->annotation->is_open |= has_limit(m);

	switch (m->handle.op) {
	case OP_SEND:
		blocked_in_send(m);
		break;
	case OP_RECV:
		if (sock->peer || sock_is_connection(sock))
			sock_add_peers(m, sock->peer, PEER_WAITS_FOR);
		else
			sock_note(m, "waits for a message");
		break;
	case OP_ACCEPT:
		sock_note(m, "waits for a connection");
		break;
	case OP_CONNECT:
		blocked_in_connect(m);
		break;
	case OP_CLOSE:
		sock_note(m, "waits until its data is sent");
		break;
	default:
		break;
	}
}
