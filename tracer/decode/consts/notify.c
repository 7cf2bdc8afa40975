/* Names of linux/inotify.h and linux/fanotify.h. */
#include "decode/consts/notify.h"

static const struct const_name inotify_events[] = {
	{ 0x1, "IN_ACCESS" },
	{ 0x2, "IN_MODIFY" },
	{ 0x4, "IN_ATTRIB" },
	{ 0x8, "IN_CLOSE_WRITE" },
	{ 0x10, "IN_CLOSE_NOWRITE" },
	{ 0x20, "IN_OPEN" },
	{ 0x40, "IN_MOVED_FROM" },
	{ 0x80, "IN_MOVED_TO" },
	{ 0x100, "IN_CREATE" },
	{ 0x200, "IN_DELETE" },
	{ 0x400, "IN_DELETE_SELF" },
	{ 0x800, "IN_MOVE_SELF" },
	{ 0x2000, "IN_UNMOUNT" },
	{ 0x4000, "IN_Q_OVERFLOW" },
	{ 0x8000, "IN_IGNORED" },
	{ 0x1000000, "IN_ONLYDIR" },
	{ 0x2000000, "IN_DONT_FOLLOW" },
	{ 0x4000000, "IN_EXCL_UNLINK" },
	{ 0x10000000, "IN_MASK_CREATE" },
	{ 0x20000000, "IN_MASK_ADD" },
	{ 0x40000000, "IN_ISDIR" },
	{ 0x80000000, "IN_ONESHOT" },
};
const struct const_set set_inotify_events = CONST_SET(inotify_events, "IN_???");

static const struct const_name inotify_init[] = {
	{ 04000, "IN_NONBLOCK" },
	{ 02000000, "IN_CLOEXEC" },
};
const struct const_set set_inotify_init = CONST_SET(inotify_init, "IN_???");

static const struct const_name fanotify_events[] = {
	{ 0x1, "FAN_ACCESS" },           { 0x2, "FAN_MODIFY" },
	{ 0x4, "FAN_ATTRIB" },           { 0x8, "FAN_CLOSE_WRITE" },
	{ 0x10, "FAN_CLOSE_NOWRITE" },   { 0x20, "FAN_OPEN" },
	{ 0x40, "FAN_MOVED_FROM" },      { 0x80, "FAN_MOVED_TO" },
	{ 0x100, "FAN_CREATE" },         { 0x200, "FAN_DELETE" },
	{ 0x400, "FAN_DELETE_SELF" },    { 0x800, "FAN_MOVE_SELF" },
	{ 0x1000, "FAN_OPEN_EXEC" },     { 0x4000, "FAN_Q_OVERFLOW" },
	{ 0x8000, "FAN_FS_ERROR" },      { 0x10000, "FAN_OPEN_PERM" },
	{ 0x20000, "FAN_ACCESS_PERM" },  { 0x40000, "FAN_OPEN_EXEC_PERM" },
	{ 0x100000, "FAN_PRE_ACCESS" },  { 0x1000000, "FAN_MNT_ATTACH" },
	{ 0x2000000, "FAN_MNT_DETACH" }, { 0x10000000, "FAN_RENAME" },
	{ 0x40000000, "FAN_ONDIR" },     { 0x8000000, "FAN_EVENT_ON_CHILD" },
};
const struct const_set set_fanotify_events = CONST_SET(fanotify_events, "FAN_???");

/* Two bits of fanotify_init's flags. */
static const struct const_name fanotify_class[] = {
	{ 0, "FAN_CLASS_NOTIF" },
	{ 4, "FAN_CLASS_CONTENT" },
	{ 8, "FAN_CLASS_PRE_CONTENT" },
};
const struct const_set set_fanotify_class = CONST_SET(fanotify_class, "FAN_CLASS_???");

static const struct const_name fanotify_init[] = {
	{ 0x1, "FAN_CLOEXEC" },
	{ 0x2, "FAN_NONBLOCK" },
	{ 0x10, "FAN_UNLIMITED_QUEUE" },
	{ 0x20, "FAN_UNLIMITED_MARKS" },
	{ 0x40, "FAN_ENABLE_AUDIT" },
	{ 0x80, "FAN_REPORT_PIDFD" },
	{ 0x100, "FAN_REPORT_TID" },
	{ 0x200, "FAN_REPORT_FID" },
	{ 0x400, "FAN_REPORT_DIR_FID" },
	{ 0x800, "FAN_REPORT_NAME" },
	{ 0x1000, "FAN_REPORT_TARGET_FID" },
	{ 0x2000, "FAN_REPORT_FD_ERROR" },
	{ 0x4000, "FAN_REPORT_MNT" },
};
const struct const_set set_fanotify_init = CONST_SET(fanotify_init, "FAN_???");

static const struct const_name fanotify_mark[] = {
	{ 0x1, "FAN_MARK_ADD" },           { 0x2, "FAN_MARK_REMOVE" },
	{ 0x4, "FAN_MARK_DONT_FOLLOW" },   { 0x8, "FAN_MARK_ONLYDIR" },
	{ 0x110, "FAN_MARK_MNTNS" },       { 0x10, "FAN_MARK_MOUNT" },
	{ 0x20, "FAN_MARK_IGNORED_MASK" }, { 0x40, "FAN_MARK_IGNORED_SURV_MODIFY" },
	{ 0x80, "FAN_MARK_FLUSH" },        { 0x100, "FAN_MARK_FILESYSTEM" },
	{ 0x200, "FAN_MARK_EVICTABLE" },   { 0x400, "FAN_MARK_IGNORE" },
};
const struct const_set set_fanotify_mark = CONST_SET(fanotify_mark, "FAN_MARK_???");

/* asm-generic/fcntl.h: the open flags of the descriptors that events bring. */
static const struct const_name fanotify_event_flags[] = {
	{ 0, "O_RDONLY" },         { 01, "O_WRONLY" },         { 02, "O_RDWR" },
	{ 02000, "O_APPEND" },     { 04000, "O_NONBLOCK" },    { 04010000, "O_SYNC" },
	{ 010000, "O_DSYNC" },     { 0100000, "O_LARGEFILE" }, { 01000000, "O_NOATIME" },
	{ 02000000, "O_CLOEXEC" },
};
const struct const_set set_fanotify_event_flags = CONST_SET(fanotify_event_flags, "O_???");
