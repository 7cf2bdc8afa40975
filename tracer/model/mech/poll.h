#ifndef MODEL_MECH_POLL_H
#define MODEL_MECH_POLL_H

#include "model/mech.h"

/*
 * The blocked call m waits for that as well: fd of the caller, an object, to be readable or
 * writable as op says. Who has to act for that become PEER_WAITS_FOR peers, with the object's
 * name. If others may do so, too, the annotation is_open. Not for objects that watch others
 * themselves.
 */
void poll_wait_for(struct mech_call *m, int fd, struct object *object, enum ipc_op op);

/* Late in such a call: ask what a blocked read or write of the descriptor would ask. */
void poll_ask_for(const struct mech_ask *ask, int fd, enum ipc_op op);

#endif
