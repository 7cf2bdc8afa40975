#ifndef DECODE_TYPES_SOCKOPT_H
#define DECODE_TYPES_SOCKOPT_H

#include "decode/spec.h"

/*
 * Arguments 2 and 3 of getsockopt(2) and setsockopt(2): the option, by the level that argument 1
 * is, and the address of its value, of slot.len bytes.
 */
extern const struct type type_sockopt, type_sockopt_in, type_sockopt_out;

#endif
