#ifndef MODEL_MECH_SIGNAL_H
#define MODEL_MECH_SIGNAL_H

#include "model/mech.h"

/*
 * A signal was sent to pid: append it as a peer with what becomes of it, "caught, blocked now,
 * pending", by the FACT_SIGNALS of before and after the call.
 */
void signal_add_target(struct mech_call *m, pid_t pid, int sig);

#endif
