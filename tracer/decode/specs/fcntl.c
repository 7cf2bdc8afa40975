/* fcntl(2), one row for each command: asm-generic/fcntl.h, linux/fcntl.h. */
#include "decode/consts/fd.h"
#include "decode/decode.h"
#include "decode/types/fd.h"
#include "decode/types/types.h"

/* Commands newer than Debian 12's headers, and those that fcntl.h keeps from 64-bit programs. */
enum {
	DUPFD,
	GETFD,
	SETFD,
	GETFL,
	SETFL,
	GETLK,
	SETLK,
	SETLKW,
	SETOWN,
	GETOWN,
	SETSIG,
	GETSIG,
	GETLK64,
	SETLK64,
	SETLKW64,
	SETOWN_EX,
	GETOWN_EX,
	GETOWNER_UIDS,
	OFD_GETLK = 36,
	OFD_SETLK,
	OFD_SETLKW,
	SETLEASE = 1024,
	GETLEASE,
	NOTIFY,
	DUPFD_QUERY,
	CREATED_QUERY,
	DUPFD_CLOEXEC = 1030,
	SETPIPE_SZ,
	GETPIPE_SZ,
	ADD_SEALS,
	GET_SEALS,
	GET_RW_HINT,
	SET_RW_HINT,
	GET_FILE_RW_HINT,
	SET_FILE_RW_HINT,
	GETDELEG,
	SETDELEG,
};

struct row {
	uint32_t command;
	bool is_strace_raw; /* strace shows the argument as a number */
	struct call_spec spec;
};

static void aux_fd_flags(struct decode *d, struct call *call)
{
	if (!call->is_error && call->ret)
		decode_add_aux(call, "flags",
			       decode_flags(d->arena, &set_fd_flags, (uint64_t)call->ret));
}

static void aux_open_flags(struct decode *d, struct call *call)
{
	if (!call->is_error)
		decode_add_aux(call, "flags", decode_open_flags(d->arena, (uint64_t)call->ret));
}

static void aux_seals(struct decode *d, struct call *call)
{
	if (!call->is_error && call->ret)
		decode_add_aux(call, "seals",
			       decode_flags(d->arena, &set_seals, (uint64_t)call->ret));
}

static void aux_lease(struct decode *d, struct call *call)
{
	if (!call->is_error)
		decode_add_aux(call, NULL,
			       decode_enum(d->arena, &set_lock_types, (uint64_t)call->ret));
}

static void aux_signal(struct decode *d, struct call *call)
{
	const char *name = decode_signal_name(d->arena, (int)call->ret);

	if (!call->is_error && call->ret && name)
		decode_add_aux(call, NULL, value_text(name, (uint64_t)call->ret));
}

/* Of 32 bits strace sees no sign: the register as it is. */
static void show_least_fd(struct decode *d, const struct slot *slot, uint64_t raw,
			  struct value *ret_v)
{
	(void)slot;
	*ret_v = value_int(d->options->is_strace ? (int64_t)raw : (int32_t)raw);
}

static const struct type type_least_fd = {
	.name = "least_fd", .len32 = 4, .len64 = 8, .show = show_least_fd
};

/* linux/fcntl.h: struct delegation, of Linux 6.19 */
static const struct slot delegation_fields[] = {
	{ "d_flags", &type_x32 },
	{ "d_type", &type_enum16, .set = &set_lock_types },
	{ "__pad", &type_u16, .is_hidden = true },
	{ 0 },
};
static const struct type type_delegation = { .name = "delegation", .fields = delegation_fields };

#define FD_ARG                                                                                     \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define COMMAND                                                                                    \
	{                                                                                          \
		"cmd", &type_enum, .set = &set_fcntl_commands                                      \
	}

#define CALL(name_, ret_, ipc_, aux_, ...)                                                         \
	{                                                                                          \
		name_, ret_, IPC(ipc_, CONTROL, 0), .aux = (aux_), .args = {                       \
			FD_ARG,                                                                    \
			COMMAND,                                                                   \
			__VA_ARGS__,                                                               \
		}                                                                                  \
	}
#define NO_ARG                                                                                     \
	{                                                                                          \
		0                                                                                  \
	}
#define LOCK_IN(flock_)                                                                            \
	{                                                                                          \
		"arg", &type_ptr, .elem = &(flock_)                                                \
	}
#define LOCK_OUT(flock_)                                                                           \
	{                                                                                          \
		"arg", &type_ptr, .elem = &(flock_), .dir = DIR_OUT                                \
	}

/* .elem of an enum, whose set is the slot's. */
#define HINT(dir_)                                                                                 \
	{                                                                                          \
		"arg", &type_ptr, .elem = &type_enum64, .dir = (dir_), .set = &set_write_hints     \
	}

#define ROWS(name_)                                                                                \
	{ DUPFD,                                                                                   \
	  false,                                                                                   \
	  { name_, RET_FD, IPC(FD, DUP, 0),                                                        \
	    .args = { FD_ARG, COMMAND, { "arg", &type_least_fd } } } },                            \
		{ DUPFD_CLOEXEC,                                                                   \
		  false,                                                                           \
		  { name_, RET_FD, IPC(FD, DUP, 0),                                                \
		    .args = { FD_ARG, COMMAND, { "arg", &type_least_fd } } } },                    \
		{ GETFD, false, CALL(name_, RET_HEX, FD, aux_fd_flags, NO_ARG) },                  \
		{ SETFD, false,                                                                    \
		  CALL(name_, RET_ZERO, FD, NULL, { "arg", &type_flags, .set = &set_fd_flags }) }, \
		{ GETFL, false, CALL(name_, RET_HEX, FD, aux_open_flags, NO_ARG) },                \
		{ SETFL, false, CALL(name_, RET_ZERO, FD, NULL, { "arg", &type_open_flags }) },    \
		{ GETLK, false, CALL(name_, RET_ZERO, LOCK, NULL, LOCK_OUT(type_flock_got)) },     \
		{ SETLK, false, CALL(name_, RET_ZERO, LOCK, NULL, LOCK_IN(type_flock)) },          \
		{ SETLKW, false, CALL(name_, RET_ZERO, LOCK, NULL, LOCK_IN(type_flock)) },         \
		{ OFD_GETLK, false,                                                                \
		  CALL(name_, RET_ZERO, LOCK, NULL, LOCK_OUT(type_flock64_got)) },                 \
		{ OFD_SETLK, false, CALL(name_, RET_ZERO, LOCK, NULL, LOCK_IN(type_flock64)) },    \
		{ OFD_SETLKW, false, CALL(name_, RET_ZERO, LOCK, NULL, LOCK_IN(type_flock64)) },   \
		{ SETOWN, false, CALL(name_, RET_ZERO, FD, NULL, { "arg", &type_pid }) },          \
		{ GETOWN, false, CALL(name_, RET_PID, FD, NULL, NO_ARG) },                         \
		{ SETSIG, false, CALL(name_, RET_ZERO, FD, NULL, { "arg", &type_signo }) },        \
		{ GETSIG, false, CALL(name_, RET_INT, FD, aux_signal, NO_ARG) },                   \
		{ SETOWN_EX, false,                                                                \
		  CALL(name_, RET_ZERO, FD, NULL,                                                  \
		       { "arg", &type_ptr, .elem = &type_f_owner_ex }) },                          \
		{ GETOWN_EX, false,                                                                \
		  CALL(name_, RET_ZERO, FD, NULL,                                                  \
		       { "arg", &type_ptr, .elem = &type_f_owner_ex, .dir = DIR_OUT }) },          \
		{ GETOWNER_UIDS, true,                                                             \
		  CALL(name_, RET_ZERO, FD, NULL,                                                  \
		       { "arg", &type_array, .elem = &type_uid, .dir = DIR_OUT,                    \
			 COUNT_CONST(2) }) },                                                      \
		{ SETLEASE, false,                                                                 \
		  CALL(name_, RET_ZERO, LOCK, NULL,                                                \
		       { "arg", &type_enum, .set = &set_lock_types }) },                           \
		{ GETLEASE, false, CALL(name_, RET_HEX, LOCK, aux_lease, NO_ARG) },                \
		{ NOTIFY, false,                                                                   \
		  CALL(name_, RET_ZERO, FD, NULL,                                                  \
		       { "arg", &type_flags, .set = &set_notify_events }) },                       \
		{ DUPFD_QUERY, false, CALL(name_, RET_INT, FD, NULL, { "arg", &type_fd }) },       \
		{ CREATED_QUERY, false, CALL(name_, RET_INT, FD, NULL, NO_ARG) },                  \
		{ SETPIPE_SZ, false, CALL(name_, RET_INT, FD, NULL, { "arg", &type_uint }) },      \
		{ GETPIPE_SZ, false, CALL(name_, RET_INT, FD, NULL, NO_ARG) },                     \
		{ ADD_SEALS, false,                                                                \
		  CALL(name_, RET_ZERO, FD, NULL, { "arg", &type_flags, .set = &set_seals }) },    \
		{ GET_SEALS, false, CALL(name_, RET_HEX, FD, aux_seals, NO_ARG) },                 \
		{ GET_RW_HINT, false, CALL(name_, RET_ZERO, FD, NULL, HINT(DIR_OUT)) },            \
		{ SET_RW_HINT, false, CALL(name_, RET_ZERO, FD, NULL, HINT(DIR_IN)) },             \
		{ GET_FILE_RW_HINT, false, CALL(name_, RET_ZERO, FD, NULL, HINT(DIR_OUT)) },       \
		{ SET_FILE_RW_HINT, false, CALL(name_, RET_ZERO, FD, NULL, HINT(DIR_IN)) },        \
		{ GETDELEG, false,                                                                 \
		  CALL(name_, RET_ZERO, LOCK, NULL,                                                \
		       { "arg", &type_ptr, .elem = &type_delegation, .dir = DIR_OUT }) },          \
	{                                                                                          \
		SETDELEG, false,                                                                   \
			CALL(name_, RET_ZERO, LOCK, NULL,                                          \
			     { "arg", &type_ptr, .elem = &type_delegation })                       \
	}

static const struct row fcntl_rows[] = { ROWS("fcntl") };

/* Only i386 has it, and only there the 64 at the end of a command means anything. */
static const struct row fcntl64_rows[] = {
	ROWS("fcntl64"),
	{ GETLK64, false, CALL("fcntl64", RET_ZERO, LOCK, NULL, LOCK_OUT(type_flock64_got)) },
	{ SETLK64, false, CALL("fcntl64", RET_ZERO, LOCK, NULL, LOCK_IN(type_flock64)) },
	{ SETLKW64, false, CALL("fcntl64", RET_ZERO, LOCK, NULL, LOCK_IN(type_flock64)) },
};

static const struct call_spec *find_row(const struct row *rows, size_t n, const struct event *ev,
					bool is_strace)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].command == (uint32_t)ev->args[1])
			return is_strace && rows[i].is_strace_raw ? NULL : &rows[i].spec;
	}
	return NULL;
}

static const struct call_spec *refine_fcntl(const struct event *ev, bool is_strace)
{
	return find_row(fcntl_rows, ARRAY_LEN(fcntl_rows), ev, is_strace);
}

static const struct call_spec *refine_fcntl64(const struct event *ev, bool is_strace)
{
	return find_row(fcntl64_rows, ARRAY_LEN(fcntl64_rows), ev, is_strace);
}

static const struct call_spec specs[] = {
	{ "fcntl", RET_INT, IPC(FD, CONTROL, 0), .refine = refine_fcntl,
	  .args = { FD_ARG, COMMAND, { "arg", &type_xlong } } },
	{ "fcntl64", RET_INT, IPC(FD, CONTROL, 0), .refine = refine_fcntl64,
	  .args = { FD_ARG, COMMAND, { "arg", &type_xlong } } },
};

const struct spec_family family_fcntl = SPEC_FAMILY("fcntl", specs);
