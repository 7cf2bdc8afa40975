/* Signals that are sent, and where they are pending. kernel/signal.c, signal(7) */
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

bool signal_is_plain(int code)
{
	return code == SI_USER || code == SI_TKILL || code > 0;
}

uint64_t signal_tag(int code, pid_t pid, uint64_t value)
{
	uint64_t tag = (uint32_t)code;

	return signal_is_plain(code) ? tag : tag ^ (value + (uint32_t)pid) * 0x9e3779b97f4a7c15u;
}

/* --- queues --- */

bool signal_is_realtime(int sig)
{
	return sig >= FIRST_REALTIME;
}

static struct ipc_key key_of(pid_t tgid, pid_t tid, bool is_group)
{
	return (struct ipc_key){
		.mech = MECH_SIGNAL, .pad = is_group, .a = (uint64_t)tgid, .b = (uint64_t)tid
	};
}

struct object *signal_make_queue(struct model *model, const struct event *ev, pid_t tgid, pid_t tid,
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

struct ledger *signal_find_queue(struct model *model, pid_t tgid, pid_t tid, bool is_group, int sig,
				 struct object **ret_object)
{
	struct ipc_key key = key_of(tgid, tid, is_group);

	*ret_object = model_find_object(model, &key);
	return *ret_object ? ledger_part(*ret_object, (unsigned)sig) : NULL;
}

bool signal_is_in_order(const struct process *process, pid_t tid)
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
	sending->tag = signal_tag(info.code, info.pid, info.value);
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
	flight->target =
		signal_make_queue(m->model, m->ev, sending.tgid, sending.tid, sending.is_group);
	flight->send_part = (unsigned)sending.sig;
	flight->len_max = 1;
	flight->tag = sending.tag;
}

/* Make room: who was sent a lot that he does not take has them merged. */
static void limit(struct model *model, const struct object *object, struct ledger *ledger)
{
	const struct process *process = model_process(model, (pid_t)object->key.a);

	if (ledger->n < LEFT_MAX || (signal_is_realtime((int)ledger->part) && !object->key.pad))
		return;
	ledger_remove(ledger, 1);
	ledger->n_left_out++;
	ledger->is_leaky |=
		object->key.pad || !process || !signal_is_in_order(process, (pid_t)object->key.b);
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
	flight->target->n_sends++;
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

	queue->n_sends++;
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
	put(model, ev, signal_make_queue(model, ev, parent->tgid, 0, false), SIGCHLD,
	    &(struct message){ .pid = process->tgid,
			       .tid = ev->tid,
			       .tag = signal_tag(code, 0, 0),
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
	put(m->model, m->ev, signal_make_queue(m->model, m->ev, tgid, tid, false), SIGPIPE,
	    &(struct message){ .pid = tgid,
			       .tid = tid,
			       .tag = signal_tag(SI_USER, 0, 0),
			       .enter_ns = m->call->enter_ns,
			       .first_ns = m->call->enter_ns,
			       .exit_ns = m->ev->time_ns });
}
