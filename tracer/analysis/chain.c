#include "analysis/chain.h"

#include <string.h>

struct chain {
	const struct waits *waits;
	struct wait *items; /* in their new order */
	size_t n;
	bool *is_placed;
};

/* Recursion is bounded: each wait is placed once, and there are at most WAITS_MAX. */
static void place(struct chain *chain, size_t i, unsigned depth)
{
	const struct wait *wait = &chain->waits->items[i];

	chain->is_placed[i] = true;
	chain->items[chain->n] = *wait;
	chain->items[chain->n++].depth = depth;
	for (size_t j = 0; j < wait->n_parties; j++) {
		const struct wait_party *party = &wait->parties[j];

		for (size_t k = 0; k < chain->waits->n; k++) {
			const struct blocked *other = &chain->waits->items[k].blocked;

			if (!chain->is_placed[k] && other->tgid == party->pid &&
			    (!party->tid || party->tid == other->tid))
				place(chain, k, depth + 1);
		}
	}
}

void waits_chain(const struct model *model, struct waits *waits, struct arena *arena)
{
	const struct process *process = NULL;
	struct chain chain = { .waits = waits };

	if (waits->n > WAITS_MAX)
		return;
	chain.items = arena_array(arena, struct wait, waits->n + 1);
	chain.is_placed = arena_array(arena, bool, waits->n + 1);
	while ((process = model_next_process(model, process))) {
		for (size_t i = 0; i < waits->n; i++) {
			if (!chain.is_placed[i] && waits->items[i].blocked.tgid == process->tgid)
				place(&chain, i, 0);
		}
	}
	if (chain.n == waits->n)
		waits->items = chain.items;
}
