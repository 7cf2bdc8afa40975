/* Files and paths. */
#include <linux/audit.h>
#include <sys/stat.h>

#include "decode/consts/fd.h"
#include "decode/consts/file.h"
#include "decode/decode.h"
#include "decode/types/dirent.h"
#include "decode/types/fd.h"
#include "decode/types/file_time.h"
#include "decode/types/offset.h"
#include "decode/types/open_how.h"
#include "decode/types/stat.h"
#include "decode/types/types.h"

/* O_CREAT, and the bit that is O_TMPFILE's own: only with them a mode is passed. */
enum { MAKES_FILE = 020000100 };

#define FD_ARG                                                                                     \
	{                                                                                          \
		"fd", &type_fd                                                                     \
	}
#define DIR_ARG                                                                                    \
	{                                                                                          \
		"dirfd", &type_dirfd                                                               \
	}
#define PATH_ARG                                                                                   \
	{                                                                                          \
		"pathname", &type_path                                                             \
	}
#define MODE_ARG                                                                                   \
	{                                                                                          \
		"mode", &type_mode16                                                               \
	}
#define OPEN_FLAGS                                                                                 \
	{                                                                                          \
		"flags", &type_open_flags                                                          \
	}
#define AT_FLAGS                                                                                   \
	{                                                                                          \
		"flags", &type_flags, .set = &set_at_flags                                         \
	}
#define OUT(elem_)                                                                                 \
	{                                                                                          \
		"buf", &type_ptr, .elem = &(elem_), .dir = DIR_OUT                                 \
	}
#define UPPER(name_)                                                                               \
	{                                                                                          \
		name_, &type_ulong, .is_hidden = true                                              \
	}

/* --- opening --- */

static const struct call_spec open_mode = { "open", RET_FD, IPC(PATH, OPEN, 0),
					    .args = { PATH_ARG, OPEN_FLAGS, MODE_ARG } };
static const struct call_spec openat_mode = { "openat", RET_FD, IPC(PATH, OPEN, 1),
					      .args = { DIR_ARG, PATH_ARG, OPEN_FLAGS, MODE_ARG } };

static const struct call_spec *refine_open(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->args[1] & MAKES_FILE ? &open_mode : NULL;
}

static const struct call_spec *refine_openat(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->args[2] & MAKES_FILE ? &openat_mode : NULL;
}

/* --- special files --- */

#define NODE_MODE                                                                                  \
	{                                                                                          \
		"mode", &type_file_mode                                                            \
	}
#define NODE_DEV                                                                                   \
	{                                                                                          \
		"dev", &type_dev                                                                   \
	}

static const struct call_spec mknod_dev = { "mknod", RET_ZERO, IPC(PATH, CREATE, 0),
					    .args = { PATH_ARG, NODE_MODE, NODE_DEV } };
static const struct call_spec mknodat_dev = { "mknodat", RET_ZERO, IPC(PATH, CREATE, 1),
					      .args = { DIR_ARG, PATH_ARG, NODE_MODE, NODE_DEV } };

static bool has_dev(uint64_t mode)
{
	return S_ISCHR(mode & 0xffff) || S_ISBLK(mode & 0xffff);
}

static const struct call_spec *refine_mknod(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return has_dev(ev->args[1]) ? &mknod_dev : NULL;
}

static const struct call_spec *refine_mknodat(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return has_dev(ev->args[2]) ? &mknodat_dev : NULL;
}

/* --- owners: i386's first calls pass 16 bits --- */

static void show_uid16(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)d;
	(void)slot;
	*ret_v = (uint16_t)raw == UINT16_MAX ? value_int(-1) : value_uint((uint16_t)raw);
}

static const struct type type_uid16 = {
	.name = "uid16", .len32 = 4, .len64 = 4, .show = show_uid16
};

#define OWNERS                                                                                     \
	{ "owner", &type_uid },                                                                    \
	{                                                                                          \
		"group", &type_uid                                                                 \
	}
#define OWNERS16                                                                                   \
	{ "owner", &type_uid16 },                                                                  \
	{                                                                                          \
		"group", &type_uid16                                                               \
	}

static const struct call_spec chowns16[] = {
	{ "chown", RET_ZERO, .args = { PATH_ARG, OWNERS16 } },
	{ "lchown", RET_ZERO, .args = { PATH_ARG, OWNERS16 } },
	{ "fchown", RET_ZERO, .args = { FD_ARG, OWNERS16 } },
};

static const struct call_spec *refine_chown(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &chowns16[0] : NULL;
}

static const struct call_spec *refine_lchown(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &chowns16[1] : NULL;
}

static const struct call_spec *refine_fchown(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &chowns16[2] : NULL;
}

/* --- ranges: a 32-bit caller passes each of their numbers in two halves --- */

#define OFFSET(i)                                                                                  \
	{                                                                                          \
		"offset", &type_loff, BYTES_ARG(i)                                                 \
	}
#define ADVICE                                                                                     \
	{                                                                                          \
		"advice", &type_enum, .set = &set_fadvices                                         \
	}
#define FALLOCATE                                                                                  \
	{                                                                                          \
		"mode", &type_flags, .set = &set_fallocate_modes                                   \
	}
#define SYNC                                                                                       \
	{                                                                                          \
		"flags", &type_flags, .set = &set_sync_ranges                                      \
	}

static const struct call_spec fallocate_32 = {
	"fallocate",
	RET_ZERO,
	.args = { FD_ARG,
		  FALLOCATE,
		  OFFSET(3),
		  UPPER("offset_upper"),
		  { "len", &type_loff, BYTES_ARG(5) },
		  UPPER("len_upper") },
};
static const struct call_spec fadvise64_32 = {
	"fadvise64",
	RET_ZERO,
	.args = { FD_ARG, OFFSET(2), UPPER("offset_upper"), { "len", &type_size }, ADVICE },
};
static const struct call_spec sync_file_range_32 = {
	"sync_file_range",
	RET_ZERO,
	.args = { FD_ARG,
		  OFFSET(2),
		  UPPER("offset_upper"),
		  { "nbytes", &type_loff, BYTES_ARG(4) },
		  UPPER("nbytes_upper"),
		  SYNC },
};
static const struct call_spec readahead_32 = {
	"readahead",
	RET_ZERO,
	.args = { FD_ARG, OFFSET(2), UPPER("offset_upper"), { "count", &type_size } },
};

static const struct call_spec *refine_fallocate(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &fallocate_32 : NULL;
}

static const struct call_spec *refine_fadvise64(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &fadvise64_32 : NULL;
}

static const struct call_spec *refine_sync_file_range(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &sync_file_range_32 : NULL;
}

static const struct call_spec *refine_readahead(const struct event *ev, bool is_strace)
{
	(void)is_strace;
	return ev->arch == AUDIT_ARCH_I386 ? &readahead_32 : NULL;
}

#define ACCESS                                                                                     \
	{                                                                                          \
		"mode", &type_flags, .set = &set_access_kinds                                      \
	}
#define TIMES(type_)                                                                               \
	{                                                                                          \
		"times", &(type_)                                                                  \
	}
#define LINK                                                                                       \
	{ "buf", &type_buffer, .dir = DIR_OUT, BYTES_RET },                                        \
	{                                                                                          \
		"bufsiz", &type_size                                                               \
	}

static const struct call_spec specs[] = {
	{ "open", RET_FD, IPC(PATH, OPEN, 0), .refine = refine_open,
	  .args = { PATH_ARG, OPEN_FLAGS } },
	{ "openat", RET_FD, IPC(PATH, OPEN, 1), .refine = refine_openat,
	  .args = { DIR_ARG, PATH_ARG, OPEN_FLAGS } },
	{ "openat2", RET_FD, IPC(PATH, OPEN, 1),
	  .args = { DIR_ARG,
		    PATH_ARG,
		    { "how", &type_open_how, BYTES_ARG(3) },
		    { "size", &type_size } } },
	{ "creat", RET_FD, IPC(PATH, OPEN, 0), .args = { PATH_ARG, MODE_ARG } },
	{ "mknod", RET_ZERO, IPC(PATH, CREATE, 0), .refine = refine_mknod,
	  .args = { PATH_ARG, NODE_MODE } },
	{ "mknodat", RET_ZERO, IPC(PATH, CREATE, 1), .refine = refine_mknodat,
	  .args = { DIR_ARG, PATH_ARG, NODE_MODE } },
	{ "mkdir", RET_ZERO, .args = { PATH_ARG, MODE_ARG } },
	{ "mkdirat", RET_ZERO, .args = { DIR_ARG, PATH_ARG, MODE_ARG } },
	{ "rmdir", RET_ZERO, .args = { PATH_ARG } },
	{ "unlink", RET_ZERO, IPC(PATH, REMOVE, 0), .args = { PATH_ARG } },
	{ "unlinkat", RET_ZERO, IPC(PATH, REMOVE, 1),
	  .args = { DIR_ARG, PATH_ARG, { "flags", &type_flags, .set = &set_unlink_flags } } },
	{ "rename", RET_ZERO, IPC(PATH, CONTROL, 0),
	  .args = { { "oldpath", &type_path }, { "newpath", &type_path } } },
	{ "renameat", RET_ZERO, IPC(PATH, CONTROL, 1),
	  .args = { { "olddirfd", &type_dirfd },
		    { "oldpath", &type_path },
		    { "newdirfd", &type_dirfd },
		    { "newpath", &type_path } } },
	{ "renameat2", RET_ZERO, IPC(PATH, CONTROL, 1),
	  .args = { { "olddirfd", &type_dirfd },
		    { "oldpath", &type_path },
		    { "newdirfd", &type_dirfd },
		    { "newpath", &type_path },
		    { "flags", &type_flags, .set = &set_rename_flags } } },
	{ "link", RET_ZERO, IPC(PATH, CONTROL, 0),
	  .args = { { "oldpath", &type_path }, { "newpath", &type_path } } },
	{ "linkat", RET_ZERO, IPC(PATH, CONTROL, 1),
	  .args = { { "olddirfd", &type_dirfd },
		    { "oldpath", &type_path },
		    { "newdirfd", &type_dirfd },
		    { "newpath", &type_path },
		    AT_FLAGS } },
	{ "symlink", RET_ZERO, .args = { { "target", &type_path }, { "linkpath", &type_path } } },
	{ "symlinkat", RET_ZERO,
	  .args = { { "target", &type_path },
		    { "newdirfd", &type_dirfd },
		    { "linkpath", &type_path } } },
	{ "readlink", RET_LEN, .args = { PATH_ARG, LINK } },
	{ "readlinkat", RET_LEN, .args = { DIR_ARG, PATH_ARG, LINK } },
	{ "access", RET_ZERO, .args = { PATH_ARG, ACCESS } },
	{ "faccessat", RET_ZERO, .args = { DIR_ARG, PATH_ARG, ACCESS } },
	{ "faccessat2", RET_ZERO,
	  .args = { DIR_ARG,
		    PATH_ARG,
		    ACCESS,
		    { "flags", &type_flags, .set = &set_access_flags } } },
	{ "chmod", RET_ZERO, .args = { PATH_ARG, MODE_ARG } },
	{ "fchmod", RET_ZERO, .args = { FD_ARG, MODE_ARG } },
	{ "fchmodat", RET_ZERO, .args = { DIR_ARG, PATH_ARG, MODE_ARG } },
	{ "fchmodat2", RET_ZERO, .args = { DIR_ARG, PATH_ARG, MODE_ARG, AT_FLAGS } },
	{ "chown", RET_ZERO, .refine = refine_chown, .args = { PATH_ARG, OWNERS } },
	{ "lchown", RET_ZERO, .refine = refine_lchown, .args = { PATH_ARG, OWNERS } },
	{ "fchown", RET_ZERO, .refine = refine_fchown, .args = { FD_ARG, OWNERS } },
	{ "chown32", RET_ZERO, .args = { PATH_ARG, OWNERS } },
	{ "lchown32", RET_ZERO, .args = { PATH_ARG, OWNERS } },
	{ "fchown32", RET_ZERO, .args = { FD_ARG, OWNERS } },
	{ "fchownat", RET_ZERO, .args = { DIR_ARG, PATH_ARG, OWNERS, AT_FLAGS } },
	{ "stat", RET_ZERO, .args = { PATH_ARG, OUT(type_stat) } },
	{ "lstat", RET_ZERO, .args = { PATH_ARG, OUT(type_stat) } },
	{ "fstat", RET_ZERO, .args = { FD_ARG, OUT(type_stat) } },
	{ "newfstatat", RET_ZERO, .args = { DIR_ARG, PATH_ARG, OUT(type_stat), AT_FLAGS } },
	{ "stat64", RET_ZERO, .args = { PATH_ARG, OUT(type_stat64) } },
	{ "lstat64", RET_ZERO, .args = { PATH_ARG, OUT(type_stat64) } },
	{ "fstat64", RET_ZERO, .args = { FD_ARG, OUT(type_stat64) } },
	{ "fstatat64", RET_ZERO, .args = { DIR_ARG, PATH_ARG, OUT(type_stat64), AT_FLAGS } },
	{ "oldstat", RET_ZERO, .args = { PATH_ARG, OUT(type_old_stat) } },
	{ "oldlstat", RET_ZERO, .args = { PATH_ARG, OUT(type_old_stat) } },
	{ "oldfstat", RET_ZERO, .args = { FD_ARG, OUT(type_old_stat) } },
	{ "statx", RET_ZERO,
	  .args = { DIR_ARG,
		    PATH_ARG,
		    { "flags", &type_statx_flags },
		    { "mask", &type_flags, .set = &set_statx_masks },
		    OUT(type_statx) } },
	{ "statfs", RET_ZERO, .args = { PATH_ARG, OUT(type_statfs) } },
	{ "fstatfs", RET_ZERO, .args = { FD_ARG, OUT(type_statfs) } },
	{ "statfs64", RET_ZERO, .args = { PATH_ARG, { "sz", &type_size }, OUT(type_statfs64) } },
	{ "fstatfs64", RET_ZERO, .args = { FD_ARG, { "sz", &type_size }, OUT(type_statfs64) } },
	{ "ustat", RET_ZERO,
	  .args = { { "dev", &type_dev }, { "ubuf", &type_addr, .dir = DIR_OUT } } },
	{ "getdents", RET_LEN,
	  .args = { FD_ARG, { "dirp", &type_dirents, .dir = DIR_OUT }, { "count", &type_uint } } },
	{ "getdents64", RET_LEN,
	  .args = { FD_ARG,
		    { "dirp", &type_dirents64, .dir = DIR_OUT },
		    { "count", &type_uint } } },
	{ "getcwd", RET_LEN,
	  .args = { { "buf", &type_path, .dir = DIR_OUT }, { "size", &type_size } } },
	{ "chdir", RET_ZERO, .args = { PATH_ARG } },
	{ "fchdir", RET_ZERO, .args = { FD_ARG } },
	{ "chroot", RET_ZERO, .args = { PATH_ARG } },
	{ "truncate", RET_ZERO, .args = { PATH_ARG, { "length", &type_ulong } } },
	{ "ftruncate", RET_ZERO, IPC(FD, CONTROL, 0),
	  .args = { FD_ARG, { "length", &type_ulong } } },
	{ "truncate64", RET_ZERO,
	  .args = { PATH_ARG, { "length", &type_uloff, BYTES_ARG(2) }, UPPER("length_upper") } },
	{ "ftruncate64", RET_ZERO, IPC(FD, CONTROL, 0),
	  .args = { FD_ARG, { "length", &type_uloff, BYTES_ARG(2) }, UPPER("length_upper") } },
	{ "fallocate", RET_ZERO, .refine = refine_fallocate,
	  .args = { FD_ARG, FALLOCATE, OFFSET(0), { "len", &type_loff } } },
	{ "fadvise64", RET_ZERO, .refine = refine_fadvise64,
	  .args = { FD_ARG, OFFSET(0), { "len", &type_size }, ADVICE } },
	{ "fadvise64_64", RET_ZERO,
	  .args = { FD_ARG,
		    OFFSET(2),
		    UPPER("offset_upper"),
		    { "len", &type_loff, BYTES_ARG(4) },
		    UPPER("len_upper"),
		    ADVICE } },
	{ "readahead", RET_ZERO, .refine = refine_readahead,
	  .args = { FD_ARG, OFFSET(0), { "count", &type_size } } },
	{ "sync_file_range", RET_ZERO, .refine = refine_sync_file_range,
	  .args = { FD_ARG, OFFSET(0), { "nbytes", &type_loff }, SYNC } },
	{ "sync", RET_ZERO },
	{ "syncfs", RET_ZERO, .args = { FD_ARG } },
	{ "fsync", RET_ZERO, .args = { FD_ARG } },
	{ "fdatasync", RET_ZERO, .args = { FD_ARG } },
	{ "umask", RET_OCT, .args = { MODE_ARG } },
	{ "utime", RET_ZERO, .args = { PATH_ARG, { "times", &type_ptr, .elem = &type_utimbuf } } },
	{ "utimes", RET_ZERO, .args = { PATH_ARG, TIMES(type_two_timevals) } },
	{ "futimesat", RET_ZERO, .args = { DIR_ARG, PATH_ARG, TIMES(type_two_timevals) } },
	{ "utimensat", RET_ZERO,
	  .args = { DIR_ARG, PATH_ARG, TIMES(type_two_timespecs), AT_FLAGS } },
	{ "utimensat_time64", RET_ZERO,
	  .args = { DIR_ARG, PATH_ARG, TIMES(type_two_timespecs64), AT_FLAGS } },
};

const struct spec_family family_file = SPEC_FAMILY("file", specs);
