/* Files and paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "tests/unit/fake.h"

enum { PATH = 0x10000, OTHER = 0x11000, BUF = 0x20000, NOWHERE = 0x8 };

static const uint64_t cwd = (uint32_t)-100;

static struct fake fake;

static void start(bool is_strace)
{
	setenv("TZ", "UTC", 1);
	tzset();
	fake_init(&fake, is_strace);
	fake_poke(&fake, PATH, "/a", 3);
	fake_poke(&fake, OTHER, "b", 2);
}

static int start_strace(void **state)
{
	(void)state;
	start(true);
	return 0;
}

static int start_i386(void **state)
{
	(void)state;
	start(true);
	fake.arch = AUDIT_ARCH_I386;
	return 0;
}

/* As with -v. */
static int start_verbose(void **state)
{
	(void)state;
	start(true);
	fake_verbose(&fake);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

#define SHOWS(text, name, ret, ...)                                                                \
	assert_string_equal(FAKE_CALL(&fake, name, ret, __VA_ARGS__), text)

static void open_has_a_mode_only_where_it_makes_a_file(void **state)
{
	(void)state;
	SHOWS("open(\"/a\", O_RDONLY) = 3", "open", 3, PATH, 0, 0600);
	SHOWS("open(\"/a\", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3", "open", 3, PATH, 01101, 0600);
	SHOWS("open(\"/a\", O_RDWR|O_TMPFILE, 04755) = 3", "open", 3, PATH, 020200002, 04755);
	SHOWS("open(\"/a\", O_ACCMODE|O_NONBLOCK|O_DSYNC|O_DIRECTORY|FASYNC) = -1 EISDIR", "open",
	      -EISDIR, PATH, 0234003);
	SHOWS("open(0x8, O_RDONLY|O_CREAT, 000) = -1 EFAULT", "open", -EFAULT, NOWHERE, 0100, 0);
	SHOWS("open(\"/a\", O_RDONLY|0x80000000) = 3", "open", 3, PATH, 0x80000000);
	SHOWS("openat(AT_FDCWD, \"/a\", O_RDONLY|O_CLOEXEC) = 3", "openat", 3, cwd, PATH, 02000000);
	SHOWS("openat(-1, \"/a\", O_RDWR|O_CREAT, 0100444) = 17", "openat", 17, -1ull, PATH, 0102,
	      0x18124);
	SHOWS("openat(AT_FDCWD, \"/a\", O_WRONLY|O_SYNC) = 3", "openat", 3, cwd, PATH, 04010001);
	SHOWS("creat(\"/a\", 07777) = 3", "creat", 3, PATH, 07777);
}

static void openat2_shows_how(void **state)
{
	const uint64_t making[3] = { 0102, 0600, 9 }, plain[3] = { 0 },
		       newer[5] = { 0, 5, 0, 0, 7 };

	(void)state;
	fake_poke(&fake, BUF, making, sizeof(making));
	fake_poke(&fake, BUF + 0x1000, plain, sizeof(plain));
	fake_poke(&fake, BUF + 0x2000, newer, sizeof(newer));
	SHOWS("openat2(AT_FDCWD, \"/a\", {flags=O_RDWR|O_CREAT, mode=0600, "
	      "resolve=RESOLVE_NO_XDEV|RESOLVE_BENEATH}, 24) = 3",
	      "openat2", 3, cwd, PATH, BUF, 24);
	SHOWS("openat2(AT_FDCWD, \"/a\", {flags=O_RDONLY, resolve=0}, 24) = 3", "openat2", 3, cwd,
	      PATH, BUF + 0x1000, 24);
	SHOWS("openat2(AT_FDCWD, \"/a\", 0x20000, 5) = -1 EINVAL", "openat2", -EINVAL, cwd, PATH,
	      BUF, 5);
	SHOWS("openat2(AT_FDCWD, \"/a\", {flags=O_RDONLY, mode=005, resolve=0, ...}, 40) = -1 "
	      "E2BIG",
	      "openat2", -E2BIG, cwd, PATH, BUF + 0x2000, 40);
	SHOWS("openat2(AT_FDCWD, \"/a\", 0x8, 1099511627776) = -1 EFAULT", "openat2", -EFAULT, cwd,
	      PATH, NOWHERE, 1ull << 40);
}

static void special_files_have_a_type_and_maybe_a_device(void **state)
{
	(void)state;
	SHOWS("mknodat(AT_FDCWD, \"/a\", S_IFIFO|0600) = 0", "mknodat", 0, cwd, PATH, 010600, 7);
	SHOWS("mknod(\"/a\", S_IFCHR|0600, makedev(0x1, 0x12c)) = 0", "mknod", 0, PATH, 020600,
	      makedev(1, 300));
	SHOWS("mknodat(AT_FDCWD, \"/a\", S_IFBLK|000, makedev(0x388, 0x3)) = 0", "mknodat", 0, cwd,
	      PATH, 060000, makedev(5000, 3));
	SHOWS("mknod(\"/a\", 0600) = 0", "mknod", 0, PATH, 0600, 7);
	SHOWS("mknod(\"/a\", S_ISUID|0600) = 0", "mknod", 0, PATH, 04600, 7);
	SHOWS("mknod(\"/a\", S_IFREG|S_ISUID|S_ISGID|S_ISVTX|0600) = 0", "mknod", 0, PATH, 0107600);
	SHOWS("mknod(\"/a\", 0177600) = -1 EINVAL", "mknod", -EINVAL, PATH, 0177600, 7);
	SHOWS("mknod(\"/a\", 000) = 0", "mknod", 0, PATH, 0);
}

static void names_are_made_moved_and_removed(void **state)
{
	(void)state;
	SHOWS("mkdir(\"/a\", 0755) = 0", "mkdir", 0, PATH, 0755);
	SHOWS("mkdirat(AT_FDCWD, \"/a\", 01777) = 0", "mkdirat", 0, cwd, PATH, 01777);
	SHOWS("rmdir(\"/a\") = 0", "rmdir", 0, PATH);
	SHOWS("unlink(\"/a\") = 0", "unlink", 0, PATH);
	SHOWS("unlinkat(5, \"/a\", AT_REMOVEDIR|0x7) = 0", "unlinkat", 0, 5, PATH, 0x207);
	SHOWS("rename(\"/a\", \"b\") = 0", "rename", 0, PATH, OTHER);
	SHOWS("renameat(AT_FDCWD, \"/a\", 5, \"b\") = 0", "renameat", 0, cwd, PATH, 5, OTHER);
	SHOWS("renameat2(AT_FDCWD, \"/a\", 5, \"b\", RENAME_NOREPLACE|RENAME_WHITEOUT) = 0",
	      "renameat2", 0, cwd, PATH, 5, OTHER, 5);
	SHOWS("renameat2(AT_FDCWD, \"/a\", 5, \"b\", 0x8 /* RENAME_?? */) = -1 EINVAL", "renameat2",
	      -EINVAL, cwd, PATH, 5, OTHER, 8);
	SHOWS("link(\"/a\", \"b\") = 0", "link", 0, PATH, OTHER);
	SHOWS("linkat(AT_FDCWD, \"/a\", AT_FDCWD, \"b\", AT_SYMLINK_FOLLOW|AT_EMPTY_PATH) = 0",
	      "linkat", 0, cwd, PATH, cwd, OTHER, 0x1400);
	SHOWS("symlink(\"/a\", \"b\") = 0", "symlink", 0, PATH, OTHER);
	SHOWS("symlinkat(\"/a\", 5, \"b\") = 0", "symlinkat", 0, PATH, 5, OTHER);
}

static void links_are_read_as_far_as_they_fit(void **state)
{
	(void)state;
	fake_poke(&fake, BUF, "target", 6);
	SHOWS("readlink(\"/a\", \"target\", 256) = 6", "readlink", 6, PATH, BUF, 256);
	SHOWS("readlink(\"/a\", 0x20000, 256) = -1 ENOENT", "readlink", -ENOENT, PATH, BUF, 256);
	SHOWS("readlinkat(AT_FDCWD, \"/a\", \"tar\", 3) = 3", "readlinkat", 3, cwd, PATH, BUF, 3);
}

static void rights_are_asked_for_and_given(void **state)
{
	(void)state;
	SHOWS("access(\"/a\", R_OK|W_OK) = 0", "access", 0, PATH, 6);
	SHOWS("access(\"/a\", F_OK) = 0", "access", 0, PATH, 0);
	SHOWS("access(\"/a\", 0x8 /* ?_OK */) = -1 EINVAL", "access", -EINVAL, PATH, 8);
	SHOWS("faccessat(AT_FDCWD, \"/a\", X_OK) = 0", "faccessat", 0, cwd, PATH, 1);
	SHOWS("faccessat2(AT_FDCWD, \"/a\", X_OK, AT_SYMLINK_NOFOLLOW|AT_EACCESS) = 0",
	      "faccessat2", 0, cwd, PATH, 1, 0x300);
	SHOWS("chmod(\"/a\", 04755) = 0", "chmod", 0, PATH, 04755);
	SHOWS("fchmod(3, 000) = 0", "fchmod", 0, 3, 0);
	SHOWS("fchmodat(AT_FDCWD, \"/a\", 0177777) = 0", "fchmodat", 0, cwd, PATH, -1ull);
	SHOWS("fchmodat2(AT_FDCWD, \"/a\", 0600, AT_SYMLINK_NOFOLLOW) = 0", "fchmodat2", 0, cwd,
	      PATH, 0600, 0x100);
	SHOWS("chown(\"/a\", -1, 5) = 0", "chown", 0, PATH, 0xffffffff, 5);
	SHOWS("lchown(\"/a\", 70000, -1) = 0", "lchown", 0, PATH, 70000, -1ull);
	SHOWS("fchown(3, 1, 2) = 0", "fchown", 0, 3, 1, 2);
	SHOWS("fchownat(AT_FDCWD, \"/a\", 0, 0, AT_EMPTY_PATH|0x1) = 0", "fchownat", 0, cwd, PATH,
	      0, 0, 0x1001);
	SHOWS("umask(0177777) = 022", "umask", 022, -1ull);
}

static void old_owners_have_16_bits_on_i386(void **state)
{
	(void)state;
	SHOWS("chown(\"/a\", -1, 4464) = 0", "chown", 0, PATH, 65535, 70000);
	SHOWS("lchown(\"/a\", 1, 2) = 0", "lchown", 0, PATH, 1, 2);
	SHOWS("fchown(3, 1, -1) = 0", "fchown", 0, 3, 1, 65535);
	SHOWS("chown32(\"/a\", 65535, 70000) = 0", "chown32", 0, PATH, 65535, 70000);
	SHOWS("lchown32(\"/a\", -1, 2) = 0", "lchown32", 0, PATH, 0xffffffff, 2);
	SHOWS("fchown32(3, 1, 2) = 0", "fchown32", 0, 3, 1, 2);
}

static void poke_stat(mode_t mode)
{
	struct stat st = { .st_dev = makedev(254, 0),
			   .st_ino = 12,
			   .st_mode = mode,
			   .st_nlink = 1,
			   .st_uid = 5,
			   .st_gid = 6,
			   .st_rdev = makedev(1, 3),
			   .st_size = 123,
			   .st_blksize = 4096,
			   .st_blocks = 8 };

	st.st_atim.tv_sec = 1700000000;
	st.st_mtim = (struct timespec){ 1700000000, 5 };
	fake_poke(&fake, BUF, &st, sizeof(st));
}

static void stat_is_abbreviated(void **state)
{
	(void)state;
	poke_stat(S_IFREG | 0644);
#define REGULAR "{st_mode=S_IFREG|0644, st_size=123, ...}"
	SHOWS("stat(\"/a\", " REGULAR ") = 0", "stat", 0, PATH, BUF);
	SHOWS("lstat(\"/a\", " REGULAR ") = 0", "lstat", 0, PATH, BUF);
	SHOWS("fstat(3, " REGULAR ") = 0", "fstat", 0, 3, BUF);
	SHOWS("newfstatat(AT_FDCWD, \"/a\", " REGULAR ", AT_NO_AUTOMOUNT|AT_EMPTY_PATH|0x7) = 0",
	      "newfstatat", 0, cwd, PATH, BUF, 0x1807);
	SHOWS("stat(\"/a\", 0x20000) = -1 ENOENT", "stat", -ENOENT, PATH, BUF);
	SHOWS("stat(\"/a\", 0x8) = 0", "stat", 0, PATH, NOWHERE);
	poke_stat(S_IFCHR | 0666);
	SHOWS("stat(\"/a\", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...}) = 0", "stat", 0,
	      PATH, BUF);
}

static void stat_is_whole_with_verbosity(void **state)
{
	(void)state;
	poke_stat(S_IFREG | 0644);
	SHOWS("fstat(3, {st_dev=makedev(0xfe, 0), st_ino=12, st_mode=S_IFREG|0644, st_nlink=1, "
	      "st_uid=5, st_gid=6, st_blksize=4096, st_blocks=8, st_size=123, st_atime=1700000000 "
	      "/* 2023-11-14T22:13:20+0000 */, st_atime_nsec=0, st_mtime=1700000000 "
	      "/* 2023-11-14T22:13:20.000000005+0000 */, st_mtime_nsec=5, st_ctime=0, "
	      "st_ctime_nsec=0}) = 0",
	      "fstat", 0, 3, BUF);
}

static void stat_of_i386_has_three_layouts(void **state)
{
	const uint32_t st[16] = { 0xfe00, 12, 0100644 | 1u << 16, 5 | 6u << 16, 0, 123 };
	uint32_t st64[24] = { [4] = 0100644, [11] = 123 };
	const uint16_t old[16] = { [2] = 010644, [8] = 123 };

	(void)state;
	fake_poke(&fake, BUF, st, sizeof(st));
	fake_poke(&fake, BUF + 0x1000, st64, sizeof(st64));
	fake_poke(&fake, BUF + 0x2000, old, sizeof(old));
	SHOWS("stat(\"/a\", " REGULAR ") = 0", "stat", 0, PATH, BUF);
	SHOWS("stat64(\"/a\", " REGULAR ") = 0", "stat64", 0, PATH, BUF + 0x1000);
	SHOWS("lstat64(\"/a\", " REGULAR ") = 0", "lstat64", 0, PATH, BUF + 0x1000);
	SHOWS("fstat64(3, " REGULAR ") = 0", "fstat64", 0, 3, BUF + 0x1000);
	SHOWS("fstatat64(AT_FDCWD, \"/a\", " REGULAR ", 0) = 0", "fstatat64", 0, cwd, PATH,
	      BUF + 0x1000, 0);
#define OLD "{st_mode=S_IFIFO|0644, st_size=123, ...}"
	SHOWS("oldstat(\"/a\", " OLD ") = 0", "oldstat", 0, PATH, BUF + 0x2000);
	SHOWS("oldlstat(\"/a\", " OLD ") = 0", "oldlstat", 0, PATH, BUF + 0x2000);
	SHOWS("oldfstat(3, " OLD ") = 0", "oldfstat", 0, 3, BUF + 0x2000);
}

static void poke_statx(void)
{
	struct statx stx = { .stx_mask = STATX_BASIC_STATS | STATX_MNT_ID,
			     .stx_mode = S_IFDIR | 0755,
			     .stx_size = 4096,
			     .stx_attributes = STATX_ATTR_MOUNT_ROOT,
			     .stx_mnt_id = 27,
			     .stx_nlink = 2 };

	stx.stx_mtime.tv_sec = 1700000000;
	fake_poke(&fake, BUF, &stx, sizeof(stx));
}

#define STATX_HEAD "{stx_mask=STATX_BASIC_STATS|STATX_MNT_ID, "

static void statx_is_abbreviated(void **state)
{
	(void)state;
	poke_statx();
	SHOWS("statx(AT_FDCWD, \"/a\", AT_STATX_SYNC_AS_STAT, STATX_ALL, " STATX_HEAD
	      "stx_attributes=STATX_ATTR_MOUNT_ROOT, stx_mode=S_IFDIR|0755, stx_size=4096, ...}) = "
	      "0",
	      "statx", 0, cwd, PATH, 0, 0xfff, BUF);
	SHOWS("statx(3, \"/a\", AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC|AT_SYMLINK_NOFOLLOW, "
	      "STATX_MODE|STATX_DIOALIGN|0x1000000, 0x20000) = -1 EINVAL",
	      "statx", -EINVAL, 3, PATH, 0x6100, 0x1002002, BUF);
}

static void statx_is_whole_with_verbosity(void **state)
{
	(void)state;
	poke_statx();
	SHOWS("statx(3, \"/a\", AT_STATX_FORCE_SYNC, 0, " STATX_HEAD
	      "stx_blksize=0, stx_attributes=STATX_ATTR_MOUNT_ROOT, stx_nlink=2, stx_uid=0, "
	      "stx_gid=0, stx_mode=S_IFDIR|0755, stx_ino=0, stx_size=4096, stx_blocks=0, "
	      "stx_attributes_mask=0, stx_atime={tv_sec=0, tv_nsec=0}, stx_ctime={tv_sec=0, "
	      "tv_nsec=0}, stx_mtime={tv_sec=1700000000, tv_nsec=0} "
	      "/* 2023-11-14T22:13:20+0000 */, stx_rdev_major=0, stx_rdev_minor=0, "
	      "stx_dev_major=0, stx_dev_minor=0, stx_mnt_id=0x1b}) = 0",
	      "statx", 0, 3, PATH, 0x2000, 0, BUF);
}

#define FS                                                                                         \
	"{f_type=EXT2_SUPER_MAGIC, f_bsize=4096, f_blocks=100, f_bfree=50, f_bavail=40, "          \
	"f_files=30, f_ffree=20, f_fsid={val=[0x1, 0x2]}, f_namelen=255, f_frsize=4096, "          \
	"f_flags=ST_VALID|ST_RELATIME}"

static void statfs_shows_all(void **state)
{
	const uint64_t fs[15] = { 0xef53, 4096,           100, 50,   40,    30,
				  20,     1 | 2ull << 32, 255, 4096, 0x1020 };

	(void)state;
	fake_poke(&fake, BUF, fs, sizeof(fs));
	SHOWS("statfs(\"/a\", " FS ") = 0", "statfs", 0, PATH, BUF);
	SHOWS("fstatfs(3, " FS ") = 0", "fstatfs", 0, 3, BUF);
	SHOWS("ustat(makedev(0, 0x5), 0x20000) = 0", "ustat", 0, 5, BUF);
}

static void statfs_of_i386_has_two_widths(void **state)
{
	const uint32_t fs[16] = { 0xef53, 4096, 100, 50, 40, 30, 20, 1, 2, 255, 4096, 0x1020 };
	const uint32_t fs64[21] = { 0xef53, 4096, 100, 0, 50, 0,   40,   0,     30,
				    0,      20,   0,   1, 2,  255, 4096, 0x1020 };

	(void)state;
	fake_poke(&fake, BUF, fs, sizeof(fs));
	fake_poke(&fake, BUF + 0x1000, fs64, sizeof(fs64));
	SHOWS("statfs(\"/a\", " FS ") = 0", "statfs", 0, PATH, BUF);
	SHOWS("statfs64(\"/a\", 84, " FS ") = 0", "statfs64", 0, PATH, 84, BUF + 0x1000);
	SHOWS("fstatfs64(3, 84, " FS ") = 0", "fstatfs64", 0, 3, 84, BUF + 0x1000);
}

/* ino, off, reclen, type, name */
static const uint8_t entries64[] = { 1,  0, 0, 0,   0, 0, 0, 0, 2,  0, 0, 0,   0, 0, 0, 0,
				     24, 0, 8, 'a', 0, 0, 0, 0, 3,  0, 0, 0,   0, 0, 0, 0,
				     4,  0, 0, 0,   0, 0, 0, 0, 24, 0, 4, '.', 0, 0, 0, 0 };
static const uint8_t entries[] = { 1, 0, 0, 0, 0,  0, 0,   0, 2, 0, 0, 0,
				   0, 0, 0, 0, 24, 0, 'a', 0, 0, 0, 0, 8 };

static void directories_show_how_many_entries_were_read(void **state)
{
	static const uint8_t broken[24] = { [16] = 3 };

	(void)state;
	fake_poke(&fake, BUF, entries64, sizeof(entries64));
	fake_poke(&fake, BUF + 0x1000, entries, sizeof(entries));
	fake_poke(&fake, BUF + 0x2000, broken, sizeof(broken));
	SHOWS("getdents64(3, 0x20000 /* 2 entries */, 2048) = 48", "getdents64", 48, 3, BUF, 2048);
	SHOWS("getdents64(3, 0x20000 /* 0 entries */, 2048) = 0", "getdents64", 0, 3, BUF, 2048);
	SHOWS("getdents64(3, 0x20000, 2048) = -1 EBADF", "getdents64", -EBADF, 3, BUF, 2048);
	SHOWS("getdents(3, 0x21000 /* 1 entry */, 2048) = 24", "getdents", 24, 3, BUF + 0x1000,
	      2048);
	SHOWS("getdents64(3, 0x22000 /* 0 entries */, 2048) = 24", "getdents64", 24, 3,
	      BUF + 0x2000, 2048);
}

static void directories_show_their_entries_with_verbosity(void **state)
{
	(void)state;
	fake_poke(&fake, BUF, entries64, sizeof(entries64));
	fake_poke(&fake, BUF + 0x1000, entries, sizeof(entries));
	SHOWS("getdents64(3, [{d_ino=1, d_off=2, d_reclen=24, d_type=DT_REG, d_name=\"a\"}, "
	      "{d_ino=3, d_off=4, d_reclen=24, d_type=DT_DIR, d_name=\".\"}], 2048) = 48",
	      "getdents64", 48, 3, BUF, 2048);
	SHOWS("getdents(3, [{d_ino=1, d_off=2, d_reclen=24, d_name=\"a\", d_type=DT_REG}], 2048) "
	      "= 24",
	      "getdents", 24, 3, BUF + 0x1000, 2048);
}

static void places_and_lengths(void **state)
{
	(void)state;
	fake_poke(&fake, BUF, "/tmp", 5);
	SHOWS("getcwd(\"/tmp\", 256) = 5", "getcwd", 5, BUF, 256);
	SHOWS("getcwd(0x20000, 1) = -1 ERANGE", "getcwd", -ERANGE, BUF, 1);
	SHOWS("chdir(\"/a\") = 0", "chdir", 0, PATH);
	SHOWS("fchdir(3) = 0", "fchdir", 0, 3);
	SHOWS("chroot(\"/a\") = 0", "chroot", 0, PATH);
	SHOWS("truncate(\"/a\", 18446744073709551615) = -1 EINVAL", "truncate", -EINVAL, PATH,
	      -1ull);
	SHOWS("ftruncate(3, 5) = 0", "ftruncate", 0, 3, 5);
	SHOWS("fallocate(3, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, -5, 6) = 0", "fallocate", 0,
	      3, 3, -5ull, 6);
	SHOWS("fadvise64(3, 8589934592, 5, POSIX_FADV_DONTNEED) = 0", "fadvise64", 0, 3, 1ull << 33,
	      5, 4);
	SHOWS("fadvise64(3, 0, 0, 0x63 /* POSIX_FADV_??? */) = -1 EINVAL", "fadvise64", -EINVAL, 3,
	      0, 0, 99);
	SHOWS("readahead(3, 5, 6) = 0", "readahead", 0, 3, 5, 6);
	SHOWS("sync_file_range(3, 1, 2, SYNC_FILE_RANGE_WRITE|0x8) = 0", "sync_file_range", 0, 3, 1,
	      2, 10);
	SHOWS("sync() = 0", "sync", 0, 0);
	SHOWS("syncfs(3) = 0", "syncfs", 0, 3);
	SHOWS("fsync(3) = 0", "fsync", 0, 3);
	SHOWS("fdatasync(3) = 0", "fdatasync", 0, 3);
}

static void i386_passes_wide_numbers_in_halves(void **state)
{
	(void)state;
	SHOWS("truncate64(\"/a\", 8589934593) = 0", "truncate64", 0, PATH, 1, 2);
	SHOWS("ftruncate64(3, 8589934593) = 0", "ftruncate64", 0, 3, 1, 2);
	SHOWS("fadvise64(3, 8589934593, 4, POSIX_FADV_NOREUSE) = 0", "fadvise64", 0, 3, 1, 2, 4, 5);
	SHOWS("fadvise64_64(3, 8589934593, 21474836484, POSIX_FADV_NORMAL) = 0", "fadvise64_64", 0,
	      3, 1, 2, 4, 5, 0);
	SHOWS("readahead(3, 8589934593, 4) = 0", "readahead", 0, 3, 1, 2, 4);
	SHOWS("sync_file_range(3, 8589934593, 21474836484, SYNC_FILE_RANGE_WRITE) = 0",
	      "sync_file_range", 0, 3, 1, 2, 4, 5, 2);
	SHOWS("fallocate(3, FALLOC_FL_KEEP_SIZE, 8589934593, 21474836484) = 0", "fallocate", 0, 3,
	      1, 1, 2, 4, 5);
}

static void times_have_their_date(void **state)
{
	const uint64_t pair[2] = { 1, 1700000000 }, times[4] = { 1700000000, 5, 0, 0 };
	const uint64_t special[4] = { 0, 0x3ffffffe, 0, 0x3fffffff }, odd[4] = { 5, -1ull, 0, 0 };

	(void)state;
	fake_poke(&fake, BUF, pair, sizeof(pair));
	fake_poke(&fake, BUF + 0x1000, times, sizeof(times));
	fake_poke(&fake, BUF + 0x2000, special, sizeof(special));
	fake_poke(&fake, BUF + 0x3000, odd, sizeof(odd));
	SHOWS("utime(\"/a\", {actime=1 /* 1970-01-01T00:00:01+0000 */, "
	      "modtime=1700000000 /* 2023-11-14T22:13:20+0000 */}) = 0",
	      "utime", 0, PATH, BUF);
	SHOWS("utime(\"/a\", NULL) = 0", "utime", 0, PATH, 0);
	SHOWS("utimes(\"/a\", [{tv_sec=1700000000, tv_usec=5} "
	      "/* 2023-11-14T22:13:20.000005+0000 */, {tv_sec=0, tv_usec=0}]) = 0",
	      "utimes", 0, PATH, BUF + 0x1000);
	SHOWS("futimesat(AT_FDCWD, NULL, NULL) = -1 EFAULT", "futimesat", -EFAULT, cwd, 0, 0);
	SHOWS("utimensat(AT_FDCWD, \"/a\", [{tv_sec=1700000000, tv_nsec=5} "
	      "/* 2023-11-14T22:13:20.000000005+0000 */, {tv_sec=0, tv_nsec=0}], 0) = 0",
	      "utimensat", 0, cwd, PATH, BUF + 0x1000, 0);
	SHOWS("utimensat(3, NULL, [UTIME_OMIT, UTIME_NOW], AT_SYMLINK_NOFOLLOW) = 0", "utimensat",
	      0, 3, 0, BUF + 0x2000, 0x100);
	SHOWS("utimensat(3, NULL, [{tv_sec=5, tv_nsec=18446744073709551615}, "
	      "{tv_sec=0, tv_nsec=0}], 0) = -1 EINVAL",
	      "utimensat", -EINVAL, 3, 0, BUF + 0x3000, 0);
	fake.arch = AUDIT_ARCH_I386;
	SHOWS("utimensat_time64(3, NULL, [UTIME_OMIT, UTIME_NOW], 0) = 0", "utimensat_time64", 0, 3,
	      0, BUF + 0x2000, 0);
}

#define STRACE(test)  cmocka_unit_test_setup_teardown(test, start_strace, stop)
#define I386(test)    cmocka_unit_test_setup_teardown(test, start_i386, stop)
#define VERBOSE(test) cmocka_unit_test_setup_teardown(test, start_verbose, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STRACE(open_has_a_mode_only_where_it_makes_a_file),
		STRACE(openat2_shows_how),
		STRACE(special_files_have_a_type_and_maybe_a_device),
		STRACE(names_are_made_moved_and_removed),
		STRACE(links_are_read_as_far_as_they_fit),
		STRACE(rights_are_asked_for_and_given),
		I386(old_owners_have_16_bits_on_i386),
		STRACE(stat_is_abbreviated),
		VERBOSE(stat_is_whole_with_verbosity),
		I386(stat_of_i386_has_three_layouts),
		STRACE(statx_is_abbreviated),
		VERBOSE(statx_is_whole_with_verbosity),
		STRACE(statfs_shows_all),
		I386(statfs_of_i386_has_two_widths),
		STRACE(directories_show_how_many_entries_were_read),
		VERBOSE(directories_show_their_entries_with_verbosity),
		STRACE(places_and_lengths),
		I386(i386_passes_wide_numbers_in_halves),
		STRACE(times_have_their_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
