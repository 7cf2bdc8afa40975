#ifndef MODEL_BLOCKED_H
#define MODEL_BLOCKED_H

#include "model/model.h"

/* A thread that has been in a call for so long that the engine said so (EVENT_BLOCKED, _HANG). */
struct blocked {
	pid_t tid, tgid;
	const struct call *call;
	const struct object *object; /* the first it is about; NULL = none */
	enum ipc_op op;
	uint64_t since_ns; /* when it entered the call; 0: before anybody looked */
	uint64_t known_ns; /* when it was last asked who has what it waits for */
	const struct annotation *annotation; /* who it waits for, as things are now */
};

/*
 * All blocked threads, in arena, the one that has waited longest first. What is said of them is
 * concluded anew from who holds what now. Returns how many.
 */
size_t model_blocked(struct model *model, struct arena *arena, struct blocked **ret_blocked);

/* How many threads live, blocked or not. */
size_t model_count_threads(const struct model *model);

/* All processes that were met, dead ones too: start with NULL; NULL at the end. */
const struct process *model_next_process(const struct model *model, const struct process *previous);

#endif
