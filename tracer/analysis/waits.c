/* What every blocked thread waits for, in words, and who could end that. */
#include "analysis/waits.h"

#include <string.h>

#include "base/array.h"
#include "model/mech/sysv_sem.h"

enum { ARG_MSG_TYPE = 3 };

/* --- time limits --- */

static const struct time_limit {
	const char *name;
	unsigned arg;
	bool is_ms; /* a number of milliseconds, negative: none; else a pointer, NULL: none */
} time_limits[] = {
	{ "poll", 2, true },
	{ "epoll_wait", 3, true },
	{ "epoll_pwait", 3, true },
	{ "epoll_pwait2", 3, false },
	{ "ppoll", 2, false },
	{ "select", 4, false },
	{ "_newselect", 4, false },
	{ "pselect6", 4, false },
	{ "futex", 3, false },
	{ "futex_wait", 4, false },
	{ "futex_waitv", 3, false },
	{ "semtimedop", 3, false },
	{ "mq_timedsend", 4, false },
	{ "mq_timedreceive", 4, false },
	{ "rt_sigtimedwait", 2, false },
	{ "recvmmsg", 4, false },
	{ "io_getevents", 4, false },
};

/* "_time64" is what 32-bit architectures call the same. */
static bool is_called(const struct call *call, const char *name)
{
	size_t len = strlen(name);

	return strncmp(call->name, name, len) == 0 &&
	       (!call->name[len] || strncmp(call->name + len, "_time", 5) == 0);
}

static bool has_time_limit(const struct call *call)
{
	for (size_t i = 0; i < ARRAY_LEN(time_limits); i++) {
		const struct time_limit *limit = &time_limits[i];

		if (!is_called(call, limit->name))
			continue;
		if (limit->is_ms)
			return (int32_t)call->raw[limit->arg] >= 0;
		return call->raw[limit->arg] != 0;
	}
	return false;
}

/* --- words --- */

static enum mech mech_of(const struct wait *wait)
{
	const struct blocked *blocked = &wait->blocked;

	return blocked->object ? (enum mech)blocked->object->key.mech
			       : (enum mech)blocked->call->spec->ipc.mech;
}

/* The words for putting something in and taking it out. */
static void say_transfer(struct wait *wait, struct arena *arena, const char *name, const char *what)
{
	if (wait->blocked.op == OP_SEND) {
		wait->words = arena_printf(arena, "waits for space in %s", name);
		wait->verb = "read";
	} else {
		wait->words = arena_printf(arena, "waits for %s in %s", what, name);
		wait->verb = "write to";
	}
}

static void say_fifo(struct wait *wait, struct arena *arena, const char *name)
{
	const struct annotation *annotation = wait->blocked.annotation;
	const char *note = annotation->n_touches ? annotation->touches[0].note : NULL;

	if (wait->blocked.op != OP_OPEN) {
		say_transfer(wait, arena, name, "data");
	} else if (note && strstr(note, "for writing")) {
		wait->words = arena_printf(arena, "waits for a writer of %s", name);
		wait->verb = "open for writing";
	} else {
		wait->words = arena_printf(arena, "waits for a reader of %s", name);
		wait->verb = "open for reading";
	}
}

static void say_msg(struct wait *wait, struct arena *arena, const char *name)
{
	int64_t type = (int64_t)wait->blocked.call->raw[ARG_MSG_TYPE];

	if (wait->blocked.op == OP_SEND)
		wait->words = arena_printf(arena, "waits for space in %s", name);
	else if (type > 0)
		wait->words = arena_printf(arena, "waits for a message of type %lld in %s",
					   (long long)type, name);
	else if (type < 0)
		wait->words = arena_printf(arena, "waits for a message of type 1 to %lld in %s",
					   -(long long)type, name);
	else
		wait->words = arena_printf(arena, "waits for a message in %s", name);
	wait->verb = wait->blocked.op == OP_SEND ? "receive from" : "send";
}

static void say_sem(struct wait *wait, struct arena *arena, const char *name)
{
	unsigned num;
	int op;

	if (!sysv_sem_obstacle(wait->blocked.call, wait->blocked.annotation, &num, &op)) {
		wait->words = arena_printf(arena, "waits for semaphores of %s", name);
		wait->verb = "change";
		return;
	}
	wait->number = op ? (int)num : -1;
	wait->words = arena_printf(
		arena, op ? "waits for semaphore %s[%u]" : "waits for semaphore %s[%u] to be 0",
		name, num);
	wait->verb = op ? "give back" : "take";
}

static void say_socket(struct wait *wait, struct arena *arena, const char *name)
{
	switch (wait->blocked.op) {
	case OP_ACCEPT:
		wait->words = arena_printf(arena, "waits for a connection to %s", name);
		wait->verb = "connect to";
		break;
	case OP_CONNECT:
		wait->words = arena_printf(arena, "waits for %s to be accepted", name);
		wait->verb = "accept";
		break;
	default:
		say_transfer(wait, arena, name, "data");
		wait->verb = wait->blocked.op == OP_SEND ? "read" : "send";
		break;
	}
}

static void say_children(struct wait *wait, struct arena *arena)
{
	const char *list = "a child";

	for (size_t i = 0; i < wait->n_parties; i++) {
		const struct wait_party *party = &wait->parties[i];

		list = arena_printf(arena, "%s%s%s[%d]", i ? list : "", i ? " or " : "child ",
				    party->comm, party->pid);
	}
	if (wait->n_more)
		list = arena_printf(arena, "%s or %zu more", list, wait->n_more);
	wait->words = arena_printf(arena, "waits for %s to end", list);
}

static const char *party_text(const struct wait_party *party, struct arena *arena)
{
	const char *text = arena_printf(arena, "%s[%d]%s", party->comm, party->pid,
					party->certainty == CERTAIN ? "" : "~");

	if (party->tid && party->tid != party->pid)
		text = arena_printf(arena, "%s thread %d", text, party->tid);
	if (party->fd >= 0)
		text = arena_printf(arena, "%s fd %d", text, party->fd);
	return party->is_alive ? text : arena_printf(arena, "%s, which has ended,", text);
}

/* "waits in poll for any of pipe:1 (right[12] fd 4), unix:2 (left[11] fd 5) or others" */
static void say_several(struct wait *wait, struct arena *arena)
{
	const char *list = "";

	for (size_t i = 0; i < wait->n_parties; i++) {
		const struct wait_party *party = &wait->parties[i];
		bool is_same = i && party->object == wait->parties[i - 1].object;

		list = arena_printf(arena, "%s%s%s%s%s", list, i ? is_same ? " or " : "), " : "",
				    party->object && !is_same ? object_short_name(party->object)
							      : "",
				    is_same ? "" : " (", party_text(party, arena));
	}
	wait->words = wait->n_parties ? arena_printf(arena, "waits in %s for any of %s)%s",
						     wait->blocked.call->name, list,
						     wait->is_open ? " or others" : "")
				      : arena_printf(arena, "waits in %s for one of several",
						     wait->blocked.call->name);
}

static void say(struct wait *wait, struct arena *arena)
{
	const struct object *object = wait->blocked.object;
	const char *name = object ? object_short_name(object) : "its object";

	switch (mech_of(wait)) {
	case MECH_PIPE:
		say_transfer(wait, arena, name, "data");
		break;
	case MECH_FIFO:
		say_fifo(wait, arena, name);
		break;
	case MECH_SYSV_MSG:
		say_msg(wait, arena, name);
		break;
	case MECH_POSIX_MQ:
		say_transfer(wait, arena, name, "a message");
		wait->verb = wait->blocked.op == OP_SEND ? "receive from" : "send";
		break;
	case MECH_SYSV_SEM:
		say_sem(wait, arena, name);
		break;
	case MECH_LOCK:
		wait->words = arena_printf(arena, "waits for %s%s, the lock of %s", name,
					   wait->blocked.annotation->n_touches &&
							   wait->blocked.annotation->touches[0].part
						   ? wait->blocked.annotation->touches[0].part
						   : "",
					   object && object->label && *object->label ? object->label
										     : "a file");
		wait->verb = "give up";
		break;
	case MECH_FUTEX:
		wait->words = arena_printf(arena, "waits at %s", name);
		wait->verb = wait->has_holders ? "unlock" : "wake";
		break;
	case MECH_UNIX:
	case MECH_INET:
	case MECH_SOCKET:
	case MECH_NETLINK:
		say_socket(wait, arena, name);
		break;
	case MECH_EVENTFD:
		say_transfer(wait, arena, name, "an event");
		break;
	case MECH_WAIT:
		say_children(wait, arena);
		break;
	case MECH_SIGNAL:
	case MECH_SIGNALFD:
		wait->words = "waits for a signal";
		break;
	case MECH_FD:
	case MECH_EPOLL:
		say_several(wait, arena);
		break;
	default:
		wait->words = object ? arena_printf(arena, "waits in %s for %s",
						    wait->blocked.call->name, name)
				     : arena_printf(arena, "waits in %s", wait->blocked.call->name);
		break;
	}
}

/* --- parties --- */

static struct wait_party *add_party(struct wait *wait, pid_t pid, enum certainty certainty)
{
	struct wait_party *party = &wait->parties[wait->n_parties++];

	*party = (struct wait_party){
		.pid = pid, .fd = -1, .certainty = certainty, .is_alive = true, .comm = "?"
	};
	return party;
}

static void find_parties(const struct model *model, struct wait *wait, struct arena *arena)
{
	const struct annotation *annotation = wait->blocked.annotation;

	wait->parties = arena_array(arena, struct wait_party, annotation->n_peers + 1);
	for (unsigned i = 0; i < annotation->n_peers; i++) {
		const struct peer *peer = &annotation->peers[i];
		const struct process *process = model_process(model, peer->pid);
		struct wait_party *party;

		if (peer->direction != PEER_WAITS_FOR)
			continue;
		if (!peer->pid) {
			wait->is_open = true;
			continue;
		}
		wait->has_holders |= peer->is_holder;
		party = add_party(wait, peer->pid, peer->certainty);
		party->fd = peer->fd;
		party->tid = peer->tid;
		party->share = peer->share;
		party->object = peer->object;
		party->is_alive = !peer->is_gone && (!process || process->is_alive);
		if (peer->comm)
			party->comm = peer->comm;
	}
	wait->n_more = annotation->n_more_peers;
	wait->is_open |= annotation->is_open || wait->n_more;
}

/* Has the process done anything to the object, or closed any file, since the wait began? */
static bool has_moved(const struct model *model, const struct wait *wait, pid_t pid)
{
	const struct process *process = model_process(model, pid);
	const struct object *object = wait->blocked.object;
	uint64_t since_ns = wait->blocked.known_ns;

	if (!process || process->exec_ns > since_ns || process->close_ns > since_ns)
		return true;
	for (size_t i = 0; object && i < object->n_users; i++) {
		if (object->users[i].tgid == pid && object->users[i].last_ns > since_ns)
			return true;
	}
	return false;
}

/* Has it given descriptors to others since they were looked for: to a child, by a message? */
static bool has_shared(const struct model *model, const struct wait *wait, pid_t pid)
{
	const struct process *process = model_process(model, pid);

	return wait->blocked.annotation->looked_ns &&
	       (!process || process->shared_ns > wait->blocked.annotation->looked_ns);
}

/*
 * Locks were looked up when the wait began, or later: who has moved since may have them no more, and
 * who has ended has none. The thread may sleep on all the same: those who wait behind another waiter
 * are not woken when the lock goes on to that one.
 */
static void judge_holders(const struct model *model, struct wait *wait)
{
	wait->needs_all = true;
	for (size_t i = 0; i < wait->n_parties; i++) {
		pid_t pid = wait->parties[i].pid;

		wait->is_open |= !wait->parties[i].is_alive || has_moved(model, wait, pid) ||
				 has_shared(model, wait, pid);
	}
	wait->is_open |= !wait->n_parties;
}

/* A wake-up since the wait began: it may have changed hands. */
static void judge_futex(struct wait *wait)
{
	const struct object *object = wait->blocked.object;

	wait->certainty = INFERRED;
	wait->is_anyones = !wait->has_holders;
	for (size_t i = 0; object && i < object->n_users; i++)
		wait->is_open |= object->users[i].last_ns > wait->blocked.known_ns;
}

static void judge_socket(struct wait *wait)
{
	bool is_talk = wait->blocked.op == OP_SEND || wait->blocked.op == OP_RECV;

	wait->certainty = INFERRED;
	wait->is_open |= !is_talk || !wait->n_parties;
}

static void judge(const struct model *model, struct wait *wait)
{
	const struct object *object = wait->blocked.object;

	wait->certainty =
		(object && object->is_older) || !model_knows_holders(model) ? INFERRED : CERTAIN;
	wait->is_open |= has_time_limit(wait->blocked.call);
	switch (mech_of(wait)) {
	case MECH_EVENTFD:
		/* Nobody can be asked who else has it. */
		wait->is_open |= !wait->n_parties || !model_knows_holders(model);
		break;
	case MECH_PIPE:
		wait->is_open |= !wait->n_parties;
		break;
	case MECH_FIFO:
	case MECH_SYSV_MSG:
	case MECH_POSIX_MQ:
		/* Who is not seen to use it now may do so yet. */
		wait->is_open = has_time_limit(wait->blocked.call);
		wait->is_anyones = true;
		wait->certainty = INFERRED;
		break;
	case MECH_SYSV_SEM:
		/* Who has it is known only if all that was done to it was seen. */
		wait->is_anyones = !wait->has_holders || !wait->blocked.since_ns;
		wait->certainty = INFERRED;
		break;
	case MECH_LOCK:
		judge_holders(model, wait);
		break;
	case MECH_FUTEX:
		judge_futex(wait);
		break;
	case MECH_UNIX:
	case MECH_INET:
		judge_socket(wait);
		break;
	case MECH_WAIT:
		wait->is_open |= !wait->n_parties;
		break;
	case MECH_FD:
	case MECH_EPOLL:
		/* A signal handler may well be part of the plan. */
		wait->is_open |= !wait->n_parties;
		wait->certainty = INFERRED;
		break;
	default:
		wait->is_open = true;
		break;
	}
}

/* --- the whole --- */

static bool is_same_share(const struct wait *wait, size_t i)
{
	return i && wait->parties[i].share && wait->parties[i].share == wait->parties[i - 1].share;
}

static const char *sentence_of(const struct wait *wait, struct arena *arena)
{
	const char *text =
		arena_printf(arena, "%s[%d] %s", wait->comm, wait->blocked.tid, wait->words);
	const char *list = "";

	if (!wait->verb)
		return text;
	for (size_t i = 0; i < wait->n_parties; i++)
		list = arena_printf(arena, "%s%s%s", list,
				    !i                                           ? ""
				    : wait->needs_all && !is_same_share(wait, i) ? " and "
										 : " or ",
				    party_text(&wait->parties[i], arena));
	if (wait->n_more)
		list = arena_printf(arena, "%s or %zu more", list, wait->n_more);
	if (wait->n_parties == 1 && wait->parties[0].pid == wait->blocked.tgid &&
	    wait->parties[0].fd >= 0)
		return arena_printf(arena, "%s, which only itself, by fd %d, can %s", text,
				    wait->parties[0].fd, wait->verb);
	if (wait->n_parties)
		return arena_printf(arena, "%s, which %s has to %s", text, list, wait->verb);
	if (wait->is_open && !wait->is_anyones)
		return arena_printf(arena, "%s; who can %s is not known", text, wait->verb);
	return arena_printf(arena, "%s; nobody %s is left who could %s", text,
			    wait->blocked.since_ns ? "traced" : "that was looked at", wait->verb);
}

void waits_find(struct model *model, struct arena *arena, struct waits *ret_waits)
{
	struct blocked *blocked;

	*ret_waits = (struct waits){ .n = model_blocked(model, arena, &blocked),
				     .n_threads = model_count_threads(model) };
	ret_waits->items = arena_array(arena, struct wait, ret_waits->n + 1);
	for (size_t i = 0; i < ret_waits->n; i++) {
		struct wait *wait = &ret_waits->items[i];
		const struct process *process = model_process(model, blocked[i].tgid);

		wait->blocked = blocked[i];
		wait->comm = process && process->comm[0] ? process->comm : "?";
		wait->number = -1;
		find_parties(model, wait, arena);
		say(wait, arena);
		judge(model, wait);
		wait->sentence = sentence_of(wait, arena);
	}
}

bool waits_are_all(const struct waits *waits, uint64_t before_ns)
{
	for (size_t i = 0; i < waits->n; i++) {
		if (waits->items[i].blocked.since_ns > before_ns)
			return false;
	}
	return waits->n && waits->n == waits->n_threads;
}
