#ifndef CLI_LEFT_BEHIND_H
#define CLI_LEFT_BEHIND_H

#include "cli/session_core.h"

/*
 * At the end of a live trace: make ev the question whether what was made is still there, with
 * answers. False: there is nothing to ask. The caller handles it as any event, so that it goes into
 * the record, too: replay cannot look.
 */
bool left_behind_look(const struct session *session, struct event *ev);

/* --leaks: tell what is left behind, and remember whether that counts as an error. */
void left_behind_show(struct session *session);

#endif
