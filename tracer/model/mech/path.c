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

static void ask(const struct mech_ask *ask)
{
	const struct fact *fact;
	struct ipc_key key = { .mech = MECH_FIFO };

	if (ask->is_exit && ask->handle.op != OP_CREATE)
		return;
	if (!ask->is_exit && ask->handle.op == OP_CREATE)
		return;
	fact = mem_fact(ask->mem, FACT_PATH, ask->handle.arg);
	/* Opening a FIFO waits for somebody who opens its other end, or finds him there. */
	if (!fact || fact->value[0] < 0 || !S_ISFIFO(fact->value[0]) || ask->handle.op != OP_OPEN)
		return;
	key.a = fact->dev;
	key.b = fact->ino;
	mech_ask_inode_holders(ask, model_find_object(ask->model, &key), fact->ino, READ | WRITE);
}

/* What the path meant before the call, or for what the call made, afterwards. */
static const struct fact *meaning(const struct mech_call *m)
{
	if (m->handle.op == OP_CREATE)
		return event_fact(m->ev, FACT_PATH, m->handle.arg);
	return m->enter ? event_fact(m->enter, FACT_PATH, m->handle.arg) : NULL;
}

static const char *path_text(const struct mech_call *m, unsigned arg)
{
	return arg < m->call->n_args ? state_string(m, &m->call->args[arg]) : NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Where one of them is relative the last parts have to do. */
static bool is_same_path(const char *a, const char *b)
{
	if (a[0] == '/' && b[0] == '/')
		return strcmp(a, b) == 0;
	return strcmp(last_part(a), last_part(b)) == 0;
}

/* The file of a socket has another inode than the socket: known by the path it was bound to. */
static bool identify_socket(const struct mech_call *m, struct ipc_key *ret_key)
{
	const char *path = path_text(m, m->handle.arg);
	const struct object *object = NULL;

	while (path && m->handle.op == OP_REMOVE &&
	       (object = model_next_object(m->model, object))) {
		if (!object->lasting.n_names || !object->lasting.path ||
		    !is_same_path(object->lasting.path, path))
			continue;
		*ret_key = object->key;
		return true;
	}
	return false;
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	const struct fact *fact = meaning(m);

	if (!fact || fact->value[0] < 0)
		return false;
	*ret_key = (struct ipc_key){ .mech = MECH_FIFO, .a = fact->dev, .b = fact->ino };
	if (S_ISFIFO(fact->value[0]))
		return true;
	if (S_ISSOCK(fact->value[0]))
		return identify_socket(m, ret_key);
	/* Any file can be one that is mapped: only those count that are known to be. */
	ret_key->mech = MECH_SHARED_MEM;
	return S_ISREG(fact->value[0]) && model_find_object(m->model, ret_key);
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
	if (!n && m->object->key.mech == MECH_FIFO)
		model_retire_object(m->model, m->object);
}

/* sem_open makes its file under another name and links it to the right one. */
static void linked(struct mech_call *m)
{
	/* The new path: behind the old one, or behind a directory's descriptor. */
	const char *to = path_text(m, m->handle.arg + (m->handle.arg ? 2 : 1));

	if (!to)
		return;
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
