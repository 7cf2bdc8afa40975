#ifndef FILTERS_NUMBER_SET_H
#define FILTERS_NUMBER_SET_H

#include <stdbool.h>
#include <stddef.h>

/* A set of small numbers: descriptors, signals. A zeroed one is empty. */
struct number_set {
	int *numbers;
	size_t n, cap;
	bool is_inverted; /* all but numbers */
};

void number_set_finish(struct number_set *set);
bool number_set_has(const struct number_set *set, int number);
bool number_set_is_empty(const struct number_set *set);

/* Make *set what text says: 0, or -EINVAL with error filled and *set as it was. */
int number_set_parse_fds(struct number_set *set, const char *text, char *error, size_t error_len);
int number_set_parse_signals(struct number_set *set, const char *text, char *error,
			     size_t error_len);

#endif
