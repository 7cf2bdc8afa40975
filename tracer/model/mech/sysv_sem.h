#ifndef MODEL_MECH_SYSV_SEM_H
#define MODEL_MECH_SYSV_SEM_H

#include "model/mech.h"

/*
 * The operation that a blocked semop(2) waits for: the first that the values which were read when
 * it began do not allow. ret_op is its sem_op: 0 waits for zero. False: not known.
 */
bool sysv_sem_obstacle(const struct call *call, const struct annotation *annotation,
		       unsigned *ret_num, int *ret_op);

#endif
