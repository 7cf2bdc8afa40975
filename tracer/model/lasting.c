/*
 * Objects that outlive those who use them: they have an id or a name of their own, and stay until
 * somebody removes that.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>

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

static void note_file(struct mech_call *m)
{
	struct lasting *lasting = &m->object->lasting;

	if (m->handle.op == OP_REMOVE && lasting->n_names)
		lasting->n_names--;
	else if (m->handle.op == OP_CONTROL && lasting->n_names &&
		 strncmp(m->call->spec->name, "link", 4) == 0)
		lasting->n_names++;
	else if (m->touch && m->touch->is_created &&
		 (m->object->key.mech == MECH_FIFO || is_on_shm(m->object)))
		note_made(m, false);
}

static void note_socket(struct mech_call *m)
{
	struct lasting *lasting = &m->object->lasting;
	const char *path = m->handle.op == OP_BIND ? sock_of(m->object)->own : "";

	if (m->handle.op == OP_REMOVE)
		lasting->n_names = 0;
	/* Abstract names, which start with an @, go with the socket. */
	if (!path[0] || path[0] == '@')
		return;
	note_made(m, false);
	free(lasting->path);
	lasting->path = strdup(path);
	if (!lasting->path)
		abort();
}

void model_note_lasting(struct mech_call *m)
{
	if (!m->is_success)
		return;
	switch (m->object->key.mech) {
	case MECH_SYSV_MSG:
	case MECH_SYSV_SEM:
	case MECH_SYSV_SHM:
		if (m->handle.op == OP_CREATE)
			note_sysv(m);
		if (m->handle.op == OP_REMOVE || m->object->is_removed)
			m->object->lasting.n_names = 0;
		break;
	case MECH_POSIX_MQ:
		if (m->handle.op == OP_REMOVE)
			m->object->lasting.n_names = 0;
		else if (m->touch && m->touch->is_created)
			note_made(m, false);
		break;
	case MECH_FIFO:
	case MECH_SHARED_MEM:
		note_file(m);
		break;
	case MECH_UNIX:
		note_socket(m);
		break;
	default:
		break;
	}
}
