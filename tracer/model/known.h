#ifndef MODEL_KNOWN_H
#define MODEL_KNOWN_H

#include "model/model.h"

/*
 * Make the events that tell a new model what this one knows of what is there at time_ns: objects
 * and their names, processes and what they hold, calls that have not returned. put gets each of
 * them; it is the caller's no longer than that. What was sent and not received yet, who has used
 * an object and what mechanisms know beyond its name are not told: an object is older than such
 * a trace, and is asked or guessed about as any that is.
 */
void model_tell_known(const struct model *model, uint64_t time_ns, uint64_t real_ns,
		      void (*put)(void *data, const struct event *ev), void *data);

/* Learn from an EVENT_KNOWN, whatever is in it. */
void model_apply_known(struct model *model, const struct event *ev);

#endif
