#include "filters/number_set.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "filters/token_list.h"

enum { SIGNAL_MAX = 255, RT_MIN = 32, RT_MAX = 64 };

/* The kernel's numbers on every architecture that we run on: asm-generic/signal.h. */
static const char *const signal_names[] = {
	[1] = "HUP",     [2] = "INT",        [3] = "QUIT",   [4] = "ILL",   [5] = "TRAP",
	[6] = "ABRT",    [7] = "BUS",        [8] = "FPE",    [9] = "KILL",  [10] = "USR1",
	[11] = "SEGV",   [12] = "USR2",      [13] = "PIPE",  [14] = "ALRM", [15] = "TERM",
	[16] = "STKFLT", [17] = "CHLD",      [18] = "CONT",  [19] = "STOP", [20] = "TSTP",
	[21] = "TTIN",   [22] = "TTOU",      [23] = "URG",   [24] = "XCPU", [25] = "XFSZ",
	[26] = "VTALRM", [27] = "PROF",      [28] = "WINCH", [29] = "IO",   [30] = "PWR",
	[31] = "SYS",    [RT_MIN] = "RTMIN",
};

void number_set_finish(struct number_set *set)
{
	free(set->numbers);
	memset(set, 0, sizeof(*set));
}

bool number_set_has(const struct number_set *set, int number)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->numbers[i] == number)
			return !set->is_inverted;
	return set->is_inverted;
}

bool number_set_is_empty(const struct number_set *set)
{
	return !set->n && !set->is_inverted;
}

static void add(struct number_set *set, int number)
{
	set->numbers = array_grow(set->numbers, set->n, &set->cap, sizeof(*set->numbers));
	set->numbers[set->n++] = number;
}

/* A name with or without SIG, in any case; strace's RT_n counts from RTMIN and has no zeros. */
static int signal_number(const char *name)
{
	int number = token_number(name, SIGNAL_MAX);

	if (number >= 0)
		return number;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 1; i < ARRAY_LEN(signal_names); i++)
		if (signal_names[i] && strcasecmp(name, signal_names[i]) == 0)
			return (int)i;
	if (strncasecmp(name, "RT_", 3) != 0 || name[3] == '0')
		return -1;
	number = token_number(name + 3, RT_MAX - RT_MIN);
	return number < 0 ? -1 : RT_MIN + number;
}

static int add_signal(void *data, const char *token, char *error, size_t error_len)
{
	int number = signal_number(token);

	if (number < 0)
		return token_invalid("signal", token, error, error_len);
	add(data, number);
	return 0;
}

static int add_fd(void *data, const char *token, char *error, size_t error_len)
{
	int number = token_number(token, INT_MAX);

	if (number < 0)
		return token_invalid("descriptor", token, error, error_len);
	add(data, number);
	return 0;
}

static int parse(struct number_set *set, const char *text, const char *what, token_fn *add_token,
		 char *error, size_t error_len)
{
	struct number_set fresh = { 0 };
	int err = token_list_parse(text, what, add_token, &fresh, &fresh.is_inverted, error,
				   error_len);

	if (err) {
		number_set_finish(&fresh);
		return err;
	}
	number_set_finish(set);
	*set = fresh;
	return 0;
}

int number_set_parse_fds(struct number_set *set, const char *text, char *error, size_t error_len)
{
	return parse(set, text, "descriptor", add_fd, error, error_len);
}

int number_set_parse_signals(struct number_set *set, const char *text, char *error,
			     size_t error_len)
{
	return parse(set, text, "signal", add_signal, error, error_len);
}
