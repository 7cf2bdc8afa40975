#include "model/mech/lock_holders.h"

/* What stands for a process among the open files; see struct peer's share. */
enum { OF_PROCESS = 1u << 31 };

void lock_holders_ask(const struct mech_ask *ask)
{
	if (ask->has_peers && mech_is_late(ask))
		mem_fact(ask->mem, FACT_LOCK_FDS, ask->handle.id);
}

/* The next of those that are about the descriptor; NULL at the end. *at starts at 0. */
static const struct fact *next_holder(const struct mech_call *m, const struct event *ev,
				      uint32_t *at)
{
	while (*at < ev->n_facts) {
		const struct fact *fact = &ev->facts[(*at)++];

		if (fact->kind == FACT_LOCK_FD && fact->subject == m->handle.id)
			return fact;
	}
	return NULL;
}

static bool is_in_the_way(const struct fact *holder, const struct lock *own, struct lock *lock)
{
	/* Of a process: it may share its descriptors, and with them its locks, with who took it. */
	if (lock->family == LOCK_OF_PROCESS)
		lock->pid = (pid_t)holder->value[0];
	else if (!holder->id)
		return false;
	return lock_is_in_conflict(own, lock);
}

static const char *comm_of(struct mech_call *m, const struct event *ev, pid_t pid)
{
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];

		if (fact->kind == FACT_HOLDER && fact->value[0] == pid)
			return arena_copy(m->arena, event_fact_text(ev, fact), fact->text_len);
	}
	return NULL;
}

static bool is_told(const struct mech_call *m, pid_t pid, uint32_t share)
{
	for (unsigned i = 0; i < m->annotation->n_peers; i++) {
		const struct peer *peer = &m->annotation->peers[i];

		if (peer->direction == PEER_WAITS_FOR && peer->pid == pid && peer->share == share)
			return true;
	}
	return false;
}

static void add_holder(struct mech_call *m, const struct event *ev, const struct fact *holder,
		       const struct lock *lock, enum certainty certainty)
{
	bool is_of_process = lock->family == LOCK_OF_PROCESS;
	pid_t pid = (pid_t)holder->value[0];
	uint32_t share = is_of_process ? OF_PROCESS | (uint32_t)pid : (uint32_t)holder->id;
	struct peer *peer;

	if (is_told(m, pid, share))
		return;
	peer = mech_add_peer(m, PEER_WAITS_FOR, certainty, pid,
			     is_of_process ? -1 : (int)holder->value[1]);
	peer->share = share;
	peer->text = lock_text(m->arena, "has the", lock);
	if (!peer->comm)
		peer->comm = comm_of(m, ev, pid);
}

/* Has somebody a descriptor of the open file, or table of them, that this lock belongs to? */
static bool is_held(const struct mech_call *m, const struct event *ev, const struct lock *wanted)
{
	const struct fact *holder;
	struct lock lock;
	uint32_t at = 0;

	while ((holder = next_holder(m, ev, &at))) {
		size_t at_line = 0;

		while (lock_next(ev, holder, &at_line, &lock)) {
			if (lock_is_same(&lock, wanted))
				return true;
		}
	}
	return false;
}

/* Whoever has it was not to be seen. */
static bool is_any_unheld(const struct mech_call *m, const struct event *ev, const struct lock *own)
{
	const struct fact *list = event_fact(ev, FACT_LOCKS, m->handle.id);
	struct lock lock;
	size_t at = 0;

	while (lock_next(ev, list, &at, &lock)) {
		if (!lock.is_waiter && lock_is_in_conflict(own, &lock) && !is_held(m, ev, &lock))
			return true;
	}
	return false;
}

bool lock_holders_add(struct mech_call *m, const struct event *ev, const struct lock *own)
{
	const struct fact *head = ev ? event_fact(ev, FACT_LOCK_FDS, m->handle.id) : NULL;
	const struct fact *holder;
	struct lock lock;
	uint32_t at = 0;

	if (!head)
		return false;
	m->annotation->looked_ns = (uint64_t)head->value[2];
	m->annotation->is_open |= head->value[3] || is_any_unheld(m, ev, own);
	while ((holder = next_holder(m, ev, &at))) {
		size_t at_line = 0;

		while (lock_next(ev, holder, &at_line, &lock)) {
			if (is_in_the_way(holder, own, &lock))
				add_holder(m, ev, holder, &lock,
					   head->value[1] ? INFERRED : CERTAIN);
		}
	}
	return true;
}
