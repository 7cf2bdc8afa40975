#ifndef ANALYSIS_EXPLAIN_H
#define ANALYSIS_EXPLAIN_H

#include "base/arena.h"
#include "model/model.h"

/*
 * Plain sentences for people who see a call for the first time: what it does and why it waited,
 * failed or went on, each pattern once in a trace. Zeroed it is ready.
 */
struct explain {
	uint64_t told[4]; /* bits of patterns */
};

/*
 * The sentences about a call that is over or blocked, with its numbers; NULL if there are none,
 * or they were told. In arena.
 */
const char *explain_call(struct explain *explain, const struct call *call, const struct event *ev,
			 const struct annotation *annotation, struct arena *arena);

/* The text of pattern i as it is in the table, NULL at its end; its mechanism in *ret_mech. */
const char *explain_pattern(unsigned i, enum mech *ret_mech);

#endif
