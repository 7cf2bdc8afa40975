/* Signals as messages: who is to get one, and what will become of it. signal(7) */
#include "model/mech/signal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "model/mech/details.h"
#include "model/mech/signal_queue.h"
#include "model/mech/signal_take.h"

/* The argument that holds the signal's number: the one behind the target. */
static int signal_number(const struct mech_call *m)
{
	return (int)m->call->raw[m->handle.arg + 1];
}

static bool is_sending(const struct call_spec *spec)
{
	return spec->ipc.op == OP_SEND;
}

static void ask(const struct mech_ask *ask)
{
	struct named target = { 0 };

	if (is_sending(ask->spec) && ask->has_peers && !ask->handle.is_fd)
		target = model_pid_of(ask->model, ask->process, (int32_t)ask->handle.id);
	if (target.tid)
		mem_fact(ask->mem, FACT_SIGNALS, target.tid);
}

static bool has(const struct fact *fact, unsigned index, int sig)
{
	return sig > 0 && sig <= 64 && ((uint64_t)fact->value[index] >> (sig - 1) & 1);
}

enum disposition { SIGNAL_DEFAULT, SIGNAL_IGNORED, SIGNAL_CAUGHT, SIGNAL_FORCED };

static enum disposition disposition_of(const struct fact *fact, int sig)
{
	if (sig == SIGKILL || sig == SIGSTOP)
		return SIGNAL_FORCED;
	if (has(fact, 2, sig))
		return SIGNAL_IGNORED;
	return has(fact, 3, sig) ? SIGNAL_CAUGHT : SIGNAL_DEFAULT;
}

/* The same as fate() says, in values. */
static const struct value *target_details(const struct mech_call *m, const struct fact *before,
					  const struct fact *after, int sig)
{
	static const char *const words[] = { "default", "ignored", "caught", "cannot be caught" };
	const struct fact *any = before ? before : after;
	enum disposition disposition;
	struct number was[2] = { 0 }, is[2] = { 0 };
	struct value *value;

	if (!any || sig <= 0 || !model_has_details(m->model))
		return NULL;
	disposition = disposition_of(any, sig);
	/* Only of a traced process an ignored signal is queued: what is pending means nothing. */
	for (unsigned i = disposition == SIGNAL_IGNORED; i < 2; i++) {
		was[i] = (struct number){ before, before && has(before, i, sig) };
		is[i] = (struct number){ after, after && has(after, i, sig) };
	}
	value = arena_new(m->arena, struct value);
	*value = value_struct(m->arena, 4);
	*value_field(value, "signal") =
		details_word(decode_signal_name(m->arena, sig), (uint64_t)sig);
	*value_field(value, "disposition") = details_word(words[disposition], disposition);
	*value_field(value, "blocked") = details_change(m, was[1], is[1]);
	*value_field(value, "pending") = details_change(m, was[0], is[0]);
	return value;
}

/* "caught, blocked now, pending" */
static const char *fate(const struct mech_call *m, const struct fact *before,
			const struct fact *after, int sig)
{
	const struct fact *any = before ? before : after;
	static const char *const words[] = { "default action", "ignored", "caught",
					     "cannot be caught" };

	if (sig == 0)
		return "asked whether it exists";
	if (!any)
		return NULL;
	return arena_printf(m->arena, "%s%s%s", words[disposition_of(any, sig)],
			    has(any, 1, sig) ? ", blocked now" : "",
			    /* Only for a traced process an ignored signal is queued at all. */
			    after && has(after, 0, sig) && !has(any, 2, sig) ? ", pending" : "");
}

void signal_describe_target(struct mech_call *m, struct peer *peer, int sig)
{
	const struct fact *before = mech_before(m, FACT_SIGNALS, peer->pid);
	const struct fact *after = mech_after(m, FACT_SIGNALS, peer->pid);
	const struct fact *any = before ? before : after;
	const struct event *source = before ? m->enter : m->ev;

	peer->text = fate(m, before, after, sig);
	peer->details = target_details(m, before, after, sig);
	if (!peer->comm && any)
		peer->comm = arena_copy(m->arena, event_fact_text(source, any), any->text_len);
}

static void sent(struct mech_call *m)
{
	int64_t pid = (int32_t)m->handle.id;
	struct peer *peer;

	if (m->handle.is_fd)
		return; /* of a pidfd the object says whose */
	if (pid > 0) {
		signal_describe_target(m, mech_add_named(m, PEER_TO, CERTAIN, (pid_t)pid, -1),
				       signal_number(m));
		return;
	}
	peer = mech_add_peer(m, PEER_TO, UNKNOWN, 0, -1);
	if (pid == -1)
		peer->text = "every process that may be signalled";
	else
		peer->text = arena_printf(m->arena, "every process of group %lld",
					  pid ? -(long long)pid : 0);
	if (pid == 0)
		peer->text = "every process of its own group";
}

/* A member of a decoded siginfo, NULL: it has none. */
static const struct value *member(const struct value *siginfo, const char *name)
{
	if (siginfo->kind != VALUE_STRUCT)
		return NULL;
	for (uint32_t i = 0; i < siginfo->st.n; i++) {
		const struct field *field = &siginfo->st.fields[i];

		if (strcmp(field->name, name) == 0)
			return &field->value;
	}
	return NULL;
}

static void received(struct mech_call *m)
{
	const struct value *pid = m->call->n_args > 1 ? member(&m->call->args[1], "si_pid") : NULL;
	struct signal_got got = { .since_ns = m->call->enter_ns };

	if (pid && m->call->ret == SIGCHLD)
		mech_add_named_child(m, (pid_t)pid->i);
	else if (pid)
		mech_add_named(m, PEER_FROM, CERTAIN, (pid_t)pid->i, -1);
	if (m->call->raw[1])
		signal_read(m->ev, m->call->raw[1], &got);
	got.sig = (int)m->call->ret;
	signal_taken(m, m->call->tid, &got);
}

static void begin(const struct mech_call *m, struct flight *flight)
{
	signal_begin(m, flight, 0);
}

/* A queue is, as long as whose it is lives. */
static bool is_used(const struct model *model, const struct object *object)
{
	const struct process *process = model_process(model, (pid_t)object->key.a);

	return process && process->is_alive;
}

static void apply(struct mech_call *m)
{
	if (m->is_over)
		signal_sent(m, 0);
	if (!m->is_success)
		return;
	if (is_sending(m->call->spec))
		sent(m);
	else if (m->handle.op == OP_RECV)
		received(m);
}

const struct ipc_mech mech_signal = {
	.mech = MECH_SIGNAL,
	.prefix = "signal",
	.ask = ask,
	.apply = apply,
	.is_used = is_used,
	.begin = begin,
};
