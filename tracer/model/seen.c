#include "model/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The place of a name, made if need be; NULL if there is no room. */
static struct seen *place_of(struct object *object, const char *name)
{
	struct seen *seen;

	for (size_t i = 0; i < object->n_seen; i++) {
		if (strncmp(object->seen[i].name, name, sizeof(seen->name) - 1) == 0)
			return &object->seen[i];
	}
	if (object->n_seen == SEEN_MAX)
		return NULL;
	object->seen = array_grow(object->seen, object->n_seen, &object->cap_seen, sizeof(*seen));
	seen = &object->seen[object->n_seen++];
	snprintf(seen->name, sizeof(seen->name), "%s", name);
	return seen;
}

void seen_note(struct object *object, const struct touch *touch)
{
	for (unsigned i = 0; i < touch->n_quantities; i++) {
		const struct quantity *q = &touch->quantities[i];
		struct seen *seen =
			q->has_before || q->has_after ? place_of(object, q->name) : NULL;

		if (!seen)
			continue;
		seen->unit = q->unit;
		seen->value = q->has_after ? q->after : q->before;
		seen->limit = q->limit;
		seen->has_limit = q->has_limit;
		seen->is_unsigned = q->is_unsigned;
	}
}

struct quantity seen_quantity(const struct seen *seen)
{
	return (struct quantity){ .name = seen->name,
				  .unit = seen->unit,
				  .after = seen->value,
				  .has_after = true,
				  .limit = seen->limit,
				  .has_limit = seen->has_limit,
				  .is_unsigned = seen->is_unsigned };
}
