#ifndef MODEL_MECH_LOCK_HOLDERS_H
#define MODEL_MECH_LOCK_HOLDERS_H

#include "model/mech/lock_list.h"

/*
 * Who has a lock. A process has its POSIX locks; those of flock(2) and of OFD_SETLK belong to an
 * open file, which its children have inherited, to which it may have been sent, and which lives on
 * when the one that took the lock has ended.
 */

/* A call lasts: ask who has the open files that are locked. */
void lock_holders_ask(const struct mech_ask *ask);

/*
 * The call waits: append those who have locks that stand in the way of own, as ev tells. Any one
 * of those who have the same open file can give up its locks; all locks have to be. False, nothing
 * done, if ev does not tell.
 */
bool lock_holders_add(struct mech_call *m, const struct event *ev, const struct lock *own);

#endif
