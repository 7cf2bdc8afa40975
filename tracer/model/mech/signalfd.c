/* Signals that are read as messages: whoever sent them is in what was read. signalfd(2) */
#include <signal.h>
#include <string.h>

#include "model/mech/signal_take.h"
#include "model/mech/state.h"

enum {
	SIGINFO_LEN = 128, /* struct signalfd_siginfo of linux/signalfd.h */
	CODE_AT = 8,
	PID_AT = 12,
	VALUE_AT = 48,
	SIGINFOS_MAX = 8,
};

static void ask(const struct mech_ask *ask)
{
	const struct event *ev = ask->mem->ev;
	uint8_t infos[SIGINFO_LEN * SIGINFOS_MAX];
	bool is_read = ask->handle.op == OP_RECV;

	if (ask->has_state && ask->handle.op == OP_CREATE && ask->is_exit)
		mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
	if (ask->has_state && is_read) {
		mem_fact(ask->mem, FACT_SIGNALS, ev->tid);
		if (!ask->object || !ask->object->label)
			mem_fact(ask->mem, FACT_FDINFO, ask->handle.id);
	}
	if (is_read && ask->is_exit && !ev->is_error && ev->ret >= SIGINFO_LEN)
		mem_read(ask->mem, ev->args[1], infos,
			 (size_t)ev->ret < sizeof(infos) ? (size_t)ev->ret : sizeof(infos));
}

/* The signals it is about, kept from when they were last told. */
static struct number *mask_of(struct mech_call *m)
{
	struct number *mask = state_data(m->object, sizeof(*mask));
	struct number told = state_fdinfo(m->ev, m->handle.id, "sigmask", 16);

	if (!told.is_known)
		told = state_fdinfo(m->enter, m->handle.id, "sigmask", 16);
	if (told.is_known)
		*mask = told;
	return mask;
}

/* "SIGUSR1, SIGTERM" */
static void set_label(struct mech_call *m, uint64_t mask)
{
	const char *text = NULL;

	for (int sig = 1; sig <= 64; sig++) {
		const char *name = decode_signal_name(m->arena, sig);

		if (mask >> (sig - 1) & 1 && name)
			text = state_join(m, text, name);
	}
	if (text)
		object_set_label(m->object, text, strlen(text));
}

static struct number pending(const struct mech_call *m, const struct event *ev, uint64_t mask)
{
	struct number number = state_fact(ev, FACT_SIGNALS, m->call->tid, 0);

	number.value = __builtin_popcountll((uint64_t)number.value & mask);
	return number;
}

static bool has_sender(int code)
{
	return code == SI_USER || code == SI_QUEUE || code == SI_TKILL || code == SI_MESGQ;
}

/* Everything that was read, each sender once. */
static void received(struct mech_call *m)
{
	struct mem mem = { .ev = (struct event *)m->ev };
	int64_t n = m->call->ret / SIGINFO_LEN;
	pid_t names[SIGINFOS_MAX];
	unsigned n_names = 0;

	m->object->n_receives += (uint64_t)n;
	for (int64_t i = 0; i < n && i < SIGINFOS_MAX; i++) {
		uint64_t addr = m->call->raw[1] + (uint64_t)i * SIGINFO_LEN;
		int32_t signo, code, pid;
		bool is_named = false;
		uint64_t value;

		if (mem_read_all(&mem, addr, &signo, sizeof(signo)) < 0 ||
		    mem_read_all(&mem, addr + CODE_AT, &code, sizeof(code)) < 0 ||
		    mem_read_all(&mem, addr + PID_AT, &pid, sizeof(pid)) < 0 ||
		    mem_read_all(&mem, addr + VALUE_AT, &value, sizeof(value)) < 0)
			return;
		signal_taken(m, m->call->tid,
			     &(struct signal_got){ .sig = signo,
						   .code = code,
						   .pid = pid,
						   .value = value,
						   .is_told = true,
						   .since_ns = m->call->enter_ns });
		for (unsigned j = 0; j < n_names; j++)
			is_named = is_named || names[j] == pid;
		if (pid < 0 || is_named || !(has_sender(code) || signo == SIGCHLD))
			continue;
		names[n_names++] = pid;
		if (has_sender(code))
			mech_add_named(m, PEER_FROM, CERTAIN, pid, -1);
		else
			mech_add_named_child(m, pid);
	}
}

static void apply(struct mech_call *m)
{
	const struct number *mask = mask_of(m);

	if (mask->is_known && (m->handle.op == OP_CREATE || !m->object->label))
		set_label(m, (uint64_t)mask->value);
	if (mask->is_known && m->handle.op == OP_RECV)
		state_add(m, "pending", "", pending(m, m->enter, (uint64_t)mask->value),
			  pending(m, state_after(m), (uint64_t)mask->value), -1);
	if (!m->is_over && m->touch)
		m->touch->note = m->object->label
					 ? arena_printf(m->arena, "waits for %s", m->object->label)
					 : "waits for a signal";
	if (m->is_over && m->is_success && m->handle.op == OP_RECV)
		received(m);
}

static void describe(struct object *object, const struct fact *fact, const char *text)
{
	(void)fact;
	(void)text;
	object->identity[0] = '\0';
}

const struct ipc_mech mech_signalfd = {
	.mech = MECH_SIGNALFD,
	.prefix = "signalfd",
	.fd_kinds = 1ull << FD_SIGNALFD,
	.ask = ask,
	.apply = apply,
	.describe = describe,
};
