/* Reading, writing and seeking. */
#include "decode/types/iovec.h"
#include "decode/types/offset.h"
#include "decode/types/payload.h"
#include "decode/types/types.h"

/* linux/fs.h; those newer than 6.1 by value. */
static const struct const_name rwf[] = {
	{ 0x1, "RWF_HIPRI" },   { 0x2, "RWF_DSYNC" },      { 0x4, "RWF_SYNC" },
	{ 0x8, "RWF_NOWAIT" },  { 0x10, "RWF_APPEND" },    { 0x20, "RWF_NOAPPEND" },
	{ 0x40, "RWF_ATOMIC" }, { 0x80, "RWF_DONTCACHE" }, { 0x100, "RWF_NOSIGNAL" },
};
static const struct const_set set_rwf = CONST_SET(rwf, "RWF_???");

/* linux/fs.h */
static const struct const_name whence[] = {
	{ 0, "SEEK_SET" },  { 1, "SEEK_CUR" },  { 2, "SEEK_END" },
	{ 3, "SEEK_DATA" }, { 4, "SEEK_HOLE" },
};
static const struct const_set set_whence = CONST_SET(whence, "SEEK_???");

#define FD                                                                                         \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define IN_VEC                                                                                     \
	{                                                                                          \
		"iov", &type_iovec_in, COUNT_ARG(2)                                                \
	}
#define OUT_VEC                                                                                    \
	{                                                                                          \
		"iov", &type_iovec_out, .dir = DIR_EXIT, COUNT_ARG(2)                              \
	}
#define VLEN                                                                                       \
	{                                                                                          \
		"iovcnt", &type_ulong                                                              \
	}
#define OFFSET                                                                                     \
	{                                                                                          \
		"offset", &type_loff, BYTES_ARG(4)                                                 \
	}
#define UPPER                                                                                      \
	{                                                                                          \
		"offset_upper", &type_ulong, .is_hidden = true                                     \
	}
#define RWF                                                                                        \
	{                                                                                          \
		"flags", &type_flags, .set = &set_rwf                                              \
	}
#define WHENCE                                                                                     \
	{                                                                                          \
		"whence", &type_enum, .set = &set_whence                                           \
	}

static const struct call_spec specs[] = {
	{ "read", RET_LEN, IPC(FD, RECV, 0),
	  .args = { FD,
		    { "buf", &type_payload, .dir = DIR_OUT, BYTES_RET },
		    { "count", &type_size } } },
	{ "write", RET_LEN, IPC(FD, SEND, 0),
	  .args = { FD, { "buf", &type_payload, BYTES_ARG(2) }, { "count", &type_size } } },
	{ "pread64", RET_LEN, IPC(FD, RECV, 0),
	  .args = { FD,
		    { "buf", &type_buffer, .dir = DIR_OUT, BYTES_RET },
		    { "count", &type_size },
		    OFFSET,
		    UPPER } },
	{ "pwrite64", RET_LEN, IPC(FD, SEND, 0),
	  .args = { FD,
		    { "buf", &type_buffer, BYTES_ARG(2) },
		    { "count", &type_size },
		    OFFSET,
		    UPPER } },
	{ "readv", RET_LEN, IPC(FD, RECV, 0), .args = { FD, OUT_VEC, VLEN } },
	{ "writev", RET_LEN, IPC(FD, SEND, 0), .args = { FD, IN_VEC, VLEN } },
	{ "preadv", RET_LEN, IPC(FD, RECV, 0), .args = { FD, OUT_VEC, VLEN, OFFSET, UPPER } },
	{ "pwritev", RET_LEN, IPC(FD, SEND, 0), .args = { FD, IN_VEC, VLEN, OFFSET, UPPER } },
	{ "preadv2", RET_LEN, IPC(FD, RECV, 0), .args = { FD, OUT_VEC, VLEN, OFFSET, UPPER, RWF } },
	{ "pwritev2", RET_LEN, IPC(FD, SEND, 0), .args = { FD, IN_VEC, VLEN, OFFSET, UPPER, RWF } },
	{ "lseek", RET_INT, IPC(FD, CONTROL, 0), .args = { FD, { "offset", &type_off }, WHENCE } },
	{ "_llseek", RET_ZERO, IPC(FD, CONTROL, 0),
	  .args = { FD,
		    { "offset", &type_llseek_off, BYTES_ARG(2) },
		    UPPER,
		    { "result", &type_ptr, .elem = &type_s64, .dir = DIR_OUT },
		    WHENCE } },
};

const struct spec_family family_rw = SPEC_FAMILY("rw", specs);
