/* The model's life, and what events do to processes and their descriptors. */
#include "model/model.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/inherited.h"
#include "model/known.h"
#include "model/left.h"
#include "model/mech/signal_queue.h"
#include "model/mech/signal_take.h"
#include "model/model_core.h"

struct model *model_create(const struct model_options *options)
{
	struct model *model = calloc(1, sizeof(*model));

	if (model)
		model->options = *options;
	return model;
}

void model_know_less(struct model *model, const struct model_options *known)
{
	struct model_options *options = &model->options;

	options->has_state &= known->has_state;
	options->has_peers &= known->has_peers;
	options->follows_descriptors &= known->follows_descriptors;
	options->follows_removals &= known->follows_removals;
	options->follows_uses &= known->follows_uses;
	options->follows_messages &= known->follows_messages;
}

static void thread_destroy(struct thread *thread)
{
	if (!thread)
		return;
	event_finish(&thread->enter);
	event_finish(&thread->late);
	free(thread->inner.items);
	arena_finish(&thread->arena);
	free(thread);
}

/* Forget a thread, but for the annotation of its last call, which is still to be shown. */
static void thread_remove(struct model *model, struct thread *thread)
{
	HASH_DEL(model->threads, thread);
	waiter_leave(&thread->waiter);
	model_end_flights(thread, true);
	thread_destroy(model->departed);
	model->departed = thread;
}

void model_destroy(struct model *model)
{
	struct thread *thread, *next;

	if (!model)
		return;
	HASH_ITER (hh, model->threads, thread, next)
		thread_remove(model, thread);
	thread_destroy(model->departed);
	process_table_finish(&model->processes);
	inheritances_finish(&model->inheritances);
	object_table_finish(&model->objects);
	free(model);
}

static struct thread *thread_get(struct model *model, pid_t tid)
{
	struct thread *thread;

	HASH_FIND_INT(model->threads, &tid, thread);
	if (thread)
		return thread;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		abort();
	thread->tid = tid;
	HASH_ADD_INT(model->threads, tid, thread);
	return thread;
}

const struct object *model_next_object(const struct model *model, const struct object *previous)
{
	return previous ? previous->next : model->objects.first;
}

const struct process *model_process(const struct model *model, pid_t tgid)
{
	return process_find(&model->processes, tgid);
}

struct process *model_get_process(struct model *model, pid_t tgid)
{
	return process_get(&model->processes, tgid);
}

bool model_follows_descriptors(const struct model *model)
{
	return model->options.follows_descriptors;
}

bool model_has_state(const struct model *model)
{
	return model->options.has_state;
}

bool model_has_details(const struct model *model)
{
	return model->options.has_details;
}

bool model_knows_holders(const struct model *model)
{
	return model->options.follows_descriptors && model->options.has_peers;
}

const struct unused *model_next_unused(const struct model *model, const struct unused *previous)
{
	const struct unused *unused = previous ? previous->hh.next : model->inheritances.by_key;

	while (unused && !unused->n)
		unused = unused->hh.next;
	return unused;
}

uint64_t model_unused_left_out(const struct model *model)
{
	return model->inheritances.n_left_out;
}

bool model_knows_removals(const struct model *model)
{
	return model->options.follows_removals;
}

pid_t model_process_of(const struct model *model, pid_t tid)
{
	struct thread *thread;

	HASH_FIND_INT(model->threads, &tid, thread);
	if (thread && thread->tgid)
		return thread->tgid;
	return process_find(&model->processes, tid) ? tid : 0;
}

const char *model_comm(struct model *model, pid_t tgid)
{
	const struct process *process = model_process(model, tgid);

	return process && process->comm[0] ? process->comm : NULL;
}

const struct process *model_next_child(const struct model *model, pid_t parent,
				       const struct process *previous)
{
	const struct process *process = previous ? previous->hh.next : model->processes.by_tgid;

	while (process && (process->ppid != parent || !process->is_alive))
		process = process->hh.next;
	return process;
}

struct object *model_find_object(struct model *model, const struct ipc_key *key)
{
	return object_find(&model->objects, key);
}

struct object *model_object(struct model *model, const struct ipc_key *key, const struct event *ev,
			    bool *ret_is_new)
{
	const struct ipc_mech *mech = mech_find((enum mech)key->mech);
	struct object *object =
		object_get(&model->objects, key, mech ? mech->prefix : "object", ret_is_new);

	if (*ret_is_new)
		object->birth_ns = ev->time_ns;
	object->last_used = model->n_events;
	return object;
}

void model_retire_object(struct model *model, struct object *object)
{
	object_retire(&model->objects, object);
}

/* --- questions at a stop --- */

static void ask_about_process(const struct mem *mem)
{
	mem_fact(mem, FACT_COMM, mem->ev->tgid);
	mem_fact(mem, FACT_FDS, mem->ev->tgid);
}

/* Ids and names of queues mean objects in an IPC namespace only. */
static bool is_about_ids(const struct call_spec *spec)
{
	if (spec->ipc.mech == MECH_POSIX_MQ)
		return spec->ipc.op == OP_CREATE || spec->ipc.op == OP_OPEN;
	return spec->ipc.mech == MECH_SYSV_MSG || spec->ipc.mech == MECH_SYSV_SEM ||
	       spec->ipc.mech == MECH_SYSV_SHM;
}

/* The row of the call that the thread is in; NULL if it is in none. */
static const struct call_spec *open_spec(struct model *model, pid_t tid)
{
	struct thread *thread;

	HASH_FIND_INT(model->threads, &tid, thread);
	return thread && thread->call && thread->has_enter ? thread->call->spec : NULL;
}

void model_gather(struct model *model, const struct call_spec *spec, const struct mem *mem)
{
	const struct event *ev = mem->ev;
	struct handle handles[HANDLES_MAX];
	unsigned n;

	if (ev->kind == EVENT_HANG)
		spec = open_spec(model, ev->tid);

	if (ev->tid == ev->tgid &&
	    (ev->kind == EVENT_EXEC || ev->kind == EVENT_ATTACHED || ev->kind == EVENT_CREATED))
		ask_about_process(mem);
	if (ev->kind == EVENT_ATTACHED || ev->kind == EVENT_CREATED)
		mem_fact(mem, FACT_PID_NS, ev->tid);
	if (spec && is_about_ids(spec))
		mem_fact(mem, FACT_IPC_NS, ev->tid);
	if (!spec || (!model->options.has_state && !model->options.has_peers))
		return;
	n = handle_find(spec, mem, handles);
	for (unsigned i = 0; i < n; i++) {
		const struct ipc_mech *mech = model_handle_mech(spec, &handles[i]);
		struct mech_ask ask = { mem,
					spec,
					handles[i],
					ev->kind == EVENT_EXIT,
					model->options.has_state,
					model->options.has_peers,
					NULL,
					model_process(model, ev->tgid),
					model };
		struct ipc_key key;

		if (!mech || !mech->ask)
			continue;
		if (handles[i].fact && model_fd_key(handles[i].fact, &key))
			ask.object = object_find(&model->objects, &key);
		mech->ask(&ask);
	}
}

/* --- events --- */

static void set_comm(struct process *process, const struct event *ev)
{
	const struct fact *fact = event_fact(ev, FACT_COMM, process->tgid);

	if (fact)
		snprintf(process->comm, sizeof(process->comm), "%.*s", (int)fact->text_len,
			 event_fact_text(ev, fact));
}

/* The list of a process's descriptors replaces what we believed. */
static void seed(struct model *model, struct process *process, const struct event *ev,
		 bool is_older)
{
	const struct fact *list = event_fact(ev, FACT_FDS, process->tgid);

	if (!list || list->value[0] < 0)
		return;
	process_begin_list(process);
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];
		struct arena arena = { 0 };

		if (fact->kind != FACT_HOLDING || fact->subject != process->tgid)
			continue;
		model_learn_fd(model, process, (int)fact->value[5], fact,
			       arena_copy(&arena, event_fact_text(ev, fact), fact->text_len), ev,
			       is_older);
		arena_finish(&arena);
	}
	process_end_list(process);
	process->is_seeded = true;
}

/* The call of who has had this id until now is over, or goes on under another id. */
static void forget_call(struct model *model, pid_t tid)
{
	struct thread *thread;

	HASH_FIND_INT(model->threads, &tid, thread);
	if (thread) {
		thread->call = NULL;
		thread->is_blocked = false;
	}
}

static void apply_birth(struct model *model, const struct event *ev)
{
	struct process *process = process_get(&model->processes, ev->tgid);
	struct process *parent;
	struct thread *thread;

	process->n_threads++;
	forget_call(model, ev->tid);
	thread = thread_get(model, ev->tid);
	thread->tgid = ev->tgid;
	thread->last_ns = 0;
	model_learn_inner(ev->tid == ev->tgid ? &process->inner : &thread->inner, ev);
	if (ev->tid != ev->tgid)
		return;
	/* A pid that was used before: its former owner is history. */
	process_drop_all(process);
	process->is_alive = true;
	process->is_older = ev->kind == EVENT_ATTACHED;
	process->birth_ns = process->is_older ? 0 : ev->time_ns;
	process->exec_ns = 0;
	parent = ev->other ? process_find(&model->processes, model_process_of(model, ev->other))
			   : NULL;
	if (parent) {
		process->ppid = parent->tgid;
		memcpy(process->comm, parent->comm, sizeof(process->comm));
		process->is_seeded = parent->is_seeded;
		parent->shared_ns = ev->time_ns;
		process_inherit(process, parent);
		if (event_fact(ev, FACT_SHARED_FILES, process->tgid))
			process_share(process, parent);
	}
	set_comm(process, ev);
	seed(model, process, ev, true);
}

/* What the new program has got. The first three are everybody's. */
static void note_inherited(struct model *model, const struct process *process,
			   const struct event *ev)
{
	struct holding *holding, *next;

	if (!model->options.follows_uses || !event_fact(ev, FACT_FDS, process->tgid))
		return;
	HASH_ITER (hh, process->by_fd, holding, next) {
		if (holding->fd > STDERR_FILENO && holding->opener)
			inherited_begin(&model->inheritances, holding, process->comm, ev->time_ns);
	}
}

static void apply_exec(struct model *model, const struct event *ev)
{
	struct process *process = process_get(&model->processes, ev->tgid);

	/* The call that executes goes on under the leader's id, whose own is gone. */
	if (ev->other != ev->tid) {
		forget_call(model, ev->tid);
		forget_call(model, ev->other);
	}
	process_unshare(process);
	process->n_threads = 1;
	process->exec_ns = ev->time_ns;
	set_comm(process, ev);
	seed(model, process, ev, !process->is_seeded);
	note_inherited(model, process, ev);
}

static void apply_death(struct model *model, const struct event *ev)
{
	struct process *process = process_find(&model->processes, ev->tgid);
	struct thread *thread;
	pid_t tid = ev->tid;

	HASH_FIND_INT(model->threads, &tid, thread);
	if (thread)
		thread_remove(model, thread);
	signal_end_queues(model, ev->tgid, tid, process && process->n_threads <= 1);
	if (!process || ev->kind == EVENT_SUPERSEDED)
		return;
	/* The leader may end first: the process lives as long as its last thread. */
	if (process->n_threads > 1) {
		process->n_threads--;
		return;
	}
	signal_child_ended(model, process, ev);
	process->n_threads = 0;
	process->is_alive = false;
	process->death = ++model->processes.n_deaths;
	process_drop_all(process);
}

/* Who sent a signal is in the siginfo, at the same place for all that have a sender. */
static const struct annotation *apply_signal(struct model *model, const struct event *ev)
{
	struct thread *thread = thread_get(model, ev->tid);
	struct signal_got got = { .since_ns = thread->last_ns };
	struct mech_call m = { .model = model,
			       .arena = &thread->arena,
			       .annotation = &thread->annotation,
			       .ev = ev,
			       .process = process_find(&model->processes, ev->tgid) };
	const struct event_range *range = ev->n_ranges ? &ev->ranges[0] : NULL;
	siginfo_t info;

	annotation_clear(&thread->annotation);
	arena_reset(&thread->arena);
	if (!range || range->addr || range->len < sizeof(info))
		return NULL;
	memcpy(&info, ev->bytes.data + range->data, sizeof(info));
	if (info.si_code > 0 && info.si_signo == SIGCHLD)
		mech_add_named_child(&m, info.si_pid);
	else if (info.si_code == SI_USER || info.si_code == SI_QUEUE || info.si_code == SI_MESGQ ||
		 info.si_code == SI_TKILL)
		mech_add_named(&m, PEER_FROM, CERTAIN, info.si_pid, -1);
	got.is_told = true;
	got.sig = info.si_signo;
	got.code = info.si_code;
	got.pid = info.si_pid;
	memcpy(&got.value, &info.si_value, sizeof(got.value));
	signal_taken(&m, ev->tid, &got);
	return &thread->annotation;
}

/* A call is entered, blocked, over or cut short. What there is to say of it; NULL: nothing yet. */
static const struct annotation *apply_call(struct model *model, const struct event *ev,
					   struct call *call)
{
	struct thread *thread = thread_get(model, ev->tid);

	model_walk_call(model, process_get(&model->processes, ev->tgid), ev, call);
	thread->tgid = ev->tgid;
	thread->call = ev->kind == EVENT_ENTER || ev->kind == EVENT_BLOCKED ? call : NULL;
	thread->is_blocked = ev->kind == EVENT_BLOCKED;
	if (ev->kind != EVENT_BLOCKED)
		thread->last_ns = ev->time_ns;
	if (ev->kind == EVENT_ENTER) {
		event_copy(&thread->enter, ev);
		thread->has_enter = true;
		thread->has_late = false;
		model_note_entry(model, thread, ev, call);
		return NULL;
	}
	if (ev->kind != EVENT_BLOCKED) {
		waiter_leave(&thread->waiter);
		model_end_flights(thread, ev->kind != EVENT_EXIT);
	}
	model_apply_call(model, thread, ev, call);
	if (ev->kind != EVENT_BLOCKED)
		thread->has_enter = false;
	return &thread->annotation;
}

/* What somebody knew, or has looked for. */
static void learn(struct model *model, const struct event *ev)
{
	if (ev->kind == EVENT_KNOWN)
		model_apply_known(model, ev);
	else
		model_apply_left(model, ev);
}

const struct annotation *model_apply(struct model *model, const struct event *ev, struct call *call)
{
	const struct annotation *annotation = NULL;
	struct thread *thread;

	model->n_events++;
	model_sweep(model);
	if (call)
		annotation = apply_call(model, ev, call);
	switch (ev->kind) {
	case EVENT_SIGNAL:
		annotation = apply_signal(model, ev);
		break;
	case EVENT_ATTACHED:
		model->attached_ns = ev->time_ns;
		apply_birth(model, ev);
		break;
	case EVENT_CREATED:
		apply_birth(model, ev);
		break;
	case EVENT_KNOWN:
	case EVENT_LOOKED:
		learn(model, ev);
		break;
	case EVENT_EXEC:
		apply_exec(model, ev);
		break;
	case EVENT_RENAMED:
		set_comm(process_get(&model->processes, ev->tgid), ev);
		break;
	case EVENT_HANG:
		thread = thread_get(model, ev->tid);
		thread->is_blocked = thread->call != NULL;
		thread->has_late = thread->is_blocked && ev->n_facts;
		if (thread->has_late)
			event_copy(&thread->late, ev);
		break;
	case EVENT_AWAKE:
		thread_get(model, ev->tid)->is_blocked = false;
		break;
	case EVENT_SUPERSEDED:
		forget_call(model, ev->other);
		apply_death(model, ev);
		break;
	case EVENT_EXITED:
	case EVENT_KILLED:
		apply_death(model, ev);
		break;
	default:
		break;
	}
	return annotation;
}
