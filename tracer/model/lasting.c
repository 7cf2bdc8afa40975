/*
 * Objects that outlive those who use them: they have an id or a name of their own, and stay until
 * somebody removes that.
 */
#include <string.h>
#include <sys/ipc.h>
#include <sys/stat.h>

#include "model/file_names.h"
#include "model/mech/lock.h"
#include "model/mech/sock.h"
#include "model/model_core.h"

enum { MESSAGES = 0, LAST_SENDER = 3, LAST_RECEIVER = 4, CREATOR = 2 };

/* What is seen of an xxxget that succeeded on an object not met before. */
enum making { MADE_NOT, MADE_PERHAPS, MADE };

/* Does the state right after the call show that somebody else has made it before? */
static enum making making_of_state(const struct mech_call *m)
{
	const struct fact *shm = event_fact(m->ev, FACT_SHM, m->call->ret);
	const struct fact *msg = event_fact(m->ev, FACT_MSG, m->call->ret);

	if (shm)
		return shm->value[CREATOR] == m->process->tgid ? MADE : MADE_NOT;
	if (msg && (msg->value[MESSAGES] || msg->value[LAST_SENDER] || msg->value[LAST_RECEIVER]))
		return MADE_NOT;
	return MADE_PERHAPS;
}

static enum making making_of_sysv(const struct mech_call *m)
{
	bool is_msg = m->object->key.mech == MECH_SYSV_MSG;
	uint64_t key = (uint32_t)m->call->raw[0], flags = m->call->raw[is_msg ? 1 : 2];

	if (key == IPC_PRIVATE || (flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return MADE;
	return flags & IPC_CREAT ? making_of_state(m) : MADE_NOT;
}

static void note_made(struct mech_call *m, bool is_inferred)
{
	struct object *object = m->object;

	object->lasting.n_names = 1;
	object->lasting.is_inferred = is_inferred;
	object->lasting.call = m->call->spec->name;
	object->lasting.maker = m->process->tgid;
	object->lasting.made_ns = m->call->exit_ns;
	event_stack_free(object->lasting.stack);
	object->lasting.stack = event_stack(m->ev);
}

/* xxxget finds as well as makes. */
static void note_sysv(struct mech_call *m)
{
	enum making making = making_of_sysv(m);

	if (!m->touch || !m->touch->is_created)
		return;
	if (making == MADE_NOT) {
		m->object->creator = 0;
		m->object->is_older = true;
		m->touch->is_created = false;
		return;
	}
	note_made(m, making == MADE_PERHAPS);
}

static bool is_on_shm(const struct object *object)
{
	return object->label && strncmp(object->label, "/dev/shm/", 9) == 0;
}

/* The names and how they change are those of paths: see below. */
static void note_file(struct mech_call *m)
{
	const struct fact *name = event_fact(m->ev, FACT_NAME, m->call->spec->ipc.arg);
	const char *label = m->object->label;

	if (!m->touch || !m->touch->is_created ||
	    (m->object->key.mech != MECH_FIFO && !is_on_shm(m->object)))
		return;
	note_made(m, false);
	m->object->lasting.n_names = 0;
	if (name && name->text_len)
		file_names_add(&m->object->lasting, m->ev, name);
	else if (label)
		file_names_add_path(&m->object->lasting, label, strlen(label));
	else
		m->object->lasting.n_names = 1;
}

static void note_socket(struct mech_call *m)
{
	struct lasting *lasting = &m->object->lasting;
	const struct fact *name;
	const char *path;

	if (m->handle.op != OP_BIND)
		return;
	path = sock_of(m->object)->own;
	name = sock_bound_name(m);
	if (name && name->value[0] < 0)
		name = NULL;
	/* Abstract names, which start with an @, go with the socket. */
	if (!path[0] || (path[0] == '@' && !name))
		return;
	note_made(m, false);
	file_names_finish(lasting);
	lasting->n_names = 0;
	if (!name || !S_ISSOCK(name->value[0]) || !name->text_len) {
		file_names_add_path(lasting, path, strlen(path));
		return;
	}
	file_names_add(lasting, m->ev, name);
	lasting->file_dev = name->dev;
	lasting->file_ino = name->ino;
}

/* --- calls that change names --- */

/* Who has lost its last one, and is not open, is gone for good. */
static void drop_name(struct mech_call *m, struct object *object, const struct event *ev,
		      const struct fact *name)
{
	bool is_last = !name || name->value[3] <= 1;

	if (object->lasting.n_names)
		file_names_drop(&object->lasting, ev, name);
	if (is_last && object->key.mech == MECH_FIFO && !object->holdings)
		model_retire_object(m->model, object);
}

/* What was made without a name, with O_TMPFILE, is to stay as soon as it has one. */
static void add_name(struct mech_call *m, struct object *object, const struct fact *from,
		     const struct fact *to)
{
	if (!object->lasting.n_names && from && from->value[3] == 0 && is_on_shm(object)) {
		note_made(m, false);
		object->lasting.n_names = 0;
	} else if (!object->lasting.n_names) {
		return;
	}
	if (to && to->text_len)
		file_names_add(&object->lasting, m->enter, to);
	else
		object->lasting.n_names++;
}

static void move_name(struct object *object, const struct event *ev, const struct fact *from,
		      const struct fact *to)
{
	if (!object || !object->lasting.n_names)
		return;
	file_names_drop(&object->lasting, ev, from);
	file_names_add(&object->lasting, ev, to);
}

static void move_below(struct model *model, const struct event *ev, const struct fact *from,
		       const struct fact *to, bool is_exchange)
{
	bool is_from_dir = from->value[0] >= 0 && S_ISDIR(from->value[0]);
	bool is_to_dir = to->value[0] >= 0 && S_ISDIR(to->value[0]);

	if (!is_from_dir && !(is_exchange && is_to_dir))
		return;
	for (struct object *object = model->objects.first; object; object = object->next) {
		if (object->lasting.n_known)
			file_names_move_below(&object->lasting, ev, from, to, is_exchange);
	}
}

static void note_rename(struct mech_call *m, const struct fact *from, const struct fact *to)
{
	enum { EXCHANGE = 2, ARG_FLAGS = 4 };
	bool is_exchange =
		strcmp(m->call->name, "renameat2") == 0 && (m->call->raw[ARG_FLAGS] & EXCHANGE);
	struct object *object = file_names_object(&m->model->objects, from);
	struct object *other = file_names_object(&m->model->objects, to);

	/* Two names of one file: both stay. */
	if (from->value[0] >= 0 && to->value[0] >= 0 && from->dev == to->dev &&
	    from->ino == to->ino)
		return;
	if (is_exchange)
		move_name(other, m->enter, to, from);
	else if (other)
		drop_name(m, other, m->enter, to);
	move_name(object, m->enter, from, to);
	move_below(m->model, m->enter, from, to, is_exchange);
}

static void note_names(struct mech_call *m)
{
	unsigned arg = m->handle.arg;
	const struct fact *from = m->enter ? event_fact(m->enter, FACT_NAME, arg) : NULL;
	const struct fact *to =
		m->enter ? event_fact(m->enter, FACT_NAME, arg + (arg ? 2 : 1)) : NULL;

	if (m->handle.op == OP_REMOVE) {
		if (m->object)
			drop_name(m, m->object, m->enter, from);
	} else if (strncmp(m->call->spec->name, "link", 4) == 0) {
		/* linkat may be told to follow a link. */
		if (from && event_fact(m->enter, FACT_PATH, arg))
			from = event_fact(m->enter, FACT_PATH, arg);
		if (m->object)
			add_name(m, m->object, from, to);
	} else if (from && to) {
		note_rename(m, from, to);
	}
}

const struct object *model_named_file(const struct model *model, const struct fact *name)
{
	return file_names_object(&model->objects, name);
}

static void note_queue(struct mech_call *m)
{
	const struct fact *ns = event_fact(m->ev, FACT_IPC_NS, m->ev->tid);

	note_made(m, false);
	m->object->lasting.ipc_ns = ns ? ns->ino : 0;
}

static void note_id(struct mech_call *m)
{
	if (m->handle.op == OP_CREATE)
		note_sysv(m);
	if (m->handle.op == OP_REMOVE || m->object->is_removed)
		m->object->lasting.n_names = 0;
}

void model_note_lasting(struct mech_call *m)
{
	bool is_path = m->call->spec->ipc.mech == MECH_PATH;

	if (!m->is_success)
		return;
	if (is_path && (m->handle.op == OP_REMOVE || m->handle.op == OP_CONTROL))
		note_names(m);
	if (!m->object)
		return;
	switch (m->object->key.mech) {
	case MECH_SYSV_MSG:
	case MECH_SYSV_SEM:
	case MECH_SYSV_SHM:
		note_id(m);
		break;
	case MECH_POSIX_MQ:
		if (m->handle.op == OP_REMOVE && !is_path)
			m->object->lasting.n_names = 0;
		else if (m->touch && m->touch->is_created)
			note_queue(m);
		break;
	case MECH_FIFO:
	case MECH_SHARED_MEM:
		note_file(m);
		break;
	case MECH_UNIX:
		note_socket(m);
		break;
	case MECH_LOCK:
		if (lock_was_taken(m))
			note_made(m, false);
		m->object->lasting.n_names = 0;
		break;
	default:
		break;
	}
}
