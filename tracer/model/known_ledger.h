#ifndef MODEL_KNOWN_LEDGER_H
#define MODEL_KNOWN_LEDGER_H

#include "model/model_core.h"

/*
 * Is all of the object in what is told, so that it goes on as it was? Not of those that know more:
 * the other end of a socket, what an epoll set has, who has taken a semaphore.
 */
bool known_is_whole(const struct object *object);

/*
 * What was sent by an object and received, in numbers, and what is on its way, as FACT_COUNTERS and
 * FACT_LEDGER of ev; false if there was nothing yet. Of more than can be told it is only said that
 * something is there.
 */
bool known_tell_messages(struct event *ev, const struct object *object);

/* Learn from such a fact of ev about object. */
void known_learn_counters(struct object *object, const struct fact *fact);
void known_learn_ledger(struct model *model, struct object *object, const struct event *ev,
			const struct fact *fact);

#endif
