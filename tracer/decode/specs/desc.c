/* Making, joining, copying between and closing descriptors. */
#include "decode/consts/fd.h"
#include "decode/types/fd.h"
#include "decode/types/iovec.h"
#include "decode/types/offset.h"
#include "decode/types/types.h"

#define FD                                                                                         \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define SPLICE_FLAGS                                                                               \
	{                                                                                          \
		"flags", &type_flags, .set = &set_splice_flags                                     \
	}

/* 64-bit offsets that the call moves; strace shows them as they were passed. */
#define OFFSET_ARG(name_, dir_)                                                                    \
	{                                                                                          \
		name_, &type_ptr, .elem = &type_s64, .dir = (dir_)                                 \
	}

#define SPLICE(dir_)                                                                               \
	{ "fd_in", &type_fd }, OFFSET_ARG("off_in", dir_), { "fd_out", &type_fd },                 \
		OFFSET_ARG("off_out", dir_),                                                       \
	{                                                                                          \
		"len", &type_size                                                                  \
	}

static const struct call_spec splice_moves[] = {
	{ "splice", RET_LEN, IPC(FD, TRANSFER, 0), .args = { SPLICE(DIR_INOUT), SPLICE_FLAGS } },
};

static const struct call_spec copy_moves[] = {
	{ "copy_file_range", RET_LEN, IPC(FD, TRANSFER, 0),
	  .args = { SPLICE(DIR_INOUT), { "flags", &type_uint } } },
};

static const struct call_spec *refine_splice(const struct event *ev, bool is_strace)
{
	(void)ev;
	return is_strace ? NULL : splice_moves;
}

static const struct call_spec *refine_copy(const struct event *ev, bool is_strace)
{
	(void)ev;
	return is_strace ? NULL : copy_moves;
}

#define SENDFILE(name_, off_)                                                                      \
	{                                                                                          \
		name_, RET_LEN, IPC(FD, TRANSFER, 0), .args = {                                    \
			{ "out_fd", &type_fd },                                                    \
			{ "in_fd", &type_fd },                                                     \
			{ "offset", &type_ptr, .elem = &(off_), .dir = DIR_INOUT },                \
			{ "count", &type_size },                                                   \
		}                                                                                  \
	}

static const struct call_spec specs[] = {
	{ "pipe", RET_ZERO, IPC(PIPE, CREATE, 0),
	  .args = { { "pipefd", &type_fd_pair, .dir = DIR_OUT } } },
	{ "pipe2", RET_ZERO, IPC(PIPE, CREATE, 0),
	  .args = { { "pipefd", &type_fd_pair, .dir = DIR_OUT },
		    { "flags", &type_flags, .set = &set_open_flags } } },
	{ "dup", RET_FD, IPC(FD, DUP, 0), .args = { { "oldfd", &type_fd } } },
	{ "dup2", RET_FD, IPC(FD, DUP, 0),
	  .args = { { "oldfd", &type_fd }, { "newfd", &type_fd } } },
	{ "dup3", RET_FD, IPC(FD, DUP, 0),
	  .args = { { "oldfd", &type_fd },
		    { "newfd", &type_fd },
		    { "flags", &type_flags, .set = &set_open_flags } } },
	{ "close", RET_ZERO, IPC(FD, CLOSE, 0), .args = { FD } },
	{ "close_range", RET_ZERO, IPC(FD, CLOSE, 0),
	  .args = { { "first", &type_uint },
		    { "last", &type_uint },
		    { "flags", &type_flags, .set = &set_close_range_flags } } },
	{ "splice", RET_LEN, IPC(FD, TRANSFER, 0), .refine = refine_splice,
	  .args = { SPLICE(DIR_IN), SPLICE_FLAGS } },
	{ "tee", RET_LEN, IPC(FD, TRANSFER, 0),
	  .args = { { "fd_in", &type_fd },
		    { "fd_out", &type_fd },
		    { "len", &type_size },
		    SPLICE_FLAGS } },
	{ "vmsplice", RET_LEN, IPC(FD, SEND, 0),
	  .args = { FD,
		    { "iov", &type_iovec_in, COUNT_ARG(2) },
		    { "nr_segs", &type_ulong },
		    SPLICE_FLAGS } },
	SENDFILE("sendfile", type_off),
	SENDFILE("sendfile64", type_s64),
	{ "copy_file_range", RET_LEN, IPC(FD, TRANSFER, 0), .refine = refine_copy,
	  .args = { SPLICE(DIR_IN), { "flags", &type_uint } } },
	{ "flock", RET_ZERO, IPC(LOCK, CONTROL, 0),
	  .args = { FD, { "operation", &type_flags, .set = &set_flock_ops } } },
};

const struct spec_family family_desc = SPEC_FAMILY("desc", specs);
