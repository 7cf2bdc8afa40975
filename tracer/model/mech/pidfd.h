#ifndef MODEL_MECH_PIDFD_H
#define MODEL_MECH_PIDFD_H

#include "model/mech.h"

/* The process that a pidfd's object stands for; 0: not known, -1: it is gone and waited for. */
pid_t pidfd_pid(const struct object *object);

#endif
