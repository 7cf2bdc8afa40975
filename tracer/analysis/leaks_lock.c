#include "analysis/leaks_lock.h"

#include <string.h>

#include "model/mech/lock_list.h"

/* Has the process taken a lock of the file, as far as was seen? */
static bool has_taken(const struct object *object, pid_t pid)
{
	if (object->lasting.maker == pid)
		return true;
	for (size_t i = 0; i < object->n_users; i++) {
		if (object->users[i].tgid == pid && object->users[i].n_sends)
			return true;
	}
	return false;
}

/*
 * Whom the kernel names as its taker is one of ours: certain. A lock of an open file names nobody:
 * of others who hold one nothing is said but if it may be ours.
 */
static bool is_ours(const struct object *object, const struct lock *lock, bool *ret_is_certain)
{
	*ret_is_certain = lock->pid > 0;
	return lock->pid > 0 ? has_taken(object, lock->pid) : lock->family == LOCK_OF_FILE;
}

/* A process has its own locks of a file once, however many descriptors of it show them. */
static bool is_shown_before(const struct lasting *lasting, unsigned i, const struct lock *lock)
{
	for (unsigned j = 0; j < i && lock->family == LOCK_OF_PROCESS; j++) {
		if (lasting->locks[j].pid == lasting->locks[i].pid)
			return true;
	}
	return false;
}

/* One who was traced until the trace was ended, and uses what he has. */
static bool is_in_use(const struct model *model, const struct left_lock *left)
{
	const struct process *process = model_process(model, left->pid);

	return process && process->is_alive;
}

static const char *taken_words(const struct model *model, const struct object *object,
			       const struct lock *lock, uint64_t begin_ns, struct arena *arena)
{
	const struct lasting *lasting = &object->lasting;
	pid_t pid = lock->pid > 0 ? lock->pid : lasting->maker;
	const struct process *taker = model_process(model, pid);
	uint64_t after_ns = lasting->made_ns > begin_ns ? lasting->made_ns - begin_ns : 0;
	const char *comm = taker && taker->comm[0] ? taker->comm : "?";

	if (pid != lasting->maker)
		return arena_printf(arena, "taken by %s[%d]", comm, pid);
	return arena_printf(arena, "taken by %s[%d] with %s %.3f s after the start", comm, pid,
			    lasting->call, (double)after_ns / 1e9);
}

static const char *kind_words(const struct lock *lock, struct arena *arena)
{
	const char *range = lock_range_text(arena, lock);

	return arena_printf(arena, "%s%s%s%s",
			    lock->family == LOCK_OTHER ? "lease, " : lock_kind_text(arena, lock),
			    lock->family == LOCK_OTHER ? lock->is_write ? "write" : "read"
						       : " lock",
			    *range ? " " : "", range);
}

static void add_lock(const struct model *model, const struct object *object,
		     const struct left_lock *left, const struct lock *lock, uint64_t begin_ns,
		     struct arena *arena, struct findings *findings)
{
	struct finding *finding;
	bool is_certain;

	if (lock->is_waiter || !is_ours(object, lock, &is_certain))
		return;
	finding = finding_add(findings, arena, FINDING_LEFT, is_certain ? CERTAIN : INFERRED,
			      arena_printf(arena, "%s%s%s %s: %s, %s, held by %s[%d] fd %d",
					   object_short_name(object), object->label ? " " : "",
					   object->label ? object->label : "", object->identity,
					   kind_words(lock, arena),
					   taken_words(model, object, lock, begin_ns, arena),
					   left->comm[0] ? left->comm : "?", left->pid, left->fd));
	finding->object = object;
	finding->since_ns = object->lasting.made_ns;
	finding->is_counted = true;
	finding->stack = lock->pid == object->lasting.maker ? object->lasting.stack : NULL;
	finding->command = arena_printf(arena, "kill %d", left->pid);
	finding->hint = arena_printf(arena, "it goes when that descriptor is closed, or with: %s",
				     finding->command);
}

static void add_locks(const struct model *model, const struct object *object, unsigned i,
		      uint64_t begin_ns, struct arena *arena, struct findings *findings)
{
	const struct left_lock *left = &object->lasting.locks[i];
	struct event ev = { 0 };
	const struct fact *fact =
		event_add_fact(&ev, FACT_LOCKS, left->fd, left->lines, strlen(left->lines));
	bool is_of_flock = object->key.pad != 0;
	struct lock lock;
	size_t at = 0;

	while (lock_next(&ev, fact, &at, &lock)) {
		if ((lock.family == LOCK_FLOCK) == is_of_flock &&
		    !is_shown_before(&object->lasting, i, &lock))
			add_lock(model, object, left, &lock, begin_ns, arena, findings);
	}
	event_finish(&ev);
}

void leaks_find_locks(const struct model *model, struct arena *arena, uint64_t begin_ns,
		      struct findings *findings)
{
	const struct object *object = NULL;

	while ((object = model_next_object(model, object))) {
		for (unsigned i = 0; i < object->lasting.n_locks; i++) {
			if (!is_in_use(model, &object->lasting.locks[i]))
				add_locks(model, object, i, begin_ns, arena, findings);
		}
	}
}
