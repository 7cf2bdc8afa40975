#ifndef DECODE_CONSTS_IO_URING_H
#define DECODE_CONSTS_IO_URING_H

#include "decode/spec.h"

/* The commands of io_uring_register(2). */
enum ring_register {
	RING_REGISTER_BUFFERS = 0,
	RING_REGISTER_FILES = 2,
	RING_REGISTER_EVENTFD = 4,
	RING_REGISTER_FILES_UPDATE = 6,
	RING_REGISTER_EVENTFD_ASYNC = 7,
	RING_REGISTER_PROBE = 8,
	RING_REGISTER_RESTRICTIONS = 11,
	RING_REGISTER_FILES2 = 13,
	RING_REGISTER_FILES_UPDATE2 = 14,
	RING_REGISTER_BUFFERS2 = 15,
	RING_REGISTER_BUFFERS_UPDATE = 16,
	RING_REGISTER_IOWQ_AFF = 17,
	RING_REGISTER_IOWQ_MAX_WORKERS = 19,
	RING_REGISTER_RING_FDS = 20,
	RING_UNREGISTER_RING_FDS = 21,
	RING_REGISTER_PBUF_RING = 22,
	RING_UNREGISTER_PBUF_RING = 23,
	RING_REGISTER_SYNC_CANCEL = 24,
	RING_REGISTER_FILE_ALLOC_RANGE = 25,
	RING_REGISTER_PBUF_STATUS = 26,
	RING_REGISTER_CLOCK = 29,
	RING_REGISTER_CLONE_BUFFERS = 30,
	RING_REGISTERS = 37,
};

enum { RING_SETUP_ATTACH_WQ = 0x20, RING_ENTER_EXT_ARG = 8 };

/* The first argument of io_uring_register is an index, not a descriptor. */
#define RING_USE_REGISTERED_RING 0x80000000u

extern const struct const_set set_ring_setup, set_ring_features, set_ring_enter, set_ring_registers;
extern const struct const_set set_ring_ops, set_ring_op_flags, set_ring_sqe_flags,
	set_ring_restrictions, set_ring_rsrc_flags, set_ring_cancel_flags, set_ring_pbuf_flags,
	set_ring_clone_flags;

extern const struct const_set set_aio_ops, set_aio_flags, set_aio_rw_flags, set_ioprio_classes;

#endif
