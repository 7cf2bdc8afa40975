/*
 * Futex words: mutexes, condition variables, semaphores of libc meet here when they are contended.
 * futex(2). A word that processes share is known by file and offset, so that it is one object
 * wherever it is mapped; a private one by process and address.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/mech/details.h"
#include "model/mech/futex_wakes.h"
#include "model/mech/shared_mem.h"

enum { PRIVATE_KEY = 1, SEGMENT_KEY = 2, OWNER_DIED = 0x40000000, CONTENDED = 2 };

/*
 * What of a pthread_mutex_t stands behind its word. Source: struct __pthread_mutex_s of glibc for
 * 64-bit x86, struct_mutex.h.
 */
struct mutex_tail {
	int32_t owner;
	uint32_t n_users, kind;
};

enum { TAIL_OFFSET = 8, PLAIN_KINDS = 0x183, USERS_MAX = 4096 };

/* Who has locked what a futex word is of. */
struct owner {
	pid_t tid; /* 0: not known */
	bool is_plain; /* glibc notes it beside the word, not in it */
};

/* Does the call say that only one process uses the word? */
static bool is_private(const struct call_spec *spec, const uint64_t *raw)
{
	bool is_futex2 =
		strncmp(spec->name, "futex_w", 7) == 0 && strcmp(spec->name, "futex_waitv") != 0;

	return raw[is_futex2 ? 3 : 1] & FUTEX_PRIVATE_FLAG;
}

static bool is_about_word(const struct call_spec *spec)
{
	return spec->ipc.op == OP_WAIT || spec->ipc.op == OP_WAKE;
}

/* glibc waits so for a mutex that is locked and has waiters. */
static bool is_mutex_wait(const struct event *ev)
{
	return event_word_len(ev) == 8 && (ev->args[1] & FUTEX_CMD_MASK) == FUTEX_WAIT &&
	       ev->args[2] == CONTENDED;
}

static bool is_pi_lock(const struct event *ev)
{
	int command = (int)(ev->args[1] & FUTEX_CMD_MASK);

	return command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2;
}

/*
 * The owner of what the call of ev waits for. With priority inheritance or robustness the word
 * holds its tid, and says that there are waiters; of a plain mutex glibc knows it.
 */
static struct owner owner_of(const struct mem *mem, uint64_t addr, uint32_t word)
{
	const struct event *ev = mem->ev;
	struct mutex_tail tail;

	if (word == CONTENDED && is_mutex_wait(ev) &&
	    mem_read_all(mem, addr + TAIL_OFFSET, &tail, sizeof(tail)) == 0 &&
	    !(tail.kind & ~(uint32_t)PLAIN_KINDS) && tail.n_users <= USERS_MAX && tail.owner > 0)
		return (struct owner){ tail.owner, true };
	if (!is_pi_lock(ev) && !(word & FUTEX_WAITERS))
		return (struct owner){ 0 };
	return (struct owner){ (pid_t)(word & FUTEX_TID_MASK), false };
}

static void ask(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	struct owner owner;
	struct named named;
	struct mutex_tail tail;
	uint32_t word;

	if (!is_about_word(ask->spec))
		return;
	if (!ask->is_exit && !is_private(ask->spec, ev->args))
		mem_fact(ask->mem, FACT_MAPPING, ask->handle.id);
	if (!ask->is_exit)
		futex_ask_second(ask);
	if (ask->has_state)
		mem_read_all(ask->mem, (uint64_t)ask->handle.id, &word, sizeof(word));
	if (ask->has_peers && !ask->is_exit && is_mutex_wait(ev))
		mem_read_all(ask->mem, (uint64_t)ask->handle.id + TAIL_OFFSET, &tail, sizeof(tail));
	if (!mech_is_late(ask) ||
	    mem_read_all(ask->mem, (uint64_t)ask->handle.id, &word, sizeof(word)) < 0)
		return;
	owner = owner_of(ask->mem, (uint64_t)ask->handle.id, word);
	named = model_pid_of(ask->model, ask->process, owner.tid);
	if (named.tid)
		mem_fact(ask->mem, FACT_PROCESS, named.tid);
}

static const struct fact *mapping(const struct mech_call *m)
{
	return m->enter ? event_fact(m->enter, FACT_MAPPING, m->handle.id) : NULL;
}

struct ipc_key futex_key(const struct mech_call *m, uint64_t addr, const struct fact *map)
{
	struct ipc_key key = { .mech = MECH_FUTEX }, home;

	if (map && (map->value[3] & MAPPING_SHARED)) {
		/* A segment's inode is its id, which a memfd of the same device may have, too. */
		if (shared_mem_key(m->enter, map, &home) && home.mech == MECH_SYSV_SHM)
			key.pad = SEGMENT_KEY;
		key.a = key.pad ? home.b : map->dev;
		key.b = map->ino;
		key.c = addr - (uint64_t)map->value[0] + (uint64_t)map->value[2];
	} else {
		key.pad = PRIVATE_KEY;
		key.a = (uint64_t)m->process->tgid;
		key.b = addr;
	}
	return key;
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	if (!is_about_word(m->call->spec) || strcmp(m->call->name, "futex_waitv") == 0)
		return false;
	*ret_key = futex_key(m, (uint64_t)m->handle.id, mapping(m));
	return true;
}

/* The shared memory that the word lives in: by its name if we know it, else as the maps have it. */
static void set_home(struct mech_call *m, const struct fact *map)
{
	const struct object *home = NULL;
	const char *label = NULL;
	struct ipc_key key;

	if (!map)
		return;
	if (shared_mem_key(m->enter, map, &key))
		home = model_find_object(m->model, &key);
	if (home)
		label = arena_printf(m->arena, "in %s%s%s", object_short_name(home),
				     home->label ? " " : "", home->label ? home->label : "");
	else if (map->text_len)
		label = arena_printf(m->arena, "in %.*s", (int)map->text_len,
				     event_fact_text(m->enter, map));
	if (label)
		object_set_label(m->object, label, strlen(label));
}

static void set_label(struct mech_call *m)
{
	const struct fact *map = mapping(m);

	if (m->object->identity[0])
		return;
	if (m->object->key.pad == PRIVATE_KEY) {
		snprintf(m->object->identity, sizeof(m->object->identity), "private to PID %d",
			 m->process->tgid);
		return;
	}
	snprintf(m->object->identity, sizeof(m->object->identity), "shared, offset %llu",
		 (unsigned long long)m->object->key.c);
	set_home(m, map);
}

/* The word as it was read at a stop; false if it was not. */
static bool word_at(const struct mech_call *m, const struct event *ev, struct fact *ret_fact)
{
	struct mem mem = { .ev = (struct event *)ev };
	uint32_t word;

	if (!ev || mem_read_all(&mem, (uint64_t)m->handle.id, &word, sizeof(word)) < 0)
		return false;
	ret_fact->value[0] = word;
	return true;
}

/* Does the kernel itself read the word as that of an owner? Else that is a guess from its looks. */
static bool is_owned_by_law(const struct call_spec *spec, const uint64_t *raw)
{
	switch (strncmp(spec->name, "futex_w", 7) ? raw[1] & FUTEX_CMD_MASK : 0) {
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_TRYLOCK_PI:
	case FUTEX_UNLOCK_PI:
		return true;
	default:
		return false;
	}
}

/* The word of a lock that holds its owner's tid; VALUE_NONE if it does not look like one. */
static struct value owner_detail(const struct mech_call *m, const struct fact *fact, bool is_known)
{
	uint32_t word = (uint32_t)fact->value[0];
	pid_t tid = (pid_t)(word & FUTEX_TID_MASK);
	bool is_law = is_owned_by_law(m->call->spec, m->call->raw);
	struct value value;

	if (!is_known ||
	    !(is_law || (tid > CONTENDED && model_pid_of(m->model, m->process, tid).tgid)))
		return (struct value){ 0 };
	value = value_struct(m->arena, 4);
	*value_field(&value, "tid") = details_pid(tid);
	*value_field(&value, "waiters") = details_flag(word & FUTEX_WAITERS);
	*value_field(&value, "owner_died") = details_flag(word & OWNER_DIED);
	*value_field(&value, "certainty") = details_word(is_law ? "exact" : "inferred", !is_law);
	return value;
}

static void add_owner_details(struct mech_call *m, struct value before, struct value after)
{
	if (before.kind != VALUE_NONE || after.kind != VALUE_NONE)
		details_add(m, "owner", details_change_of(m, before, after));
}

static void add_word(struct mech_call *m)
{
	struct fact before = { 0 }, after = { 0 };
	bool has_before = word_at(m, m->enter, &before);
	bool has_after = m->is_over && m->ev->kind == EVENT_EXIT && word_at(m, m->ev, &after);

	mech_add_quantity(m, "word", "", has_before ? &before : NULL, has_after ? &after : NULL, 0,
			  -1);
	if (details_are_wanted(m))
		add_owner_details(m, owner_detail(m, &before, has_before),
				  owner_detail(m, &after, has_after));
	if (has_after && (after.value[0] & OWNER_DIED) && m->touch)
		m->touch->note = "its owner died";
}

static struct futex_end own_end(const struct mech_call *m)
{
	return (struct futex_end){ m->process->tgid, m->call->tid, m->ev->time_ns };
}

static void add_thread(struct mech_call *m, enum peer_direction direction, enum certainty certainty,
		       pid_t pid, pid_t tid)
{
	mech_add_peer(m, direction, certainty, pid, -1)->tid = tid;
}

/*
 * ret of the waiters were woken; which of them, the kernel does not say unless it was all. The one
 * whose wait was over before we returned may be one of them.
 */
static void woke(struct mech_call *m)
{
	struct futex_word *ends = futex_word(m->object);
	bool is_late = ends->wait.pid && ends->wait.exit_ns > m->call->enter_ns;
	unsigned n_waiters = is_late;
	enum certainty certainty;

	/* An unlock does not tell whether somebody waited for it. */
	if (m->call->ret > 0 || (m->call->raw[1] & FUTEX_CMD_MASK) == FUTEX_UNLOCK_PI)
		ends->wake = own_end(m);
	m->object->n_sends++;
	if (m->call->ret <= 0)
		return;
	for (const struct waiter *w = m->object->waiters; w; w = w->next)
		n_waiters += w->op == OP_WAIT;
	certainty = n_waiters <= m->call->ret && !is_late ? CERTAIN : INFERRED;
	if (is_late)
		add_thread(m, PEER_TO, INFERRED, ends->wait.pid, ends->wait.tid);
	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_WAIT && !(is_late && w->tid == ends->wait.tid))
			add_thread(m, PEER_TO, certainty, w->tgid, w->tid);
	}
}

/* Threads that are in a waking call now have not returned yet, but may have woken us. */
static void woken(struct mech_call *m)
{
	struct futex_word *ends = futex_word(m->object);

	m->object->n_receives++;
	ends->wait = own_end(m);
	if (futex_woken(m))
		return;
	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->op == OP_WAKE) {
			add_thread(m, PEER_FROM, INFERRED, w->tgid, w->tid);
			return;
		}
	}
	if (ends->wake.pid && ends->wake.exit_ns > m->call->enter_ns)
		add_thread(m, PEER_FROM, INFERRED, ends->wake.pid, ends->wake.tid);
}

/* Whose lock it is; a process that we have not met is told by its thread. */
static void blocked(struct mech_call *m)
{
	const struct event *ev = m->ev;
	struct fact word = { 0 };
	const struct fact *found;
	struct owner owner;
	struct named named;
	struct peer *peer;
	struct mem mem;
	pid_t process;

	if (!word_at(m, ev, &word)) {
		ev = m->enter;
		if (!ev || !word_at(m, ev, &word))
			return;
	}
	mem = (struct mem){ .ev = (struct event *)ev };
	owner = owner_of(&mem, (uint64_t)m->handle.id, (uint32_t)word.value[0]);
	if (!owner.tid)
		return;
	named = model_pid_of(m->model, m->process, owner.tid);
	process = named.tgid;
	found = event_fact(ev, FACT_PROCESS, named.tid);
	if (!process && found)
		process = found->value[0] ? (pid_t)found->value[0] : named.tid;
	if (!named.tid)
		mech_add_named(m, PEER_WAITS_FOR, UNKNOWN, owner.tid, -1);
	if (!process)
		return;
	peer = mech_add_peer(m, PEER_WAITS_FOR, INFERRED, process, -1);
	peer->tid = named.tid;
	if (named.tid != owner.tid)
		peer->inner_pid = owner.tid;
	peer->text = owner.is_plain ? "its tid is in the mutex" : "its tid is in the word";
	peer->is_holder = true;
	peer->is_gone = found && !found->value[0];
}

static void apply(struct mech_call *m)
{
	if (!m->object)
		return;
	set_label(m);
	add_word(m);
	if (m->is_over && m->handle.op == OP_WAKE)
		futex_woke(m);
	if (!m->is_over)
		blocked(m);
	else if (m->is_success && m->handle.op == OP_WAKE)
		woke(m);
	else if (m->is_success && m->handle.op == OP_WAIT)
		woken(m);
}

const struct ipc_mech mech_futex = {
	.mech = MECH_FUTEX,
	.prefix = "futex",
	.ask = ask,
	.identify = identify,
	.apply = apply,
	.begin = futex_begin,
};
