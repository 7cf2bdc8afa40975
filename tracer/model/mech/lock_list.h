#ifndef MODEL_MECH_LOCK_LIST_H
#define MODEL_MECH_LOCK_LIST_H

#include "model/mech.h"

enum { RANGE_END = -1 };

enum lock_family { LOCK_OF_PROCESS, LOCK_OF_FILE, LOCK_FLOCK, LOCK_OTHER };

/* One line of the kernel's list, or what a call wants; last RANGE_END = up to the end of the file. */
struct lock {
	enum lock_family family;
	bool is_waiter, is_write;
	pid_t pid; /* -1 for locks of open files; of flock's who took it, not who has it */
	int64_t first, last;
};

/* Go through the lines of a FACT_LOCKS or FACT_LOCK_FD, NULL: none. *at starts at 0. False at its end. */
bool lock_next(const struct event *ev, const struct fact *fact, size_t *at, struct lock *ret_lock);

/* Does other, of the same file, stand in the way of own? */
bool lock_is_in_conflict(const struct lock *own, const struct lock *other);

/* Are they the same in all that a line says? */
bool lock_is_same(const struct lock *a, const struct lock *b);

/* "POSIX", "OFD", "flock"; NULL for others. */
const char *lock_family_name(enum lock_family family);

/* "POSIX write" */
const char *lock_kind_text(struct arena *arena, const struct lock *lock);

/* "[0..64)"; "" for the whole file. */
const char *lock_range_text(struct arena *arena, const struct lock *lock);

/* "has the POSIX write lock [0..64)", with "has the" as verb. */
const char *lock_text(struct arena *arena, const char *verb, const struct lock *lock);

#endif
