#ifndef ANALYSIS_CALL_COUNTS_H
#define ANALYSIS_CALL_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

/*
 * How often each system call was made and failed, and how long it took: what strace's -c tells, in
 * memory that does not grow with the trace.
 */
struct call_counts;

/* The ways to make calls that have numbers of their own. Each has a table. */
enum counts_mode { COUNTS_64, COUNTS_32, COUNTS_X32, COUNTS_MODES };

/* What tables have columns of and are sorted by. Without WALL: of the time that the view chooses. */
enum count_key {
	COUNT_PERCENT,
	COUNT_TOTAL,
	COUNT_MIN,
	COUNT_MAX,
	COUNT_AVG,
	COUNT_WALL_TOTAL,
	COUNT_WALL_MIN,
	COUNT_WALL_MAX,
	COUNT_WALL_AVG,
	COUNT_CALLS,
	COUNT_ERRORS,
	COUNT_NAME,
	COUNT_COLUMNS,
	COUNT_NOTHING = COUNT_COLUMNS, /* to sort by: the order of the calls' numbers */
};

struct counts_view {
	enum count_key columns[COUNT_COLUMNS];
	unsigned n_columns;
	enum count_key sort;
	bool is_wall; /* times are those that passed, not those the kernel worked */
};

struct call_times {
	uint64_t n; /* calls of which the time is known; of the others nothing is in here */
	uint64_t total_ns, min_ns, max_ns;
};

struct call_count {
	const char *name; /* NULL: of all calls */
	uint64_t calls, errors;
	struct call_times system; /* spent by the process in the kernel, as its rusage grew */
	struct call_times wall; /* from entry to return */
};

/* overhead_ns is taken from the time of each call, which stays at least 0. Out of memory aborts. */
struct call_counts *call_counts_create(uint64_t overhead_ns);
void call_counts_destroy(struct call_counts *counts);

/* A call is over: ev is the EVENT_EXIT. Without a return that was seen it does not count. */
void call_counts_add(struct call_counts *counts, const struct call *call, const struct event *ev);

/*
 * The rows of a mode in the view's order, greatest first but for names. They are counts', until the
 * next call is added. Returns how many, and what they add up to.
 */
size_t call_counts_rows(struct call_counts *counts, enum counts_mode mode,
			const struct counts_view *view, const struct call_count *const **ret_rows,
			struct call_count *ret_total);

/* The times that the view chooses. */
const struct call_times *call_count_times(const struct call_count *row,
					  const struct counts_view *view);

#endif
