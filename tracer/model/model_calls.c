/* Calls: which objects they are about, and what the mechanisms say of that. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "model/mech/pty.h"
#include "model/mech/signal_queue.h"
#include "model/model_core.h"
#include "model/seen.h"

/* --- descriptors --- */

bool model_fd_key(const struct fact *fact, struct ipc_key *ret_key)
{
	const struct ipc_mech *mech = mech_of_fd_kind(fact_fd_kind(fact));

	if (!mech)
		return false;
	*ret_key = (struct ipc_key){ .mech = mech->mech };
	if (fact->id) {
		ret_key->b = fact->id;
	} else {
		ret_key->a = fact->dev;
		ret_key->b = fact->ino;
	}
	return true;
}

struct object *model_learn_fd(struct model *model, struct process *process, int fd,
			      const struct fact *fact, const char *text, const struct event *ev,
			      bool is_older)
{
	const struct ipc_mech *mech;
	struct object *object;
	struct ipc_key key;
	unsigned side = 0;
	bool is_new;

	if (!model_fd_key(fact, &key)) {
		process_drop(process, fd);
		return NULL;
	}
	object = model_object(model, &key, ev, &is_new);
	if (is_new) {
		mech = mech_find((enum mech)key.mech);
		object->is_older = is_older;
		snprintf(object->identity, sizeof(object->identity), "inode %llu",
			 (unsigned long long)fact->ino);
		if (mech->describe)
			mech->describe(object, fact, text);
	}
	if (key.mech == MECH_PTY)
		side = pty_side(text);
	process_hold(process, fd, object, ((unsigned)fact->value[1] & ~HOLDING_SEEN) | side,
		     is_older && !(fact->value[1] & HOLDING_SEEN));
	return object;
}

struct walk {
	struct model *model;
	struct process *process;
	const struct event *ev;
	struct arena *arena;
	const struct call *makes; /* it has made the descriptors that are walked; NULL: no */
	bool is_use; /* the call uses those that are walked */
};

/* By another number of the same kind it is of use as well: /dev/fd/N, or a copy. */
static void note_fd_use(const struct process *process, int fd)
{
	const struct holding *own = process_holding(process, fd);

	for (const struct holding *h = own ? own->object->holdings : NULL; h; h = h->next) {
		if (h->process == process && h->access == own->access)
			inherited_use(h->inherited);
	}
}

static void note_all_used(const struct process *process)
{
	const struct holding *holding, *next;

	HASH_ITER (hh, process->by_fd, holding, next)
		inherited_use(holding->inherited);
}

static void note_opened(const struct walk *walk, int fd)
{
	struct holding *holding = process_holding(walk->process, fd);

	if (!holding || holding->opener || holding->is_older)
		return;
	holding->opener = walk->process->tgid;
	holding->opened_by = walk->makes->spec->name;
	holding->opened_ns = walk->ev->time_ns;
}

static const char *fd_name(struct arena *arena, const struct object *object, unsigned access)
{
	bool is_one_way = object->key.mech == MECH_PIPE || object->key.mech == MECH_FIFO;
	const char *name = object_short_name(object);
	size_t len = strlen(name);
	char *with_end;

	if (!is_one_way || (access & 0600) == 0600)
		return name;
	with_end = arena_alloc(arena, len + 3);
	memcpy(with_end, name, len);
	with_end[len] = ' ';
	with_end[len + 1] = access & 0400 ? 'r' : 'w';
	return with_end;
}

static void walk_fd(const struct walk *walk, struct value *value)
{
	const struct fact *fact = value->fd.fact;
	struct object *object;

	if (walk->is_use && value->fd.fd >= 0)
		note_fd_use(walk->process, value->fd.fd);
	if (!fact || value->fd.fd < 0)
		return;
	object = model_learn_fd(walk->model, walk->process, value->fd.fd, fact, value->fd.link,
				walk->ev, false);
	if (walk->makes)
		note_opened(walk, value->fd.fd);
	if (object)
		value->object = fd_name(walk->arena, object, (unsigned)fact->value[1]);
}

/* Give every descriptor in a value its object's name, and learn who holds it. */
static void walk_value(const struct walk *walk, struct value *value)
{
	switch ((enum value_kind)value->kind) {
	case VALUE_FD:
		walk_fd(walk, value);
		break;
	case VALUE_STRUCT:
		for (uint32_t i = 0; i < value->st.n; i++)
			walk_value(walk, &value->st.fields[i].value);
		break;
	case VALUE_ARRAY:
		for (uint32_t i = 0; i < value->array.n; i++)
			walk_value(walk, &value->array.items[i]);
		break;
	case VALUE_CHANGE:
		walk_value(walk, value->change.before);
		walk_value(walk, value->change.after);
		break;
	default:
		break;
	}
}

/* Descriptors within a message that was sent or received at ns. */
static void note_passing(struct process *process, const struct value *value, bool is_sent,
			 uint64_t ns)
{
	struct holding *holding;

	switch ((enum value_kind)value->kind) {
	case VALUE_FD:
		if (is_sent)
			process->shared_ns = ns;
		holding = process_holding(process, value->fd.fd);
		if (holding && is_sent)
			holding->object->n_passed++;
		else if (holding && holding->object->n_passed)
			holding->object->n_passed--;
		break;
	case VALUE_STRUCT:
		for (uint32_t i = 0; i < value->st.n; i++)
			note_passing(process, &value->st.fields[i].value, is_sent, ns);
		break;
	case VALUE_ARRAY:
		for (uint32_t i = 0; i < value->array.n; i++)
			note_passing(process, &value->array.items[i], is_sent, ns);
		break;
	default:
		break;
	}
}

static bool is_message(const struct call *call)
{
	/* Its own name: the row of a number that nobody knows has none. */
	return call_begins(call, "sendm") || call_begins(call, "recvm");
}

/* Closing a descriptor, and looking at its flags or setting them, is no use of it. */
static bool is_use(const struct call *call)
{
	if (strncmp(call->name, "fcntl", 5) == 0)
		return call->raw[1] < F_GETFD || call->raw[1] > F_GETFL;
	if (strcmp(call->name, "ioctl") == 0)
		return (uint32_t)call->raw[1] != FIOCLEX && (uint32_t)call->raw[1] != FIONCLEX;
	return strncmp(call->name, "close", 5) != 0;
}

/* In memory a call gives the descriptors that it has made: pipe, socketpair; recvmsg. */
static const struct call *begin_uses(struct walk *walk, const struct call *call)
{
	bool makes_pair = call->spec->ipc.op == OP_CREATE;
	bool is_over = walk->ev->kind == EVENT_EXIT && !call->is_error;

	walk->is_use = is_use(call) && !makes_pair;
	/* What it does with descriptors is told in memory that is shared with the kernel. */
	if (strncmp(call->name, "io_uring", 8) == 0)
		note_all_used(walk->process);
	return is_over && (makes_pair || strncmp(call->name, "recvm", 5) == 0) ? call : NULL;
}

void model_walk_call(struct model *model, struct process *process, const struct event *ev,
		     struct call *call)
{
	struct walk walk = { .model = model, .process = process, .ev = ev, .arena = call->arena };
	const struct call *makes = NULL;

	if (model->options.follows_uses)
		makes = begin_uses(&walk, call);
	for (unsigned i = 0; i < call->n_args; i++) {
		/* What is received comes in a message; the socket was there before. */
		walk.makes = i || !is_message(call) ? makes : NULL;
		walk_value(&walk, &call->args[i]);
	}
	if (ev->kind != EVENT_EXIT)
		return;
	walk.is_use = false;
	walk.makes = model->options.follows_uses && !call->is_error ? call : NULL;
	walk_value(&walk, &call->ret_value);
	for (unsigned i = 0; i < call->n_aux; i++)
		walk_value(&walk, &call->aux[i].value);
	for (unsigned i = 1; i < call->n_args && !call->is_error && is_message(call); i++)
		note_passing(process, &call->args[i], call->name[0] == 's', call->exit_ns);
}

/* --- handles --- */

/* The mechanism of a handle: of its descriptor, or as the row says. */
const struct ipc_mech *model_handle_mech(const struct call_spec *spec, const struct handle *handle)
{
	enum mech mech = (enum mech)spec->ipc.mech;

	/* Locks are about a file, whatever it is. */
	if (handle->is_fd && mech != MECH_LOCK)
		return handle->fact ? mech_of_fd_kind(fact_fd_kind(handle->fact)) : NULL;
	return mech_find(mech);
}

static struct touch *add_touch(struct mech_call *m, bool is_new)
{
	struct touch *touch;

	/* Both ends of a pipe are one object. */
	for (unsigned i = 0; i < m->annotation->n_touches; i++) {
		if (m->annotation->touches[i].object == m->object)
			return &m->annotation->touches[i];
	}
	if (m->annotation->n_touches == TOUCHES_MAX)
		return NULL;
	touch = &m->annotation->touches[m->annotation->n_touches++];
	memset(touch, 0, sizeof(*touch));
	touch->object = m->object;
	m->object->last_used = m->model->n_events;
	touch->is_new = is_new || !m->object->is_shown;
	m->object->is_shown = true;
	return touch;
}

/* The object of a handle that is a descriptor: known by its fact, or by what was held. */
static struct object *held_object(struct mech_call *m)
{
	struct holding *holding;
	struct ipc_key key;

	if (m->handle.fact && model_fd_key(m->handle.fact, &key))
		return object_find(&m->model->objects, &key);
	holding = process_holding(m->process, (int)m->handle.id);
	return holding ? holding->object : NULL;
}

/* There was nothing of the name that was opened: O_CREAT has made it. */
static bool was_absent(const struct mech_call *m)
{
	const struct fact *fact =
		m->enter ? event_fact(m->enter, FACT_PATH, m->call->spec->ipc.arg) : NULL;

	return fact && fact->value[0] == -ENOENT;
}

/* A call that makes objects made this one, unless it was known before. */
static void note_creation(struct mech_call *m, bool is_new)
{
	bool is_open = m->handle.op == OP_OPEN && m->handle.arg == HANDLE_RESULT && was_absent(m);
	bool is_made = m->handle.arg == HANDLE_RESULT && m->handle.op == OP_CREATE;

	if (!m->is_success || m->object->creator || m->object->is_older ||
	    !(is_made || is_open || is_new) || (m->handle.op != OP_CREATE && !is_open))
		return;
	m->object->creator = m->process->tgid;
	if (m->touch)
		m->touch->is_created = true;
}

static struct object *handle_object(struct mech_call *m, const struct ipc_mech *mech,
				    bool *ret_is_new)
{
	struct ipc_key key = { .mech = mech->mech };
	struct object *object;

	*ret_is_new = false;
	if (m->handle.is_fd && mech->mech != MECH_LOCK)
		return held_object(m);
	if (!mech->identify || !mech->identify(m, &key))
		return NULL;
	object = model_object(m->model, &key, m->ev, ret_is_new);
	if (*ret_is_new && mech->describe)
		mech->describe(object, NULL, NULL);
	return object;
}

struct object *model_handle_object(struct mech_call *m, const struct ipc_mech *mech)
{
	bool is_new;

	return handle_object(m, mech, &is_new);
}

static void note_use(struct mech_call *m)
{
	struct user *user;

	if (!m->is_success)
		return;
	model_sweep_users(m->model, m->object);
	user = object_user(m->object, m->process->tgid);
	user->last_ns = m->ev->time_ns;
	user->n_sends += m->handle.op == OP_SEND;
	user->n_receives += m->handle.op == OP_RECV;
}

void model_note_entry(struct model *model, struct thread *thread, const struct event *ev,
		      const struct call *call)
{
	struct mem mem = { .ev = (struct event *)ev };
	struct handle handles[HANDLES_MAX];
	const struct ipc_mech *mech;
	struct mech_call m = { .model = model,
			       .arena = call->arena,
			       .call = call,
			       .enter = ev,
			       .ev = ev,
			       .process = process_get(&model->processes, call->tgid) };
	unsigned n;

	waiter_leave(&thread->waiter);
	model_end_flights(thread, true);
	n = handle_find(call->spec, &mem, handles);
	if (!n)
		return;
	model_begin_flights(thread, &m, handles, n);
	mech = model_handle_mech(call->spec, &handles[0]);
	m.handle = handles[0];
	m.object = mech ? model_handle_object(&m, mech) : NULL;
	if (!m.object)
		return;
	thread->waiter.tid = call->tid;
	thread->waiter.tgid = call->tgid;
	thread->waiter.op = handles[0].op;
	thread->waiter.since_ns = call->enter_ns;
	memcpy(thread->waiter.raw, call->raw, sizeof(thread->waiter.raw));
	waiter_enter(&thread->waiter, m.object);
}

static void apply_handle(struct mech_call *m)
{
	const struct ipc_mech *mech = model_handle_mech(m->call->spec, &m->handle);
	bool is_new;

	if (!mech || !mech->apply)
		return;
	m->object = handle_object(m, mech, &is_new);
	/* What has only descriptors has nothing to say before there is one: a pipe2 that is slow. */
	if (!m->object && (m->handle.is_fd || (mech->fd_kinds && !mech->identify)))
		return;
	if (m->object) {
		unsigned n_touches = m->annotation->n_touches;

		m->touch = add_touch(m, is_new);
		note_creation(m, is_new);
		/* Both ends of a new pipe: said once. */
		if (m->handle.arg == HANDLE_RESULT && n_touches == m->annotation->n_touches)
			return;
		note_use(m);
	}
	mech->apply(m);
	model_note_lasting(m);
}

/* Is what the call returns a handle of its object: an id, or the address of a mapping? */
static bool returns_object(const struct mech_call *m)
{
	if (m->handle.op == OP_CREATE)
		return m->call->spec->ret != RET_ZERO;
	return m->handle.op == OP_MAP && m->call->spec->ipc.mech == MECH_SHARED_MEM;
}

/* Ids and addresses get their object's name too; descriptors have it from the walk. */
static void name_handle(const struct mech_call *m, struct call *call)
{
	if (!m->object || m->handle.is_fd)
		return;
	if (!returns_object(m)) {
		if (m->handle.arg < call->n_args)
			call->args[m->handle.arg].object = object_short_name(m->object);
	} else if (m->is_success) {
		call->ret_value.object = object_short_name(m->object);
	}
}

/* Does the caller have a table of descriptors of its own from now on? */
static bool has_own_files(const struct call *call)
{
	enum { RANGE_UNSHARE = 2 };

	return (call_is(call, "unshare") && (call->raw[0] & CLONE_FILES)) ||
	       (call_is(call, "close_range") && (call->raw[2] & RANGE_UNSHARE));
}

static void apply_closes(struct process *process, const struct call *call)
{
	if (call_begins(call, "close"))
		process->close_ns = call->exit_ns;
	/* Of several threads the others go on as before. */
	if (has_own_files(call) && process->n_threads <= 1)
		process_unshare(process);
	if (call_is(call, "close"))
		process_drop(process, (int)call->raw[0]);
	else if (call_is(call, "close_range") && !(call->raw[2] & 4))
		process_drop_range(process, (unsigned)call->raw[0], (unsigned)call->raw[1]);
}

/* Whoever writes where nobody can read any more is sent a signal. */
static void apply_broken_pipe(struct model *model, struct process *process, const struct event *ev,
			      const struct call *call)
{
	enum ipc_op op = (enum ipc_op)call->spec->ipc.op;
	struct mech_call m = { .model = model, .call = call, .ev = ev, .process = process };

	if (ev->kind == EVENT_EXIT && call->is_error && call->ret == -EPIPE &&
	    (op == OP_SEND || op == OP_TRANSFER))
		signal_write_failed(&m);
}

/* Annotations are for readers; the objects are ours. */
static void note_seen(const struct annotation *annotation)
{
	for (unsigned i = 0; i < annotation->n_touches; i++)
		seen_note((struct object *)annotation->touches[i].object, &annotation->touches[i]);
}

void model_apply_call(struct model *model, struct thread *thread, const struct event *ev,
		      struct call *call)
{
	struct process *process = process_get(&model->processes, call->tgid);
	bool is_made = ev->kind == EVENT_EXIT && !ev->is_error &&
		       (call->spec->ipc.op == OP_CREATE || call->spec->ipc.op == OP_OPEN ||
			call->spec->ipc.op == OP_ACCEPT);
	struct mem mem = { .ev = (struct event *)(is_made || !thread->has_enter ? ev
										: &thread->enter) };
	struct handle handles[HANDLES_MAX];
	unsigned n;

	annotation_clear(&thread->annotation);
	n = handle_find(call->spec, &mem, handles);
	for (unsigned i = 0; i < n; i++) {
		struct mech_call m = {
			.model = model,
			.arena = call->arena,
			.call = call,
			.enter = thread->has_enter ? &thread->enter : NULL,
			.ev = ev,
			.process = process,
			.handle = handles[i],
			.is_over = ev->kind != EVENT_BLOCKED,
			.is_success = ev->kind == EVENT_EXIT && !call->is_error,
			.annotation = &thread->annotation,
		};

		if (m.is_over && thread->has_enter && i < FLIGHTS_MAX && thread->flights[i].tid)
			m.flight = &thread->flights[i];
		apply_handle(&m);
		if (m.flight)
			flight_settle(m.flight);
		name_handle(&m, call);
	}
	apply_broken_pipe(model, process, ev, call);
	note_seen(&thread->annotation);
	if (ev->kind == EVENT_EXIT && !call->is_error)
		apply_closes(process, call);
}
