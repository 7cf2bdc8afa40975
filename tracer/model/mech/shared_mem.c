/*
 * Memory that processes share by mapping: files of any kind, memfds, and what children inherit.
 * What is written there is no call and not seen; who has it mapped is. mmap(2), memfd_create(2)
 */
#include "model/mech/shared_mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "model/mech/state.h"

enum { ANY = 0600, MAPPINGS_MAX = 256, ANCESTORS_MAX = 64, ARG_LEN = 1 };

/* One mapping of the object in one process, kept when it has ended: children may have it still. */
struct mapping {
	pid_t tgid;
	bool is_inherited; /* no more than this is known of it: that it was unmapped */
	uint64_t start, end;
	uint64_t since_ns, until_ns; /* until_ns: UINT64_MAX while it is there */
};

struct mappings {
	struct mapping items[MAPPINGS_MAX];
	unsigned n;
};

bool shared_mem_key(const struct event *ev, const struct fact *mapping, struct ipc_key *ret_key)
{
	static const char memfd[] = "/memfd:", sysv[] = "/SYSV", anon[] = "anon_inode:";
	const char *name = event_fact_text(ev, mapping);
	size_t len = mapping->text_len;

	if (!(mapping->value[3] & MAPPING_SHARED) || !mapping->ino ||
	    (len >= sizeof(anon) && memcmp(name, anon, sizeof(anon) - 1) == 0))
		return false;
	*ret_key =
		(struct ipc_key){ .mech = MECH_SHARED_MEM, .a = mapping->dev, .b = mapping->ino };
	if (len >= sizeof(memfd) && memcmp(name, memfd, sizeof(memfd) - 1) == 0)
		ret_key->mech = MECH_MEMFD;
	else if (len >= sizeof(sysv) && memcmp(name, sysv, sizeof(sysv) - 1) == 0)
		*ret_key = (struct ipc_key){ .mech = MECH_SYSV_SHM,
					     .a = mapping->ino,
					     .b = mapping->id };
	return true;
}

bool shared_mem_is_ours(const struct object *object)
{
	const struct mappings *mappings = object ? object->data : NULL;

	if (!object || object->key.mech == MECH_MEMFD)
		return object && object->creator;
	/* The call that it was first seen in has mapped it: nobody could have had it before. */
	return object->key.mech == MECH_SHARED_MEM && mappings && mappings->n &&
	       !mappings->items[0].is_inherited &&
	       mappings->items[0].since_ns == object->birth_ns && object->label &&
	       strcmp(object->label, "anonymous") == 0;
}

/* --- at a stop --- */

static void ask_file(const struct mech_ask *ask)
{
	bool is_interesting = ask->handle.op == OP_OPEN || ask->handle.op == OP_CREATE ||
			      ask->handle.op == OP_CONTROL || ask->handle.op == OP_SEND;

	if (!is_interesting)
		return;
	if (ask->has_state)
		mem_fact(ask->mem, FACT_FILE, ask->handle.id);
	if (ask->handle.op == OP_OPEN)
		mech_ask_holders(ask, ANY);
	if (ask->handle.op == OP_OPEN && ask->spec->ipc.mech == MECH_PATH && ask->is_exit &&
	    ask->handle.fact->value[0] == FD_SHM)
		mem_fact(ask->mem, FACT_NAME, ask->spec->ipc.arg);
}

static void ask(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	const struct fact *fact;
	struct ipc_key key;

	if (ask->handle.is_fd) {
		ask_file(ask);
	} else if (ask->handle.op != OP_MAP) {
		if (!ask->is_exit)
			mem_fact(ask->mem, FACT_MAPPING, ask->handle.id);
	} else if (ask->is_exit && !ev->is_error) {
		fact = mem_fact(ask->mem, FACT_MAPPING, ev->ret);
		if (fact && shared_mem_key(ev, fact, &key) && key.mech != MECH_SYSV_SHM)
			mech_ask_inode_holders(ask, model_find_object(ask->model, &key), key.b,
					       ANY);
	}
}

/* --- which object --- */

/* The mapping that the call is about: what it made, or what was there before. */
static const struct fact *mapping_of(const struct mech_call *m, const struct event **ret_ev)
{
	*ret_ev = m->handle.op == OP_MAP ? m->ev : m->enter;
	if (m->handle.op == OP_MAP)
		return m->is_success ? event_fact(m->ev, FACT_MAPPING, m->call->ret) : NULL;
	return m->enter ? event_fact(m->enter, FACT_MAPPING, m->handle.id) : NULL;
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	const struct event *ev;
	const struct fact *fact = mapping_of(m, &ev);

	return fact && shared_mem_key(ev, fact, ret_key);
}

static bool is_deleted(const char *name, size_t len)
{
	static const char end[] = " (deleted)";

	return len > sizeof(end) &&
	       memcmp(name + len - (sizeof(end) - 1), end, sizeof(end) - 1) == 0;
}

static void set_label(struct object *object, const char *name, size_t len)
{
	static const char zero[] = "/dev/zero", memfd[] = "/memfd:", end[] = " (deleted)";
	bool is_gone = is_deleted(name, len);

	if (object->label || !len)
		return;
	if (is_gone)
		len -= sizeof(end) - 1;
	if (object->key.mech == MECH_MEMFD && len >= sizeof(memfd)) {
		name += sizeof(memfd) - 1;
		len -= sizeof(memfd) - 1;
	}
	if (is_gone && len == sizeof(zero) - 1 && memcmp(name, zero, len) == 0)
		object_set_label(object, "anonymous", strlen("anonymous"));
	else
		object_set_label(object, name, len);
}

/* --- who shares it --- */

static struct mappings *mappings_of(struct object *object)
{
	return state_data(object, sizeof(struct mappings));
}

/* Room for one more; the oldest that has ended gives way, or NULL. */
static struct mapping *new_mapping(struct mappings *mappings)
{
	if (mappings->n < MAPPINGS_MAX)
		return &mappings->items[mappings->n++];
	for (unsigned i = 0; i < MAPPINGS_MAX; i++) {
		if (mappings->items[i].until_ns == UINT64_MAX)
			continue;
		memmove(&mappings->items[i], &mappings->items[i + 1],
			(MAPPINGS_MAX - i - 1) * sizeof(mappings->items[0]));
		return &mappings->items[MAPPINGS_MAX - 1];
	}
	return NULL;
}

static void note_mapping(struct mech_call *m, const struct fact *fact)
{
	struct mapping *mapping = new_mapping(mappings_of(m->object));

	if (mapping)
		*mapping = (struct mapping){ .tgid = m->process->tgid,
					     .start = (uint64_t)fact->value[0],
					     .end = (uint64_t)fact->value[1],
					     .since_ns = m->ev->time_ns,
					     .until_ns = UINT64_MAX };
}

/* The process has unmapped [addr, addr + len): its own mapping, or what it got from its parent. */
static void drop_mapping(struct mech_call *m, uint64_t addr, uint64_t len)
{
	struct mappings *mappings = mappings_of(m->object);
	struct mapping *inherited;

	for (unsigned i = 0; i < mappings->n; i++) {
		struct mapping *mapping = &mappings->items[i];

		if (mapping->tgid != m->process->tgid || mapping->until_ns != UINT64_MAX ||
		    mapping->end <= addr || mapping->start >= addr + len)
			continue;
		mapping->until_ns = m->ev->time_ns;
		return;
	}
	inherited = new_mapping(mappings);
	if (inherited)
		*inherited = (struct mapping){ .tgid = m->process->tgid,
					       .is_inherited = true,
					       .until_ns = m->ev->time_ns };
}

/*
 * The mapping that process has, its own or one that it got by fork from an ancestor which had it
 * then. A new program starts without.
 */
static const struct mapping *find_mapping(const struct mech_call *m, const struct process *process)
{
	const struct mappings *mappings = m->object->data;
	uint64_t at_ns = UINT64_MAX;

	for (unsigned depth = 0; mappings && process && depth < ANCESTORS_MAX; depth++) {
		for (unsigned i = 0; i < mappings->n; i++) {
			const struct mapping *mapping = &mappings->items[i];

			if (mapping->tgid != process->tgid || mapping->until_ns < process->birth_ns)
				continue;
			if (mapping->is_inherited && mapping->until_ns < at_ns)
				return NULL;
			if (!mapping->is_inherited && mapping->since_ns < at_ns &&
			    mapping->until_ns >= at_ns && mapping->since_ns >= process->exec_ns)
				return mapping;
		}
		if (process->exec_ns || !process->birth_ns || !process->ppid)
			return NULL;
		at_ns = process->birth_ns;
		process = model_process(m->model, process->ppid);
	}
	return NULL;
}

static bool is_peer(const struct mech_call *m, pid_t pid)
{
	for (unsigned i = 0; i < m->annotation->n_peers; i++) {
		if (m->annotation->peers[i].pid == pid)
			return true;
	}
	return false;
}

static void add_mapper(struct mech_call *m, const struct process *process)
{
	const struct mapping *mapping;
	struct peer *peer;

	if (!process || !process->is_alive || process == m->process || is_peer(m, process->tgid))
		return;
	mapping = find_mapping(m, process);
	if (!mapping)
		return;
	/* What a child got from its parent it may have unmapped unseen, if calls are filtered. */
	peer = mech_add_peer(m, PEER_TO, mapping->tgid == process->tgid ? CERTAIN : INFERRED,
			     process->tgid, -1);
	peer->text =
		arena_printf(m->arena, "maps it at 0x%llx", (unsigned long long)mapping->start);
}

static void add_family(struct mech_call *m, pid_t tgid, unsigned depth)
{
	const struct process *child = NULL;

	add_mapper(m, model_process(m->model, tgid));
	while (depth < ANCESTORS_MAX && (child = model_next_child(m->model, tgid, child)))
		add_family(m, child->tgid, depth + 1);
}

static void add_sharers(struct mech_call *m)
{
	const struct mappings *mappings = m->object->data;
	struct annotation *annotation = m->annotation;
	unsigned first, left;

	for (unsigned i = 0; mappings && i < mappings->n; i++)
		add_family(m, mappings->items[i].tgid, 0);
	first = left = annotation->n_peers;
	mech_add_holders(m, m->object, ANY, PEER_TO, NULL);
	/* Those who hold it beside us: we are no peer of ours, and mappers are named already. */
	for (unsigned i = first; i < annotation->n_peers; i++) {
		pid_t pid = annotation->peers[i].pid;
		bool is_known = pid == m->process->tgid;

		for (unsigned j = 0; j < first; j++)
			is_known = is_known || annotation->peers[j].pid == pid;
		if (!is_known)
			annotation->peers[left++] = annotation->peers[i];
	}
	annotation->n_peers = left;
}

/* --- what happened --- */

static void mapped(struct mech_call *m)
{
	const struct event *ev;
	const struct fact *fact = mapping_of(m, &ev);
	bool is_private_use;

	if (!fact)
		return;
	set_label(m->object, event_fact_text(ev, fact), fact->text_len);
	if (strcmp(m->call->name, "mremap") == 0)
		drop_mapping(m, m->call->raw[0], m->call->raw[ARG_LEN]);
	note_mapping(m, fact);
	is_private_use = !(fact->value[3] & MAPPING_WRITE);
	if (m->touch)
		m->touch->note = arena_printf(m->arena, "%llu B mapped%s",
					      (unsigned long long)(fact->value[1] - fact->value[0]),
					      is_private_use ? " to be read" : "");
	add_sharers(m);
}

static void unmapped(struct mech_call *m)
{
	drop_mapping(m, m->call->raw[0], m->call->raw[ARG_LEN]);
	if (m->touch)
		m->touch->note = "unmapped";
	add_sharers(m);
}

static const char *seals_text(const struct mech_call *m, int64_t seals)
{
	static const char *const names[] = { "seal",  "shrink",       "grow",
					     "write", "future write", "exec" };
	const char *text = "";

	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		if (seals >> i & 1)
			text = arena_printf(m->arena, "%s%s%s", text, *text ? ", " : "", names[i]);
	}
	return text;
}

static void add_state(struct mech_call *m)
{
	const struct event *after = state_after(m);
	struct number seals_before = state_fact(m->enter, FACT_FILE, m->handle.id, 1);
	struct number seals = state_fact(after, FACT_FILE, m->handle.id, 1);

	if (m->handle.arg == HANDLE_RESULT)
		seals_before = (struct number){ 0 };
	state_add(m, "", "B", state_fact(m->enter, FACT_FILE, m->handle.id, 0),
		  state_fact(after, FACT_FILE, m->handle.id, 0), -1);
	if (m->touch && seals.is_known && seals.value > 0 &&
	    (!seals_before.is_known || seals.value != seals_before.value))
		m->touch->note = arena_printf(m->arena, "sealed: %s", seals_text(m, seals.value));
}

static void apply(struct mech_call *m)
{
	if (!m->object || !m->is_over)
		return;
	if (m->handle.is_fd) {
		add_state(m);
		if (m->is_success && (m->handle.op == OP_OPEN || m->handle.op == OP_SEND))
			add_sharers(m);
		return;
	}
	if (!m->object->identity[0])
		snprintf(m->object->identity, sizeof(m->object->identity), "inode %llu",
			 (unsigned long long)m->object->key.b);
	/* A System V segment has a mechanism of its own for that. */
	if (!m->is_success || m->object->key.mech == MECH_SYSV_SHM)
		return;
	if (m->handle.op == OP_MAP)
		mapped(m);
	else if (m->handle.op == OP_UNMAP)
		unmapped(m);
}

/* By a process that has mapped it itself and lives. */
static bool is_mapped(const struct model *model, const struct object *object)
{
	const struct mappings *mappings = object->data;

	for (unsigned i = 0; mappings && i < mappings->n; i++) {
		const struct process *process = model_process(model, mappings->items[i].tgid);

		if (mappings->items[i].until_ns == UINT64_MAX && process && process->is_alive)
			return true;
	}
	return false;
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)fact;
	if (text)
		set_label(object, text, strlen(text));
}

const struct ipc_mech mech_shared_mem = {
	.mech = MECH_SHARED_MEM,
	.prefix = "mem",
	.fd_kinds = 1ull << FD_SHM,
	.ask = ask,
	.identify = identify,
	.apply = apply,
	.describe = describe,
	.is_used = is_mapped,
};

const struct ipc_mech mech_memfd = {
	.mech = MECH_MEMFD,
	.prefix = "memfd",
	.fd_kinds = 1ull << FD_MEMFD,
	.ask = ask,
	.identify = identify,
	.apply = apply,
	.describe = describe,
	.is_used = is_mapped,
};
