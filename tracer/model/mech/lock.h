#ifndef MODEL_MECH_LOCK_H
#define MODEL_MECH_LOCK_H

#include "model/mech.h"

/* Has the call, about a lock and successful, taken one? Leases count, too. */
bool lock_was_taken(const struct mech_call *m);

#endif
