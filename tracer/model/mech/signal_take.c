/* Which send is the signal that somebody got? kernel/signal.c, signal(7) */
#include "model/mech/signal_take.h"

#include <signal.h>

#include "model/message.h"

/* Those that make the kernel throw away others which are pending. */
static bool is_job_control(int sig)
{
	return sig == SIGCONT || sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

/* Where it may have been pending. */
struct source {
	struct object *object;
	struct ledger *ledger;
	pid_t tid;
	bool is_group;
	bool is_in_order;
};

enum { LAST_SIGNAL = 64 };
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
			signal_find_queue(model, source->is_group ? taking->sender : process->tgid,
					  source->tid, source->is_group, sig, &source->object);
		source->is_in_order = !source->is_group && signal_is_in_order(process, source->tid);
	}
	/* There it is noted what the process took last. */
	if (taking->sources[FROM_GROUP].ledger && !taking->sources[FROM_PROCESS].ledger) {
		signal_make_queue(model, taking->m->ev, process->tgid, 0, false);
		taking->sources[FROM_PROCESS].ledger = signal_find_queue(
			model, process->tgid, 0, false, sig, &taking->sources[FROM_PROCESS].object);
	}
}

static bool is_it(const struct taking *taking, const struct message *message, bool is_group)
{
	if (!taking->got->is_told)
		return true;
	if (message->tag != taking->tag ||
	    (signal_is_plain(taking->got->code) && message->pid != taking->sender))
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
	bool is_rt = signal_is_realtime(taking->got->sig);

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
	bool is_known_since = source->ledger->out_ns && !signal_is_realtime(taking->got->sig);

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
		    !signal_is_realtime(taking->got->sig))
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

	source->object->n_receives++;
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
	taking.tag = signal_tag(got->code, got->pid, got->value);
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
