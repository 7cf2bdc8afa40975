/* What is asked about sockets while a tracee is stopped. */
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "model/mech/sock.h"

enum { TYPE = 3 }; /* of FACT_FD */
enum { STATE = 2, PEER_PID = 5, WORD_CONTROLLEN = 5 };

static const struct object *known_peer(const struct mech_ask *ask, const struct fact *fact)
{
	struct ipc_key key;

	if (fact && fact->id && ask->handle.fact && model_fd_key(ask->handle.fact, &key)) {
		key.b = fact->id;
		return model_find_object(ask->model, &key);
	}
	if (!ask->object || !ask->object->data)
		return NULL;
	return ((const struct sock *)ask->object->data)->peer;
}

static void ask_about_peer(const struct mech_ask *ask, const struct fact *fact)
{
	const struct object *peer = known_peer(ask, fact);
	uint64_t ino = fact && fact->id ? fact->id : peer ? peer->key.b : 0;

	if (!ask->has_peers || (ino && mech_ask_inode_holders(ask, peer, ino, SOCK_ACCESS)))
		return;
	if (fact && ask->handle.fact->value[0] == FD_UNIX && fact->value[STATE] != TCP_LISTEN &&
	    fact->value[PEER_PID] > 0)
		mem_fact(ask->mem, FACT_COMM, fact->value[PEER_PID]);
}

/* Descriptors in flight are counted where control messages are received. */
static void ask_in_flight(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	unsigned word_len = event_word_len(ev);
	uint8_t word[8];

	if (!ask->has_state || ask->spec->is_indirect || ask->handle.fact->value[0] != FD_UNIX ||
	    strcmp(ask->spec->name, "recvmsg") != 0)
		return;
	if (mem_read_all(ask->mem, ev->args[1] + WORD_CONTROLLEN * word_len, word, word_len) < 0 ||
	    !decode_number(word, word_len))
		return;
	mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
}

/* Transfers of a connection whose other end is known change nothing but one queue: ask for that. */
static bool ask_queue(const struct mech_ask *ask)
{
	const struct fact *fd = ask->handle.fact;
	bool is_connection = fd->value[TYPE] == SOCK_STREAM || fd->value[TYPE] == SOCK_SEQPACKET;
	const struct object *peer = known_peer(ask, NULL);

	if (!ask->has_state || !is_connection || !peer)
		return false;
	if (ask->handle.op == OP_RECV)
		return mem_fact(ask->mem, FACT_QUEUE, ask->handle.id);
	/* Nobody has it that we see: there is more to be asked. */
	if (!ask->is_exit && ask->has_peers &&
	    !mech_ask_inode_holders(ask, peer, peer->key.b, SOCK_ACCESS))
		return false;
	if (!mem_fact(ask->mem, FACT_PEER_QUEUE, ask->handle.id))
		return false;
	if (ask->is_exit && fd->value[0] == FD_INET)
		mem_fact(ask->mem, FACT_NOT_TAKEN, ask->handle.id);
	return true;
}

static void ask_about_transfer(const struct mech_ask *ask)
{
	const struct fact *fact = NULL;

	if (!ask_queue(ask) && (ask->has_state || (!ask->is_exit && !known_peer(ask, NULL))))
		fact = mem_fact(ask->mem, FACT_SOCKET, ask->handle.id);
	if (ask->handle.op == OP_SEND && ask->handle.fact->value[TYPE] == SOCK_DGRAM)
		sock_ask_receiver(ask);
	if (!ask->is_exit)
		ask_about_peer(ask, fact);
	if (ask->handle.op == OP_RECV)
		ask_in_flight(ask);
}

/* Where the file is that bind has made. An abstract name has none. */
static void ask_about_name(const struct mech_ask *ask)
{
	enum { FAMILY_LEN = 2 };
	uint64_t addr = handle_arg(ask->spec, ask->mem, 1) + FAMILY_LEN;
	uint64_t len = (uint32_t)handle_arg(ask->spec, ask->mem, 2);
	char first;

	if (ask->handle.fact->value[0] == FD_UNIX && len > FAMILY_LEN && len <= INT_MAX &&
	    mem_read_all(ask->mem, addr, &first, 1) == 0 && first)
		mem_fact(ask->mem, FACT_NAME, fact_name_in(addr, len - FAMILY_LEN));
}

const struct fact *sock_bound_name(const struct mech_call *m)
{
	for (uint32_t i = 0; i < m->ev->n_facts; i++) {
		if (m->ev->facts[i].kind == FACT_NAME)
			return &m->ev->facts[i];
	}
	return NULL;
}

void sock_ask(const struct mech_ask *ask)
{
	const struct fact *fact;

	if (!ask->handle.fact)
		return;
	switch (ask->handle.op) {
	case OP_SEND:
	case OP_RECV:
		ask_about_transfer(ask);
		if (mech_is_late(ask))
			mem_fact(ask->mem, FACT_LIMITS, ask->handle.id);
		break;
	case OP_ACCEPT:
		if (ask->handle.arg != HANDLE_RESULT) {
			if (ask->has_state)
				mem_fact(ask->mem, FACT_SOCKET, ask->handle.id);
			break;
		}
		ask_about_peer(ask, mem_fact(ask->mem, FACT_SOCKET, ask->handle.id));
		break;
	case OP_CONNECT:
		if (!ask->is_exit)
			break;
		fact = mem_fact(ask->mem, FACT_SOCKET, ask->handle.id);
		if (!ask->mem->ev->is_error)
			ask_about_peer(ask, fact);
		break;
	case OP_BIND:
		if (ask->is_exit && !ask->mem->ev->is_error)
			ask_about_name(ask);
		/* fallthrough */
	case OP_LISTEN:
		if (ask->is_exit)
			mem_fact(ask->mem, FACT_SOCKET, ask->handle.id);
		break;
	case OP_CLOSE:
		if (!ask->is_exit && ask->has_state)
			mem_fact(ask->mem, FACT_SOCKET, ask->handle.id);
		break;
	default:
		break;
	}
}
