#ifndef DECODE_TYPES_NETLINK_H
#define DECODE_TYPES_NETLINK_H

#include "decode/spec.h"

/*
 * If fd is a netlink socket and the len bytes at addr look like its messages, show them and
 * return true. What fd is gets asked only for data that could be messages.
 */
bool netlink_show(struct decode *d, int fd, uint64_t addr, uint64_t len, struct value *ret_v);

#endif
