#ifndef MODEL_MECH_DETAILS_H
#define MODEL_MECH_DETAILS_H

#include "model/mech/state.h"

/*
 * What is known of an object's state beyond its quantities, as typed values: struct touch has it,
 * JSON prints it, text says the essence in words.
 */

/* Are they wanted, and is there a touch to put them in? */
bool details_are_wanted(const struct mech_call *m);

/* Add a named value to the touch's details; not copied, but for the value itself. */
void details_add(struct mech_call *m, const char *name, struct value value);

/* A number at the call's entry and at its exit; "not known" where it is not. */
struct value details_change(const struct mech_call *m, struct number before, struct number after);

/* The same of two values, VALUE_NONE where one is not known. */
struct value details_change_of(const struct mech_call *m, struct value before, struct value after);

/* Pids of a fact before and after the call: value[index]. NULL facts are not known. */
struct value details_pids(const struct mech_call *m, const struct fact *before,
			  const struct fact *after, unsigned index);

/* A word out of a set of words: "read", "write". */
struct value details_word(const char *word, uint64_t raw);

/* 1 or 0. */
struct value details_flag(bool is_so);

/* A process; VALUE_NONE for pids that are none. */
struct value details_pid(int64_t pid);

#endif
