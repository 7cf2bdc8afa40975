/* System V IPC: linux/ipc.h, linux/msg.h, linux/sem.h, linux/shm.h. */
#include "decode/consts/sysv.h"

static const struct const_name ipc_get[] = {
	{ 01000, "IPC_CREAT" },
	{ 02000, "IPC_EXCL" },
	{ 04000, "IPC_NOWAIT" },
};
const struct const_set set_ipc_get = CONST_SET(ipc_get, NULL);

static const struct const_name shm_get[] = {
	{ 01000, "IPC_CREAT" },
	{ 02000, "IPC_EXCL" },
	{ 04000, "SHM_HUGETLB" },
	{ 010000, "SHM_NORESERVE" },
};
const struct const_set set_shm_get = CONST_SET(shm_get, NULL);

static const struct const_name msg_flags[] = {
	{ 010000, "MSG_NOERROR" },
	{ 020000, "MSG_EXCEPT" },
	{ 040000, "MSG_COPY" },
	{ 04000, "IPC_NOWAIT" },
};
const struct const_set set_msg_flags = CONST_SET(msg_flags, "MSG_???");

static const struct const_name sem_flags[] = {
	{ 0x1000, "SEM_UNDO" },
	{ 04000, "IPC_NOWAIT" },
};
const struct const_set set_sem_flags = CONST_SET(sem_flags, "SEM_???");

static const struct const_name shm_flags[] = {
	{ 010000, "SHM_RDONLY" },
	{ 020000, "SHM_RND" },
	{ 040000, "SHM_REMAP" },
	{ 0100000, "SHM_EXEC" },
};
const struct const_set set_shm_flags = CONST_SET(shm_flags, "SHM_???");

/* Bits of shm_perm.mode beside the permissions. */
static const struct const_name shm_modes[] = {
	{ 01000, "SHM_DEST" },
	{ 02000, "SHM_LOCKED" },
};
const struct const_set set_shm_modes = CONST_SET(shm_modes, NULL);

static const struct const_name msg_commands[] = {
	{ 0, "IPC_RMID" },  { 1, "IPC_SET" },   { 2, "IPC_STAT" },      { 3, "IPC_INFO" },
	{ 11, "MSG_STAT" }, { 12, "MSG_INFO" }, { 13, "MSG_STAT_ANY" },
};
const struct const_set set_msg_commands = CONST_SET(msg_commands, "MSG_???");

static const struct const_name sem_commands[] = {
	{ 0, "IPC_RMID" },  { 1, "IPC_SET" },       { 2, "IPC_STAT" }, { 3, "IPC_INFO" },
	{ 11, "GETPID" },   { 12, "GETVAL" },       { 13, "GETALL" },  { 14, "GETNCNT" },
	{ 15, "GETZCNT" },  { 16, "SETVAL" },       { 17, "SETALL" },  { 18, "SEM_STAT" },
	{ 19, "SEM_INFO" }, { 20, "SEM_STAT_ANY" },
};
const struct const_set set_sem_commands = CONST_SET(sem_commands, "SEM_???");

static const struct const_name shm_commands[] = {
	{ 0, "IPC_RMID" },  { 1, "IPC_SET" },   { 2, "IPC_STAT" },
	{ 3, "IPC_INFO" },  { 11, "SHM_LOCK" }, { 12, "SHM_UNLOCK" },
	{ 13, "SHM_STAT" }, { 14, "SHM_INFO" }, { 15, "SHM_STAT_ANY" },
};
const struct const_set set_shm_commands = CONST_SET(shm_commands, "SHM_???");
