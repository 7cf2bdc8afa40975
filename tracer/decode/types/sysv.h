#ifndef DECODE_TYPES_SYSV_H
#define DECODE_TYPES_SYSV_H

#include "decode/types/picked.h"

/* A key_t argument: IPC_PRIVATE or hexadecimal. */
extern const struct type type_ipc_key;

/* Flags of slot.set and permissions in one: IPC_CREAT|0600; shm's with a huge page's size. */
extern const struct type type_ipc_get, type_shm_get;

/* A command out of slot.set, IPC_64 in front of it if that is or-ed in. */
extern const struct type type_ipc_command;

/*
 * What the *ctl calls fill (_stat) and what of it they read (_set): pointees. _old: for 32-bit
 * callers of ipc() without IPC_64.
 * Source: linux/msg.h, linux/sem.h, linux/shm.h; asm/ipcbuf.h, msgbuf.h, sembuf.h, shmbuf.h.
 */
extern const struct picked_type picked_msqid_stat, picked_msqid_set, picked_semid_stat,
	picked_semid_set, picked_shmid_stat, picked_shmid_set;
extern const struct picked_type picked_msqid_old_stat, picked_msqid_old_set, picked_semid_old_stat,
	picked_semid_old_set, picked_shmid_old_stat, picked_shmid_old_set;
extern const struct type type_msginfo, type_seminfo, type_shminfo, type_shm_info;

/* One operation of semop; a pointee. */
extern const struct type type_sembuf;

/*
 * The address of a struct msgbuf.
 * Shape:   { long mtype; char mtext[n]; }, n = slot.len bytes.
 * Units:   mtype is 4 bytes for a 32-bit caller.
 * Source:  msgop(2); ipc/msg.c do_msgsnd().
 */
extern const struct type type_msgbuf;

/*
 * The address of the values of all semaphores of the set that argument 0 names: unsigned shorts.
 * How many there are is FACT_SEM_NSEMS; an address while it is not known.
 */
extern const struct type type_sem_values;

/* The number in the last argument of SETVAL. */
extern const struct type type_sem_value;

/*
 * What ipc(), the multiplexer of 32-bit callers, keeps in memory: a union semun, shown as [x] or
 * as the slot.elem that it points to, or as type_sem_values; a message's address and type, which
 * travel together. What a call fills goes with DIR_EXIT, and is [x] or an address if it failed.
 */
extern const struct type type_semun, type_semun_values, type_kludge_msgbuf, type_kludge_msgtyp;

#endif
