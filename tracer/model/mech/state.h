#ifndef MODEL_MECH_STATE_H
#define MODEL_MECH_STATE_H

#include "model/mech.h"

/* A number of an object's state that may not have been found out. */
struct number {
	bool is_known;
	int64_t value;
};

/* The number behind "NAME:" at the start of a line of the descriptor's FACT_FDINFO in ev. */
struct number state_fdinfo(const struct event *ev, int64_t fd, const char *name, int base);

/* The same of a line "NAME: (SECONDS, NANOSECONDS)", in ns. */
struct number state_fdinfo_time(const struct event *ev, int64_t fd, const char *name);

/* The 64-bit number at addr, if it was read at ev's stop. ev may be NULL. */
struct number state_memory(const struct event *ev, uint64_t addr);

/* Value of a fact of ev: value[index]. ev may be NULL. */
struct number state_fact(const struct event *ev, enum fact_kind kind, int64_t subject,
			 unsigned index);

/* As mech_add_quantity(), of two numbers; nothing if neither is known. */
void state_add(struct mech_call *m, const char *name, const char *unit, struct number before,
	       struct number after, int64_t limit);

/* m->ev if the call is over, else NULL: where its state after is. */
const struct event *state_after(const struct mech_call *m);

/*
 * The member of a decoded struct with that name as a number: integers, enums and flags. fallback
 * if value is no struct or has none.
 */
int64_t state_member(const struct value *value, const char *name, int64_t fallback);

/* first, next: a growing list of words with ", " between them; first may be NULL. */
const char *state_join(const struct mech_call *m, const char *first, const char *next);

/* The text of value if it is a string or a path, in the call's arena; else NULL. */
const char *state_string(const struct mech_call *m, const struct value *value);

/* Peers that were added from number first on and that were said to be certain are inferred. */
void state_doubt(struct mech_call *m, unsigned first);

/* Zeroed memory of object->data, made at the first use. */
void *state_data(struct object *object, size_t len);

/* "1.5 s", "20 ms", "300 us": ns in the arena of the call. */
const char *state_duration(const struct mech_call *m, uint64_t ns);

#endif
