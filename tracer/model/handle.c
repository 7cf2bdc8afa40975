#include "model/handle.h"

#include <string.h>

#include "decode/types/fd.h"
#include "decode/types/types.h"

static bool is_fd_type(const struct type *type)
{
	return type == &type_fd;
}

uint64_t handle_arg(const struct call_spec *spec, const struct mem *mem, unsigned arg)
{
	const struct event *ev = mem->ev;
	unsigned word_len = event_word_len(ev);
	uint8_t word[8];

	if (!spec->is_indirect)
		return ev->args[spec->regs ? spec->regs[arg] : arg];
	if (mem_read_all(mem,
			 (word_len == 4 ? (uint32_t)ev->args[1] : ev->args[1]) + arg * word_len,
			 word, word_len) < 0)
		return 0;
	return decode_number(word, word_len);
}

static void add(struct handle *handles, unsigned *n, const struct mem *mem, struct handle handle)
{
	if (*n == HANDLES_MAX)
		return;
	if (handle.is_fd) {
		handle.id = (int32_t)handle.id;
		if (handle.id < 0)
			return;
		handle.fact = mem_fact(mem, FACT_FD, handle.id);
	}
	handles[(*n)++] = handle;
}

/* Descriptors that the call made: its result, or an array of them in memory. */
static void add_made(const struct call_spec *spec, const struct mem *mem, struct handle *handles,
		     unsigned *n)
{
	const struct event *ev = mem->ev;
	enum ipc_op op = (enum ipc_op)spec->ipc.op;
	int32_t pair[2];

	if (spec->ret == RET_FD) {
		add(handles, n, mem, (struct handle){ op, HANDLE_RESULT, ev->ret, true, NULL });
		return;
	}
	for (unsigned i = 0; i < DECODE_ARGS_MAX && spec->args[i].name; i++) {
		if (spec->args[i].type != &type_fd_pair ||
		    mem_read_all(mem, handle_arg(spec, mem, i), pair, sizeof(pair)) < 0)
			continue;
		add(handles, n, mem, (struct handle){ op, HANDLE_RESULT, pair[0], true, NULL });
		add(handles, n, mem, (struct handle){ op, HANDLE_RESULT, pair[1], true, NULL });
	}
}

/* Two descriptors between which bytes move; the one called "out" is written to. */
static void add_transfer(const struct call_spec *spec, const struct mem *mem,
			 struct handle *handles, unsigned *n)
{
	for (unsigned i = 0; i < DECODE_ARGS_MAX && spec->args[i].name; i++) {
		const struct slot *slot = &spec->args[i];
		enum ipc_op op = strstr(slot->name, "out") ? OP_SEND : OP_RECV;

		if (is_fd_type(slot->type))
			add(handles, n, mem,
			    (struct handle){ op, i, (int64_t)handle_arg(spec, mem, i), true,
					     NULL });
	}
}

unsigned handle_find(const struct call_spec *spec, const struct mem *mem,
		     struct handle handles[HANDLES_MAX])
{
	enum ipc_op op = (enum ipc_op)spec->ipc.op;
	bool makes = op == OP_CREATE || op == OP_OPEN || op == OP_ACCEPT;
	bool is_fd = is_fd_type(spec->args[spec->ipc.arg].type);
	unsigned n = 0;

	if (spec->ipc.mech == MECH_NONE)
		return 0;
	if (op == OP_TRANSFER) {
		add_transfer(spec, mem, handles, &n);
		return n;
	}
	if (makes && mem->ev->kind == EVENT_EXIT && !mem->ev->is_error)
		add_made(spec, mem, handles, &n);
	/* What is made is the object, not the arguments that say how. */
	if (n && op != OP_ACCEPT)
		return n;
	add(handles, &n, mem,
	    (struct handle){ op, spec->ipc.arg, (int64_t)handle_arg(spec, mem, spec->ipc.arg),
			     is_fd, NULL });
	return n;
}
