/* Names of fcntl.h and its neighbours that several families use. */
#include <fcntl.h>
#include <sys/stat.h>

#include "decode/types/types.h"

/* asm-generic/fcntl.h, as x86 has it. O_RDONLY, O_WRONLY, O_RDWR are names for two bits. */
static const struct const_name at_flags[] = {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" }, { 0x200, "AT_REMOVEDIR" },
	{ 0x400, "AT_SYMLINK_FOLLOW" },   { 0x800, "AT_NO_AUTOMOUNT" },
	{ 0x1000, "AT_EMPTY_PATH" },      { 0x2000, "AT_STATX_FORCE_SYNC" },
	{ 0x4000, "AT_STATX_DONT_SYNC" }, { 0x8000, "AT_RECURSIVE" },
};
const struct const_set set_at_flags = CONST_SET(at_flags, "AT_???");

/* linux/time.h */
static const struct const_name clockids[] = {
	{ 0, "CLOCK_REALTIME" },           { 1, "CLOCK_MONOTONIC" },
	{ 2, "CLOCK_PROCESS_CPUTIME_ID" }, { 3, "CLOCK_THREAD_CPUTIME_ID" },
	{ 4, "CLOCK_MONOTONIC_RAW" },      { 5, "CLOCK_REALTIME_COARSE" },
	{ 6, "CLOCK_MONOTONIC_COARSE" },   { 7, "CLOCK_BOOTTIME" },
	{ 8, "CLOCK_REALTIME_ALARM" },     { 9, "CLOCK_BOOTTIME_ALARM" },
	{ 10, "CLOCK_SGI_CYCLE" },         { 11, "CLOCK_TAI" },
};
const struct const_set set_clockids = CONST_SET(clockids, "CLOCK_???");

/* linux/stat.h */
static const struct const_name file_types[] = {
	{ S_IFREG, "S_IFREG" },   { S_IFDIR, "S_IFDIR" }, { S_IFCHR, "S_IFCHR" },
	{ S_IFBLK, "S_IFBLK" },   { S_IFIFO, "S_IFIFO" }, { S_IFLNK, "S_IFLNK" },
	{ S_IFSOCK, "S_IFSOCK" },
};
const struct const_set set_file_types = CONST_SET(file_types, NULL);
