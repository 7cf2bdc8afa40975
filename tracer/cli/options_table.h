#ifndef CLI_OPTIONS_TABLE_H
#define CLI_OPTIONS_TABLE_H

#include <getopt.h>

#include "base/buf.h"

/* One table of options: it feeds getopt, --help and the manual. */
enum { LONG_ONLY = 256, OPTIONS_MAX = 96 };

/* Options without a letter. */
enum {
	OPT_STRACE = LONG_ONLY,
	OPT_NO_FOLLOW,
	OPT_NO_SECCOMP,
	OPT_SECCOMP,
	OPT_WAIT_NOTE,
	OPT_RECORD,
	OPT_REPLAY,
	OPT_LIST_CLASSES,
	OPT_ALWAYS_PID,
	OPT_ARGV0,
	OPT_TRACE,
	OPT_SIGNALS,
	OPT_STATUS,
	OPT_RAW,
	OPT_ABBREV,
	OPT_VERBOSE,
	OPT_TRACE_FDS,
	OPT_NO_STATE,
	OPT_NO_PEERS,
	OPT_BRIEF,
	OPT_OBJECTS,
	OPT_FORMAT,
	OPT_HANG,
	OPT_DEADLOCK,
	OPT_LEAKS,
	OPT_WHY,
	OPT_RING,
	OPT_EXPLAIN,
	OPT_YIELD,
	OPT_KILL_ON_EXIT,
};

/* What getopt_long(3) wants to know. */
struct getopt_tables {
	struct option longs[OPTIONS_MAX + 1];
	char shorts[3 * OPTIONS_MAX + 3];
};

void options_table_make(struct getopt_tables *ret_tables);

/* The text of --help of a program that is called name. */
void options_table_help(struct buf *out, const char *name);

#endif
