#include "render/text_counts.h"

#include <string.h>

#include "base/clock.h"

/* Columns are at least so wide, and wider if something in them is; names have a blank behind them. */
static const struct column {
	const char *head;
	unsigned width;
} columns[COUNT_COLUMNS] = {
	[COUNT_PERCENT] = { "% time", 6 },     [COUNT_TOTAL] = { "seconds", 11 },
	[COUNT_MIN] = { "shortest", 8 },       [COUNT_MAX] = { "longest", 8 },
	[COUNT_AVG] = { "usecs/call", 11 },    [COUNT_WALL_TOTAL] = { "wall-total", 11 },
	[COUNT_WALL_MIN] = { "wall-min", 8 },  [COUNT_WALL_MAX] = { "wall-max", 8 },
	[COUNT_WALL_AVG] = { "wall-avg", 11 }, [COUNT_CALLS] = { "calls", 9 },
	[COUNT_ERRORS] = { "errors", 9 },      [COUNT_NAME] = { "syscall", 16 },
};

struct layout {
	const struct counts_view *view;
	struct call_count total;
	unsigned widths[COUNT_COLUMNS]; /* by place, not by key */
};

static void add_seconds(struct buf *cell, uint64_t ns)
{
	buf_printf(cell, "%.6f", (double)ns / (double)NS_PER_SEC);
}

static void add_percent(struct buf *cell, const struct layout *layout, const struct call_count *row)
{
	uint64_t all = call_count_times(&layout->total, layout->view)->total_ns;
	uint64_t part = call_count_times(row, layout->view)->total_ns;

	if (row == &layout->total)
		buf_text(cell, "100.00");
	else
		buf_printf(cell, "%.2f", all ? 100.0 * (double)part / (double)all : 0.0);
}

static void add_time(struct buf *cell, const struct layout *layout, const struct call_count *row,
		     enum count_key key)
{
	bool is_wall = key >= COUNT_WALL_TOTAL && key <= COUNT_WALL_AVG;
	const struct call_times *times = is_wall ? &row->wall : call_count_times(row, layout->view);

	if (!times->n) {
		buf_char(cell, '?');
		return;
	}
	switch (key) {
	case COUNT_PERCENT:
		add_percent(cell, layout, row);
		break;
	case COUNT_TOTAL:
	case COUNT_WALL_TOTAL:
		add_seconds(cell, times->total_ns);
		break;
	case COUNT_MIN:
	case COUNT_WALL_MIN:
		add_seconds(cell, times->min_ns);
		break;
	case COUNT_MAX:
	case COUNT_WALL_MAX:
		add_seconds(cell, times->max_ns);
		break;
	default:
		buf_uint(cell, times->total_ns / times->n / 1000);
		break;
	}
}

/* One cell, as wide as it comes; row NULL: the head. */
static const char *cell_text(struct buf *cell, const struct layout *layout,
			     const struct call_count *row, enum count_key key)
{
	buf_clear(cell);
	if (!row)
		buf_text(cell, columns[key].head);
	else if (key == COUNT_NAME)
		buf_text(cell, row->name ? row->name : "total");
	else if (key == COUNT_CALLS)
		buf_uint(cell, row->calls);
	else if (key == COUNT_ERRORS && row->errors)
		buf_uint(cell, row->errors);
	else if (key != COUNT_ERRORS)
		add_time(cell, layout, row, key);
	return buf_string(cell);
}

static void measure(struct layout *layout, const struct call_count *row)
{
	struct buf cell = { 0 };

	for (unsigned i = 0; i < layout->view->n_columns; i++) {
		enum count_key key = layout->view->columns[i];
		size_t len = strlen(cell_text(&cell, layout, row, key)) + (key == COUNT_NAME);

		if (layout->widths[i] < columns[key].width)
			layout->widths[i] = columns[key].width;
		if (layout->widths[i] < len)
			layout->widths[i] = (unsigned)len;
	}
	buf_finish(&cell);
}

static void add_row(struct buf *out, const struct layout *layout, const struct call_count *row)
{
	struct buf cell = { 0 };

	for (unsigned i = 0; i < layout->view->n_columns; i++) {
		enum count_key key = layout->view->columns[i];
		bool is_last = i + 1 == layout->view->n_columns;
		int width = (int)layout->widths[i];

		if (key == COUNT_NAME)
			width = is_last ? 0 : -width;
		buf_printf(out, "%*s%s", width, cell_text(&cell, layout, row, key),
			   is_last ? "\n" : " ");
	}
	buf_finish(&cell);
}

static void add_rule(struct buf *out, const struct layout *layout)
{
	for (unsigned i = 0; i < layout->view->n_columns; i++) {
		buf_fill(out, '-', layout->widths[i]);
		buf_char(out, i + 1 == layout->view->n_columns ? '\n' : ' ');
	}
}

void text_counts(struct buf *out, struct call_counts *counts, const struct counts_view *view)
{
	static const char *const modes[COUNTS_MODES] = {
		[COUNTS_64] = "64 bit",
		[COUNTS_32] = "32 bit",
		[COUNTS_X32] = "x32",
	};
	const struct call_count *const *rows;

	for (unsigned mode = 0; mode < COUNTS_MODES; mode++) {
		struct layout layout = { .view = view };
		size_t n = call_counts_rows(counts, mode, view, &rows, &layout.total);

		if (!n)
			continue;
		if (mode != COUNTS_64)
			buf_printf(out, "System call usage summary for %s mode:\n", modes[mode]);
		for (size_t i = 0; i < n; i++)
			measure(&layout, rows[i]);
		measure(&layout, &layout.total);
		add_row(out, &layout, NULL);
		add_rule(out, &layout);
		for (size_t i = 0; i < n; i++)
			add_row(out, &layout, rows[i]);
		add_rule(out, &layout);
		add_row(out, &layout, &layout.total);
	}
}
