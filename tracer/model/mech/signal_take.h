#ifndef MODEL_MECH_SIGNAL_TAKE_H
#define MODEL_MECH_SIGNAL_TAKE_H

#include "model/mech/signal_queue.h"

/* Thread tid of m's process got it: what sent it becomes a match. m->call may be NULL. */
void signal_taken(struct mech_call *m, pid_t tid, const struct signal_got *got);

#endif
