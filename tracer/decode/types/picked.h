#ifndef DECODE_TYPES_PICKED_H
#define DECODE_TYPES_PICKED_H

#include "decode/spec.h"

/* One field to show. */
struct pick {
	const char *name; /* NULL ends the list */
	bool is_new; /* not in strace's text */
};

/*
 * A struct of which some fields are shown, in an order of their own: strace puts the owner of an
 * IPC object in front of its key, and what IPC_SET ignores is not worth showing.
 */
struct picked_type {
	struct type type; /* PICKED() fills it */
	const struct type *full; /* all fields in memory order */
	const struct pick *picks;
};

/* A type's show_bytes; its slot's type must be that of a picked_type. */
void picked_show(struct decode *d, const struct slot *slot, const struct span *span,
		 struct value *ret_v);

#define PICKED(name_, len32_, len64_, full_, picks_)                                               \
	{                                                                                          \
		.type = { .name = (name_),                                                         \
			  .len32 = (len32_),                                                       \
			  .len64 = (len64_),                                                       \
			  .align = 8,                                                              \
			  .show_bytes = picked_show },                                             \
		.full = (full_), .picks = (picks_)                                                 \
	}

#endif
