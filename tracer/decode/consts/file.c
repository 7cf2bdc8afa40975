/* Names of the calls on files. */
#include "decode/consts/file.h"

/* linux/magic.h; those newer than 6.1 at the end. */
static const struct const_name fs_magics[] = {
	{ 0xadf5, "ADFS_SUPER_MAGIC" },
	{ 0xadff, "AFFS_SUPER_MAGIC" },
	{ 0x5346414f, "AFS_SUPER_MAGIC" },
	{ 0x187, "AUTOFS_SUPER_MAGIC" },
	{ 0xc36400, "CEPH_SUPER_MAGIC" },
	{ 0x73757245, "CODA_SUPER_MAGIC" },
	{ 0x28cd3d45, "CRAMFS_MAGIC" },
	{ 0x453dcd28, "CRAMFS_MAGIC_WEND" },
	{ 0x64626720, "DEBUGFS_MAGIC" },
	{ 0x73636673, "SECURITYFS_MAGIC" },
	{ 0xf97cff8c, "SELINUX_MAGIC" },
	{ 0x43415d53, "SMACK_MAGIC" },
	{ 0x858458f6, "RAMFS_MAGIC" },
	{ 0x1021994, "TMPFS_MAGIC" },
	{ 0x958458f6, "HUGETLBFS_MAGIC" },
	{ 0x73717368, "SQUASHFS_MAGIC" },
	{ 0xf15f, "ECRYPTFS_SUPER_MAGIC" },
	{ 0x414a53, "EFS_SUPER_MAGIC" },
	{ 0xe0f5e1e2, "EROFS_SUPER_MAGIC_V1" },
	{ 0xef53, "EXT2_SUPER_MAGIC" },
	{ 0xabba1974, "XENFS_SUPER_MAGIC" },
	{ 0x9123683e, "BTRFS_SUPER_MAGIC" },
	{ 0x3434, "NILFS_SUPER_MAGIC" },
	{ 0xf2f52010, "F2FS_SUPER_MAGIC" },
	{ 0xf995e849, "HPFS_SUPER_MAGIC" },
	{ 0x9660, "ISOFS_SUPER_MAGIC" },
	{ 0x72b6, "JFFS2_SUPER_MAGIC" },
	{ 0x58465342, "XFS_SUPER_MAGIC" },
	{ 0x6165676c, "PSTOREFS_MAGIC" },
	{ 0xde5e81e4, "EFIVARFS_MAGIC" },
	{ 0xc0ffee, "HOSTFS_SUPER_MAGIC" },
	{ 0x794c7630, "OVERLAYFS_SUPER_MAGIC" },
	{ 0x65735546, "FUSE_SUPER_MAGIC" },
	{ 0x137f, "MINIX_SUPER_MAGIC" },
	{ 0x138f, "MINIX_SUPER_MAGIC2" },
	{ 0x2468, "MINIX2_SUPER_MAGIC" },
	{ 0x2478, "MINIX2_SUPER_MAGIC2" },
	{ 0x4d5a, "MINIX3_SUPER_MAGIC" },
	{ 0x4d44, "MSDOS_SUPER_MAGIC" },
	{ 0x2011bab0, "EXFAT_SUPER_MAGIC" },
	{ 0x564c, "NCP_SUPER_MAGIC" },
	{ 0x6969, "NFS_SUPER_MAGIC" },
	{ 0x7461636f, "OCFS2_SUPER_MAGIC" },
	{ 0x9fa1, "OPENPROM_SUPER_MAGIC" },
	{ 0x2f, "QNX4_SUPER_MAGIC" },
	{ 0x68191122, "QNX6_SUPER_MAGIC" },
	{ 0x6b414653, "AFS_FS_MAGIC" },
	{ 0x52654973, "REISERFS_SUPER_MAGIC" },
	{ 0x517b, "SMB_SUPER_MAGIC" },
	{ 0xff534d42, "CIFS_SUPER_MAGIC" },
	{ 0xfe534d42, "SMB2_SUPER_MAGIC" },
	{ 0x27e0eb, "CGROUP_SUPER_MAGIC" },
	{ 0x63677270, "CGROUP2_SUPER_MAGIC" },
	{ 0x7655821, "RDTGROUP_SUPER_MAGIC" },
	{ 0x57ac6e9d, "STACK_END_MAGIC" },
	{ 0x74726163, "TRACEFS_MAGIC" },
	{ 0x1021997, "V9FS_MAGIC" },
	{ 0x62646576, "BDEVFS_MAGIC" },
	{ 0x64646178, "DAXFS_MAGIC" },
	{ 0x42494e4d, "BINFMTFS_MAGIC" },
	{ 0x1cd1, "DEVPTS_SUPER_MAGIC" },
	{ 0x6c6f6f70, "BINDERFS_SUPER_MAGIC" },
	{ 0xbad1dea, "FUTEXFS_SUPER_MAGIC" },
	{ 0x50495045, "PIPEFS_MAGIC" },
	{ 0x9fa0, "PROC_SUPER_MAGIC" },
	{ 0x534f434b, "SOCKFS_MAGIC" },
	{ 0x62656572, "SYSFS_MAGIC" },
	{ 0x9fa2, "USBDEVICE_SUPER_MAGIC" },
	{ 0x11307854, "MTD_INODE_FS_MAGIC" },
	{ 0x9041934, "ANON_INODE_FS_MAGIC" },
	{ 0x73727279, "BTRFS_TEST_MAGIC" },
	{ 0x6e736673, "NSFS_MAGIC" },
	{ 0xcafe4a11, "BPF_FS_MAGIC" },
	{ 0x5a3c69f0, "AAFS_MAGIC" },
	{ 0x5a4f4653, "ZONEFS_MAGIC" },
	{ 0x15013346, "UDF_SUPER_MAGIC" },
	{ 0x444d4142, "DMA_BUF_MAGIC" },
	{ 0x454d444d, "DEVMEM_MAGIC" },
	{ 0x5345434d, "SECRETMEM_MAGIC" },
	{ 0x50494446, "PID_FS_MAGIC" },
	{ 0x474d454d, "GUEST_MEMFD_MAGIC" },
};
const struct const_set set_fs_magics = CONST_SET(fs_magics, NULL);

/* linux/statfs.h of the kernel */
static const struct const_name statfs_flags[] = {
	{ 0x20, "ST_VALID" },      { 0x1, "ST_RDONLY" },         { 0x2, "ST_NOSUID" },
	{ 0x4, "ST_NODEV" },       { 0x8, "ST_NOEXEC" },         { 0x10, "ST_SYNCHRONOUS" },
	{ 0x40, "ST_MANDLOCK" },   { 0x80, "ST_WRITE" },         { 0x100, "ST_APPEND" },
	{ 0x200, "ST_IMMUTABLE" }, { 0x400, "ST_NOATIME" },      { 0x800, "ST_NODIRATIME" },
	{ 0x1000, "ST_RELATIME" }, { 0x2000, "ST_NOSYMFOLLOW" },
};
const struct const_set set_statfs_flags = CONST_SET(statfs_flags, "ST_???");

/* linux/stat.h; those newer than 6.1 by value. */
static const struct const_name statx_masks[] = {
	{ 0xfff, "STATX_ALL" },
	{ 0x7ff, "STATX_BASIC_STATS" },
	{ 0x1, "STATX_TYPE" },
	{ 0x2, "STATX_MODE" },
	{ 0x4, "STATX_NLINK" },
	{ 0x8, "STATX_UID" },
	{ 0x10, "STATX_GID" },
	{ 0x20, "STATX_ATIME" },
	{ 0x40, "STATX_MTIME" },
	{ 0x80, "STATX_CTIME" },
	{ 0x100, "STATX_INO" },
	{ 0x200, "STATX_SIZE" },
	{ 0x400, "STATX_BLOCKS" },
	{ 0x800, "STATX_BTIME" },
	{ 0x1000, "STATX_MNT_ID" },
	{ 0x2000, "STATX_DIOALIGN" },
	{ 0x4000, "STATX_MNT_ID_UNIQUE" },
	{ 0x8000, "STATX_SUBVOL" },
	{ 0x10000, "STATX_WRITE_ATOMIC" },
	{ 0x20000, "STATX_DIO_READ_ALIGN" },
};
const struct const_set set_statx_masks = CONST_SET(statx_masks, "STATX_???");

static const struct const_name statx_attributes[] = {
	{ 0x4, "STATX_ATTR_COMPRESSED" },    { 0x10, "STATX_ATTR_IMMUTABLE" },
	{ 0x20, "STATX_ATTR_APPEND" },       { 0x40, "STATX_ATTR_NODUMP" },
	{ 0x800, "STATX_ATTR_ENCRYPTED" },   { 0x1000, "STATX_ATTR_AUTOMOUNT" },
	{ 0x2000, "STATX_ATTR_MOUNT_ROOT" }, { 0x100000, "STATX_ATTR_VERITY" },
	{ 0x200000, "STATX_ATTR_DAX" },      { 0x400000, "STATX_ATTR_WRITE_ATOMIC" },
};
const struct const_set set_statx_attributes = CONST_SET(statx_attributes, "STATX_ATTR_???");

/* linux/fcntl.h: two bits of statx's flags. */
static const struct const_name statx_sync[] = {
	{ 0, "AT_STATX_SYNC_AS_STAT" },
	{ 0x2000, "AT_STATX_FORCE_SYNC" },
	{ 0x4000, "AT_STATX_DONT_SYNC" },
	{ 0x6000, "AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC" },
};
const struct const_set set_statx_sync = CONST_SET(statx_sync, NULL);

/* linux/fcntl.h: a bit means one thing to unlinkat, another to faccessat2. */
static const struct const_name unlink_flags[] = {
	{ 0x200, "AT_REMOVEDIR" },
};
const struct const_set set_unlink_flags = CONST_SET(unlink_flags, "AT_???");

static const struct const_name access_flags[] = {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_EACCESS" },
	{ 0x1000, "AT_EMPTY_PATH" },
};
const struct const_set set_access_flags = CONST_SET(access_flags, "AT_???");

static const struct const_name access_kinds[] = {
	{ 0, "F_OK" },
	{ 4, "R_OK" },
	{ 2, "W_OK" },
	{ 1, "X_OK" },
};
const struct const_set set_access_kinds = CONST_SET(access_kinds, "?_OK");

/* linux/fs.h */
static const struct const_name rename_flags[] = {
	{ 1, "RENAME_NOREPLACE" },
	{ 2, "RENAME_EXCHANGE" },
	{ 4, "RENAME_WHITEOUT" },
};
const struct const_set set_rename_flags = CONST_SET(rename_flags, "RENAME_??");

/* linux/openat2.h */
static const struct const_name resolve_flags[] = {
	{ 0x1, "RESOLVE_NO_XDEV" },     { 0x2, "RESOLVE_NO_MAGICLINKS" },
	{ 0x4, "RESOLVE_NO_SYMLINKS" }, { 0x8, "RESOLVE_BENEATH" },
	{ 0x10, "RESOLVE_IN_ROOT" },    { 0x20, "RESOLVE_CACHED" },
};
const struct const_set set_resolve_flags = CONST_SET(resolve_flags, "RESOLVE_???");

/* linux/falloc.h */
static const struct const_name fallocate_modes[] = {
	{ 0x1, "FALLOC_FL_KEEP_SIZE" },      { 0x2, "FALLOC_FL_PUNCH_HOLE" },
	{ 0x4, "FALLOC_FL_NO_HIDE_STALE" },  { 0x8, "FALLOC_FL_COLLAPSE_RANGE" },
	{ 0x10, "FALLOC_FL_ZERO_RANGE" },    { 0x20, "FALLOC_FL_INSERT_RANGE" },
	{ 0x40, "FALLOC_FL_UNSHARE_RANGE" }, { 0x80, "FALLOC_FL_WRITE_ZEROES" },
};
const struct const_set set_fallocate_modes = CONST_SET(fallocate_modes, "FALLOC_FL_???");

/* linux/fadvise.h */
static const struct const_name fadvices[] = {
	{ 0, "POSIX_FADV_NORMAL" },   { 1, "POSIX_FADV_RANDOM" },   { 2, "POSIX_FADV_SEQUENTIAL" },
	{ 3, "POSIX_FADV_WILLNEED" }, { 4, "POSIX_FADV_DONTNEED" }, { 5, "POSIX_FADV_NOREUSE" },
};
const struct const_set set_fadvices = CONST_SET(fadvices, "POSIX_FADV_???");

/* linux/fs.h */
static const struct const_name sync_ranges[] = {
	{ 1, "SYNC_FILE_RANGE_WAIT_BEFORE" },
	{ 2, "SYNC_FILE_RANGE_WRITE" },
	{ 4, "SYNC_FILE_RANGE_WAIT_AFTER" },
};
const struct const_set set_sync_ranges = CONST_SET(sync_ranges, "SYNC_FILE_RANGE_???");

/* dirent.h */
static const struct const_name dirent_types[] = {
	{ 0, "DT_UNKNOWN" }, { 1, "DT_FIFO" }, { 2, "DT_CHR" },   { 4, "DT_DIR" },  { 6, "DT_BLK" },
	{ 8, "DT_REG" },     { 10, "DT_LNK" }, { 12, "DT_SOCK" }, { 14, "DT_WHT" },
};
const struct const_set set_dirent_types = CONST_SET(dirent_types, "DT_???");
