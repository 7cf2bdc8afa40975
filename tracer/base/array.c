#include "base/array.h"

#include <stdlib.h>

void *array_grow(void *items, size_t n, size_t *capacity, size_t item_len)
{
	if (n < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 8;
	items = reallocarray(items, *capacity, item_len);
	if (!items)
		abort();
	return items;
}
