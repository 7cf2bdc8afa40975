/* The structures of msgctl, semctl and shmctl. */
#include "decode/consts/sysv.h"
#include "decode/decode.h"
#include "decode/types/shift.h"
#include "decode/types/sysv.h"
#include "decode/types/types.h"

static void show_key(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = d->options->is_strace ? value_uint((uint32_t)raw) : value_hex((uint32_t)raw);
}

/* Its upper half is padding where mode_t has 16 bits. */
static void show_mode(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	uint64_t mode = raw & 0xffff;

	if (d->options->is_strace || !slot->set) {
		*ret_v = value_oct(mode);
		return;
	}
	*ret_v = decode_flags(d->arena, slot->set, mode);
	ret_v->base = 8;
	ret_v->flags.has_rest = true;
}

static void show_uid16(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = (uint16_t)raw == UINT16_MAX ? value_int(-1) : value_uint((uint16_t)raw);
}

static void show_pid16(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = value_pid((uint16_t)raw);
}

/* Padding that only a 64-bit struct has; never shown. */
static void show_nothing(struct decode *d, const struct slot *slot, uint64_t raw,
			 struct value *ret_v)
{
	(void)d;
	(void)slot;
	(void)raw;
	*ret_v = (struct value){ .kind = VALUE_NONE };
}

#define SMALL(name_, len32_, len64_, show_)                                                        \
	static const struct type type_##name_ = {                                                  \
		.name = #name_, .len32 = (len32_), .len64 = (len64_), .show = (show_)              \
	}

SMALL(perm_key, 4, 4, show_key);
SMALL(perm_mode, 4, 4, show_mode);
SMALL(perm_mode16, 2, 2, show_mode);
SMALL(uid16, 2, 2, show_uid16);
SMALL(pid16, 2, 2, show_pid16);
SMALL(pad64, 0, 8, show_nothing);

/* A field that nobody asks for. */
#define HIDDEN(name_, type_)                                                                       \
	{                                                                                          \
		.name = (name_), .type = &(type_), .is_hidden = true                               \
	}

#define PERM_FIELDS(mode_set)                                                                      \
	{                                                                                          \
		{ "key", &type_perm_key }, { "uid", &type_uid }, { "gid", &type_uid },             \
			{ "cuid", &type_uid }, { "cgid", &type_uid },                              \
			{ "mode", &type_perm_mode, .set = (mode_set) }, HIDDEN("seq", type_u16),   \
			HIDDEN("pad", type_u16), HIDDEN("unused1", type_ulong),                    \
			HIDDEN("unused2", type_ulong), { 0 },                                      \
	}

#define PERM_OLD_FIELDS(mode_set)                                                                  \
	{                                                                                          \
		{ "key", &type_perm_key }, { "uid", &type_uid16 }, { "gid", &type_uid16 },         \
			{ "cuid", &type_uid16 }, { "cgid", &type_uid16 },                          \
			{ "mode", &type_perm_mode16, .set = (mode_set) }, HIDDEN("seq", type_u16), \
			{ 0 },                                                                     \
	}

static const struct slot perm_fields[] = PERM_FIELDS(NULL);
static const struct slot shm_perm_fields[] = PERM_FIELDS(&set_shm_modes);
static const struct slot perm_old_fields[] = PERM_OLD_FIELDS(NULL);
static const struct slot shm_perm_old_fields[] = PERM_OLD_FIELDS(&set_shm_modes);

static const struct type type_perm = { .name = "ipc_perm", .fields = perm_fields };
static const struct type type_shm_perm = { .name = "ipc_perm", .fields = shm_perm_fields };
static const struct type type_perm_old = { .name = "ipc_perm", .fields = perm_old_fields };
static const struct type type_shm_perm_old = { .name = "ipc_perm", .fields = shm_perm_old_fields };

static const struct pick perm_stat[] = {
	{ "uid" }, { "gid" }, { "mode" }, { "key" }, { "cuid" }, { "cgid" }, { 0 },
};
static const struct pick perm_set[] = { { "uid" }, { "gid" }, { "mode" }, { 0 } };

enum { PERM_LEN32 = 36, PERM_LEN64 = 48, PERM_OLD_LEN = 16 };

#define PERM(name_, full_, picks_)                                                                 \
	static const struct picked_type name_ =                                                    \
		PICKED("ipc_perm", PERM_LEN32, PERM_LEN64, &(full_), picks_)
#define PERM_OLD(name_, full_, picks_)                                                             \
	static const struct picked_type name_ =                                                    \
		PICKED("ipc_perm", PERM_OLD_LEN, PERM_OLD_LEN, &(full_), picks_)

PERM(picked_perm_stat, type_perm, perm_stat);
PERM(picked_perm_set, type_perm, perm_set);
PERM(picked_shm_perm_stat, type_shm_perm, perm_stat);
PERM(picked_shm_perm_set, type_shm_perm, perm_set);
PERM_OLD(picked_perm_old_stat, type_perm_old, perm_stat);
PERM_OLD(picked_perm_old_set, type_perm_old, perm_set);
PERM_OLD(picked_shm_perm_old_stat, type_shm_perm_old, perm_stat);
PERM_OLD(picked_shm_perm_old_set, type_shm_perm_old, perm_set);

/* A 32-bit struct has each time as two words, low one first, which is a 64-bit number. */
#define MSQID_FIELDS(perm)                                                                         \
	{                                                                                          \
		{ "msg_perm", &(perm).type }, { "msg_stime", &type_s64 },                          \
			{ "msg_rtime", &type_s64 }, { "msg_ctime", &type_s64 },                    \
			{ "msg_cbytes", &type_ulong }, { "msg_qnum", &type_ulong },                \
			{ "msg_qbytes", &type_ulong }, { "msg_lspid", &type_pid },                 \
			{ "msg_lrpid", &type_pid }, HIDDEN("unused4", type_ulong),                 \
			HIDDEN("unused5", type_ulong), { 0 },                                      \
	}
#define MSQID_OLD_FIELDS(perm)                                                                     \
	{                                                                                          \
		{ "msg_perm", &(perm).type }, HIDDEN("first", type_addr),                          \
			HIDDEN("last", type_addr), { "msg_stime", &type_long },                    \
			{ "msg_rtime", &type_long }, { "msg_ctime", &type_long },                  \
			HIDDEN("lcbytes", type_ulong), HIDDEN("lqbytes", type_ulong),              \
			{ "msg_cbytes", &type_u16 }, { "msg_qnum", &type_u16 },                    \
			{ "msg_qbytes", &type_u16 }, { "msg_lspid", &type_pid16 },                 \
			{ "msg_lrpid", &type_pid16 }, { 0 },                                       \
	}
#define SEMID_FIELDS(perm)                                                                         \
	{                                                                                          \
		{ "sem_perm", &(perm).type }, { "sem_otime", &type_s64 },                          \
			HIDDEN("unused1", type_pad64), { "sem_ctime", &type_s64 },                 \
			HIDDEN("unused2", type_pad64), { "sem_nsems", &type_ulong },               \
			HIDDEN("unused3", type_ulong), HIDDEN("unused4", type_ulong), { 0 },       \
	}
#define SEMID_OLD_FIELDS(perm)                                                                     \
	{                                                                                          \
		{ "sem_perm", &(perm).type }, { "sem_otime", &type_long },                         \
			{ "sem_ctime", &type_long }, HIDDEN("base", type_addr),                    \
			HIDDEN("pending", type_addr), HIDDEN("last", type_addr),                   \
			HIDDEN("undo", type_addr), { "sem_nsems", &type_u16 }, { 0 },              \
	}
#define SHMID_FIELDS(perm)                                                                         \
	{                                                                                          \
		{ "shm_perm", &(perm).type }, { "shm_segsz", &type_size },                         \
			{ "shm_atime", &type_s64 }, { "shm_dtime", &type_s64 },                    \
			{ "shm_ctime", &type_s64 }, { "shm_cpid", &type_pid },                     \
			{ "shm_lpid", &type_pid }, { "shm_nattch", &type_ulong },                  \
			HIDDEN("unused4", type_ulong), HIDDEN("unused5", type_ulong), { 0 },       \
	}
#define SHMID_OLD_FIELDS(perm)                                                                     \
	{                                                                                          \
		{ "shm_perm", &(perm).type }, { "shm_segsz", &type_int },                          \
			{ "shm_atime", &type_long }, { "shm_dtime", &type_long },                  \
			{ "shm_ctime", &type_long }, { "shm_cpid", &type_pid16 },                  \
			{ "shm_lpid", &type_pid16 }, { "shm_nattch", &type_u16 },                  \
			HIDDEN("unused", type_u16), HIDDEN("unused2", type_addr),                  \
			HIDDEN("unused3", type_addr), { 0 },                                       \
	}

static const struct pick msqid_stat[] = {
	{ "msg_perm" },         { "msg_stime" },  { "msg_rtime" }, { "msg_ctime" }, { "msg_qnum" },
	{ "msg_cbytes", true }, { "msg_qbytes" }, { "msg_lspid" }, { "msg_lrpid" }, { 0 },
};
static const struct pick msqid_set[] = { { "msg_perm" }, { "msg_qbytes" }, { 0 } };
static const struct pick semid_stat[] = {
	{ "sem_perm" }, { "sem_otime" }, { "sem_ctime" }, { "sem_nsems" }, { 0 },
};
static const struct pick semid_set[] = { { "sem_perm" }, { 0 } };
static const struct pick shmid_stat[] = {
	{ "shm_perm" },  { "shm_segsz" }, { "shm_cpid" },  { "shm_lpid" }, { "shm_nattch" },
	{ "shm_atime" }, { "shm_dtime" }, { "shm_ctime" }, { 0 },
};
static const struct pick shmid_set[] = { { "shm_perm" }, { 0 } };

#define DS(name_, fields_, picks_, len32_, len64_)                                                 \
	static const struct slot name_##_fields[] = fields_;                                       \
	static const struct type type_##name_ = { .name = #name_, .fields = name_##_fields };      \
	const struct picked_type picked_##name_ =                                                  \
		PICKED(#name_, len32_, len64_, &type_##name_, picks_)

DS(msqid_stat, MSQID_FIELDS(picked_perm_stat), msqid_stat, 88, 120);
DS(msqid_set, MSQID_FIELDS(picked_perm_set), msqid_set, 88, 120);
DS(semid_stat, SEMID_FIELDS(picked_perm_stat), semid_stat, 64, 104);
DS(semid_set, SEMID_FIELDS(picked_perm_set), semid_set, 64, 104);
DS(shmid_stat, SHMID_FIELDS(picked_shm_perm_stat), shmid_stat, 84, 112);
DS(shmid_set, SHMID_FIELDS(picked_shm_perm_set), shmid_set, 84, 112);
DS(msqid_old_stat, MSQID_OLD_FIELDS(picked_perm_old_stat), msqid_stat, 56, 56);
DS(msqid_old_set, MSQID_OLD_FIELDS(picked_perm_old_set), msqid_set, 56, 56);
DS(semid_old_stat, SEMID_OLD_FIELDS(picked_perm_old_stat), semid_stat, 44, 44);
DS(semid_old_set, SEMID_OLD_FIELDS(picked_perm_old_set), semid_set, 44, 44);
DS(shmid_old_stat, SHMID_OLD_FIELDS(picked_shm_perm_old_stat), shmid_stat, 48, 48);
DS(shmid_old_set, SHMID_OLD_FIELDS(picked_shm_perm_old_set), shmid_set, 48, 48);

#define INFO(name_, ...)                                                                           \
	static const struct slot name_##_fields[] = { __VA_ARGS__, { 0 } };                        \
	const struct type type_##name_ = { .name = #name_, .fields = name_##_fields }

INFO(msginfo, { "msgpool", &type_int }, { "msgmap", &type_int }, { "msgmax", &type_int },
     { "msgmnb", &type_int }, { "msgmni", &type_int }, { "msgssz", &type_int },
     { "msgtql", &type_int }, { "msgseg", &type_u16 });
INFO(seminfo, { "semmap", &type_int }, { "semmni", &type_int }, { "semmns", &type_int },
     { "semmnu", &type_int }, { "semmsl", &type_int }, { "semopm", &type_int },
     { "semume", &type_int }, { "semusz", &type_int }, { "semvmx", &type_int },
     { "semaem", &type_int });
INFO(shminfo, { "shmmax", &type_ulong }, { "shmmin", &type_ulong }, { "shmmni", &type_ulong },
     { "shmseg", &type_ulong }, { "shmall", &type_ulong });
INFO(shm_info, { "used_ids", &type_int }, { "shm_tot", &type_ulong }, { "shm_rss", &type_ulong },
     { "shm_swp", &type_ulong }, { "swap_attempts", &type_ulong },
     { "swap_successes", &type_ulong });
