/* What a model knows as events, and back: the beginning of a trace whose first part is missing. */
#include "model/known.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/families.h"
#include "model/file_names.h"
#include "model/known_ledger.h"
#include "model/mech/sock.h"
#include "model/model_core.h"

struct telling {
	const struct model *model;
	uint64_t time_ns, real_ns;
	void (*put)(void *data, const struct event *ev);
	void *data;
	struct event ev;
	struct buf text;
};

static bool is_socket(const struct object *object)
{
	return object->key.mech == MECH_UNIX || object->key.mech == MECH_INET ||
	       object->key.mech == MECH_NETLINK || object->key.mech == MECH_SOCKET;
}

/* --- telling --- */

static struct event *begin(struct telling *s, enum event_kind kind, pid_t tid, pid_t tgid)
{
	event_clear(&s->ev);
	s->ev.kind = kind;
	s->ev.tid = tid;
	s->ev.tgid = tgid;
	s->ev.time_ns = s->time_ns;
	s->ev.real_ns = s->real_ns;
	return &s->ev;
}

static struct fact *add_keyed(struct telling *s, enum fact_kind kind, const struct ipc_key *key)
{
	int64_t subject = (int64_t)((uint64_t)key->pad << 32 | key->mech);
	struct fact *fact = event_add_fact(&s->ev, kind, subject, s->text.data, s->text.len);

	fact->dev = key->a;
	fact->ino = key->b;
	fact->id = key->c;
	return fact;
}

static void set_text(struct telling *s, const char *first, const char *second)
{
	buf_clear(&s->text);
	buf_text(&s->text, first);
	buf_char(&s->text, '\n');
	buf_text(&s->text, second ? second : "");
}

static void tell_object(struct telling *s, const struct object *object)
{
	const struct sock *sock = is_socket(object) ? object->data : NULL;
	struct fact *fact;

	set_text(s, object->identity, object->label);
	fact = add_keyed(s, FACT_OBJECT, &object->key);
	fact->value[0] = object->number;
	fact->value[1] = object->creator;
	fact->value[2] = (int64_t)object->birth_ns;
	fact->value[3] = (object->is_shown ? KNOWN_SHOWN : 0) |
			 (object->is_removed ? KNOWN_REMOVED : 0) |
			 (object->label ? KNOWN_LABEL : 0) |
			 (object->is_older || !known_is_whole(object) ? 0 : KNOWN_SEEN);
	if (sock) {
		fact->value[4] = sock->type;
		fact->value[5] = sock->protocol;
	}
}

static void tell_lasting(struct telling *s, const struct object *object)
{
	const struct lasting *lasting = &object->lasting;
	struct fact *fact;

	set_text(s, lasting->call, "");
	fact = add_keyed(s, FACT_LASTING, &object->key);
	fact->value[0] = lasting->n_names;
	fact->value[1] = lasting->maker;
	fact->value[2] = (int64_t)lasting->made_ns;
	fact->value[3] = lasting->is_inferred;
	for (unsigned i = 0; i < lasting->n_known; i++) {
		const struct file_name *name = &lasting->names[i];

		buf_clear(&s->text);
		buf_text(&s->text, name->path);
		fact = add_keyed(s, FACT_LASTING_NAME, &object->key);
		fact->value[0] = (int64_t)name->dir_dev;
		fact->value[1] = (int64_t)name->dir_ino;
		fact->value[2] = name->is_here;
		fact->value[3] = (int64_t)lasting->file_dev;
		fact->value[4] = (int64_t)lasting->file_ino;
	}
}

static void tell_comm(struct telling *s, const struct process *process)
{
	event_add_fact(&s->ev, FACT_COMM, process->tgid, process->comm, strlen(process->comm))
		->value[0] = process->tgid;
}

static void tell_objects(struct telling *s)
{
	const struct object_table *objects = &s->model->objects;
	const struct process *process, *next;

	begin(s, EVENT_KNOWN, 0, 0);
	HASH_ITER (hh, s->model->processes.by_tgid, process, next) {
		if (process->is_alive)
			tell_comm(s, process);
	}
	buf_clear(&s->text);
	for (uint32_t mech = 0; mech < MECH_KINDS; mech++) {
		struct ipc_key all = { .mech = mech };

		if (objects->counts[mech])
			add_keyed(s, FACT_OBJECT, &all)->value[0] = objects->counts[mech];
	}
	for (const struct object *object = objects->first; object; object = object->next) {
		process = process_find(&s->model->processes, object->lasting.maker);
		if (model_is_over(s->model, object))
			continue;
		tell_object(s, object);
		if (!object->lasting.n_names)
			continue;
		tell_lasting(s, object);
		if (process && !process->is_alive)
			tell_comm(s, process);
	}
	s->put(s->data, &s->ev);
}

/* What is on its way, in events of their own: it may be much. */
static void tell_messages(struct telling *s)
{
	for (const struct object *object = s->model->objects.first; object; object = object->next) {
		if (model_is_over(s->model, object))
			continue;
		if (known_tell_messages(begin(s, EVENT_KNOWN, 0, 0), object))
			s->put(s->data, &s->ev);
	}
}

/* Each in an event of its own, which has its frames. */
static void tell_stacks(struct telling *s)
{
	for (const struct object *object = s->model->objects.first; object; object = object->next) {
		const struct event *stack = object->lasting.stack;

		if (!object->lasting.n_names || !stack || model_is_over(s->model, object))
			continue;
		begin(s, EVENT_KNOWN, 0, 0);
		event_add_stack(&s->ev, stack);
		tell_lasting(s, object);
		s->put(s->data, &s->ev);
	}
}

/* What a descriptor of the object is; one kind stands for all of its mechanism. */
static enum fd_kind kind_of(const struct object *object)
{
	const struct ipc_mech *mech = mech_find((enum mech)object->key.mech);

	for (int kind = 0; mech && kind < FD_KINDS; kind++) {
		if (mech->fd_kinds >> kind & 1)
			return (enum fd_kind)kind;
	}
	return FD_UNKNOWN;
}

static void tell_process(struct telling *s, const struct process *process)
{
	const struct holding *holding, *next;
	struct fact *fact;

	begin(s, EVENT_ATTACHED, process->tgid, process->tgid)->other = process->ppid;
	tell_comm(s, process);
	model_tell_inner(&process->inner, process->tgid, &s->ev);
	for (const struct process *p = process->next_sharing; p != process; p = p->next_sharing) {
		if (p->tgid == process->ppid)
			event_add_fact(&s->ev, FACT_SHARED_FILES, process->tgid, NULL, 0);
	}
	event_add_fact(&s->ev, FACT_FDS, process->tgid, NULL, 0)->value[0] =
		HASH_COUNT(process->by_fd);
	HASH_ITER (hh, process->by_fd, holding, next) {
		const struct ipc_key *key = &holding->object->key;

		fact = event_add_fact(&s->ev, FACT_HOLDING, process->tgid, NULL, 0);
		fact->value[0] = kind_of(holding->object);
		fact->value[1] = holding->access | (holding->is_older ? 0 : HOLDING_SEEN);
		fact->value[5] = holding->fd;
		if (key->a) {
			fact->dev = key->a;
			fact->ino = key->b;
		} else {
			fact->id = key->b;
		}
	}
	s->put(s->data, &s->ev);
}

/* Threads beside the leader, so that each process has as many as it has. */
static void tell_threads(struct telling *s, const struct process *process)
{
	const struct thread *thread, *next;
	unsigned n = 1;

	HASH_ITER (hh, s->model->threads, thread, next) {
		if (thread->tgid != process->tgid || thread->tid == process->tgid ||
		    n >= process->n_threads)
			continue;
		begin(s, EVENT_ATTACHED, thread->tid, process->tgid);
		model_tell_inner(&thread->inner, thread->tid, &s->ev);
		s->put(s->data, &s->ev);
		n++;
	}
}

static void tell_calls(struct telling *s)
{
	const struct thread *thread, *next;

	HASH_ITER (hh, s->model->threads, thread, next) {
		if (!thread->has_enter)
			continue;
		s->put(s->data, &thread->enter);
		if (!thread->is_blocked)
			continue;
		begin(s, EVENT_BLOCKED, thread->tid, thread->tgid);
		s->ev.code = (int)((s->time_ns - thread->enter.time_ns) / 1000000);
		s->put(s->data, &s->ev);
	}
}

void model_tell_known(const struct model *model, uint64_t time_ns, uint64_t real_ns,
		      void (*put)(void *data, const struct event *ev), void *data)
{
	struct telling s = {
		.model = model, .time_ns = time_ns, .real_ns = real_ns, .put = put, .data = data
	};
	const struct process *process, *next;

	tell_objects(&s);
	tell_messages(&s);
	tell_stacks(&s);
	HASH_ITER (hh, model->processes.by_tgid, process, next) {
		if (process->is_alive && process->n_threads) {
			tell_process(&s, process);
			tell_threads(&s, process);
		}
	}
	tell_calls(&s);
	event_finish(&s.ev);
	buf_finish(&s.text);
}

/* --- learning --- */

static struct ipc_key key_of(const struct fact *fact)
{
	return (struct ipc_key){ .mech = (uint32_t)fact->subject,
				 .pad = (uint32_t)((uint64_t)fact->subject >> 32),
				 .a = fact->dev,
				 .b = fact->ino,
				 .c = fact->id };
}

/* The first line of a fact's text, and in *ret_rest the others. NULL: there are none. */
static const char *split(struct arena *arena, const struct event *ev, const struct fact *fact,
			 const char **ret_rest)
{
	char *text = arena_copy(arena, event_fact_text(ev, fact), fact->text_len);
	char *newline = strchr(text, '\n');

	if (!newline)
		return NULL;
	*newline = '\0';
	*ret_rest = newline + 1;
	return text;
}

static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

static void learn_object(struct model *model, const struct event *ev, const struct fact *fact,
			 struct arena *arena)
{
	struct ipc_key key = key_of(fact);
	const char *identity, *label;
	struct fact socket = { .value = { 0, 0, 0, fact->value[4], fact->value[5] } };
	struct object *object;
	bool is_new;

	if (!key.a && !key.b && !key.c) {
		if (fact->value[0] > 0 && fact->value[0] <= INT_MAX)
			model->objects.counts[key.mech] = (unsigned)fact->value[0];
		return;
	}
	identity = split(arena, ev, fact, &label);
	object = model_object(model, &key, ev, &is_new);
	if (!is_new || !identity)
		return;
	object->is_older = !(fact->value[3] & KNOWN_SEEN) || !known_is_whole(object);
	object->creator = (pid_t)fact->value[1];
	object->birth_ns = (uint64_t)fact->value[2];
	object->is_shown = fact->value[3] & KNOWN_SHOWN;
	object->is_removed = fact->value[3] & KNOWN_REMOVED;
	if (is_plain(identity))
		snprintf(object->identity, sizeof(object->identity), "%s", identity);
	if (fact->value[3] & KNOWN_LABEL)
		object_set_label(object, label, strlen(label));
	if (is_socket(object))
		sock_describe(object, &socket, NULL);
	if (fact->value[0] > 0 && fact->value[0] <= INT_MAX)
		object_give_number(object, (unsigned)fact->value[0]);
}

static void learn_lasting(struct model *model, const struct event *ev, const struct fact *fact,
			  struct arena *arena)
{
	struct ipc_key key = key_of(fact);
	struct object *object = model_find_object(model, &key);
	const char *rest, *call = split(arena, ev, fact, &rest);
	const struct call_spec *spec = call ? families_find(call) : NULL;
	struct lasting *lasting;

	if (!object || !spec || fact->value[0] <= 0 || fact->value[0] > INT_MAX)
		return;
	lasting = &object->lasting;
	lasting->n_names = (unsigned)fact->value[0];
	lasting->maker = (pid_t)fact->value[1];
	lasting->made_ns = (uint64_t)fact->value[2];
	lasting->is_inferred = fact->value[3];
	lasting->call = spec->name;
	if (!ev->n_frames)
		return;
	event_stack_free(lasting->stack);
	lasting->stack = event_stack(ev);
}

static void learn_messages(struct model *model, const struct event *ev, const struct fact *fact)
{
	struct ipc_key key = key_of(fact);
	struct object *object = model_find_object(model, &key);

	if (object && fact->kind == FACT_COUNTERS)
		known_learn_counters(object, fact);
	else if (object)
		known_learn_ledger(model, object, ev, fact);
}

static void learn_name(struct model *model, const struct event *ev, const struct fact *fact)
{
	struct ipc_key key = key_of(fact);
	struct object *object = model_find_object(model, &key);
	struct lasting *lasting = object ? &object->lasting : NULL;
	struct file_name *name;

	if (!lasting || lasting->n_known >= lasting->n_names)
		return;
	name = file_names_add_path(lasting, event_fact_text(ev, fact), fact->text_len);
	lasting->n_names--;
	if (!name)
		return;
	name->dir_dev = (uint64_t)fact->value[0];
	name->dir_ino = (uint64_t)fact->value[1];
	name->is_here = fact->value[2] != 0;
	lasting->file_dev = (uint64_t)fact->value[3];
	lasting->file_ino = (uint64_t)fact->value[4];
}

/* Those that live are attached by events of their own. */
static void learn_process(struct model *model, const struct event *ev, const struct fact *fact)
{
	pid_t tgid = (pid_t)fact->subject;
	struct process *process = process_find(&model->processes, tgid);

	if (process)
		return;
	process = process_get(&model->processes, tgid);
	process->is_alive = false;
	snprintf(process->comm, sizeof(process->comm), "%.*s", (int)fact->text_len,
		 event_fact_text(ev, fact));
}

void model_apply_known(struct model *model, const struct event *ev)
{
	struct arena arena = { 0 };

	for (uint32_t i = 0; i < ev->n_facts; i++) {
		const struct fact *fact = &ev->facts[i];

		if (fact->kind == FACT_COMM)
			learn_process(model, ev, fact);
		else if ((uint32_t)fact->subject >= MECH_KINDS)
			continue;
		else if (fact->kind == FACT_OBJECT)
			learn_object(model, ev, fact, &arena);
		else if (fact->kind == FACT_LASTING)
			learn_lasting(model, ev, fact, &arena);
		else if (fact->kind == FACT_LASTING_NAME)
			learn_name(model, ev, fact);
		else if (fact->kind == FACT_COUNTERS || fact->kind == FACT_LEDGER)
			learn_messages(model, ev, fact);
		arena_reset(&arena);
	}
	arena_finish(&arena);
}
