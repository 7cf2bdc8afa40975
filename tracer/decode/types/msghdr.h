#ifndef DECODE_TYPES_MSGHDR_H
#define DECODE_TYPES_MSGHDR_H

#include "decode/spec.h"

/*
 * The address of a struct msghdr, or of slot.len struct mmsghdr; the descriptor is argument 0.
 * The ones that receive are DIR_BOTH arguments with index 1: they need to know how much room
 * msg_name had before the call.
 */
extern const struct type type_msghdr_in, type_msghdr_out, type_mmsghdr_in, type_mmsghdr_out;

/* A buffer of slot.len bytes of the socket that argument 0 names. */
extern const struct type type_socket_buffer;

#endif
