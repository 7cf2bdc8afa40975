#ifndef MODEL_INHERITED_H
#define MODEL_INHERITED_H

#include "model/object.h"

/*
 * Descriptors that programs were started with. Of those that nobody uses until they are closed it
 * is kept who has opened them, and who was the first to get them for nothing.
 */
struct unused {
	struct unused_key {
		struct ipc_key object;
		uint64_t opened_ns;
		pid_t opener;
		unsigned access;
	} key;
	struct object *object;
	const char *call; /* that has opened it */
	unsigned n; /* execve calls after which nobody used it; 0: none yet */
	pid_t tgid; /* who made the first of these, and what was executed */
	char comm[32];
	int fd;
	uint64_t exec_ns;
	unsigned n_refs;
	struct inheritances *all;
	UT_hash_handle hh;
};

struct inheritances {
	struct unused *by_key; /* in order of the first execve */
	unsigned n;
	uint64_t n_left_out; /* execve calls with more than can be kept */
};

/* tgid has executed a new program, comm, which has the descriptor still. */
void inherited_begin(struct inheritances *all, struct holding *holding, const char *comm,
		     uint64_t exec_ns);

/* Somebody has used the descriptor: so it was of use to all from whom he has it. */
void inherited_use(struct inherited *inherited);

/* One more holds it, one less. NULL: nothing to do. */
struct inherited *inherited_share(struct inherited *inherited);
void inherited_drop(struct inherited *inherited);

void inheritances_finish(struct inheritances *all);

#endif
