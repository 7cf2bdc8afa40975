#ifndef MODEL_MECH_SIGNAL_H
#define MODEL_MECH_SIGNAL_H

#include "model/mech.h"

/*
 * A signal was sent to peer: say what becomes of it, "caught, blocked now, pending", by the
 * FACT_SIGNALS of before and after the call.
 */
void signal_describe_target(struct mech_call *m, struct peer *peer, int sig);

#endif
