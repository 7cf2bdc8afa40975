#ifndef CLI_OPTIONS_SUMMARY_H
#define CLI_OPTIONS_SUMMARY_H

#include <stddef.h>

#include "base/buf.h"
#include "cli/options.h"

/* The options about summaries: -c and -C, and those of strace's table: -S, -U, -w and -O. */

/* The table as strace has it when nothing is said of it. */
void options_summary_init(struct options *options);

/*
 * Take one of them; arg is NULL for those without. 0, or -EINVAL with a line for the user in error.
 * Source: strace(1), Statistics.
 */
int options_summary_set(struct options *options, int code, const char *arg, char *error,
			size_t error_len);

/* Do all options that were given go together with the summary? 0, or -EINVAL as above. */
int options_summary_check(const struct options *options, char *error, size_t error_len);

/* What of the options has no effect, as strace says it: a line for each. */
void options_summary_notes(struct buf *out, const struct options *options);

#endif
