/* What stat and its kin tell: asm/stat.h of x86_64 and i386, linux/stat.h, asm-generic/statfs.h. */
#include "decode/types/stat.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "decode/consts/file.h"
#include "decode/decode.h"
#include "decode/types/file_time.h"
#include "decode/types/types.h"

/* Where a number lies; len 0: it is not there. */
struct place {
	uint8_t at, len;
};

enum stat_field {
	STAT_DEV,
	STAT_INO,
	STAT_MODE,
	STAT_NLINK,
	STAT_UID,
	STAT_GID,
	STAT_RDEV,
	STAT_SIZE,
	STAT_BLKSIZE,
	STAT_BLOCKS,
	STAT_ATIME,
	STAT_ATIME_NSEC,
	STAT_MTIME,
	STAT_MTIME_NSEC,
	STAT_CTIME,
	STAT_CTIME_NSEC,
	STAT_FIELDS
};

static const struct place stat_x86_64[STAT_FIELDS] = {
	[STAT_DEV] = { 0, 8 },      [STAT_INO] = { 8, 8 },
	[STAT_NLINK] = { 16, 8 },   [STAT_MODE] = { 24, 4 },
	[STAT_UID] = { 28, 4 },     [STAT_GID] = { 32, 4 },
	[STAT_RDEV] = { 40, 8 },    [STAT_SIZE] = { 48, 8 },
	[STAT_BLKSIZE] = { 56, 8 }, [STAT_BLOCKS] = { 64, 8 },
	[STAT_ATIME] = { 72, 8 },   [STAT_ATIME_NSEC] = { 80, 8 },
	[STAT_MTIME] = { 88, 8 },   [STAT_MTIME_NSEC] = { 96, 8 },
	[STAT_CTIME] = { 104, 8 },  [STAT_CTIME_NSEC] = { 112, 8 },
};

static const struct place stat_i386[STAT_FIELDS] = {
	[STAT_DEV] = { 0, 4 },         [STAT_INO] = { 4, 4 },         [STAT_MODE] = { 8, 2 },
	[STAT_NLINK] = { 10, 2 },      [STAT_UID] = { 12, 2 },        [STAT_GID] = { 14, 2 },
	[STAT_RDEV] = { 16, 4 },       [STAT_SIZE] = { 20, 4 },       [STAT_BLKSIZE] = { 24, 4 },
	[STAT_BLOCKS] = { 28, 4 },     [STAT_ATIME] = { 32, 4 },      [STAT_ATIME_NSEC] = { 36, 4 },
	[STAT_MTIME] = { 40, 4 },      [STAT_MTIME_NSEC] = { 44, 4 }, [STAT_CTIME] = { 48, 4 },
	[STAT_CTIME_NSEC] = { 52, 4 },
};

static const struct place stat64_i386[STAT_FIELDS] = {
	[STAT_DEV] = { 0, 8 },         [STAT_INO] = { 88, 8 },        [STAT_MODE] = { 16, 4 },
	[STAT_NLINK] = { 20, 4 },      [STAT_UID] = { 24, 4 },        [STAT_GID] = { 28, 4 },
	[STAT_RDEV] = { 32, 8 },       [STAT_SIZE] = { 44, 8 },       [STAT_BLKSIZE] = { 52, 4 },
	[STAT_BLOCKS] = { 56, 8 },     [STAT_ATIME] = { 64, 4 },      [STAT_ATIME_NSEC] = { 68, 4 },
	[STAT_MTIME] = { 72, 4 },      [STAT_MTIME_NSEC] = { 76, 4 }, [STAT_CTIME] = { 80, 4 },
	[STAT_CTIME_NSEC] = { 84, 4 },
};

static const struct place stat_of_old[STAT_FIELDS] = {
	[STAT_DEV] = { 0, 2 },    [STAT_INO] = { 2, 2 },    [STAT_MODE] = { 4, 2 },
	[STAT_NLINK] = { 6, 2 },  [STAT_UID] = { 8, 2 },    [STAT_GID] = { 10, 2 },
	[STAT_RDEV] = { 12, 2 },  [STAT_SIZE] = { 16, 4 },  [STAT_ATIME] = { 20, 4 },
	[STAT_MTIME] = { 24, 4 }, [STAT_CTIME] = { 28, 4 },
};

static struct value makedev_value(struct decode *d, uint64_t dev)
{
	struct value value = value_call(d->arena, "makedev", 2);

	value.call.args[0] = value_hex(major(dev));
	value.call.args[1] = value_hex(minor(dev));
	return value;
}

static void show_dev(struct decode *d, const struct slot *slot, uint64_t raw, struct value *ret_v)
{
	(void)slot;
	*ret_v = makedev_value(d, (uint32_t)raw);
}

const struct type type_dev = { .name = "dev", .len32 = 4, .len64 = 4, .show = show_dev };

/* A field that strace shows with -v only. */
static void add_verbose(struct value *st, const char *name, struct value field)
{
	struct value *value = value_field(st, name);

	*value = field;
	value->is_verbose = true;
	st->st.has_more = true;
}

static void add_mode(struct decode *d, struct value *st, const char *name, uint64_t mode)
{
	type_file_mode.show(d, NULL, mode, value_field(st, name));
}

static void add_time(struct decode *d, const uint64_t *fields, enum stat_field i,
		     const char *const names[2], bool has_nsec, struct value *st)
{
	struct value seconds = value_int((int64_t)fields[i]);

	seconds.comment = file_time_comment(d->arena, (int64_t)fields[i], fields[i + 1]);
	add_verbose(st, names[0], seconds);
	if (has_nsec)
		add_verbose(st, names[1], value_uint(fields[i + 1]));
}

static void show_places(struct decode *d, const struct place *places, const struct span *span,
			struct value *ret_v)
{
	static const char *const times[][2] = { { "st_atime", "st_atime_nsec" },
						{ "st_mtime", "st_mtime_nsec" },
						{ "st_ctime", "st_ctime_nsec" } };
	uint64_t fields[STAT_FIELDS] = { 0 };

	for (int i = 0; i < STAT_FIELDS; i++)
		fields[i] = decode_number(span->data + places[i].at, places[i].len);
	*ret_v = value_struct(d->arena, STAT_FIELDS);
	ret_v->addr = span->addr;
	add_verbose(ret_v, "st_dev", makedev_value(d, fields[STAT_DEV]));
	add_verbose(ret_v, "st_ino", value_uint(fields[STAT_INO]));
	add_mode(d, ret_v, "st_mode", fields[STAT_MODE]);
	add_verbose(ret_v, "st_nlink", value_uint(fields[STAT_NLINK]));
	add_verbose(ret_v, "st_uid", value_uint(fields[STAT_UID]));
	add_verbose(ret_v, "st_gid", value_uint(fields[STAT_GID]));
	add_verbose(ret_v, "st_blksize", value_uint(fields[STAT_BLKSIZE]));
	add_verbose(ret_v, "st_blocks", value_uint(fields[STAT_BLOCKS]));
	if (S_ISCHR(fields[STAT_MODE]) || S_ISBLK(fields[STAT_MODE]))
		*value_field(ret_v, "st_rdev") = makedev_value(d, fields[STAT_RDEV]);
	else
		*value_field(ret_v, "st_size") = value_uint(fields[STAT_SIZE]);
	for (unsigned i = 0; i < ARRAY_LEN(times); i++)
		add_time(d, fields, STAT_ATIME + 2 * i, times[i], places[STAT_ATIME_NSEC].len > 0,
			 ret_v);
}

static void show_stat(struct decode *d, const struct slot *slot, const struct span *span,
		      struct value *ret_v)
{
	(void)slot;
	show_places(d, d->word_len == 8 ? stat_x86_64 : stat_i386, span, ret_v);
}

static void show_stat64(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	(void)slot;
	show_places(d, stat64_i386, span, ret_v);
}

static void show_old_stat(struct decode *d, const struct slot *slot, const struct span *span,
			  struct value *ret_v)
{
	(void)slot;
	show_places(d, stat_of_old, span, ret_v);
}

const struct type type_stat = {
	.name = "stat", .len32 = 64, .len64 = 144, .align = 8, .show_bytes = show_stat
};
const struct type type_stat64 = {
	.name = "stat64", .len32 = 96, .len64 = 96, .align = 4, .show_bytes = show_stat64
};
const struct type type_old_stat = {
	.name = "old_stat", .len32 = 32, .len64 = 32, .align = 4, .show_bytes = show_old_stat
};

/* --- statx: linux/stat.h, the same for all --- */

enum {
	STATX_LEN = 256,
	STATX_SYNC = 0x6000,
	HAS_BTIME = 0x800,
	HAS_MNT_ID = 0x1000,
	HAS_DIOALIGN = 0x2000,
	HAS_MNT_ID_UNIQUE = 0x4000,
	HAS_SUBVOL = 0x8000,
	HAS_WRITE_ATOMIC = 0x10000,
	HAS_DIO_READ_ALIGN = 0x20000,
};

static void show_statx_flags(struct decode *d, const struct slot *slot, uint64_t raw,
			     struct value *ret_v)
{
	uint32_t flags = (uint32_t)raw;
	struct value value = decode_flags(d->arena, &set_at_flags, flags & ~STATX_SYNC);
	const char **names = arena_array(d->arena, const char *, value.flags.n + 1);

	(void)slot;
	names[0] = const_set_name(&set_statx_sync, flags & STATX_SYNC);
	for (uint32_t i = 0; i < value.flags.n; i++)
		names[i + 1] = value.flags.names[i];
	value.flags.names = names;
	value.flags.n++;
	value.flags.raw = flags;
	*ret_v = value;
}

const struct type type_statx_flags = {
	.name = "statx_flags", .len32 = 4, .len64 = 4, .show = show_statx_flags
};

static void add_statx_number(struct value *st, const char *name, const struct span *span, size_t at,
			     size_t len)
{
	add_verbose(st, name, value_uint(decode_number(span->data + at, len)));
}

static void add_statx_time(struct decode *d, struct value *st, const char *name,
			   const struct span *span, size_t at)
{
	int64_t sec = (int64_t)decode_number(span->data + at, 8);
	uint64_t nsec = decode_number(span->data + at + 8, 4);
	struct value time = value_struct(d->arena, 2);

	*value_field(&time, "tv_sec") = value_int(sec);
	*value_field(&time, "tv_nsec") = value_uint(nsec);
	time.comment = file_time_comment(d->arena, sec, nsec);
	add_verbose(st, name, time);
}

/* Fields that are there only if stx_mask says so. */
static void add_statx_newer(struct value *st, uint64_t mask, const struct span *span)
{
	if (mask & (HAS_MNT_ID | HAS_MNT_ID_UNIQUE))
		add_verbose(st, "stx_mnt_id", value_hex(decode_number(span->data + 144, 8)));
	if (mask & HAS_DIOALIGN) {
		add_statx_number(st, "stx_dio_mem_align", span, 152, 4);
		add_statx_number(st, "stx_dio_offset_align", span, 156, 4);
	}
	if (mask & HAS_SUBVOL)
		add_statx_number(st, "stx_subvol", span, 160, 8);
	if (mask & HAS_WRITE_ATOMIC) {
		add_statx_number(st, "stx_atomic_write_unit_min", span, 168, 4);
		add_statx_number(st, "stx_atomic_write_unit_max", span, 172, 4);
		add_statx_number(st, "stx_atomic_write_segments_max", span, 176, 4);
	}
	if (mask & HAS_DIO_READ_ALIGN)
		add_statx_number(st, "stx_dio_read_offset_align", span, 180, 4);
}

static void show_statx(struct decode *d, const struct slot *slot, const struct span *span,
		       struct value *ret_v)
{
	uint64_t mask = decode_number(span->data, 4);
	struct value *st = ret_v;

	(void)slot;
	*st = value_struct(d->arena, 32);
	st->addr = span->addr;
	*value_field(st, "stx_mask") = decode_flags(d->arena, &set_statx_masks, mask);
	add_statx_number(st, "stx_blksize", span, 4, 4);
	*value_field(st, "stx_attributes") =
		decode_flags(d->arena, &set_statx_attributes, decode_number(span->data + 8, 8));
	add_statx_number(st, "stx_nlink", span, 16, 4);
	add_statx_number(st, "stx_uid", span, 20, 4);
	add_statx_number(st, "stx_gid", span, 24, 4);
	add_mode(d, st, "stx_mode", decode_number(span->data + 28, 2));
	add_statx_number(st, "stx_ino", span, 32, 8);
	*value_field(st, "stx_size") = value_uint(decode_number(span->data + 40, 8));
	add_statx_number(st, "stx_blocks", span, 48, 8);
	add_verbose(
		st, "stx_attributes_mask",
		decode_flags(d->arena, &set_statx_attributes, decode_number(span->data + 56, 8)));
	add_statx_time(d, st, "stx_atime", span, 64);
	if (mask & HAS_BTIME)
		add_statx_time(d, st, "stx_btime", span, 80);
	add_statx_time(d, st, "stx_ctime", span, 96);
	add_statx_time(d, st, "stx_mtime", span, 112);
	add_statx_number(st, "stx_rdev_major", span, 128, 4);
	add_statx_number(st, "stx_rdev_minor", span, 132, 4);
	add_statx_number(st, "stx_dev_major", span, 136, 4);
	add_statx_number(st, "stx_dev_minor", span, 140, 4);
	add_statx_newer(st, mask, span);
}

const struct type type_statx = { .name = "statx",
				 .len32 = STATX_LEN,
				 .len64 = STATX_LEN,
				 .align = 8,
				 .show_bytes = show_statx };

/* --- statfs --- */

static const struct slot fsid_fields[] = { { "val", &type_x32, .n = 2 }, { 0 } };
static const struct type type_fsid = { .name = "fsid", .fields = fsid_fields };

#define STATFS(name_, enum_, word_, flags_, block_)                                                \
	static const struct slot name_##_fields[] = {                                              \
		{ "f_type", &(enum_), .set = &set_fs_magics },                                     \
		{ "f_bsize", &(word_) },                                                           \
		{ "f_blocks", &(block_) },                                                         \
		{ "f_bfree", &(block_) },                                                          \
		{ "f_bavail", &(block_) },                                                         \
		{ "f_files", &(block_) },                                                          \
		{ "f_ffree", &(block_) },                                                          \
		{ "f_fsid", &type_fsid },                                                          \
		{ "f_namelen", &(word_) },                                                         \
		{ "f_frsize", &(word_) },                                                          \
		{ "f_flags", &(flags_), .set = &set_statfs_flags },                                \
		{ "f_spare", &(word_), .n = 4, .is_hidden = true },                                \
		{ 0 },                                                                             \
	};                                                                                         \
	const struct type type_##name_ = { .name = #name_, .fields = name_##_fields }

STATFS(statfs, type_enuml, type_ulong, type_flagsl, type_ulong);
STATFS(statfs64, type_enum, type_u32, type_flags, type_u64);
