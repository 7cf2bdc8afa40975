#ifndef DECODE_TYPES_OFFSET_H
#define DECODE_TYPES_OFFSET_H

#include "decode/spec.h"

/*
 * A 64-bit number that takes two registers of a 32-bit caller: this slot holds its lower half and
 * the hidden one that BYTES_ARG(i) names the upper half. On 64 bits this slot holds all of it.
 */
extern const struct type type_loff, type_uloff;

/* _llseek's offset: this slot holds the upper half, the hidden BYTES_ARG(i) the lower one. */
extern const struct type type_llseek_off;

#endif
