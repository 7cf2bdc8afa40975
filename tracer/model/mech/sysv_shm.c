/* System V shared memory segments. shmop(2), ipc/shm.c */
#include "model/mech.h"
#include "model/mech/sysv.h"

static void ask(const struct mech_ask *ask)
{
	if (!ask->has_state)
		return;
	if (ask->handle.op == OP_UNMAP) {
		/* shmdt names an address; the mapping's inode is the id. */
		const struct fact *map = mem_fact(ask->mem, FACT_MAPPING, ask->handle.id);

		if (map && !ask->is_exit)
			mem_fact(ask->mem, FACT_SHM, (int64_t)map->ino);
		return;
	}
	sysv_ask(ask, FACT_SHM);
}

/* The id behind the address of shmdt, as the mapping at entry told. */
static int64_t detached_id(const struct mech_call *m)
{
	const struct fact *map = m->enter ? event_fact(m->enter, FACT_MAPPING, m->handle.id) : NULL;

	return map ? (int64_t)map->ino : -1;
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	if (m->handle.op != OP_UNMAP)
		return sysv_identify(m, MECH_SYSV_SHM, ret_key);
	*ret_key = (struct ipc_key){ .mech = MECH_SYSV_SHM, .a = (uint64_t)detached_id(m) };
	return detached_id(m) >= 0;
}

static void add_sharers(struct mech_call *m)
{
	sysv_add_users(m, OP_NONE, PEER_TO);
	for (unsigned i = 0; i < m->annotation->n_peers; i++)
		m->annotation->peers[i].text = "has used it";
}

static void removed(struct mech_call *m, bool is_attached)
{
	m->object->is_removed = !is_attached;
	if (m->touch)
		m->touch->note = is_attached ? "goes when the last one detaches" : "removed";
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
	if (m->is_success && m->handle.op == OP_MAP)
		add_sharers(m);
	if (m->is_success && m->handle.op == OP_REMOVE)
		removed(m, any && any->value[0]);
}

const struct ipc_mech mech_sysv_shm = {
	.mech = MECH_SYSV_SHM,
	.prefix = "shm",
	.ask = ask,
	.identify = identify,
	.apply = apply,
};
