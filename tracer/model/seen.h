#ifndef MODEL_SEEN_H
#define MODEL_SEEN_H

#include "model/model.h"

/* The state of objects as calls have left it: the numbers that were seen last. */
enum { SEEN_MAX = 16 }; /* of an object; more, as of the semaphores of a set, are not kept */

struct seen {
	char name[24]; /* as a quantity's */
	const char *unit; /* static */
	int64_t value, limit;
	bool has_limit, is_unsigned;
};

/* A call did that to an object. */
void seen_note(struct object *object, const struct touch *touch);

/* The same as a quantity, for those who write such. */
struct quantity seen_quantity(const struct seen *seen);

#endif
