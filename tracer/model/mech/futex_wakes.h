#ifndef MODEL_MECH_FUTEX_WAKES_H
#define MODEL_MECH_FUTEX_WAKES_H

#include "model/mech.h"

/*
 * Which call has woken whom. A wake takes sleepers off the word's queue at some moment between its
 * entry and its return, and a wait that returns 0 was on it between its own: the wake is one of
 * those that overlap with the wait, and certain if there is but one.
 */

/* The end of a call that woke others, or that was woken. */
struct futex_end {
	pid_t pid, tid;
	uint64_t exit_ns;
};

/* What is kept of a word: its object's data. */
struct futex_word {
	struct futex_end wake, wait; /* the last ones */
	unsigned n_shifts; /* calls about two words, this one among them, that are under way */
	uint64_t shifted_ns; /* when the last of them returned */
};

struct futex_word *futex_word(struct object *object);

/* As struct ipc_mech has it, for waits and wakes. */
void futex_begin(const struct mech_call *m, struct flight *flight);

/* Ask, at the entry of a call about two words, where the second one is. */
void futex_ask_second(const struct mech_ask *ask);

/* A call that wakes is over, with or without success: those that were woken may be told so. */
void futex_woke(struct mech_call *m);

/*
 * The wait returned since it was woken: the call that did it becomes a peer and a match. False, and
 * nothing is added, if that cannot be told.
 */
bool futex_woken(struct mech_call *m);

/* The key of the word at addr, which a FACT_MAPPING of ev is about, NULL: of no shared memory. */
struct ipc_key futex_key(const struct mech_call *m, uint64_t addr, const struct fact *map);

#endif
