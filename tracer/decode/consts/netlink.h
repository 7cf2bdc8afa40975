#ifndef DECODE_CONSTS_NETLINK_H
#define DECODE_CONSTS_NETLINK_H

#include "decode/spec.h"

/* Message types by protocol (NETLINK_ROUTE...), never NULL. */
const struct const_set *netlink_types(unsigned protocol);

/* Flags of a message by its type: what the upper bits mean depends on the operation. */
const struct const_set *netlink_flags(unsigned protocol, unsigned type);

#endif
