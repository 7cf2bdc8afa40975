#include "filters/token_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int token_invalid(const char *what, const char *token, char *error, size_t error_len)
{
	snprintf(error, error_len, "invalid %s '%s'", what, token);
	return -EINVAL;
}

int token_number(const char *token, int max)
{
	long long number = 0;

	if (!*token)
		return -1;
	for (; *token; token++) {
		if (*token < '0' || *token > '9')
			return -1;
		number = number * 10 + (*token - '0');
		if (number > max)
			return -1;
	}
	return (int)number;
}

static int walk(char *copy, const char *text, const char *what, token_fn *add, void *data,
		char *error, size_t error_len)
{
	char *rest = copy;
	char *token = strtok_r(copy, ",", &rest);
	int err = 0;

	if (!token)
		return token_invalid(what, text, error, error_len);
	for (; token && !err; token = strtok_r(NULL, ",", &rest))
		err = add(data, token, error, error_len);
	return err;
}

int token_list_parse(const char *text, const char *what, token_fn *add, void *data,
		     bool *ret_is_inverted, char *error, size_t error_len)
{
	const char *values = text;
	bool is_inverted;
	char *copy;
	int err = 0;

	while (*values == '!')
		values++;
	is_inverted = (values - text) & 1;
	if (strcmp(values, "all") == 0) {
		is_inverted = !is_inverted;
	} else if (strcmp(values, "none") != 0) {
		copy = strdup(values);
		if (!copy)
			abort();
		err = walk(copy, text, what, add, data, error, error_len);
		free(copy);
	}
	if (!err)
		*ret_is_inverted = is_inverted;
	return err;
}
