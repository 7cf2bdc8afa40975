#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "analysis/call_counts.h"
#include "capture/target.h"
#include "filters/filter.h"
#include "model/model.h"
#include "render/render.h"

/* What to do, as the command line says. */
enum action { ACTION_TRACE, ACTION_HELP, ACTION_VERSION, ACTION_LIST_CLASSES, ACTION_EXPLAIN };
/* Bits: which options about strace's table were given. */
enum { TABLE_SORT = 1, TABLE_COLUMNS = 2, TABLE_WALL = 4, TABLE_OVERHEAD = 8 };

enum format { FORMAT_TEXT, FORMAT_JSON };

struct options {
	enum action action;
	const char *program; /* argv[0], for messages */
	bool is_strace;
	enum format format;
	struct filter *filter;
	char *const *argv; /* the command; NULL = none */
	struct target *targets; /* of -p */
	size_t n_targets, cap_targets;
	bool is_following;
	bool is_separate; /* -ff: strace's file for each process; no more than to refuse it with -o and -c */
	bool has_seccomp;
	bool is_yielding, is_killing;
	bool has_stacks;
	bool has_links; /* -y */
	bool is_append;
	unsigned quiet; /* QUIET_* bits of -q, added to the filter's */
	uint32_t wait_note_ms;
	uint64_t hang_ns; /* waits of this length are explained; 0 = none */
	bool is_why; /* tell who waits for whom; of processes that run on, without tracing them */
	bool is_deadlock_error; /* one makes the exit status */
	const char *output;
	const char *record, *replay;
	size_t ring_len; /* bytes of events that are kept; 0 = all of them, in the file */
	const char *class_name; /* of --list-classes */
	const char *topic; /* of --explain: a page or a call */
	bool has_explanations; /* --explain without one: sentences in the trace */
	const char **paths; /* -P */
	size_t n_paths, cap_paths;
	const char **env; /* -E, in order: VAR=VALUE or VAR */
	size_t n_env, cap_env;
	const char *argv0;
	bool has_objects; /* list them at the end */
	bool has_both_summaries; /* which cannot be */
	bool has_summary, is_summary_only; /* who sent how much to whom; and nothing else */
	unsigned table; /* TABLE_* bits */
	struct counts_view counts; /* what strace's table shows */
	uint64_t overhead_ns; /* of tracing, in the time of each call */
	bool has_leaks, is_leak_error; /* tell what is left behind; it makes the exit status */
	struct model_options model;
	struct render_options render;
};

/*
 * Take the command line apart. 0, or -EINVAL with a line for the user in error. What options
 * points to lives as long as argv.
 */
int options_parse(struct options *options, int argc, char **argv, char *error, size_t error_len);
void options_finish(struct options *options);

/* The text of --help, from the same table that options are parsed by. */
void options_help(struct buf *out, const struct options *options);

#endif
