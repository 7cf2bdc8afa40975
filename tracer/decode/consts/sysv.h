#ifndef DECODE_CONSTS_SYSV_H
#define DECODE_CONSTS_SYSV_H

#include "decode/spec.h"

/* Behind a command of msgctl, semctl, shmctl: the caller wants the structures of Linux 2.4. */
enum { IPC_64_BIT = 0x100 };

extern const struct const_set set_ipc_get, set_shm_get;
extern const struct const_set set_msg_flags, set_sem_flags, set_shm_flags;
extern const struct const_set set_msg_commands, set_sem_commands, set_shm_commands;
extern const struct const_set set_shm_modes;

#endif
