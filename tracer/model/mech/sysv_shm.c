/* System V shared memory segments. shmop(2), ipc/shm.c */
#include <string.h>

#include "model/mech/details.h"
#include "model/mech/sysv.h"

enum { CREATOR = 2, LAST_PID = 3 };

/* Other shared memory may have the same device, and an inode of the same number. */
static bool is_segment(const struct event *ev, const struct fact *map)
{
	static const char prefix[] = "/SYSV";

	return map->text_len >= sizeof(prefix) &&
	       memcmp(event_fact_text(ev, map), prefix, sizeof(prefix) - 1) == 0;
}

static void ask(const struct mech_ask *ask)
{
	if (!ask->has_state)
		return;
	if (ask->handle.op == OP_UNMAP) {
		/* shmdt names an address; the mapping's inode is the id. */
		const struct fact *map = mem_fact(ask->mem, FACT_MAPPING, ask->handle.id);

		if (map && !ask->is_exit && is_segment(ask->mem->ev, map))
			mem_fact(ask->mem, FACT_SHM, (int64_t)map->ino);
		return;
	}
	sysv_ask(ask, FACT_SHM);
}

/* The id behind the address of shmdt, as the mapping at entry told. */
static int64_t detached_id(const struct mech_call *m)
{
	const struct fact *map = m->enter ? event_fact(m->enter, FACT_MAPPING, m->handle.id) : NULL;

	return map && is_segment(m->enter, map) ? (int64_t)map->ino : -1;
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	if (m->handle.op != OP_UNMAP)
		return sysv_identify(m, MECH_SYSV_SHM, ret_key);
	return sysv_identify_id(m, MECH_SYSV_SHM, detached_id(m), ret_key);
}

static void add_sharers(struct mech_call *m)
{
	sysv_add_users(m, OP_NONE, PEER_TO);
	for (unsigned i = 0; i < m->annotation->n_peers; i++)
		m->annotation->peers[i].text = "has used it";
}

/* state NULL: not known how many are attached. */
static void removed(struct mech_call *m, const struct fact *state)
{
	bool is_gone = state && !state->value[0];

	m->object->is_removed = is_gone;
	m->object->removed_ns = is_gone ? m->ev->time_ns : 0;
	if (m->touch)
		m->touch->note = is_gone ? "removed"
				 : state ? "goes when the last one detaches"
					 : "goes when nobody has it attached";
}

static void apply(struct mech_call *m)
{
	bool is_unmap = m->handle.op == OP_UNMAP;
	const struct fact *before, *after, *any;
	int64_t id = is_unmap ? detached_id(m) : sysv_id(m);

	if (!m->object)
		return;
	before = mech_before(m, FACT_SHM, id);
	after = mech_after(m, FACT_SHM, id);
	any = after ? after : before;
	sysv_set_label(m->object, any);
	if (is_unmap && before && !after) {
		/* What the call does, not what was seen: one attachment less. */
		mech_add_quantity(m, "attached before", "", before, NULL, 0, -1);
	} else {
		mech_add_quantity(m, "attached", "", before, after, 0, -1);
	}
	mech_add_quantity(m, "", "B", before, after, 1, -1);
	if (any && details_are_wanted(m)) {
		details_add(m, "creator", details_pid(any->value[CREATOR]));
		details_add(m, "last_pid", details_pids(m, before, after, LAST_PID));
	}
	if (sysv_is_gone(m))
		return;
	if (m->is_success && m->handle.op == OP_MAP)
		add_sharers(m);
	if (m->is_success && m->handle.op == OP_REMOVE)
		removed(m, any);
}

const struct ipc_mech mech_sysv_shm = {
	.mech = MECH_SYSV_SHM,
	.prefix = "shm",
	.ask = ask,
	.identify = identify,
	.apply = apply,
};
