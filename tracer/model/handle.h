#ifndef MODEL_HANDLE_H
#define MODEL_HANDLE_H

#include "decode/decode.h"
#include "event/mem.h"

/* handle.arg of a descriptor that the call returned or wrote to memory. */
enum { HANDLE_RESULT = 254, HANDLES_MAX = 4 };

/* One handle of a call: what its row's IPC() says, or one of the descriptors of a transfer. */
struct handle {
	enum ipc_op op;
	unsigned arg;
	int64_t id; /* the argument's value: descriptor, System V id, address... */
	bool is_fd;
	const struct fact *fact; /* FACT_FD of a descriptor, else NULL */
};

/*
 * The handles that a call uses, and at its successful exit those that it made. mem answers with
 * what they are; at a stop it may ask the live tracee. Returns how many.
 */
unsigned handle_find(const struct call_spec *spec, const struct mem *mem,
		     struct handle handles[HANDLES_MAX]);

/* An argument as the call got it; 0 if it lies in memory that cannot be read. */
uint64_t handle_arg(const struct call_spec *spec, const struct mem *mem, unsigned arg);

#endif
