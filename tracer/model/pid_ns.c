/*
 * Numbers of processes as their own PID namespaces have them: what a call names is one of the
 * caller's. pid_namespaces(7)
 */
#include <stdlib.h>

#include "model/model_core.h"

enum { LEVELS_MAX = 33 };

void model_learn_inner(struct inner_ids *inner, const struct event *ev)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < ev->n_facts; i++)
		n += ev->facts[i].kind == FACT_PID_NS && ev->facts[i].subject == ev->tid;
	free(inner->items);
	*inner = (struct inner_ids){ 0 };
	if (!n)
		return;
	n = n < LEVELS_MAX ? n : LEVELS_MAX;
	inner->items = calloc(n, sizeof(*inner->items));
	if (!inner->items)
		abort();
	for (uint32_t i = 0; inner->n < n; i++) {
		const struct fact *fact = &ev->facts[i];

		if (fact->kind == FACT_PID_NS && fact->subject == ev->tid)
			inner->items[inner->n++] =
				(struct inner_id){ fact->ino, (pid_t)fact->value[0] };
	}
}

void model_tell_inner(const struct inner_ids *inner, pid_t tid, struct event *ev)
{
	for (unsigned i = 0; i < inner->n; i++) {
		struct fact *fact = event_add_fact(ev, FACT_PID_NS, tid, NULL, 0);

		fact->ino = inner->items[i].ns;
		fact->value[0] = inner->items[i].id;
	}
}

static bool has_number(const struct inner_ids *inner, uint64_t ns, pid_t number)
{
	for (unsigned i = 0; i < inner->n; i++) {
		if (inner->items[i].ns == ns && inner->items[i].id == number)
			return true;
	}
	return false;
}

/* Of the dead the one that died last had the number last. */
static const struct process *process_called(const struct model *model, uint64_t ns, pid_t number)
{
	const struct process *found = NULL;

	for (const struct process *p = model->processes.by_tgid; p; p = p->hh.next) {
		if (!has_number(&p->inner, ns, number))
			continue;
		if (p->is_alive)
			return p;
		if (!found || p->death > found->death)
			found = p;
	}
	return found;
}

static const struct thread *thread_called(const struct model *model, uint64_t ns, pid_t number)
{
	for (const struct thread *t = model->threads; t; t = t->hh.next) {
		if (t->tid != t->tgid && has_number(&t->inner, ns, number))
			return t;
	}
	return NULL;
}

struct named model_pid_of(const struct model *model, const struct process *caller, pid_t number)
{
	const struct inner_ids *inner = caller ? &caller->inner : NULL;
	const struct process *process;
	const struct thread *thread;

	if (number <= 0)
		return (struct named){ .certainty = UNKNOWN };
	if (!inner || !inner->n)
		return (struct named){ number, model_process_of(model, number), CERTAIN };
	if (inner->items[0].id == number)
		return (struct named){ caller->tgid, caller->tgid, CERTAIN };
	if (!inner->items[0].ns)
		return (struct named){ .certainty = UNKNOWN };
	process = process_called(model, inner->items[0].ns, number);
	if (process && process->is_alive)
		return (struct named){ process->tgid, process->tgid, CERTAIN };
	thread = thread_called(model, inner->items[0].ns, number);
	if (thread)
		return (struct named){ thread->tid, thread->tgid, CERTAIN };
	/* The number may have been given again since, to a process that is not traced. */
	return process ? (struct named){ process->tgid, process->tgid, INFERRED }
		       : (struct named){ .certainty = UNKNOWN };
}

struct peer *mech_add_named(struct mech_call *m, enum peer_direction direction,
			    enum certainty certainty, pid_t number, int fd)
{
	struct named named = model_pid_of(m->model, m->process, number);
	struct peer *peer;

	if (named.certainty > certainty)
		certainty = named.certainty;
	peer = mech_add_peer(m, direction, certainty, named.tid, fd);
	if (named.tid != number)
		peer->inner_pid = number;
	else if (!number)
		peer->text = "a process outside its PID namespace";
	return peer;
}

struct peer *mech_add_named_child(struct mech_call *m, pid_t number)
{
	struct peer *peer = mech_add_named(m, PEER_FROM, CERTAIN, number, -1);
	const struct process *child = peer->inner_pid ? model_process(m->model, peer->pid) : NULL;

	if (child && m->process && child->ppid == m->process->tgid)
		peer->certainty = CERTAIN;
	return peer;
}
