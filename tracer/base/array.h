#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Return items, or a larger copy of it, with room for one more than n; *capacity is in elements.
 * For the `p = array_grow(p, n, &capacity, sizeof(*p))` idiom. Out of memory aborts.
 */
void *array_grow(void *items, size_t n, size_t *capacity, size_t item_len);

#endif
