/* What the decoded arguments of a call say of its messages. */
#include <string.h>

#include "model/mech/sock.h"

void sock_copy_name(char ret_name[SOCK_NAME_MAX], const char *name, size_t len)
{
	while (len && !name[len - 1])
		len--;
	if (len > SOCK_NAME_MAX - 1)
		len = SOCK_NAME_MAX - 1;
	for (size_t i = 0; i < len; i++)
		ret_name[i] = name[i] ? name[i] : '@';
	ret_name[len] = '\0';
}

static const struct value *field(const struct value *value, const char *name)
{
	for (uint32_t i = 0; value->kind == VALUE_STRUCT && i < value->st.n; i++) {
		if (strcmp(value->st.fields[i].name, name) == 0)
			return &value->st.fields[i].value;
	}
	return NULL;
}

static const char *unix_address(struct arena *arena, const struct value *path)
{
	char name[SOCK_NAME_MAX];

	if (path->kind != VALUE_BYTES)
		return NULL;
	sock_copy_name(name, path->bytes.data, path->bytes.len);
	return arena_printf(arena, "%s%s", path->bytes.form == BYTES_ABSTRACT ? "@" : "", name);
}

/* The argument of a notation such as htons(80), inet_addr("::1"); NULL if it is none. */
static const struct value *inner(const struct value *call, unsigned i)
{
	return call && call->kind == VALUE_CALL && i < call->call.n ? &call->call.args[i] : NULL;
}

static const char *inet_address(struct arena *arena, const struct value *port,
				const struct value *host, bool is_v6)
{
	if (!port || !host || host->kind != VALUE_BYTES)
		return NULL;
	return arena_printf(arena, is_v6 ? "[%.*s]:%u" : "%.*s:%u", (int)host->bytes.len,
			    host->bytes.data, (unsigned)port->u);
}

const char *sock_address(struct arena *arena, const struct value *value)
{
	const struct value *part;

	part = field(value, "sun_path");
	if (part)
		return unix_address(arena, part);
	part = field(value, "sin_port");
	if (part && field(value, "sin_addr"))
		return inet_address(arena, inner(part, 0), inner(field(value, "sin_addr"), 0),
				    false);
	part = field(value, "sin6_port");
	if (part && field(value, "sin6_addr"))
		return inet_address(arena, inner(part, 0), inner(field(value, "sin6_addr"), 1),
				    true);
	part = field(value, "nl_pid");
	if (part)
		return arena_printf(arena, "%u", (unsigned)part->i);
	return NULL;
}

static uint64_t raw_of(const struct value *value)
{
	if (!value)
		return 0;
	if (value->kind == VALUE_ENUM)
		return value->sym.raw;
	if (value->kind == VALUE_FLAGS)
		return value->flags.raw;
	return value->u;
}

static void read_control(const struct value *item, struct sock_message *message)
{
	const struct value *type = field(item, "cmsg_type");
	const struct value *data = field(item, "cmsg_data");
	const struct value *pid;

	if (!type || !data || raw_of(field(item, "cmsg_level")) != SOL_SOCKET)
		return;
	if (raw_of(type) == SCM_RIGHTS && data->kind == VALUE_ARRAY)
		message->n_fds += data->array.n;
	pid = raw_of(type) == SCM_CREDENTIALS ? field(data, "pid") : NULL;
	if (pid)
		message->pid = (pid_t)pid->i;
}

static void read_header(struct arena *arena, const struct value *header,
			struct sock_message *message)
{
	const struct value *name = field(header, "msg_name");
	const struct value *control = field(header, "msg_control");

	message->flags = (int)raw_of(field(header, "msg_flags"));
	if (name)
		message->address = sock_address(arena, name);
	for (uint32_t i = 0; control && control->kind == VALUE_ARRAY && i < control->array.n; i++)
		read_control(&control->array.items[i], message);
}

static unsigned read_vector(const struct mech_call *m, const struct value *vector,
			    struct sock_message *messages, bool *ret_is_cut)
{
	uint64_t n_done = m->is_success && m->call->ret > 0 ? (uint64_t)m->call->ret : 1;
	unsigned n = 0;

	for (uint32_t i = 0; vector->kind == VALUE_ARRAY && i < vector->array.n; i++) {
		const struct value *item = &vector->array.items[i];
		const struct value *len = field(item, "msg_len");
		const struct value *header = field(item, "msg_hdr");

		if (n == SOCK_MESSAGES_MAX || n == n_done)
			break;
		messages[n] = (struct sock_message){ .len = len ? len->u : 0 };
		if (header)
			read_header(m->arena, header, &messages[n]);
		n++;
	}
	*ret_is_cut = n < n_done;
	return n;
}

unsigned sock_messages(const struct mech_call *m, struct sock_message messages[SOCK_MESSAGES_MAX],
		       bool *ret_is_cut)
{
	const struct call *call = m->call;

	*ret_is_cut = false;
	if (call_begins(call, "sendmm") || call_begins(call, "recvmm"))
		return read_vector(m, &call->args[1], messages, ret_is_cut);
	messages[0] =
		(struct sock_message){ .len = m->is_success && call->ret > 0 ? (uint64_t)call->ret
									     : 0 };
	if (call_is(call, "sendmsg") || call_is(call, "recvmsg"))
		read_header(m->arena, &call->args[1], &messages[0]);
	else if (call_is(call, "sendto") || call_is(call, "recvfrom"))
		messages[0].address = sock_address(m->arena, &call->args[4]);
	return 1;
}

int sock_flags(const struct call *call)
{
	for (unsigned i = 0; i < call->n_args; i++) {
		if (call->spec->args[i].name && strcmp(call->spec->args[i].name, "flags") == 0)
			return (int)call->raw[i];
	}
	return 0;
}
