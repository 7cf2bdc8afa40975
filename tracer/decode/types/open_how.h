#ifndef DECODE_TYPES_OPEN_HOW_H
#define DECODE_TYPES_OPEN_HOW_H

#include "decode/spec.h"

/* The address of a struct open_how of slot.len bytes; of a size that is none, an address. */
extern const struct type type_open_how;

#endif
