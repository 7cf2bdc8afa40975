#ifndef MODEL_MECH_SYSV_H
#define MODEL_MECH_SYSV_H

#include "model/mech.h"

/* What the three System V mechanisms share. sysvipc(7) */

/* The id that a call is about: its argument, or what xxxget returned; -1 if there is none yet. */
int64_t sysv_id(const struct mech_call *m);

/* Ask for the state of the object by a fact of that kind. */
void sysv_ask(const struct mech_ask *ask, enum fact_kind kind);

/*
 * a = id, b = the caller's IPC namespace. False for an id that means nothing, as far as the call
 * and the state tell: nobody is to take it for an object.
 */
bool sysv_identify(const struct mech_call *m, enum mech mech, struct ipc_key *ret_key);
bool sysv_identify_id(const struct mech_call *m, enum mech mech, int64_t id,
		      struct ipc_key *ret_key);

/* The call failed since its object is there no more: say so, and keep that. */
bool sysv_is_gone(struct mech_call *m);

/* "key 0x5f01" or "private", from a state fact; NULL is accepted. */
void sysv_set_label(struct object *object, const struct fact *state);

/* Processes that have used the object so (OP_SEND, OP_RECV; OP_NONE: at all), but the caller: ~. */
unsigned sysv_add_users(struct mech_call *m, enum ipc_op op, enum peer_direction direction);

/* The object is gone: waiters are woken with EIDRM. */
void sysv_removed(struct mech_call *m);

#endif
