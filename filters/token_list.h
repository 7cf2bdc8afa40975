#ifndef FILTERS_TOKEN_LIST_H
#define FILTERS_TOKEN_LIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Walk [!]VALUE[,VALUE]... as strace does: each ! in front inverts the whole, "all" and "none" are
 * sets if they are all there is, empty values between commas do not count, but at least one value
 * there must be. add is called with each value; what it returns ends the walk if it is not 0.
 * Returns 0 with *ret_is_inverted set; or what add returned; or -EINVAL with
 * "invalid WHAT 'TEXT'" in error if there is no value.
 */
typedef int token_fn(void *data, const char *token, char *error, size_t error_len);
int token_list_parse(const char *text, const char *what, token_fn *add, void *data,
		     bool *ret_is_inverted, char *error, size_t error_len);

/* Write "invalid WHAT 'TOKEN'" and return -EINVAL. */
int token_invalid(const char *what, const char *token, char *error, size_t error_len);

/* A number of decimal digits only, at most max: it, or -1. */
int token_number(const char *token, int max);

#endif
