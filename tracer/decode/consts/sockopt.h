#ifndef DECODE_CONSTS_SOCKOPT_H
#define DECODE_CONSTS_SOCKOPT_H

#include "decode/spec.h"

/* SOL_SOCKET, SOL_TCP...; strace has two ways of saying that it knows no name. */
extern const struct const_set set_socket_levels, set_sockopt_levels;

/* The options of a level; NULL for levels whose options have no names here. */
const struct const_set *sockopt_names(uint64_t level);

#endif
