/* Datagrams: who gets one that is sent to an address, and who may have sent it. udp(7), unix(7) */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "model/mech/sock.h"

enum { ADDRESS_OF_SENDTO = 4, MEMORY = 0, IS_HERE = 1, PEER_TO_READ = 3 };

/* --- questions --- */

/* Where the call says that its datagram goes: an address of the tracee and its bytes, or 0. */
static bool read_destination(const struct mech_ask *ask, uint64_t *ret_addr, uint64_t *ret_len)
{
	const struct event *ev = ask->mem->ev;
	unsigned word_len = event_word_len(ev);
	uint8_t words[16];

	*ret_addr = *ret_len = 0;
	/* Where a call has it elsewhere: sendmmsg, socketcall. */
	if (ask->spec->is_indirect || (int)ev->args[0] != ask->handle.id ||
	    strstr(ask->spec->name, "mmsg"))
		return false;
	if (strcmp(ask->spec->name, "sendto") == 0) {
		*ret_addr = ev->args[ADDRESS_OF_SENDTO];
		*ret_len = (uint32_t)ev->args[ADDRESS_OF_SENDTO + 1];
	} else if (strcmp(ask->spec->name, "sendmsg") == 0) {
		if (mem_read_all(ask->mem, ev->args[1], words, 2 * word_len) < 0)
			return false;
		*ret_addr = decode_number(words, word_len);
		*ret_len = decode_number(words + word_len, 4);
	}
	return true;
}

/* The traced socket with the name that is at addr. */
static const struct object *named_receiver(const struct mech_ask *ask, uint64_t addr, uint64_t len)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1], name[SOCK_NAME_MAX];
	struct mech_call m = { .model = ask->model, .object = (struct object *)ask->object };
	struct arena arena = { 0 };
	const struct object *found;

	if (!ask->object || len <= head || len > sizeof(struct sockaddr_un) ||
	    mem_read_all(ask->mem, addr + head, path, len - head) < 0)
		return NULL;
	path[len - head] = '\0';
	m.arena = &arena;
	if (path[0])
		sock_copy_name(name, path, strlen(path));
	else
		sock_copy_name(name, path, len - head);
	found = sock_at(&m, name);
	arena_finish(&arena);
	return found;
}

static void ask_receiver_of_udp(const struct mech_ask *ask, uint64_t addr)
{
	const struct fact *fact = mem_fact(ask->mem, FACT_RECEIVER, (int64_t)addr);
	struct ipc_key key;

	if (ask->is_exit || !fact || !fact->id || !model_fd_key(ask->handle.fact, &key))
		return;
	key.b = fact->id;
	mech_ask_inode_holders(ask, model_find_object(ask->model, &key), fact->id, SOCK_ACCESS);
}

void sock_ask_receiver(const struct mech_ask *ask)
{
	const struct object *receiver;
	uint64_t addr, len;

	if (!read_destination(ask, &addr, &len))
		return;
	if (ask->handle.fact->value[0] == FD_INET) {
		ask_receiver_of_udp(ask, addr);
	} else if (ask->handle.fact->value[0] == FD_UNIX && addr && ask->has_state) {
		receiver = named_receiver(ask, addr, len);
		if (receiver)
			mem_fact(ask->mem, FACT_UNIX_QUEUE, (int64_t)receiver->key.b);
	}
}

/* --- sending --- */

/* A call asks for one receiver. */
static const struct fact *receiver_fact(const struct event *ev)
{
	for (uint32_t i = 0; ev && i < ev->n_facts; i++) {
		if (ev->facts[i].kind == FACT_RECEIVER)
			return &ev->facts[i];
	}
	return NULL;
}

static const struct fact *receiver_after(const struct mech_call *m)
{
	return m->is_over ? receiver_fact(m->ev) : NULL;
}

struct object *sock_receiver(struct mech_call *m, const char *address, bool *ret_is_certain,
			     const char **ret_why_nobody)
{
	const struct fact *before = receiver_fact(m->enter), *after = receiver_after(m);
	const struct fact *last = after ? after : before;
	const char *name = address ? address : sock_of(m->object)->other;
	uint64_t ino = 0;

	*ret_is_certain = !address || sock_is_only_name(m->object, address);
	*ret_why_nobody = name[0] ? arena_printf(m->arena, "whoever is at %s", name)
				  : "its other end is not known";
	if (m->object->key.mech != MECH_INET || !last) {
		*ret_is_certain &= m->object->key.mech != MECH_INET;
		return address ? sock_at(m, address) : sock_of(m->object)->peer;
	}
	if (before && before->id)
		ino = before->id;
	else if (after)
		ino = after->id;
	*ret_is_certain = before && (!m->is_over || (after && after->id == before->id));
	if (!ino && last->value[IS_HERE])
		*ret_why_nobody =
			arena_printf(m->arena, "nobody takes what %s sends there",
				     sock_of(m->object)->own[0] ? sock_of(m->object)->own : "it");
	return ino ? sock_of_inode(m, ino) : NULL;
}

void sock_add_receiver_queue(struct mech_call *m, const struct object *receiver)
{
	const struct fact *before = receiver_fact(m->enter), *after = receiver_after(m);
	int64_t subject = receiver ? (int64_t)receiver->key.b : 0;

	if (!receiver || !model_has_state(m->model))
		return;
	if (receiver->key.mech == MECH_UNIX) {
		mech_add_quantity(m, "peer's first message", "B",
				  mech_before(m, FACT_UNIX_QUEUE, subject),
				  mech_after(m, FACT_UNIX_QUEUE, subject), PEER_TO_READ, -1);
		return;
	}
	if (before && (before->id != receiver->key.b || before->value[MEMORY] < 0))
		before = NULL;
	if (after && (after->id != receiver->key.b || after->value[MEMORY] < 0))
		after = NULL;
	mech_add_quantity(m, "peer queue", "B of memory", before, after, MEMORY, -1);
}
