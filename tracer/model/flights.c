/* Sends and receives from their entry to their return. */
#include <string.h>

#include "model/model_core.h"

/* Calls that say in an argument how many bytes they send at most. */
static const struct sized_call {
	const char *name;
	unsigned arg;
} sized_calls[] = {
	{ "write", 2 },
	{ "sendto", 2 },
	{ "msgsnd", 2 },
	{ "mq_timedsend", 2 },
};

static uint64_t len_of(const struct call *call)
{
	for (size_t i = 0; i < ARRAY_LEN(sized_calls); i++) {
		if (call_is(call, sized_calls[i].name) && !call->spec->regs &&
		    !call->spec->is_indirect)
			return call->raw[sized_calls[i].arg];
	}
	return UINT64_MAX;
}

/* What holds of most mechanisms. */
static void begin(struct thread *thread, const struct mech_call *m, struct flight *flight)
{
	const struct call *call = m->call;

	*flight = (struct flight){ .tid = thread->tid,
				   .tgid = call->tgid,
				   .fd = m->handle.is_fd ? (int)m->handle.id : -1,
				   .is_send = m->handle.op == OP_SEND,
				   .is_receive = m->handle.op == OP_RECV,
				   .is_many = call_begins(call, "sendmm") ||
					      call_begins(call, "recvmm"),
				   .enter_ns = call->enter_ns,
				   .first_ns = call->enter_ns,
				   .len_max = len_of(call) };
	if (flight->is_send || flight->is_receive)
		flight->target = m->object;
}

void model_begin_flights(struct thread *thread, const struct mech_call *m,
			 const struct handle *handles, unsigned n)
{
	memset(thread->flights, 0, sizeof(thread->flights));
	for (unsigned i = 0; i < n && i < FLIGHTS_MAX; i++) {
		const struct ipc_mech *mech = model_handle_mech(m->call->spec, &handles[i]);
		struct mech_call one = *m;

		if (!mech)
			continue;
		one.handle = handles[i];
		one.object = model_handle_object(&one, mech);
		/* Some are known by more than what the call names. */
		if (!one.object && (mech->identify || mech->fd_kinds))
			continue;
		begin(thread, &one, &thread->flights[i]);
		if (mech->begin)
			mech->begin(&one, &thread->flights[i]);
		flight_begin(&thread->flights[i]);
	}
}

void model_end_flights(struct thread *thread, bool is_abandoned)
{
	for (unsigned i = 0; i < FLIGHTS_MAX; i++) {
		if (is_abandoned)
			flight_abandon(&thread->flights[i]);
		else
			flight_end(&thread->flights[i]);
	}
}

bool model_misses_messages(const struct model *model, const struct object *object)
{
	return model->has_unseen_messages ||
	       !(model->options.follows_messages >> object->key.mech & 1);
}

void model_note_unseen_messages(struct model *model)
{
	model->has_unseen_messages = true;
}

uint64_t model_attached_ns(const struct model *model)
{
	return model->attached_ns;
}
