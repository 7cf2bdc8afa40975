#ifndef DECODE_TYPES_SHIFT_H
#define DECODE_TYPES_SHIFT_H

#include "decode/spec.h"

/*
 * Flags whose bits 26 to 31 are the logarithm of a huge page's size, as in MAP_HUGETLB,
 * SHM_HUGETLB and MFD_HUGETLB: the rest by set, then 21<<suffix.
 */
struct value decode_huge_flags(struct arena *arena, const struct const_set *set, uint64_t raw,
			       const char *suffix);

/* Put one more name into a VALUE_FLAGS, in front of its rest. The name is not copied. */
void decode_add_flag(struct arena *arena, struct value *flags, const char *name);

#endif
