#ifndef DECODE_TYPES_FD_H
#define DECODE_TYPES_FD_H

#include "decode/spec.h"

/* Flags of open: an access mode and flags, as O_RDWR|O_CREAT. 64: struct open_how's. */
extern const struct type type_open_flags, type_open_flags64;

struct value decode_open_flags(struct arena *arena, uint64_t raw);

/* The address of two descriptors, as pipe2 makes them: [3, 4]. */
extern const struct type type_fd_pair;

/* struct flock in the tracee's own layout, and struct flock64; _got: with the owner's pid. */
extern const struct type type_flock, type_flock_got, type_flock64, type_flock64_got;

extern const struct type type_f_owner_ex, type_epoll_event;

/* The address of slot.len struct pollfd: what is waited for. */
extern const struct type type_pollfds;

/* The address of an fd_set with descriptors below argument 0: [5 7]. */
extern const struct type type_fd_set;

/* The address of a signal set of slot.len bytes; of a size that is none, an address. */
extern const struct type type_sigset_arg;

/* pselect6's last argument: the address of {sigmask=[USR1], sigsetsize=8}. */
extern const struct type type_sigmask_arg;

/* What became ready, of count struct pollfd at addr: [{fd=7, revents=POLLIN}]. */
struct value decode_pollfds_ready(struct decode *d, uint64_t addr, uint64_t count);

/* As type_fd_set, of n_fds descriptors; how many are in it. */
uint32_t decode_fd_set(struct decode *d, uint64_t addr, uint64_t n_fds, struct value *ret_v);

#endif
