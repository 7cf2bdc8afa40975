#ifndef DECODE_TYPES_AIO_H
#define DECODE_TYPES_AIO_H

#include "decode/spec.h"

/* struct iocb of linux/aio_abi.h: its head is a pointee, all of it is an address in an array. */
extern const struct type type_iocb_head, type_iocb_ptr;

/* struct io_event; a pointee. */
extern const struct type type_aio_event;

#endif
