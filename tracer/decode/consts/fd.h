#ifndef DECODE_CONSTS_FD_H
#define DECODE_CONSTS_FD_H

#include "decode/spec.h"

/* asm-generic/fcntl.h: what open takes besides the access mode, and those two bits. */
extern const struct const_set set_open_flags, set_access_modes;

extern const struct const_set set_fcntl_commands, set_fd_flags, set_lock_types, set_lock_whence;
extern const struct const_set set_owner_types, set_notify_events, set_seals, set_write_hints;
extern const struct const_set set_flock_ops, set_close_range_flags, set_splice_flags;
extern const struct const_set set_eventfd_flags, set_signalfd_flags, set_timerfd_flags;
extern const struct const_set set_timerfd_settime_flags;
extern const struct const_set set_poll_events, set_epoll_events, set_epoll_flags, set_epoll_ops;

#endif
