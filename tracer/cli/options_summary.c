#include "cli/options_summary.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"

#define SUMMARIES "(-c/--summary-only or -C/--summary)"

enum { KEY_NAMES_MAX = 5 };

/* What columns, and what they are sorted by, are called. */
static const char *const key_names[COUNT_NOTHING + 1][KEY_NAMES_MAX] = {
	[COUNT_PERCENT] = { "time-percent", "time" },
	[COUNT_TOTAL] = { "total-time", "time-total" },
	[COUNT_MIN] = { "min-time", "shortest", "time-min" },
	[COUNT_MAX] = { "max-time", "longest", "time-max" },
	[COUNT_AVG] = { "avg-time", "time-avg" },
	[COUNT_WALL_TOTAL] = { "wall-total" },
	[COUNT_WALL_MIN] = { "wall-min" },
	[COUNT_WALL_MAX] = { "wall-max" },
	[COUNT_WALL_AVG] = { "wall-avg" },
	[COUNT_CALLS] = { "calls", "count" },
	[COUNT_ERRORS] = { "errors", "error" },
	[COUNT_NAME] = { "name", "syscall", "syscall-name" },
	[COUNT_NOTHING] = { "nothing", "none" },
};

static int fail(char *error, size_t error_len, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(char *error, size_t error_len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, error_len, format, args);
	va_end(args);
	return -EINVAL;
}

void options_summary_init(struct options *options)
{
	options->counts = (struct counts_view){
		.columns = { COUNT_PERCENT, COUNT_TOTAL, COUNT_AVG, COUNT_CALLS, COUNT_ERRORS,
			     COUNT_NAME },
		.n_columns = 6,
		.sort = COUNT_TOTAL,
	};
}

/* The key that the len bytes at text name, of those before end; end if there is none. */
static enum count_key find_key(const char *text, size_t len, enum count_key end)
{
	for (enum count_key key = 0; key < end; key++) {
		for (size_t i = 0; i < KEY_NAMES_MAX && key_names[key][i]; i++) {
			if (strlen(key_names[key][i]) == len &&
			    memcmp(key_names[key][i], text, len) == 0)
				return key;
		}
	}
	return end;
}

static int set_sort(struct options *options, const char *arg, char *error, size_t error_len)
{
	enum count_key end = COUNT_NOTHING + 1;
	enum count_key key = find_key(arg, strlen(arg), end);

	if (key == end)
		return fail(error, error_len, "invalid sortby: '%s'", arg);
	options->counts.sort = key;
	options->table |= TABLE_SORT;
	return 0;
}

static int set_columns(struct options *options, const char *arg, char *error, size_t error_len)
{
	struct counts_view view = options->counts;
	unsigned given = 0;
	size_t len;

	view.n_columns = 0;
	for (const char *at = arg;; at += len + 1) {
		enum count_key key;

		len = strcspn(at, ",");
		key = find_key(at, len, COUNT_COLUMNS);
		if (key == COUNT_COLUMNS)
			return fail(error, error_len, "unknown column name: '%.*s'", (int)len, at);
		if (given & 1u << key)
			return fail(error, error_len,
				    "call summary column has been provided more than once: '%s' "
				    "(-U option residual: '%s')",
				    key_names[key][0], at);
		given |= 1u << key;
		view.columns[view.n_columns++] = key;
		if (!at[len])
			break;
	}
	if (!(given & 1u << COUNT_NAME))
		view.columns[view.n_columns++] = COUNT_NAME;
	options->counts = view;
	options->table |= TABLE_COLUMNS;
	return 0;
}

/*
 * A time of strace's: a decimal number, in microseconds if no unit follows it. What is longer than
 * 292 years is that.
 */
static bool parse_time(const char *text, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", 1e3 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
	const char *digits = text + strspn(text, " \t\n\v\f\r");
	char *end;
	double number;

	digits += *digits == '+' || *digits == '-';
	/* No names and no hexadecimal numbers, which strtod() takes, too. */
	if (!strspn(digits, "0123456789.") || digits[strcspn(digits, "xX")])
		return false;
	errno = 0;
	number = strtod(text, &end);
	if (end == text || errno || !(number >= 0))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		number *= units[i].ns;
		*ret_ns = number < (double)INT64_MAX ? (uint64_t)number : INT64_MAX;
		return true;
	}
	return false;
}

static int set_overhead(struct options *options, const char *arg, char *error, size_t error_len)
{
	if (!parse_time(arg, &options->overhead_ns))
		return fail(error, error_len, "invalid -O argument: '%s'", arg);
	options->table |= TABLE_OVERHEAD;
	return 0;
}

int options_summary_set(struct options *options, int code, const char *arg, char *error,
			size_t error_len)
{
	switch (code) {
	case 'S':
		return set_sort(options, arg, error, error_len);
	case 'U':
		return set_columns(options, arg, error, error_len);
	case 'O':
		return set_overhead(options, arg, error, error_len);
	case 'w':
		options->counts.is_wall = true;
		options->table |= TABLE_WALL;
		return 0;
	default:
		options->has_both_summaries |=
			options->has_summary && options->is_summary_only != (code == 'c');
		options->has_summary = true;
		options->is_summary_only = code == 'c';
		return 0;
	}
}

static int check_strace(const struct options *options, char *error, size_t error_len)
{
	if (options->has_summary && options->is_separate)
		return fail(error, error_len,
			    SUMMARIES " and -ff/--output-separately are mutually exclusive");
	if ((options->table & TABLE_WALL) && !options->has_summary)
		return fail(error, error_len,
			    "-w/--summary-wall-clock must be given with " SUMMARIES);
	if ((options->table & TABLE_COLUMNS) && !options->has_summary)
		return fail(error, error_len, "-U/--summary-columns must be given with " SUMMARIES);
	return 0;
}

int options_summary_check(const struct options *options, char *error, size_t error_len)
{
	if (options->has_both_summaries)
		return fail(error, error_len,
			    "-c/--summary-only and -C/--summary are mutually exclusive");
	if (options->is_strace)
		return check_strace(options, error, error_len);
	if (options->table)
		return fail(error, error_len,
			    "-S, -U, -w and -O are about strace's table of calls: add --strace");
	if (options->has_summary && !options->model.has_peers)
		return fail(error, error_len,
			    "-c and -C need peers: leave out --no-peers and --brief");
	return 0;
}

void options_summary_notes(struct buf *out, const struct options *options)
{
	const struct render_options *render = &options->render;
	const struct {
		bool is_given;
		const char *name;
	} useless[] = {
		{ render->has_ip, "-i/--instruction-pointer" },
		{ options->has_stacks, "-k/--stack-traces" },
		{ render->has_number, "-n/--syscall-number" },
		{ render->is_relative, "-r/--relative-timestamps" },
		{ render->timestamp != TIME_NONE, "-t/--absolute-timestamps" },
		{ render->has_duration, "-T/--syscall-times" },
		{ options->has_links || filter_words(options->filter, FILTER_DECODE_FDS),
		  "-y/--decode-fds" },
	};

	if (!options->is_strace)
		return;
	if ((options->table & TABLE_SORT) && !options->has_summary)
		buf_text(out, "-S/--summary-sort-by has no effect without " SUMMARIES "\n");
	for (size_t i = 0; i < ARRAY_LEN(useless) && options->is_summary_only; i++) {
		if (useless[i].is_given)
			buf_printf(out, "%s has no effect with -c/--summary-only\n",
				   useless[i].name);
	}
}
