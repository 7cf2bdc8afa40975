/*
 * Locks of files: flock(2), and of ranges of them: fcntl(2). The kernel lists them in /proc/locks,
 * those who wait for one under it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/array.h"
#include "model/mech/details.h"
#include "model/mech/lock.h"
#include "model/mech/lock_holders.h"

enum { OWNERS_MAX = 64, DETAILS_SHOWN = 32 };

/* On one file flock's locks and those of ranges are two worlds that do not see each other. */
enum { RANGES_KEY, FLOCK_KEY };

static bool is_flock(const struct call_spec *spec)
{
	return strcmp(spec->name, "flock") == 0;
}

/* Does the call take or give up a lock? Others ask, or are about leases. */
static bool is_locking(const struct call_spec *spec, const uint64_t *raw)
{
	enum { SETLK64 = 13, SETLKW64 = 14, OFD_SETLK = 37, OFD_SETLKW = 38 };

	if (is_flock(spec))
		return true;
	switch ((uint32_t)raw[1]) {
	case F_SETLK:
	case F_SETLKW:
	case OFD_SETLK:
	case OFD_SETLKW:
		return true;
	case SETLK64:
	case SETLKW64:
		return strcmp(spec->name, "fcntl64") == 0;
	default:
		return false;
	}
}

static void ask(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	struct lock lock;
	size_t at = 0;

	if ((!ask->has_state && !ask->has_peers) || !is_locking(ask->spec, ev->args))
		return;
	mem_fact(ask->mem, FACT_LOCKS, ask->handle.id);
	lock_holders_ask(ask);
	for (unsigned n = 0; ask->has_peers && n < PEERS_MAX; n++) {
		if (!lock_next(ev, event_fact(ev, FACT_LOCKS, ask->handle.id), &at, &lock))
			return;
		if (lock.pid > 0 && lock.pid != ev->tgid && !model_comm(ask->model, lock.pid))
			mem_fact(ask->mem, FACT_COMM, lock.pid);
		if (lock.pid > 0 && mech_is_late(ask))
			mem_fact(ask->mem, FACT_PROCESS, lock.pid);
	}
}

static bool identify(const struct mech_call *m, struct ipc_key *ret_key)
{
	const struct fact *fact = m->handle.fact;

	if (!fact || fact->value[0] == FD_CLOSED || fact->value[0] == FD_UNKNOWN)
		return false;
	*ret_key = (struct ipc_key){ .mech = MECH_LOCK,
				     .pad = is_flock(m->call->spec) ? FLOCK_KEY : RANGES_KEY,
				     .a = fact->dev,
				     .b = fact->ino };
	return true;
}

/* What the call asks for. False: the lock is given up. */
static bool wanted(const struct mech_call *m, struct lock *ret_lock)
{
	const struct value *value = &m->call->args[2];
	int64_t first, len;

	*ret_lock =
		(struct lock){ .family = LOCK_FLOCK, .pid = m->process->tgid, .last = RANGE_END };
	if (is_flock(m->call->spec)) {
		ret_lock->is_write = m->call->raw[1] & LOCK_EX;
		return !(m->call->raw[1] & LOCK_UN);
	}
	ret_lock->family = (uint32_t)m->call->raw[1] > 30 ? LOCK_OF_FILE : LOCK_OF_PROCESS;
	if (ret_lock->family == LOCK_OF_FILE)
		ret_lock->pid = -1;
	first = state_member(value, "l_start", 0);
	len = state_member(value, "l_len", 0);
	if (state_member(value, "l_whence", SEEK_SET) == SEEK_SET && first >= 0) {
		ret_lock->first = len < 0 ? first + len : first;
		if (len)
			ret_lock->last = len < 0 ? first - 1 : first + len - 1;
	}
	ret_lock->is_write = state_member(value, "l_type", F_WRLCK) == F_WRLCK;
	return state_member(value, "l_type", F_WRLCK) != F_UNLCK;
}

/* Processes that have taken locks that belong to an open file. */
struct file_owners {
	pid_t tgids[OWNERS_MAX];
	unsigned n;
};

static void note_file_owner(struct mech_call *m)
{
	struct file_owners *owners = state_data(m->object, sizeof(*owners));

	for (unsigned i = 0; i < owners->n; i++) {
		if (owners->tgids[i] == m->process->tgid)
			return;
	}
	if (owners->n < OWNERS_MAX)
		owners->tgids[owners->n++] = m->process->tgid;
}

/*
 * A lock that belongs to an open file has no process: it is of one of those who have taken such
 * locks, the caller if nobody else has.
 */
static void add_file_owners(struct mech_call *m, enum peer_direction direction, const char *text)
{
	const struct file_owners *owners = m->object->data;
	bool has_caller = false;
	unsigned n = 0;

	for (unsigned i = 0; owners && i < owners->n; i++) {
		const struct process *process = model_process(m->model, owners->tgids[i]);
		bool is_caller = owners->tgids[i] == m->process->tgid;

		has_caller = has_caller || is_caller;
		if (is_caller || !process || !process->is_alive)
			continue;
		mech_add_peer(m, direction, INFERRED, owners->tgids[i], -1)->text = text;
		n++;
	}
	if (!n && has_caller)
		mech_add_peer(m, direction, INFERRED, m->process->tgid, -1)->text = text;
	else if (!n)
		mech_add_peer(m, direction, UNKNOWN, 0, -1)->text =
			"whoever has the open file that is locked";
}

/* Those who wait for a lock of an open file are in a call that asks for it. */
static void add_file_waiters(struct mech_call *m, const char *text)
{
	unsigned n = 0;

	for (const struct waiter *w = m->object->waiters; w; w = w->next) {
		if (w->tgid == m->process->tgid)
			continue;
		mech_add_peer(m, PEER_TO, INFERRED, w->tgid, -1)->text = text;
		n++;
	}
	if (!n)
		mech_add_peer(m, PEER_TO, UNKNOWN, 0, -1)->text =
			"whoever waits for the file's lock";
}

/*
 * Has the process the lock for sure? flock's belongs to an open file: it has it if it was seen to
 * take it, and has closed nothing since.
 */
static bool has_it_still(const struct mech_call *m, const struct process *process,
			 const struct lock *lock)
{
	if (!process || !process->is_alive || lock->family != LOCK_FLOCK)
		return process && process->is_alive;
	for (size_t i = 0; i < m->object->n_users; i++) {
		const struct user *user = &m->object->users[i];

		if (user->tgid == process->tgid)
			return user->n_sends && user->last_ns > process->close_ns &&
			       user->last_ns > process->exec_ns;
	}
	return false;
}

static void add_owner(struct mech_call *m, const struct event *ev, const struct lock *lock,
		      enum peer_direction direction, const char *text)
{
	const struct process *process;
	const struct fact *comm, *found;
	struct peer *peer;
	bool is_certain;

	if (lock->pid <= 0) {
		if (direction == PEER_TO)
			add_file_waiters(m, text);
		else
			add_file_owners(m, direction, text);
		return;
	}
	process = model_process(m->model, lock->pid);
	/* Who waits is in the call itself. */
	is_certain = direction == PEER_TO ? process && process->is_alive
					  : has_it_still(m, process, lock);
	peer = mech_add_peer(m, direction, is_certain ? CERTAIN : INFERRED, lock->pid, -1);
	peer->text = text;
	found = event_fact(ev, FACT_PROCESS, lock->pid);
	peer->is_gone = (process && !process->is_alive) || (found && !found->value[0]);
	comm = event_fact(ev, FACT_COMM, lock->pid);
	if (!peer->comm && comm)
		peer->comm = arena_copy(m->arena, event_fact_text(ev, comm), comm->text_len);
	/* flock tells who took the lock, who may be gone while a child of it has it still. */
	if (!peer->is_gone || lock->family != LOCK_FLOCK)
		return;
	m->annotation->is_open = true;
	peer->text = arena_printf(m->arena,
				  "took it and has ended; who inherited the "
				  "descriptor %s",
				  text);
}

/*
 * Those whose locks stand in the way of own, or who wait for own to go. Of flock's locks our own
 * process has one by that descriptor (is_own false) or by another. Returns how many.
 */
static unsigned add_some(struct mech_call *m, const struct event *ev, const struct lock *own,
			 bool wants_waiters, bool is_own, enum peer_direction direction)
{
	const struct fact *fact = ev ? event_fact(ev, FACT_LOCKS, m->handle.id) : NULL;
	struct lock lock;
	unsigned n = 0;
	size_t at = 0;

	while (lock_next(ev, fact, &at, &lock)) {
		if (lock.is_waiter != wants_waiters || !lock_is_in_conflict(own, &lock) ||
		    (own->family == LOCK_FLOCK && (lock.pid == own->pid) != is_own))
			continue;
		add_owner(m, ev, &lock, direction,
			  lock_text(m->arena,
				    !wants_waiters                ? "has the"
				    : lock.family == LOCK_OF_FILE ? "waits for an"
								  : "waits for a",
				    &lock));
		n++;
	}
	return n;
}

static unsigned add_others(struct mech_call *m, const struct event *ev, const struct lock *own,
			   bool wants_waiters, enum peer_direction direction)
{
	unsigned n = add_some(m, ev, own, wants_waiters, false, direction);

	/* In its own way: it has opened the file twice. */
	if (!n && !wants_waiters && own->family == LOCK_FLOCK)
		n = add_some(m, ev, own, wants_waiters, true, direction);
	return n;
}

static void blocked(struct mech_call *m, const struct lock *own)
{
	const struct event *ev;

	mech_latest(m, FACT_LOCKS, m->handle.id, &ev);
	m->touch->note =
		arena_printf(m->arena, "waits for a%s %s lock",
			     own->family == LOCK_OF_FILE ? "n" : "", lock_kind_text(m->arena, own));
	if (lock_holders_add(m, ev, own) && m->annotation->n_peers)
		return;
	/* Of an open file nobody knows who else has it. */
	m->annotation->is_open |= own->family == LOCK_FLOCK;
	if (!add_others(m, ev, own, false, PEER_WAITS_FOR))
		mech_add_peer(m, PEER_WAITS_FOR, UNKNOWN, 0, -1)->text =
			"its owner was not there when the call began";
}

static void refused(struct mech_call *m, const struct lock *own)
{
	switch (-m->call->ret) {
	case EAGAIN:
	case EACCES:
		m->touch->note = "somebody else has it";
		break;
	case EDEADLK:
		m->touch->note = "would be a deadlock: its owner waits for us";
		break;
	default:
		return;
	}
	if (!add_others(m, m->ev, own, false, PEER_FROM))
		add_others(m, m->enter, own, false, PEER_FROM);
}

static void taken(struct mech_call *m, const struct lock *own, bool is_taken)
{
	struct user *user = object_user(m->object, m->process->tgid);
	struct lock whole = *own;

	if (is_taken) {
		m->touch->note = arena_printf(m->arena, "%s lock", lock_kind_text(m->arena, own));
		user->n_sends++;
		if (own->family == LOCK_OF_FILE)
			note_file_owner(m);
		return;
	}
	m->touch->note = arena_printf(m->arena, "%s unlocked", lock_family_name(own->family));
	/* Whatever its own lock was, those who waited may have waited for it. */
	whole.is_write = true;
	add_others(m, m->enter, &whole, true, PEER_TO);
}

/*
 * F_GETLK and its like: the answer is a lock in the way, or that there is none. Unlike the kernel's
 * list it has the owner's number as the caller calls it.
 */
static void asked(struct mech_call *m)
{
	const struct value *value = &m->call->args[2];
	int64_t type = state_member(value, "l_type", F_UNLCK);
	pid_t pid = (pid_t)state_member(value, "l_pid", 0);
	/* The answer to OFD_GETLK may be a lock of a process, too; which it is a pid tells. */
	struct lock lock = { .family = pid >= 0 ? LOCK_OF_PROCESS : LOCK_OF_FILE,
			     .pid = pid,
			     .is_write = type == F_WRLCK };
	const struct process *process;
	const char *text;
	struct peer *peer;

	if (type == F_UNLCK)
		return;
	text = arena_printf(m->arena, "has a%s %s lock", lock.family == LOCK_OF_FILE ? "n" : "",
			    lock_kind_text(m->arena, &lock));
	if (lock.family == LOCK_OF_FILE) {
		add_file_owners(m, PEER_FROM, text);
		return;
	}
	process = model_process(m->model, model_pid_of(m->model, m->process, pid).tid);
	peer = mech_add_named(m, PEER_FROM, process && process->is_alive ? CERTAIN : INFERRED, pid,
			      -1);
	if (!peer->text)
		peer->text = text;
	peer->is_gone = process && !process->is_alive;
}

/* --- details --- */

static struct value detail_of(const struct mech_call *m, const struct lock *lock, bool is_listed)
{
	const char *family = lock_family_name(lock->family);
	struct value value = value_struct(m->arena, 6);

	*value_field(&value, "kind") = details_word(family, lock->family);
	*value_field(&value, "type") =
		details_word(lock->is_write ? "write" : "read", lock->is_write ? F_WRLCK : F_RDLCK);
	/* Not known, of a lock that belongs to an open file. */
	*value_field(&value, "owner") = details_pid(lock->pid);
	*value_field(&value, "first") = value_int(lock->first);
	/* None: up to the end of the file, wherever that will be. */
	*value_field(&value, "last") =
		lock->last == RANGE_END ? (struct value){ 0 } : value_int(lock->last);
	if (is_listed)
		*value_field(&value, "waits") = details_flag(lock->is_waiter);
	return value;
}

/* The kernel's list of those on the file, of the world that the call is about. */
static struct value listed(const struct mech_call *m, const struct event *ev)
{
	const struct fact *fact = ev ? event_fact(ev, FACT_LOCKS, m->handle.id) : NULL;
	bool is_of_flock = m->object->key.pad == FLOCK_KEY;
	struct value list;
	struct lock lock;
	size_t at = 0;

	if (!fact)
		return (struct value){ 0 };
	list = value_array(m->arena, DETAILS_SHOWN);
	list.array.n = 0;
	list.array.total = 0;
	while (lock_next(ev, fact, &at, &lock)) {
		if ((lock.family == LOCK_FLOCK) != is_of_flock || lock.family == LOCK_OTHER)
			continue;
		list.array.total++;
		if (list.array.n < DETAILS_SHOWN)
			list.array.items[list.array.n++] = detail_of(m, &lock, true);
	}
	list.is_cut = list.array.n < list.array.total;
	return list;
}

static void add_details(struct mech_call *m, const struct lock *own, bool is_taken)
{
	struct value request;

	if (!details_are_wanted(m))
		return;
	request = detail_of(m, own, false);
	if (!is_taken)
		request.st.fields[1].value = details_word("unlock", F_UNLCK);
	details_add(m, "request", request);
	details_add(m, "locks",
		    details_change_of(m, listed(m, m->enter), listed(m, state_after(m))));
}

bool lock_was_taken(const struct mech_call *m)
{
	struct lock own;

	if (is_locking(m->call->spec, m->call->raw))
		return wanted(m, &own);
	return (uint32_t)m->call->raw[1] == F_SETLEASE && m->call->raw[2] != F_UNLCK;
}

static void set_label(struct mech_call *m)
{
	const struct fact *fact = m->handle.fact;
	const struct value *fd = &m->call->args[0];

	if (m->object->identity[0])
		return;
	snprintf(m->object->identity, sizeof(m->object->identity), "inode %llu",
		 (unsigned long long)fact->ino);
	if (fd->kind == VALUE_FD && fd->fd.link)
		object_set_label(m->object, fd->fd.link, strlen(fd->fd.link));
}

static void apply(struct mech_call *m)
{
	struct lock own;
	bool is_taken;

	if (!m->object || !m->touch)
		return;
	set_label(m);
	if (!is_locking(m->call->spec, m->call->raw)) {
		if (m->is_success)
			asked(m);
		return;
	}
	is_taken = wanted(m, &own);
	if (own.first || own.last != RANGE_END)
		m->touch->part = lock_range_text(m->arena, &own);
	add_details(m, &own, is_taken);
	if (!m->is_over)
		blocked(m, &own);
	else if (m->is_success)
		taken(m, &own, is_taken);
	else
		refused(m, &own);
}

const struct ipc_mech mech_lock = {
	.mech = MECH_LOCK,
	.prefix = "lock",
	.ask = ask,
	.identify = identify,
	.apply = apply,
};
