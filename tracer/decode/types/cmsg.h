#ifndef DECODE_TYPES_CMSG_H
#define DECODE_TYPES_CMSG_H

#include "decode/spec.h"

/*
 * Show the len bytes of control messages at addr: what comes with a message of a socket besides
 * its data. Reads memory that it finds in memory.
 */
void cmsg_show(struct decode *d, uint64_t addr, uint64_t len, struct value *ret_v);

#endif
