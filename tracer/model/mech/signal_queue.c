/* Which send is the signal that somebody got? kernel/signal.c, signal(7) */
#include "model/mech/signal_queue.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/mech/pidfd.h"
#include "model/message.h"

enum {
	FIRST_REALTIME = 32, /* of the kernel */
	LAST_SIGNAL = 64,
	LEFT_MAX = 64, /* sends that are kept of a standard signal, or of those to groups */
	PIDFD_THREAD = 1, /* flags of pidfd_send_signal(2) */
	PIDFD_GROUP = 4,
	CHILD_PREFIX_LEN = 12,
};

/* Whom a call sends what. */
struct sending {
	pid_t tgid, tid; /* tid 0: to the process */
	bool is_group; /* tgid is the sender */
	int sig;
	uint64_t tag;
};

/* --- siginfo --- */

bool signal_read(const struct event *ev, uint64_t addr, struct signal_got *ret_got)
{
	/* { int signo, errno, code; } and a union aligned to a word: { int pid, uid; sigval } */
	unsigned at = event_word_len(ev) == 8 ? 16 : CHILD_PREFIX_LEN;
	unsigned value_len = event_word_len(ev);
	struct mem mem = { .ev = (struct event *)ev };
	int32_t signo, code, pid;
	uint64_t value = 0;

	if (mem_read_all(&mem, addr, &signo, sizeof(signo)) < 0 ||
	    mem_read_all(&mem, addr + 8, &code, sizeof(code)) < 0 ||
	    mem_read_all(&mem, addr + at, &pid, sizeof(pid)) < 0 ||
	    mem_read_all(&mem, addr + at + 8, &value, value_len) < 0)
		return false;
	ret_got->sig = signo;
	ret_got->code = code;
	ret_got->pid = pid;
	ret_got->value = value;
	ret_got->is_told = true;
	return true;
}

/* Is the sender named by the kernel, and there is no value? */
static bool is_plain(int code)
{
	return code == SI_USER || code == SI_TKILL || code > 0;
}

/* What tells signals of one number apart, besides who sent them. */
static uint64_t tag_of(int code, pid_t pid, uint64_t value)
{
	uint64_t tag = (uint32_t)code;

	return is_plain(code) ? tag : tag ^ (value + (uint32_t)pid) * 0x9e3779b97f4a7c15u;
}

/* --- queues --- */

static bool is_realtime(int sig)
{
	return sig >= FIRST_REALTIME;
}

/* Those that make the kernel throw away others which are pending. */
static bool is_job_control(int sig)
{
	return sig == SIGCONT || sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

static struct ipc_key key_of(pid_t tgid, pid_t tid, bool is_group)
{
	return (struct ipc_key){
		.mech = MECH_SIGNAL, .pad = is_group, .a = (uint64_t)tgid, .b = (uint64_t)tid
	};
}

static struct object *make_queue(struct model *model, const struct event *ev, pid_t tgid, pid_t tid,
				 bool is_group)
{
	struct ipc_key key = key_of(tgid, tid, is_group);
	bool is_new;
	struct object *object = model_object(model, &key, ev, &is_new);
	char label[48];

	if (!is_new)
		return object;
	if (is_group)
		snprintf(label, sizeof(label), "by PID %d to groups", tgid);
	else if (tid)
		snprintf(label, sizeof(label), "to thread %d of PID %d", tid, tgid);
	else
		snprintf(label, sizeof(label), "to PID %d", tgid);
	object_set_label(object, label, strlen(label));
	return object;
}

static struct ledger *find_queue(struct model *model, pid_t tgid, pid_t tid, bool is_group, int sig,
				 struct object **ret_object)
{
	struct ipc_key key = key_of(tgid, tid, is_group);

	*ret_object = model_find_object(model, &key);
	return *ret_object ? ledger_part(*ret_object, (unsigned)sig) : NULL;
}

/*
 * Is what is pending there taken by one thread, so that we see it taken in order? Of several one
 * may have taken another that we have not heard of yet.
 */
static bool is_in_order(const struct process *process, pid_t tid)
{
	return tid || process->n_threads <= 1;
}

void signal_end_queues(struct model *model, pid_t tgid, pid_t tid, bool is_last)
{
	struct ipc_key keys[] = { key_of(tgid, tid, false), key_of(tgid, 0, false) };

	for (unsigned i = 0; i < (is_last ? 2u : 1u); i++) {
		struct object *object = model_find_object(model, &keys[i]);

		if (object)
			model_retire_object(model, object);
	}
}

/* --- sends --- */

static void read_tag(const struct mech_call *m, unsigned arg, int code, struct sending *sending)
{
	struct signal_got info = { .code = code };

	/* An address of 0: the kernel fills it in. */
	if (arg < 6 && m->call->raw[arg] && m->enter)
		signal_read(m->enter, m->call->raw[arg], &info);
	sending->tag = tag_of(info.code, info.pid, info.value);
}

static bool is_named(const struct mech_call *m, const char *name)
{
	return strcmp(m->call->spec->name, name) == 0;
}

/* False: to nobody whom we know, or it only asks whether there is somebody. */
static bool find_sending(const struct mech_call *m, pid_t to, struct sending *ret)
{
	const uint64_t *raw = m->call->raw;
	unsigned arg = m->handle.arg;
	bool is_thread = is_named(m, "tkill") || is_named(m, "tgkill") ||
			 is_named(m, "rt_tgsigqueueinfo") || (to && raw[arg + 3] & PIDFD_THREAD);
	bool has_info = to || strstr(m->call->spec->name, "queueinfo");
	pid_t number = (pid_t)m->handle.id;
	struct named named = { .tid = to };

	*ret = (struct sending){ .sig = (int)raw[arg + 1] };
	read_tag(m, has_info ? arg + 2 : UINT32_MAX, is_thread ? SI_TKILL : SI_USER, ret);
	if (ret->sig <= 0 || ret->sig > LAST_SIGNAL)
		return false;
	if (to ? raw[arg + 3] & PIDFD_GROUP : number <= 0) {
		ret->tgid = m->process->tgid;
		ret->is_group = true;
		return true;
	}
	if (to)
		named.tgid = model_process_of(m->model, to);
	else
		named = model_pid_of(m->model, m->process, number);
	ret->tgid = named.tgid;
	ret->tid = is_thread ? named.tid : 0;
	return named.tgid;
}

static bool changes_action(const struct mech_call *m)
{
	return is_named(m, "rt_sigaction") || is_named(m, "sigaction") || is_named(m, "signal");
}

void signal_begin(const struct mech_call *m, struct flight *flight, pid_t to)
{
	struct sending sending;

	/* What is ignored from then on is not pending any more. */
	if (changes_action(m))
		m->process->handled_ns = UINT64_MAX;
	if (m->call->spec->ipc.op != OP_SEND || m->handle.op != OP_SEND)
		return;
	flight->is_send = true;
	flight->target = NULL;
	flight->fd = -1;
	if (!find_sending(m, to, &sending))
		return;
	flight->target = make_queue(m->model, m->ev, sending.tgid, sending.tid, sending.is_group);
	flight->send_part = (unsigned)sending.sig;
	flight->len_max = 1;
	flight->tag = sending.tag;
}

/* Make room: who was sent a lot that he does not take has them merged. */
static void limit(struct model *model, const struct object *object, struct ledger *ledger)
{
	const struct process *process = model_process(model, (pid_t)object->key.a);

	if (ledger->n < LEFT_MAX || (is_realtime((int)ledger->part) && !object->key.pad))
		return;
	ledger_remove(ledger, 1);
	ledger->n_left_out++;
	ledger->is_leaky |=
		object->key.pad || !process || !is_in_order(process, (pid_t)object->key.b);
}

void signal_sent(struct mech_call *m, pid_t to)
{
	struct flight unseen = { .tid = m->call->tid, .tgid = m->process->tgid };
	struct flight *flight = m->flight;
	struct message message;
	struct ledger *ledger;

	if (changes_action(m))
		m->process->handled_ns = m->ev->time_ns;
	if (m->handle.op != OP_SEND)
		return;
	if (!flight) {
		flight = &unseen;
		signal_begin(m, flight, to);
		flight->is_doubtful = true;
	}
	if (!m->is_success || !flight->target) {
		flight->early = 0;
		return;
	}
	ledger = ledger_part(flight->target, flight->send_part);
	message = flight_message(flight);
	message.number = flight_number(flight);
	message.exit_ns = m->ev->time_ns;
	message.last_ns = flight->last_ns > message.exit_ns ? flight->last_ns : message.exit_ns;
	message.is_doubtful = false;
	message_add_match(m, flight->target, &message, 0, 1, true);
	message.is_doubtful = flight->is_doubtful;
	if (!flight->early || flight->target->key.pad) {
		limit(m->model, flight->target, ledger);
		ledger_append(ledger, &message);
	}
	flight->early = 0;
}

/* What the kernel sends. */
static void put(struct model *model, const struct event *ev, struct object *queue, int sig,
		const struct message *like)
{
	struct ledger *ledger = ledger_part(queue, (unsigned)sig);
	struct message message = *like;

	message.number = ++queue->n_messages;
	message.fd = -1;
	message.len = 1;
	message.last_ns = ev->time_ns;
	limit(model, queue, ledger);
	ledger_append(ledger, &message);
}

void signal_child_ended(struct model *model, const struct process *process, const struct event *ev)
{
	const struct process *parent = model_process(model, process->ppid);
	int code = ev->kind == EVENT_EXITED ? CLD_EXITED : ev->is_core ? CLD_DUMPED : CLD_KILLED;

	if (!parent || !parent->is_alive)
		return;
	put(model, ev, make_queue(model, ev, parent->tgid, 0, false), SIGCHLD,
	    &(struct message){ .pid = process->tgid,
			       .tid = ev->tid,
			       .tag = tag_of(code, 0, 0),
			       .enter_ns = ev->time_ns });
}

static bool is_without_signal(const struct mech_call *m)
{
	if (strncmp(m->call->spec->name, "sendto", 6) == 0)
		return m->call->raw[3] & MSG_NOSIGNAL;
	if (strncmp(m->call->spec->name, "sendm", 5) == 0)
		return m->call->raw[m->call->spec->name[5] == 's' ? 2 : 3] & MSG_NOSIGNAL;
	return false;
}

void signal_write_failed(struct mech_call *m)
{
	pid_t tgid = m->process->tgid, tid = m->call->tid;

	if (is_without_signal(m))
		return;
	put(m->model, m->ev, make_queue(m->model, m->ev, tgid, tid, false), SIGPIPE,
	    &(struct message){ .pid = tgid,
			       .tid = tid,
			       .tag = tag_of(SI_USER, 0, 0),
			       .enter_ns = m->call->enter_ns,
			       .first_ns = m->call->enter_ns,
			       .exit_ns = m->ev->time_ns });
}

/* --- takes --- */

/* Where it may have been pending. */
struct source {
	struct object *object;
	struct ledger *ledger;
	pid_t tid;
	bool is_group;
	bool is_in_order;
};

enum { FROM_PROCESS, FROM_THREAD, FROM_GROUP, SOURCES };

/* The sends that it may have been. */
struct sends {
	unsigned n;
	bool is_of[SOURCES]; /* some are from there */
	int source; /* of the first */
	unsigned index; /* of it, in the ledger */
	struct message *message; /* or, with none, the call under way */
	struct flight *flight;
	uint64_t first_ns, last_ns; /* when it was put */
};

struct taking {
	struct mech_call *m;
	const struct signal_got *got;
	pid_t tid;
	pid_t sender; /* whom it names, in our numbers; 0: not known */
	uint64_t tag;
	struct source sources[SOURCES];
	struct sends sends;
};

static void find_sources(struct taking *taking)
{
	struct model *model = taking->m->model;
	const struct process *process = taking->m->process;
	int sig = taking->got->sig;

	for (int i = 0; i < SOURCES; i++) {
		struct source *source = &taking->sources[i];

		source->is_group = i == FROM_GROUP;
		source->tid = i == FROM_THREAD ? taking->tid : 0;
		if (source->is_group && !taking->sender)
			continue;
		source->ledger =
			find_queue(model, source->is_group ? taking->sender : process->tgid,
				   source->tid, source->is_group, sig, &source->object);
		source->is_in_order = !source->is_group && is_in_order(process, source->tid);
	}
	/* There it is noted what the process took last. */
	if (taking->sources[FROM_GROUP].ledger && !taking->sources[FROM_PROCESS].ledger) {
		make_queue(model, taking->m->ev, process->tgid, 0, false);
		taking->sources[FROM_PROCESS].ledger = find_queue(
			model, process->tgid, 0, false, sig, &taking->sources[FROM_PROCESS].object);
	}
}

static bool is_it(const struct taking *taking, const struct message *message, bool is_group)
{
	if (!taking->got->is_told)
		return true;
	if (message->tag != taking->tag ||
	    (is_plain(taking->got->code) && message->pid != taking->sender))
		return false;
	return !is_group || taking->m->process->birth_ns <= message->last_ns;
}

/*
 * Does another one that is pending for sure come before it? A standard signal would have been merged
 * into that one, a real-time one has to wait.
 */
static bool is_preceded(const struct taking *taking, const struct source *source,
			const struct message *message)
{
	const struct process *process = taking->m->process;
	bool is_rt = is_realtime(taking->got->sig);

	for (unsigned i = 0; source->is_in_order && i < source->ledger->n; i++) {
		const struct message *other = ledger_at(source->ledger, i);

		if (other->last_ns >= message->first_ns || other->is_doubtful ||
		    other->first_ns <= process->handled_ns || is_job_control(taking->got->sig))
			continue;
		if (is_rt || other->first_ns > source->ledger->out_ns)
			return true;
	}
	return false;
}

static bool may_be(const struct taking *taking, const struct source *source,
		   const struct message *message)
{
	if (!is_it(taking, message, source->is_group))
		return false;
	/* What was sent to the group before the process took its last one is gone with that. */
	if (source->is_group)
		return taking->sources[FROM_PROCESS].ledger == NULL ||
		       message->last_ns > taking->sources[FROM_PROCESS].ledger->out_first_ns;
	return !is_preceded(taking, source, message);
}

/* The next send of the signal that has not returned, from previous on. */
static struct flight *next_flight(const struct taking *taking, const struct source *source,
				  struct flight *previous)
{
	struct flight *flight = previous ? previous->next : source->object->flights;

	for (; flight; flight = flight->next) {
		struct message message = flight_message(flight);

		if (flight->is_send && !flight->early &&
		    flight->send_part == (unsigned)taking->got->sig &&
		    may_be(taking, source, &message))
			return flight;
	}
	return NULL;
}

static void note(struct sends *sends, int source)
{
	sends->n++;
	sends->is_of[source] = true;
}

static void find_in(struct taking *taking, int at)
{
	const struct source *source = &taking->sources[at];
	struct sends *sends = &taking->sends;
	struct flight *flight = NULL;

	for (unsigned i = 0; i < source->ledger->n; i++) {
		struct message *message = ledger_at(source->ledger, i);

		if (!may_be(taking, source, message))
			continue;
		note(sends, at);
		if (sends->message || sends->flight)
			continue;
		sends->message = message;
		sends->index = i;
		sends->source = at;
		sends->first_ns = message->first_ns;
		sends->last_ns = message->last_ns;
	}
	while ((flight = next_flight(taking, source, flight))) {
		note(sends, at);
		if (sends->message || sends->flight)
			continue;
		sends->flight = flight;
		sends->source = at;
		sends->first_ns = flight->first_ns;
		sends->last_ns = UINT64_MAX;
	}
}

/* Each of the others may have been it, and stands for the one that is said to be it. */
static void doubt_others(struct taking *taking)
{
	const struct sends *sends = &taking->sends;

	for (int at = 0; at < SOURCES; at++) {
		const struct source *source = &taking->sources[at];
		struct flight *flight = NULL;

		if (!source->ledger)
			continue;
		for (unsigned i = 0; i < source->ledger->n; i++) {
			struct message *message = ledger_at(source->ledger, i);

			message->is_marked = may_be(taking, source, message);
		}
		while ((flight = next_flight(taking, source, flight)))
			flight_doubt(flight, sends->first_ns, sends->last_ns);
		for (unsigned i = 0; i < source->ledger->n; i++) {
			struct message *message = ledger_at(source->ledger, i);

			if (message->is_marked)
				ledger_doubt(source->ledger, message, sends->first_ns,
					     sends->last_ns);
			message->is_marked = false;
		}
	}
}

/* Of what was pending before we looked, or may have been dropped, nothing is certain. */
static bool is_certain(const struct taking *taking, const struct message *message)
{
	const struct source *source = &taking->sources[taking->sends.source];
	const struct mech_call *m = taking->m;
	const struct process *sender = model_process(m->model, message->pid);
	bool is_known_since = source->ledger->out_ns && !is_realtime(taking->got->sig);

	return taking->sends.n == 1 && taking->got->is_told && message->pid == taking->sender &&
	       !source->ledger->is_leaky && !source->ledger->is_lost && sender &&
	       (!m->process->is_older || !sender->is_older || is_known_since) &&
	       !model_misses_messages(m->model, source->object);
}

/* Those that were merged into what was taken at least at from_ns. How many that is known of. */
static uint64_t drop_merged(struct ledger *ledger, uint64_t from_ns)
{
	uint64_t n = 0;

	for (unsigned i = ledger->n; i; i--) {
		const struct message *message = ledger_at(ledger, i - 1);

		if (message->last_ns > from_ns)
			continue;
		n += message->first_ns > ledger->out_ns && !message->is_doubtful;
		ledger_remove(ledger, i - 1);
	}
	n += ledger->n_left_out;
	ledger->n_left_out = 0;
	return n;
}

/* Where it was pending: SOURCES if that is not known. */
static int place_of(const struct taking *taking)
{
	const struct sends *sends = &taking->sends;
	int code = taking->got->code;

	if (sends->n && sends->is_of[FROM_THREAD])
		return sends->is_of[FROM_PROCESS] || sends->is_of[FROM_GROUP] ? SOURCES
									      : FROM_THREAD;
	if (sends->n)
		return FROM_PROCESS;
	if (!taking->got->is_told || (code < 0 && code != SI_TKILL))
		return SOURCES;
	return code == SI_TKILL ? FROM_THREAD : FROM_PROCESS;
}

/* One was taken: what else was pending of a standard signal is gone with it. */
static uint64_t note_taken(struct taking *taking)
{
	int place = place_of(taking);
	uint64_t from_ns = taking->got->since_ns, n_merged = 0;

	if (taking->sends.n && taking->sends.first_ns > from_ns)
		from_ns = taking->sends.first_ns;
	for (int at = FROM_PROCESS; at <= FROM_THREAD; at++) {
		struct ledger *ledger = taking->sources[at].ledger;

		if (!ledger || (place != SOURCES && place != at))
			continue;
		if (place == at && taking->sources[at].is_in_order &&
		    !is_realtime(taking->got->sig))
			n_merged += drop_merged(ledger, from_ns);
		if (place == at && taking->sources[at].is_in_order)
			ledger->out_first_ns = from_ns;
		ledger->out_ns = taking->m->ev->time_ns;
	}
	return n_merged;
}

static struct message take(struct taking *taking)
{
	struct sends *sends = &taking->sends;
	struct source *source = &taking->sources[sends->source];
	struct message message;

	if (sends->message) {
		message = *sends->message;
		if (!source->is_group)
			ledger_remove(source->ledger, sends->index);
		return message;
	}
	message = flight_message(sends->flight);
	message.number = flight_number(sends->flight);
	sends->flight->early += !source->is_group;
	return message;
}

void signal_taken(struct mech_call *m, pid_t tid, const struct signal_got *got)
{
	struct taking taking = { .m = m, .got = got, .tid = tid };
	struct annotation *annotation = m->annotation;
	struct message message = { 0 };
	uint64_t n_merged;

	if (!m->process || got->sig <= 0 || got->sig > LAST_SIGNAL)
		return;
	if (got->is_told && got->pid > 0)
		taking.sender = model_pid_of(m->model, m->process, got->pid).tid;
	taking.tag = tag_of(got->code, got->pid, got->value);
	find_sources(&taking);
	for (int at = 0; at < SOURCES; at++) {
		if (taking.sources[at].ledger)
			find_in(&taking, at);
	}
	if (taking.sends.n > 1)
		doubt_others(&taking);
	if (taking.sends.n) {
		message = take(&taking);
		message.is_doubtful |= !is_certain(&taking, &message);
	}
	n_merged = note_taken(&taking);
	if (!taking.sends.n || !m->model)
		return;
	message_add_match(m, taking.sources[taking.sends.source].object, &message, 0, 1, false);
	if (annotation->n_matches)
		annotation->matches[annotation->n_matches - 1].n_merged = n_merged;
}
