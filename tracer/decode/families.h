#ifndef DECODE_FAMILIES_H
#define DECODE_FAMILIES_H

#include "decode/spec.h"

/* All families of rows, for tests that check the rows as data. */
const struct spec_family *const *families_all(size_t *ret_n);

/* The row of a call by name, or NULL. Some names on other architectures share a row. */
const struct call_spec *families_find(const char *name);

#endif
