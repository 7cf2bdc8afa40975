#ifndef DECODE_TYPES_IO_URING_H
#define DECODE_TYPES_IO_URING_H

#include "decode/spec.h"

/* struct io_uring_params, which io_uring_setup(2) reads and fills: goes with DIR_EXIT. */
extern const struct type type_ring_params;

/* A command of io_uring_register(2), and whether its first argument is an index. */
extern const struct type type_ring_register;

/* The address of struct io_uring_getevents_arg, in the default face; for strace an address. */
extern const struct type type_ring_getevents;

/*
 * What io_uring_register(2) takes, by address. Of these slot.len is the count in the last
 * argument: descriptors, a cpu mask in bytes, a struct io_uring_probe, two limits of workers.
 */
extern const struct type type_ring_fds, type_ring_cpus, type_ring_probe, type_ring_workers;

/* struct io_uring_rsrc_update, whose data are slot.len descriptors; as a pointee: with a number. */
extern const struct type type_ring_files_update;
extern const struct type type_ring_fd_update, type_ring_fd_removal;

/* struct io_uring_rsrc_register and _update2, of slot.len bytes: data are files or buffers. */
extern const struct type type_ring_files2, type_ring_files_update2, type_ring_buffers2,
	type_ring_buffers_update;

/* Pointees. */
extern const struct type type_ring_restriction, type_ring_buf_reg, type_ring_sync_cancel,
	type_ring_file_range, type_ring_buf_status, type_ring_clock, type_ring_clone_buffers;

#endif
