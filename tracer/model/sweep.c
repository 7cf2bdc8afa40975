/*
 * Memory for long traces: objects and processes that are gone are forgotten, all but the latest.
 * What is left over is what exists, what that refers to, and a bounded rest.
 */
#include <stdlib.h>

#include "base/array.h"
#include "model/model_core.h"

/* How many of those that are gone are kept at least, and how many come together in between. */
enum { KEPT_OBJECTS = 2048, KEPT_PROCESSES = 2048, KEPT_USERS = 64 };
enum { USERS_MAX = 256, ANCESTORS_MAX = 16 };

/* --- objects --- */

static bool has_id_only(const struct object *object)
{
	return object->key.mech == MECH_SYSV_MSG || object->key.mech == MECH_SYSV_SEM ||
	       object->key.mech == MECH_SYSV_SHM;
}

bool model_is_over(const struct model *model, const struct object *object)
{
	const struct ipc_mech *mech = mech_find((enum mech)object->key.mech);

	if (object->holdings || object->waiters || object->flights)
		return false;
	if (object->is_removed)
		return true;
	return !object->lasting.n_names && !has_id_only(object) &&
	       !(mech && mech->is_used && mech->is_used(model, object));
}

static int by_last_use(const void *a, const void *b)
{
	const struct object *first = *(struct object *const *)a;
	const struct object *second = *(struct object *const *)b;

	return first->last_used < second->last_used ? -1 : first->last_used > second->last_used;
}

struct marking {
	struct object **stack;
	size_t n, cap;
};

static void keep(void *data, struct object *object)
{
	struct marking *marking = data;

	if (!object || object->is_kept)
		return;
	object->is_kept = true;
	marking->stack =
		array_grow(marking->stack, marking->n, &marking->cap, sizeof(*marking->stack));
	marking->stack[marking->n++] = object;
}

/* Keep all that those in the stack refer to, and so on. */
static void keep_reachable(struct marking *marking)
{
	while (marking->n) {
		struct object *object = marking->stack[--marking->n];
		const struct ipc_mech *mech = mech_find((enum mech)object->key.mech);

		if (mech && mech->refer)
			mech->refer(object, keep, marking);
	}
}

/* What those who are sending now send from. */
static void keep_flights(struct model *model, struct marking *marking)
{
	struct thread *thread, *next;

	HASH_ITER (hh, model->threads, thread, next) {
		for (unsigned i = 0; i < FLIGHTS_MAX; i++) {
			keep(marking, thread->flights[i].target);
			keep(marking, (struct object *)thread->flights[i].from);
		}
	}
}

/* What is told of in the end. */
static void keep_unused(struct model *model, struct marking *marking)
{
	const struct unused *unused, *next;

	HASH_ITER (hh, model->inheritances.by_key, unused, next)
		keep(marking, unused->object);
}

static void keep_annotated(struct model *model, struct marking *marking)
{
	struct thread *thread, *next;

	HASH_ITER (hh, model->threads, thread, next) {
		for (unsigned i = 0; i < thread->annotation.n_touches; i++)
			keep(marking, (struct object *)thread->annotation.touches[i].object);
	}
}

static void sweep_objects(struct model *model)
{
	struct object_table *table = &model->objects;
	struct object **over = calloc(table->n + 1, sizeof(struct object *));
	struct marking marking = { 0 };
	size_t n = 0;

	if (!over)
		abort();
	for (struct object *object = table->first; object; object = object->next) {
		if (model_is_over(model, object))
			over[n++] = object;
		else
			keep(&marking, object);
	}
	qsort(over, n, sizeof(*over), by_last_use);
	for (size_t i = n > KEPT_OBJECTS ? n - KEPT_OBJECTS : 0; i < n; i++)
		keep(&marking, over[i]);
	keep_annotated(model, &marking);
	keep_unused(model, &marking);
	keep_flights(model, &marking);
	keep_reachable(&marking);
	object_table_forget(table);
	free(marking.stack);
	free(over);
}

/* --- processes --- */

static void keep_process(struct model *model, pid_t tgid)
{
	struct process *process = tgid ? process_find(&model->processes, tgid) : NULL;

	if (process)
		process->is_kept = true;
}

/* What a living process has may come from an ancestor that has ended. */
static void keep_ancestors(struct model *model, const struct process *process)
{
	for (unsigned i = 0; process && process->ppid && i < ANCESTORS_MAX; i++) {
		keep_process(model, process->ppid);
		process = process_find(&model->processes, process->ppid);
	}
}

static void sweep_processes(struct model *model)
{
	struct process_table *table = &model->processes;
	struct process *process, *next;
	const struct unused *unused, *after;

	for (const struct object *object = model->objects.first; object; object = object->next) {
		keep_process(model, object->creator);
		keep_process(model, object->lasting.maker);
	}
	HASH_ITER (hh, model->inheritances.by_key, unused, after)
		keep_process(model, unused->key.opener);
	HASH_ITER (hh, table->by_tgid, process, next) {
		if (!process->is_alive)
			continue;
		process->is_kept = true;
		keep_ancestors(model, process);
	}
	HASH_ITER (hh, table->by_tgid, process, next) {
		if (!process->is_kept && process->death + KEPT_PROCESSES <= table->n_deaths)
			process_forget(table, process);
		else
			process->is_kept = false;
	}
}

/* --- users of one object --- */

static bool is_alive(const struct model *model, pid_t tgid)
{
	const struct process *process = process_find(&model->processes, tgid);

	return process && process->is_alive;
}

void model_sweep_users(const struct model *model, struct object *object)
{
	size_t n_dead = 0, n = 0;

	if (object->n_users < USERS_MAX || object->n_users < object->sweep_users_at)
		return;
	for (size_t i = 0; i < object->n_users; i++)
		n_dead += !is_alive(model, object->users[i].tgid);
	for (size_t i = 0; i < object->n_users; i++) {
		bool is_dead = !is_alive(model, object->users[i].tgid);

		if (!is_dead || n_dead <= KEPT_USERS)
			object->users[n++] = object->users[i];
		else
			object->n_users_forgotten++;
		n_dead -= is_dead;
	}
	object->n_users = n;
	object->sweep_users_at = 2 * n;
}

void model_sweep(struct model *model)
{
	if (model->objects.n >= model->sweep_objects_at) {
		if (model->sweep_objects_at)
			sweep_objects(model);
		model->sweep_objects_at = model->objects.n + KEPT_OBJECTS;
	}
	if (model->processes.n_deaths >= model->sweep_processes_at) {
		if (model->sweep_processes_at)
			sweep_processes(model);
		model->sweep_processes_at = model->processes.n_deaths + KEPT_PROCESSES;
	}
}

uint64_t model_forgotten(const struct model *model)
{
	return model->objects.n_forgotten;
}
