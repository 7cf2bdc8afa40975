#include "model/blocked.h"

#include <stdlib.h>

#include "model/model_core.h"

/* The mechanisms are asked again: those who were waited for then may have gone since. */
static struct blocked describe(struct model *model, struct thread *thread, struct arena *arena)
{
	struct event now = thread->has_late ? thread->late : (struct event){ 0 };
	struct annotation *annotation = arena_new(arena, struct annotation);
	struct call *call = arena_new(arena, struct call);

	now.kind = EVENT_BLOCKED;
	now.tid = thread->tid;
	*call = *thread->call;
	call->arena = arena;
	now.tgid = call->tgid;
	model_apply_call(model, thread, &now, call);
	*annotation = thread->annotation;
	return (struct blocked){
		.tid = thread->tid,
		.tgid = call->tgid,
		.call = call,
		.object = annotation->n_touches ? annotation->touches[0].object
						: thread->waiter.object,
		.op = (enum ipc_op)call->spec->ipc.op,
		.since_ns = call->enter_ns,
		.known_ns = thread->has_late ? thread->late.time_ns : call->enter_ns,
		.annotation = annotation,
	};
}

static int by_age(const void *a, const void *b)
{
	const struct blocked *first = a, *second = b;

	if (first->since_ns != second->since_ns)
		return first->since_ns < second->since_ns ? -1 : 1;
	return first->tid - second->tid;
}

size_t model_blocked(struct model *model, struct arena *arena, struct blocked **ret_blocked)
{
	struct blocked *blocked;
	struct thread *thread, *next;
	size_t n = 0;

	HASH_ITER (hh, model->threads, thread, next)
		n += thread->is_blocked;
	blocked = arena_alloc(arena, (n + 1) * sizeof(*blocked));
	n = 0;
	HASH_ITER (hh, model->threads, thread, next) {
		if (thread->is_blocked)
			blocked[n++] = describe(model, thread, arena);
	}
	qsort(blocked, n, sizeof(*blocked), by_age);
	*ret_blocked = blocked;
	return n;
}

size_t model_count_threads(const struct model *model)
{
	const struct process *process = NULL;
	size_t n = 0;

	while ((process = model_next_process(model, process)))
		n += process->is_alive ? process->n_threads : 0;
	return n;
}

const struct process *model_next_process(const struct model *model, const struct process *previous)
{
	return previous ? previous->hh.next : model->processes.by_tgid;
}
