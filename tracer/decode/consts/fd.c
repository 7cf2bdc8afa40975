/* Names of the calls that make, join and wait for descriptors. */
#include "decode/consts/fd.h"

/* asm-generic/fcntl.h, as x86 has it; multi-bit ones before their parts. */
static const struct const_name open_flags[] = {
	{ 0100, "O_CREAT" },        { 0200, "O_EXCL" },        { 0400, "O_NOCTTY" },
	{ 01000, "O_TRUNC" },       { 02000, "O_APPEND" },     { 04000, "O_NONBLOCK" },
	{ 04010000, "O_SYNC" },     { 010000, "O_DSYNC" },     { 040000, "O_DIRECT" },
	{ 0100000, "O_LARGEFILE" }, { 0400000, "O_NOFOLLOW" }, { 01000000, "O_NOATIME" },
	{ 02000000, "O_CLOEXEC" },  { 010000000, "O_PATH" },   { 020200000, "O_TMPFILE" },
	{ 0200000, "O_DIRECTORY" }, { 020000, "FASYNC" },
};
const struct const_set set_open_flags = CONST_SET(open_flags, "O_???");

static const struct const_name access_modes[] = {
	{ 0, "O_RDONLY" },
	{ 1, "O_WRONLY" },
	{ 2, "O_RDWR" },
	{ 3, "O_ACCMODE" },
};
const struct const_set set_access_modes = CONST_SET(access_modes, NULL);

/* asm-generic/fcntl.h, linux/fcntl.h */
static const struct const_name fcntl_commands[] = {
	{ 0, "F_DUPFD" },
	{ 1, "F_GETFD" },
	{ 2, "F_SETFD" },
	{ 3, "F_GETFL" },
	{ 4, "F_SETFL" },
	{ 5, "F_GETLK" },
	{ 6, "F_SETLK" },
	{ 7, "F_SETLKW" },
	{ 8, "F_SETOWN" },
	{ 9, "F_GETOWN" },
	{ 10, "F_SETSIG" },
	{ 11, "F_GETSIG" },
	{ 12, "F_GETLK64" },
	{ 13, "F_SETLK64" },
	{ 14, "F_SETLKW64" },
	{ 15, "F_SETOWN_EX" },
	{ 16, "F_GETOWN_EX" },
	{ 17, "F_GETOWNER_UIDS" },
	{ 36, "F_OFD_GETLK" },
	{ 37, "F_OFD_SETLK" },
	{ 38, "F_OFD_SETLKW" },
	{ 1024, "F_SETLEASE" },
	{ 1025, "F_GETLEASE" },
	{ 1026, "F_NOTIFY" },
	{ 1027, "F_DUPFD_QUERY" },
	{ 1028, "F_CREATED_QUERY" },
	{ 1029, "F_CANCELLK" },
	{ 1030, "F_DUPFD_CLOEXEC" },
	{ 1031, "F_SETPIPE_SZ" },
	{ 1032, "F_GETPIPE_SZ" },
	{ 1033, "F_ADD_SEALS" },
	{ 1034, "F_GET_SEALS" },
	{ 1035, "F_GET_RW_HINT" },
	{ 1036, "F_SET_RW_HINT" },
	{ 1037, "F_GET_FILE_RW_HINT" },
	{ 1038, "F_SET_FILE_RW_HINT" },
	{ 1039, "F_GETDELEG" },
	{ 1040, "F_SETDELEG" },
};
const struct const_set set_fcntl_commands = CONST_SET(fcntl_commands, "F_???");

static const struct const_name fd_flags[] = {
	{ 1, "FD_CLOEXEC" },
};
const struct const_set set_fd_flags = CONST_SET(fd_flags, "FD_???");

static const struct const_name lock_types[] = {
	{ 0, "F_RDLCK" }, { 1, "F_WRLCK" }, { 2, "F_UNLCK" }, { 4, "F_EXLCK" }, { 8, "F_SHLCK" },
};
const struct const_set set_lock_types = CONST_SET(lock_types, "F_???");

static const struct const_name lock_whence[] = {
	{ 0, "SEEK_SET" },  { 1, "SEEK_CUR" },  { 2, "SEEK_END" },
	{ 3, "SEEK_DATA" }, { 4, "SEEK_HOLE" },
};
const struct const_set set_lock_whence = CONST_SET(lock_whence, "SEEK_???");

static const struct const_name owner_types[] = {
	{ 0, "F_OWNER_TID" },
	{ 1, "F_OWNER_PID" },
	{ 2, "F_OWNER_PGRP" },
};
const struct const_set set_owner_types = CONST_SET(owner_types, "F_OWNER_???");

static const struct const_name notify_events[] = {
	{ 0x1, "DN_ACCESS" },           { 0x2, "DN_MODIFY" },  { 0x4, "DN_CREATE" },
	{ 0x8, "DN_DELETE" },           { 0x10, "DN_RENAME" }, { 0x20, "DN_ATTRIB" },
	{ 0x80000000, "DN_MULTISHOT" },
};
const struct const_set set_notify_events = CONST_SET(notify_events, "DN_???");

static const struct const_name seals[] = {
	{ 0x1, "F_SEAL_SEAL" },  { 0x2, "F_SEAL_SHRINK" },        { 0x4, "F_SEAL_GROW" },
	{ 0x8, "F_SEAL_WRITE" }, { 0x10, "F_SEAL_FUTURE_WRITE" }, { 0x20, "F_SEAL_EXEC" },
};
const struct const_set set_seals = CONST_SET(seals, "F_SEAL_???");

static const struct const_name write_hints[] = {
	{ 0, "RWH_WRITE_LIFE_NOT_SET" }, { 1, "RWH_WRITE_LIFE_NONE" },
	{ 2, "RWH_WRITE_LIFE_SHORT" },   { 3, "RWH_WRITE_LIFE_MEDIUM" },
	{ 4, "RWH_WRITE_LIFE_LONG" },    { 5, "RWH_WRITE_LIFE_EXTREME" },
};
const struct const_set set_write_hints = CONST_SET(write_hints, "RWH_WRITE_LIFE_???");

static const struct const_name flock_ops[] = {
	{ 1, "LOCK_SH" },    { 2, "LOCK_EX" },   { 4, "LOCK_NB" },    { 8, "LOCK_UN" },
	{ 32, "LOCK_MAND" }, { 192, "LOCK_RW" }, { 64, "LOCK_READ" }, { 128, "LOCK_WRITE" },
};
const struct const_set set_flock_ops = CONST_SET(flock_ops, "LOCK_???");

/* linux/close_range.h */
static const struct const_name close_range_flags[] = {
	{ 2, "CLOSE_RANGE_UNSHARE" },
	{ 4, "CLOSE_RANGE_CLOEXEC" },
};
const struct const_set set_close_range_flags = CONST_SET(close_range_flags, "CLOSE_RANGE_???");

/* linux/splice.h of the kernel, bits/fcntl-linux.h */
static const struct const_name splice_flags[] = {
	{ 1, "SPLICE_F_MOVE" },
	{ 2, "SPLICE_F_NONBLOCK" },
	{ 4, "SPLICE_F_MORE" },
	{ 8, "SPLICE_F_GIFT" },
};
const struct const_set set_splice_flags = CONST_SET(splice_flags, "SPLICE_F_???");

/* linux/eventfd.h */
static const struct const_name eventfd_flags[] = {
	{ 1, "EFD_SEMAPHORE" },
	{ 02000000, "EFD_CLOEXEC" },
	{ 04000, "EFD_NONBLOCK" },
};
const struct const_set set_eventfd_flags = CONST_SET(eventfd_flags, "EFD_???");

/* linux/signalfd.h */
static const struct const_name signalfd_flags[] = {
	{ 02000000, "SFD_CLOEXEC" },
	{ 04000, "SFD_NONBLOCK" },
};
const struct const_set set_signalfd_flags = CONST_SET(signalfd_flags, "SFD_???");

/* linux/timerfd.h */
static const struct const_name timerfd_flags[] = {
	{ 02000000, "TFD_CLOEXEC" },
	{ 04000, "TFD_NONBLOCK" },
};
const struct const_set set_timerfd_flags = CONST_SET(timerfd_flags, "TFD_???");

static const struct const_name timerfd_settime_flags[] = {
	{ 1, "TFD_TIMER_ABSTIME" },
	{ 2, "TFD_TIMER_CANCEL_ON_SET" },
};
const struct const_set set_timerfd_settime_flags = CONST_SET(timerfd_settime_flags, "TFD_???");

/* asm-generic/poll.h */
static const struct const_name poll_events[] = {
	{ 0x1, "POLLIN" },       { 0x2, "POLLPRI" },           { 0x4, "POLLOUT" },
	{ 0x8, "POLLERR" },      { 0x10, "POLLHUP" },          { 0x20, "POLLNVAL" },
	{ 0x40, "POLLRDNORM" },  { 0x80, "POLLRDBAND" },       { 0x100, "POLLWRNORM" },
	{ 0x200, "POLLWRBAND" }, { 0x400, "POLLMSG" },         { 0x1000, "POLLREMOVE" },
	{ 0x2000, "POLLRDHUP" }, { 0x8000, "POLL_BUSY_LOOP" },
};
const struct const_set set_poll_events = CONST_SET(poll_events, "POLL???");

/* linux/eventpoll.h */
static const struct const_name epoll_events[] = {
	{ 0x1, "EPOLLIN" },
	{ 0x2, "EPOLLPRI" },
	{ 0x4, "EPOLLOUT" },
	{ 0x8, "EPOLLERR" },
	{ 0x10, "EPOLLHUP" },
	{ 0x20, "EPOLLNVAL" },
	{ 0x40, "EPOLLRDNORM" },
	{ 0x80, "EPOLLRDBAND" },
	{ 0x100, "EPOLLWRNORM" },
	{ 0x200, "EPOLLWRBAND" },
	{ 0x400, "EPOLLMSG" },
	{ 0x2000, "EPOLLRDHUP" },
	{ 1u << 28, "EPOLLEXCLUSIVE" },
	{ 1u << 29, "EPOLLWAKEUP" },
	{ 1u << 30, "EPOLLONESHOT" },
	{ 1u << 31, "EPOLLET" },
};
const struct const_set set_epoll_events = CONST_SET(epoll_events, "EPOLL???");

static const struct const_name epoll_flags[] = {
	{ 02000000, "EPOLL_CLOEXEC" },
};
const struct const_set set_epoll_flags = CONST_SET(epoll_flags, "EPOLL_???");

static const struct const_name epoll_ops[] = {
	{ 1, "EPOLL_CTL_ADD" },
	{ 2, "EPOLL_CTL_DEL" },
	{ 3, "EPOLL_CTL_MOD" },
};
const struct const_set set_epoll_ops = CONST_SET(epoll_ops, "EPOLL_CTL_???");
