#ifndef CLI_HANG_H
#define CLI_HANG_H

#include "render/render.h"

/* When waits are looked at, and what was told of them already. Zeroed it is ready. */
struct hang {
	uint64_t limit_ns; /* only waits that have lasted this long are told of by themselves */
	bool has_deadlock; /* one was found that is certain enough for an exit status */
	bool is_list_wanted; /* of all waits at every hang, not only if all threads are blocked */
	uint64_t noted_ns, before_ns; /* a look is due: since when, at waits from before; 0 = not */
	uint64_t all_told_ns; /* the latest wait that was there when all were told of */
	uint64_t *told; /* what tells findings apart */
	size_t n_told, cap_told;
};

/* A call has lasted for limit_ns (ev is the EVENT_HANG): hang_look() is due, once for many. */
void hang_note(struct hang *hang, const struct event *ev);

/*
 * If it is due: tell of deadlocks that are new, and if everything is blocked of all waits. To be
 * called at SNAPSHOT_HANGS, when all that is said to be blocked is. Was there anything to tell?
 */
bool hang_look(struct hang *hang, struct model *model, struct renderer *renderer);

/* Somebody asks: tell of all waits, has_objects: of what they are about, and of what is wrong. */
void hang_show(struct hang *hang, struct model *model, struct renderer *renderer, uint64_t now_ns,
	       bool has_objects);

void hang_finish(struct hang *hang);

#endif
