#ifndef FILTERS_WORDS_H
#define FILTERS_WORDS_H

#include <stddef.h>

#include "filters/filter.h"

/*
 * Read a set of words into *ret_bits. Words are taken in any case.
 * Returns 0, or -EINVAL with error filled.
 */
int words_parse(enum filter_words which, const char *text, unsigned *ret_bits, char *error,
		size_t error_len);

#endif
