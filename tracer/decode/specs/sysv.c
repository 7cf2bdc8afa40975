/* System V message queues, semaphores and shared memory, and i386's ipc() that holds them all. */
#include "decode/consts/sysv.h"
#include "decode/decode.h"
#include "decode/types/sysv.h"
#include "decode/types/types.h"

/* Commands by what their last argument means, and whether the first one names an object. */
enum shape {
	SHAPE_OTHER, /* nothing, or a plain number */
	SHAPE_STAT,
	SHAPE_INDEX, /* the same of an index in the kernel's table, which is no id */
	SHAPE_SET,
	SHAPE_OLD_STAT,
	SHAPE_OLD_INDEX,
	SHAPE_OLD_SET,
	SHAPE_REMOVE,
	SHAPE_INFO,
	SHAPE_USAGE, /* SHM_INFO */
	SHAPE_SETVAL,
	SHAPE_GETALL,
	SHAPE_SETALL,
	SHAPES
};

/* Registers of ipc(call, first, second, third, ptr, fifth) by the arguments of its calls. */
static const uint8_t regs_4[] = { 4 }, regs_12[] = { 1, 2 }, regs_123[] = { 1, 2, 3 },
		     regs_1234[] = { 1, 2, 3, 4 }, regs_124[] = { 1, 2, 4 },
		     regs_142[] = { 1, 4, 2 }, regs_1423[] = { 1, 4, 2, 3 },
		     regs_1425[] = { 1, 4, 2, 5 }, regs_14253[] = { 1, 4, 2, 5, 3 },
		     regs_14243[] = { 1, 4, 2, 4, 3 };

#define MSGGET(regs_)                                                                              \
	{                                                                                          \
		.name = "msgget", .ret = RET_INT, IPC(SYSV_MSG, CREATE, 0), .regs = (regs_),       \
		.args = {                                                                          \
			{ "key", &type_ipc_key },                                                  \
			{ "msgflg", &type_ipc_get, .set = &set_ipc_get },                          \
		},                                                                                 \
	}

#define MSGSND(regs_)                                                                              \
	{                                                                                          \
		.name = "msgsnd", .ret = RET_ZERO, IPC(SYSV_MSG, SEND, 0), .regs = (regs_),        \
		.args = {                                                                          \
			{ "msqid", &type_int },                                                    \
			{ "msgp", &type_msgbuf, BYTES_ARG(2) },                                    \
			{ "msgsz", &type_size },                                                   \
			{ "msgflg", &type_flags, .set = &set_msg_flags },                          \
		},                                                                                 \
	}

/* The message's &type and direction, how many bytes of it to show, and the &type of its type. */
#define MSGRCV(regs_, msgp_, out_, bytes_, msgtyp_)                                                \
	{                                                                                          \
		.name = "msgrcv", .ret = RET_LEN, IPC(SYSV_MSG, RECV, 0), .regs = (regs_),         \
		.args = {                                                                          \
			{ "msqid", &type_int },                                                    \
			{ "msgp", msgp_, .dir = (out_), bytes_ },                                  \
			{ "msgsz", &type_size },                                                   \
			{ "msgtyp", msgtyp_ },                                                     \
			{ "msgflg", &type_flags, .set = &set_msg_flags },                          \
		},                                                                                 \
	}

/* strace shows as much as there was room for, the default face what was received. */
static const struct call_spec msgrcv_strace =
	MSGRCV(NULL, &type_msgbuf, DIR_OUT, BYTES_ARG(2), &type_long);
static const struct call_spec msgrcv_ipc[2] = {
	MSGRCV(regs_14253, &type_msgbuf, DIR_OUT, BYTES_RET, &type_long),
	MSGRCV(regs_14253, &type_msgbuf, DIR_OUT, BYTES_ARG(2), &type_long),
};
static const struct call_spec msgrcv_kludge[2] = {
	MSGRCV(regs_14243, &type_kludge_msgbuf, DIR_EXIT, BYTES_RET, &type_kludge_msgtyp),
	MSGRCV(regs_14243, &type_kludge_msgbuf, DIR_EXIT, BYTES_ARG(2), &type_kludge_msgtyp),
};

static const struct call_spec *refine_msgrcv(const struct event *ev, bool is_strace)
{
	(void)ev;
	return is_strace ? &msgrcv_strace : NULL;
}

#define MSGCTL(mech_, op_, regs_, ...)                                                             \
	{                                                                                          \
		.name = "msgctl", .ret = RET_INT, IPC(mech_, op_, 0), .regs = (regs_),             \
		.args = {                                                                          \
			{ "msqid", &type_int },                                                    \
			{ "cmd", &type_ipc_command, .set = &set_msg_commands },                    \
			{ "buf", __VA_ARGS__ },                                                    \
		},                                                                                 \
	}
#define MSGCTL_ROWS(regs_)                                                                         \
	{                                                                                          \
		[SHAPE_OTHER] = MSGCTL(SYSV_MSG, CONTROL, regs_, &type_addr),                      \
		[SHAPE_REMOVE] = MSGCTL(SYSV_MSG, REMOVE, regs_, &type_addr),                      \
		[SHAPE_STAT] = MSGCTL(SYSV_MSG, CONTROL, regs_, &type_ptr,                         \
				      .elem = &picked_msqid_stat.type, .dir = DIR_OUT),            \
		[SHAPE_INDEX] = MSGCTL(NONE, NONE, regs_, &type_ptr,                               \
				       .elem = &picked_msqid_stat.type, .dir = DIR_OUT),           \
		[SHAPE_SET] = MSGCTL(SYSV_MSG, CONTROL, regs_, &type_ptr,                          \
				     .elem = &picked_msqid_set.type),                              \
		[SHAPE_OLD_STAT] = MSGCTL(SYSV_MSG, CONTROL, regs_, &type_ptr,                     \
					  .elem = &picked_msqid_old_stat.type, .dir = DIR_OUT),    \
		[SHAPE_OLD_INDEX] = MSGCTL(NONE, NONE, regs_, &type_ptr,                           \
					   .elem = &picked_msqid_old_stat.type, .dir = DIR_OUT),   \
		[SHAPE_OLD_SET] = MSGCTL(SYSV_MSG, CONTROL, regs_, &type_ptr,                      \
					 .elem = &picked_msqid_old_set.type),                      \
		[SHAPE_INFO] = MSGCTL(NONE, NONE, regs_, &type_ptr, .elem = &type_msginfo,         \
				      .dir = DIR_OUT),                                             \
	}

static const struct call_spec msgctl_rows[SHAPES] = MSGCTL_ROWS(NULL);
static const struct call_spec msgctl_ipc_rows[SHAPES] = MSGCTL_ROWS(regs_124);

static enum shape msgctl_shape(uint64_t command)
{
	switch ((uint32_t)command & ~IPC_64_BIT) {
	case 0:
		return SHAPE_REMOVE;
	case 1:
		return SHAPE_SET;
	case 2:
		return SHAPE_STAT;
	case 11: /* MSG_STAT, MSG_STAT_ANY */
	case 13:
		return SHAPE_INDEX;
	case 3: /* IPC_INFO, MSG_INFO */
	case 12:
		return SHAPE_INFO;
	default:
		return SHAPE_OTHER;
	}
}

static const struct call_spec *refine_msgctl(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return &msgctl_rows[msgctl_shape(ev->args[1])];
}

#define SEMGET(regs_)                                                                              \
	{                                                                                          \
		.name = "semget", .ret = RET_INT, IPC(SYSV_SEM, CREATE, 0), .regs = (regs_),       \
		.args = {                                                                          \
			{ "key", &type_ipc_key },                                                  \
			{ "nsems", &type_int },                                                    \
			{ "semflg", &type_ipc_get, .set = &set_ipc_get },                          \
		},                                                                                 \
	}

#define SEMOP(name_, regs_, ...)                                                                   \
	{                                                                                          \
		.name = (name_), .ret = RET_ZERO, IPC(SYSV_SEM, WAIT, 0), .regs = (regs_),         \
		.args = { { "semid", &type_int },                                                  \
			  { "sops", &type_array, .elem = &type_sembuf, COUNT_ARG(2) },             \
			  { "nsops", &type_uint },                                                 \
			  __VA_ARGS__ },                                                           \
	}

#define SEMCTL(mech_, op_, regs_, ...)                                                             \
	{                                                                                          \
		.name = "semctl", .ret = RET_INT, IPC(mech_, op_, 0), .regs = (regs_),             \
		.args = {                                                                          \
			{ "semid", &type_int },                                                    \
			{ "semnum", &type_int },                                                   \
			{ "cmd", &type_ipc_command, .set = &set_sem_commands },                    \
			{ "arg", __VA_ARGS__ },                                                    \
		},                                                                                 \
	}

/* plain_: its type if it is a number; ptr_: if it points to a struct; values_: to the array. */
#define SEMCTL_ROWS(regs_, plain_, setval_, ptr_, values_, out_)                                   \
	{                                                                                          \
		[SHAPE_OTHER] = SEMCTL(SYSV_SEM, CONTROL, regs_, plain_),                          \
		[SHAPE_REMOVE] = SEMCTL(SYSV_SEM, REMOVE, regs_, plain_),                          \
		[SHAPE_SETVAL] = SEMCTL(SYSV_SEM, CONTROL, regs_, setval_),                        \
		[SHAPE_GETALL] = SEMCTL(SYSV_SEM, CONTROL, regs_, values_, .dir = out_),           \
		[SHAPE_SETALL] = SEMCTL(SYSV_SEM, CONTROL, regs_, values_),                        \
		[SHAPE_STAT] = SEMCTL(SYSV_SEM, CONTROL, regs_, ptr_,                              \
				      .elem = &picked_semid_stat.type, .dir = out_),               \
		[SHAPE_INDEX] = SEMCTL(NONE, NONE, regs_, ptr_, .elem = &picked_semid_stat.type,   \
				       .dir = out_),                                               \
		[SHAPE_SET] =                                                                      \
			SEMCTL(SYSV_SEM, CONTROL, regs_, ptr_, .elem = &picked_semid_set.type),    \
		[SHAPE_OLD_STAT] = SEMCTL(SYSV_SEM, CONTROL, regs_, ptr_,                          \
					  .elem = &picked_semid_old_stat.type, .dir = out_),       \
		[SHAPE_OLD_INDEX] = SEMCTL(NONE, NONE, regs_, ptr_,                                \
					   .elem = &picked_semid_old_stat.type, .dir = out_),      \
		[SHAPE_OLD_SET] = SEMCTL(SYSV_SEM, CONTROL, regs_, ptr_,                           \
					 .elem = &picked_semid_old_set.type),                      \
		[SHAPE_INFO] =                                                                     \
			SEMCTL(NONE, NONE, regs_, ptr_, .elem = &type_seminfo, .dir = out_),       \
	}

static const struct call_spec semctl_rows[SHAPES] =
	SEMCTL_ROWS(NULL, &type_addr, &type_sem_value, &type_ptr, &type_sem_values, DIR_OUT);
static const struct call_spec semctl_ipc_rows[SHAPES] =
	SEMCTL_ROWS(regs_1234, &type_semun, &type_semun, &type_semun, &type_semun_values, DIR_EXIT);

static enum shape semctl_shape(uint64_t command)
{
	switch ((uint32_t)command & ~IPC_64_BIT) {
	case 0:
		return SHAPE_REMOVE;
	case 1:
		return SHAPE_SET;
	case 2:
		return SHAPE_STAT;
	case 18: /* SEM_STAT, SEM_STAT_ANY */
	case 20:
		return SHAPE_INDEX;
	case 3: /* IPC_INFO, SEM_INFO */
	case 19:
		return SHAPE_INFO;
	case 13:
		return SHAPE_GETALL;
	case 16:
		return SHAPE_SETVAL;
	case 17:
		return SHAPE_SETALL;
	default:
		return SHAPE_OTHER;
	}
}

static const struct call_spec *refine_semctl(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return &semctl_rows[semctl_shape(ev->args[2])];
}

#define SHMGET(regs_)                                                                              \
	{                                                                                          \
		.name = "shmget", .ret = RET_INT, IPC(SYSV_SHM, CREATE, 0), .regs = (regs_),       \
		.args = {                                                                          \
			{ "key", &type_ipc_key },                                                  \
			{ "size", &type_size },                                                    \
			{ "shmflg", &type_shm_get, .set = &set_shm_get },                          \
		},                                                                                 \
	}

#define SHMAT(regs_, aux_)                                                                         \
	{                                                                                          \
		.name = "shmat", .ret = RET_ADDR, IPC(SYSV_SHM, MAP, 0), .aux = (aux_),            \
		.regs = (regs_),                                                                   \
		.args = {                                                                          \
			{ "shmid", &type_int },                                                    \
			{ "shmaddr", &type_addr },                                                 \
			{ "shmflg", &type_flags, .set = &set_shm_flags },                          \
		},                                                                                 \
	}

#define SHMDT(regs_)                                                                               \
	{                                                                                          \
		.name = "shmdt", .ret = RET_ZERO, IPC(SYSV_SHM, UNMAP, 0), .regs = (regs_),        \
		.args = { { "shmaddr", &type_addr } },                                             \
	}

#define SHMCTL(mech_, op_, regs_, ...)                                                             \
	{                                                                                          \
		.name = "shmctl", .ret = RET_INT, IPC(mech_, op_, 0), .regs = (regs_),             \
		.args = {                                                                          \
			{ "shmid", &type_int },                                                    \
			{ "cmd", &type_ipc_command, .set = &set_shm_commands },                    \
			{ "buf", __VA_ARGS__ },                                                    \
		},                                                                                 \
	}
#define SHMCTL_ROWS(regs_)                                                                         \
	{                                                                                          \
		[SHAPE_OTHER] = SHMCTL(SYSV_SHM, CONTROL, regs_, &type_addr),                      \
		[SHAPE_REMOVE] = SHMCTL(SYSV_SHM, REMOVE, regs_, &type_addr),                      \
		[SHAPE_STAT] = SHMCTL(SYSV_SHM, CONTROL, regs_, &type_ptr,                         \
				      .elem = &picked_shmid_stat.type, .dir = DIR_OUT),            \
		[SHAPE_INDEX] = SHMCTL(NONE, NONE, regs_, &type_ptr,                               \
				       .elem = &picked_shmid_stat.type, .dir = DIR_OUT),           \
		[SHAPE_SET] = SHMCTL(SYSV_SHM, CONTROL, regs_, &type_ptr,                          \
				     .elem = &picked_shmid_set.type),                              \
		[SHAPE_OLD_STAT] = SHMCTL(SYSV_SHM, CONTROL, regs_, &type_ptr,                     \
					  .elem = &picked_shmid_old_stat.type, .dir = DIR_OUT),    \
		[SHAPE_OLD_INDEX] = SHMCTL(NONE, NONE, regs_, &type_ptr,                           \
					   .elem = &picked_shmid_old_stat.type, .dir = DIR_OUT),   \
		[SHAPE_OLD_SET] = SHMCTL(SYSV_SHM, CONTROL, regs_, &type_ptr,                      \
					 .elem = &picked_shmid_old_set.type),                      \
		[SHAPE_INFO] = SHMCTL(NONE, NONE, regs_, &type_ptr, .elem = &type_shminfo,         \
				      .dir = DIR_OUT),                                             \
		[SHAPE_USAGE] = SHMCTL(NONE, NONE, regs_, &type_ptr, .elem = &type_shm_info,       \
				       .dir = DIR_OUT),                                            \
	}

static const struct call_spec shmctl_rows[SHAPES] = SHMCTL_ROWS(NULL);
static const struct call_spec shmctl_ipc_rows[SHAPES] = SHMCTL_ROWS(regs_124);

static enum shape shmctl_shape(uint64_t command)
{
	switch ((uint32_t)command & ~IPC_64_BIT) {
	case 0:
		return SHAPE_REMOVE;
	case 1:
		return SHAPE_SET;
	case 2:
		return SHAPE_STAT;
	case 13: /* SHM_STAT, SHM_STAT_ANY */
	case 15:
		return SHAPE_INDEX;
	case 3:
		return SHAPE_INFO;
	case 14:
		return SHAPE_USAGE;
	default:
		return SHAPE_OTHER;
	}
}

static const struct call_spec *refine_shmctl(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return &shmctl_rows[shmctl_shape(ev->args[1])];
}

/* ipc() returns 0 and puts the address where its third argument says. */
static void find_shmat_result(struct decode *d, struct call *call)
{
	uint64_t addr;

	if (call->is_error || decode_word_at(d, (uint32_t)d->ev->args[3], &addr) < 0)
		return;
	call->ret = (int64_t)addr;
	call->ret_value = value_hex(addr);
}

/* Numbers of linux/ipc.h, SEMOP and so on. */
enum ipc_call {
	CALL_SEMOP = 1,
	CALL_SEMGET = 2,
	CALL_SEMCTL = 3,
	CALL_SEMTIMEDOP = 4,
	CALL_MSGSND = 11,
	CALL_MSGRCV = 12,
	CALL_MSGGET = 13,
	CALL_MSGCTL = 14,
	CALL_SHMAT = 21,
	CALL_SHMDT = 22,
	CALL_SHMGET = 23,
	CALL_SHMCTL = 24,
};

#define TIMEOUT(elem_)                                                                             \
	{                                                                                          \
		"timeout", &type_ptr, .elem = &(elem_)                                             \
	}

static const struct call_spec ipc_rows[] = {
	[CALL_SEMOP] = SEMOP("semop", regs_142, { 0 }),
	[CALL_SEMGET] = SEMGET(regs_123),
	[CALL_SEMTIMEDOP] = SEMOP("semtimedop", regs_1425, TIMEOUT(type_timespec)),
	[CALL_MSGSND] = MSGSND(regs_1423),
	[CALL_MSGGET] = MSGGET(regs_12),
	[CALL_SHMAT] = SHMAT(regs_142, find_shmat_result),
	[CALL_SHMDT] = SHMDT(regs_4),
	[CALL_SHMGET] = SHMGET(regs_123),
};

/* Without IPC_64, ipc() and only ipc() means the structures of old. */
static enum shape old_shape(enum shape shape, uint64_t command)
{
	if (command & IPC_64_BIT)
		return shape;
	if (shape == SHAPE_STAT)
		return SHAPE_OLD_STAT;
	if (shape == SHAPE_INDEX)
		return SHAPE_OLD_INDEX;
	return shape == SHAPE_SET ? SHAPE_OLD_SET : shape;
}

static const struct call_spec *refine_ipc(const struct event *ev, bool is_strace)
{
	uint32_t number = (uint32_t)ev->args[0] & 0xffff;
	uint32_t version = (uint32_t)ev->args[0] >> 16;

	switch (number) {
	case CALL_SEMCTL:
		return &semctl_ipc_rows[old_shape(semctl_shape(ev->args[3]), ev->args[3])];
	case CALL_MSGCTL:
		return &msgctl_ipc_rows[old_shape(msgctl_shape(ev->args[2]), ev->args[2])];
	case CALL_SHMCTL:
		return &shmctl_ipc_rows[old_shape(shmctl_shape(ev->args[2]), ev->args[2])];
	case CALL_MSGRCV:
		return version ? &msgrcv_ipc[is_strace] : &msgrcv_kludge[is_strace];
	default:
		return number < ARRAY_LEN(ipc_rows) && ipc_rows[number].name ? &ipc_rows[number]
									     : NULL;
	}
}

static const struct call_spec specs[] = {
	MSGGET(NULL),
	MSGSND(NULL),
	{
		.name = "msgrcv", .ret = RET_LEN, IPC(SYSV_MSG, RECV, 0), .refine = refine_msgrcv,
		.args = {
			{ "msqid", &type_int },
			{ "msgp", &type_msgbuf, .dir = DIR_OUT, BYTES_RET },
			{ "msgsz", &type_size },
			{ "msgtyp", &type_long },
			{ "msgflg", &type_flags, .set = &set_msg_flags },
		},
	},
	{
		.name = "msgctl", .ret = RET_INT, IPC(SYSV_MSG, CONTROL, 0), .refine = refine_msgctl,
		.args = {
			{ "msqid", &type_int },
			{ "cmd", &type_ipc_command, .set = &set_msg_commands },
			{ "buf", &type_addr },
		},
	},
	SEMGET(NULL),
	SEMOP("semop", NULL, { 0 }),
	SEMOP("semtimedop", NULL, TIMEOUT(type_timespec)),
	SEMOP("semtimedop_time64", NULL, TIMEOUT(type_timespec64)),
	{
		.name = "semctl", .ret = RET_INT, IPC(SYSV_SEM, CONTROL, 0), .refine = refine_semctl,
		.args = {
			{ "semid", &type_int },
			{ "semnum", &type_int },
			{ "cmd", &type_ipc_command, .set = &set_sem_commands },
			{ "arg", &type_addr },
		},
	},
	SHMGET(NULL),
	SHMAT(NULL, NULL),
	SHMDT(NULL),
	{
		.name = "shmctl", .ret = RET_INT, IPC(SYSV_SHM, CONTROL, 0), .refine = refine_shmctl,
		.args = {
			{ "shmid", &type_int },
			{ "cmd", &type_ipc_command, .set = &set_shm_commands },
			{ "buf", &type_addr },
		},
	},
	{
		.name = "ipc", .ret = RET_INT, .refine = refine_ipc,
		.args = {
			{ "call", &type_uint },
			{ "first", &type_xlong },
			{ "second", &type_xlong },
			{ "third", &type_xlong },
			{ "ptr", &type_xlong },
			{ "fifth", &type_xlong },
		},
	},
};

const struct spec_family family_sysv = SPEC_FAMILY("sysv", specs);
