#ifndef CLI_WHY_H
#define CLI_WHY_H

#include "cli/session_core.h"

/* Does the session look at processes that run on, instead of tracing? */
bool why_is_snapshot(const struct options *options);

/* An EVENT_SNAPSHOT, live or replayed: look at more processes, or tell what was found. */
void why_step(struct session *session, const struct event *ev);

/* At the end of a record: tell who is left waiting for whom, if anybody is. */
void why_tell_rest(struct session *session);

#endif
