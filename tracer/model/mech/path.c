/*
 * Objects that have a name in the file system: FIFOs and shared memory. Calls that take a path;
 * what they open is a descriptor and its mechanism's business. fifo(7), shm_overview(7)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "model/mech/state.h"

enum { READ = 0400, WRITE = 0200 };

/* The argument with the new path: behind the old one, or behind a directory's descriptor. */
static unsigned new_path(unsigned arg)
{
	return arg + (arg ? 2 : 1);
}

/* linkat is told to link what the name refers to, as for /proc/self/fd/N. */
static bool follows(const struct call_spec *spec, const struct event *ev)
{
	enum { ARG_FLAGS = 4 };

	return strcmp(spec->name, "linkat") == 0 &&
	       (ev->args[ARG_FLAGS] & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH));
}

/* What gets, loses or changes a name, and which. */
static void ask_names(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	const struct fact *from = mem_fact(ask->mem, FACT_NAME, ask->handle.arg);
	bool is_link = strncmp(ask->spec->name, "link", 4) == 0;

	if (ask->handle.op != OP_CONTROL)
		return;
	if (follows(ask->spec, ev))
		from = mem_fact(ask->mem, FACT_PATH, ask->handle.arg);
	/* Most files that are linked are nothing to us. */
	if (!is_link || !from || S_ISFIFO(from->value[0]) || S_ISSOCK(from->value[0]) ||
	    from->kind == FACT_PATH || from->id)
		mem_fact(ask->mem, FACT_NAME, new_path(ask->handle.arg));
}

static void ask(const struct mech_ask *ask)
{
	const struct fact *fact;
	struct ipc_key key = { .mech = MECH_FIFO };

	if (ask->handle.op != OP_OPEN) {
		if (ask->is_exit == (ask->handle.op == OP_CREATE))
			ask_names(ask);
		return;
	}
	if (ask->is_exit)
		return;
	fact = mem_fact(ask->mem, FACT_PATH, ask->handle.arg);
	/* Opening a FIFO waits for somebody who opens its other end, or finds him there. */
	if (!fact || fact->value[0] < 0 || !S_ISFIFO(fact->value[0]))
		return;
	key.a = fact->dev;
	key.b = fact->ino;
	mech_ask_inode_holders(ask, model_find_object(ask->model, &key), fact->ino, READ | WRITE);
}

/* What the path meant before the call, or for what the call made, afterwards. */
static const struct fact *meaning(const struct mech_call *m)
{
	const struct event *ev = m->handle.op == OP_CREATE ? m->ev : m->enter;
	const struct fact *name = ev ? event_fact(ev, FACT_NAME, m->handle.arg) : NULL;
	const struct fact *path = ev ? event_fact(ev, FACT_PATH, m->handle.arg) : NULL;

	return name && !(path && follows(m->call->spec, ev)) ? name : path;
}

static const char *path_text(const struct mech_call *m, unsigned arg)
{
	return arg < m->call->n_args ? state_string(m, &m->call->args[arg]) : NULL;
}

/* The file of a socket has another inode than the socket. An old record tells only of its path. */
static const struct object *socket_at(const struct mech_call *m, const struct fact *fact)
{
	const char *path = path_text(m, m->handle.arg);
	const struct object *object = NULL;

	if (fact->kind == FACT_NAME)
		return model_named_file(m->model, fact);
	while (path && (object = model_next_object(m->model, object))) {
		const struct lasting *lasting = &object->lasting;

		if (lasting->n_known && strcmp(lasting->names[0].path, path) == 0)
			return object;
	}
	return NULL;
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	const struct fact *fact = meaning(m);
	const struct object *object;

	if (!fact || fact->value[0] < 0)
		return false;
	*ret_key = (struct ipc_key){ .mech = MECH_FIFO, .a = fact->dev, .b = fact->ino };
	if (S_ISFIFO(fact->value[0]))
		return true;
	/* Any file can be one that is mapped: only those count that are known to be. */
	if (S_ISSOCK(fact->value[0]) && m->handle.op != OP_OPEN)
		object = socket_at(m, fact);
	else
		object = model_named_file(m->model, fact);
	if (object)
		*ret_key = object->key;
	return object;
}

static int open_mode(const struct mech_call *m)
{
	if (strcmp(m->call->name, "creat") == 0)
		return O_WRONLY;
	if (strcmp(m->call->name, "openat2") == 0)
		return (int)state_member(&m->call->args[m->handle.arg + 1], "flags", O_RDWR) &
		       O_ACCMODE;
	return (int)m->call->raw[m->handle.arg + 1] & O_ACCMODE;
}

/* The open of a FIFO goes on when somebody opens its other end. */
static void blocked(struct mech_call *m)
{
	bool is_read = open_mode(m) == O_RDONLY;
	unsigned n_peers = m->annotation->n_peers;

	if (m->handle.op != OP_OPEN || m->object->key.mech != MECH_FIFO)
		return;
	if (m->touch)
		m->touch->note = is_read ? "waits for somebody to open it for writing"
					 : "waits for somebody to open it for reading";
	for (size_t i = 0; i < m->object->n_users; i++) {
		pid_t pid = m->object->users[i].tgid;
		const struct process *process = model_process(m->model, pid);

		if (pid != m->process->tgid && process && process->is_alive)
			mech_add_peer(m, PEER_WAITS_FOR, INFERRED, pid, -1)->text =
				"has used it before";
	}
	if (m->annotation->n_peers == n_peers)
		mech_add_peer(m, PEER_WAITS_FOR, UNKNOWN, 0, -1)->text = "whoever opens it";
}

static unsigned count_holdings(const struct object *object)
{
	unsigned n = 0;

	for (const struct holding *h = object->holdings; h; h = h->next)
		n++;
	return n;
}

static void removed(struct mech_call *m)
{
	unsigned n = count_holdings(m->object);

	if (!m->touch)
		return;
	m->touch->note = n ? arena_printf(m->arena, "name removed; %u descriptor%s of it left", n,
					  n == 1 ? "" : "s")
			   : "name removed";
}

/* sem_open makes its file under another name and links it to the right one. */
static void linked(struct mech_call *m)
{
	const char *to = path_text(m, new_path(m->handle.arg));

	if (!to)
		return;
	/* A socket is known by the address that others connect to. */
	if (m->object->key.mech != MECH_UNIX)
		object_set_label(m->object, to, strlen(to));
	if (m->touch)
		m->touch->note = arena_printf(m->arena, "now %s", to);
}

static void created(struct mech_call *m)
{
	m->object->creator = m->process->tgid;
	if (m->touch)
		m->touch->is_created = true;
}

static void failed(struct mech_call *m)
{
	if (m->touch && m->handle.op == OP_OPEN && m->object->key.mech == MECH_FIFO &&
	    m->call->ret == -ENXIO)
		m->touch->note = "nobody has it open for reading";
}

static void apply(struct mech_call *m)
{
	const char *path = path_text(m, m->handle.arg);

	if (!m->object)
		return;
	if (!m->object->label && path)
		object_set_label(m->object, path, strlen(path));
	if (!m->object->identity[0])
		snprintf(m->object->identity, sizeof(m->object->identity), "inode %llu",
			 (unsigned long long)m->object->key.b);
	if (!m->is_over)
		blocked(m);
	else if (!m->is_success)
		failed(m);
	else if (m->handle.op == OP_REMOVE)
		removed(m);
	else if (m->handle.op == OP_CREATE)
		created(m);
	else if (m->handle.op == OP_CONTROL)
		linked(m);
}

const struct ipc_mech mech_path = {
	.mech = MECH_PATH,
	.prefix = "file",
	.ask = ask,
	.identify = identify,
	.apply = apply,
};
