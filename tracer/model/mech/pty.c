/* Pseudo-terminals: master and slave are the two sides of one object. pty(7) */
#include "model/mech/pty.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "model/mech/state.h"

unsigned pty_side(const char *link)
{
	size_t len = link ? strlen(link) : 0;

	if (len >= 4 && strcmp(link + len - 4, "ptmx") == 0)
		return PTY_MASTER;
	return len ? PTY_SLAVE : 0;
}

static void ask(const struct mech_ask *ask)
{
	bool is_wanted = ask->handle.op == OP_RECV || ask->handle.op == OP_SEND;

	if (ask->has_state && is_wanted)
		mem_fact(ask->mem, FACT_QUEUED, ask->handle.id);
}

/* The side that the call's descriptor is; 0 if it cannot be told. */
static unsigned own_side(const struct mech_call *m)
{
	struct holding *holding = process_holding(m->process, (int)m->handle.id);

	if (!holding || holding->object != m->object)
		return 0;
	return holding->access & (PTY_MASTER | PTY_SLAVE);
}

static unsigned other_side(unsigned side)
{
	return side == PTY_MASTER ? PTY_SLAVE : PTY_MASTER;
}

static void add_others(struct mech_call *m, unsigned side, enum peer_direction direction)
{
	mech_add_holders(m, m->object, other_side(side), direction,
			 side == PTY_MASTER ? "nobody traced has the slave"
					    : "nobody traced has the master");
}

static void talked(struct mech_call *m, unsigned side)
{
	uint64_t len = m->call->ret > 0 ? (uint64_t)m->call->ret : 0;

	if (m->handle.op == OP_SEND) {
		m->object->n_sends++;
		m->object->bytes_sent += len;
		add_others(m, side, PEER_TO);
	} else if (m->handle.op == OP_RECV) {
		m->object->n_receives++;
		m->object->bytes_received += len;
		add_others(m, side, PEER_FROM);
		/* What is read from a master may be the echo of what was written to it. */
		state_doubt(m, 0);
	}
}

static void apply(struct mech_call *m)
{
	unsigned side = own_side(m);

	if (!side)
		return;
	if (m->touch)
		m->touch->part = side == PTY_MASTER ? " master" : " slave";
	if (m->handle.op == OP_RECV || m->handle.op == OP_SEND)
		state_add(m, "", "B to read", state_fact(m->enter, FACT_QUEUED, m->handle.id, 0),
			  state_fact(state_after(m), FACT_QUEUED, m->handle.id, 0), -1);
	if (!m->is_over) {
		add_others(m, side, PEER_WAITS_FOR);
		return;
	}
	if (m->is_success)
		talked(m, side);
	/* Each open of the multiplexer makes a pair. */
	if (m->is_success && m->handle.op == OP_OPEN && side == PTY_MASTER &&
	    m->handle.arg == HANDLE_RESULT && !m->object->creator && !m->object->is_older) {
		m->object->creator = m->process->tgid;
		if (m->touch)
			m->touch->is_created = true;
	}
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	char label[32];

	(void)text;
	snprintf(label, sizeof(label), "/dev/pts/%u", minor(fact->id));
	object_set_label(object, label, strlen(label));
	snprintf(object->identity, sizeof(object->identity), "device %u:%u", major(fact->id),
		 minor(fact->id));
}

const struct ipc_mech mech_pty = {
	.mech = MECH_PTY,
	.prefix = "pty",
	.fd_kinds = 1ull << FD_PTY,
	.ask = ask,
	.apply = apply,
	.describe = describe,
};
