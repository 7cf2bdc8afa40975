#include "render/text_summary.h"

#include <stdio.h>
#include <string.h>

#include "render/text_time.h"
#include "render/text_value.h"

enum { CELL_MAX_LEN = 32 };

static const char columns[] =
	"  received      bytes      p50      p99      max   sending receiving fullest";

static void add_escaped(struct buf *out, const char *text)
{
	text_escape(out, text, strlen(text), "<>{}");
}

/* A time in a column of that width, right-aligned; "-" for none. */
static void add_cell(struct buf *out, uint64_t ns, bool is_known, int width)
{
	struct buf cell = { 0 };

	if (is_known)
		text_time(&cell, ns);
	else
		buf_char(&cell, '-');
	buf_printf(out, " %*s", width, buf_string(&cell));
	buf_finish(&cell);
}

static void add_fill(struct buf *out, const struct summary_row *row)
{
	char cell[CELL_MAX_LEN * 2] = "";

	if (row->fill >= 0 && row->limit >= 0)
		snprintf(cell, sizeof(cell), "%lld/%lld %.8s", (long long)row->fill,
			 (long long)row->limit, row->unit);
	else if (row->fill >= 0)
		snprintf(cell, sizeof(cell), "%lld %.8s", (long long)row->fill, row->unit);
	buf_printf(out, " %-15s ", cell);
}

static void add_process(struct buf *out, const char *comm, pid_t pid)
{
	add_escaped(out, comm ? comm : "?");
	buf_printf(out, "[%d]", pid);
}

static void add_name(struct buf *out, const struct summary_row *row)
{
	if (row->from) {
		buf_text(out, row->kind == SUMMARY_FLOW ? "  " : "");
		add_process(out, row->from_comm, row->from);
		buf_text(out, " -> ");
		add_process(out, row->to_comm, row->to);
	} else if (row->name) {
		buf_text(out, row->name);
	}
	if (row->label) {
		buf_char(out, ' ');
		add_escaped(out, row->label);
	}
	if (row->n_sent > row->n_received)
		buf_printf(out, " (%llu sent)", (unsigned long long)row->n_sent);
	if (row->n_inferred)
		buf_printf(out, " (%llu matched~)", (unsigned long long)row->n_inferred);
}

static void add_row(struct buf *out, const struct summary_row *row)
{
	const struct latency *latency = &row->latency;
	bool has_times = row->kind == SUMMARY_OBJECT || row->kind == SUMMARY_MECHANISM;

	buf_printf(out, "%10llu %10llu", (unsigned long long)row->n_received,
		   (unsigned long long)row->bytes_received);
	add_cell(out, latency_percentile(latency, 500), latency->n, 8);
	add_cell(out, latency_percentile(latency, 990), latency->n, 8);
	add_cell(out, latency->max_ns, latency->n, 8);
	add_cell(out, row->send_ns, has_times && row->send_ns, 9);
	add_cell(out, row->receive_ns, has_times && row->receive_ns, 9);
	add_fill(out, row);
	add_name(out, row);
	buf_char(out, '\n');
}

static bool begins_table(const struct summary_row *row, const struct summary_row *previous)
{
	bool is_first = !previous || previous->kind == SUMMARY_FLOW;

	return is_first ? row->kind != SUMMARY_FLOW && (!previous || row->kind != SUMMARY_OBJECT)
			: row->kind != previous->kind && row->kind != SUMMARY_FLOW;
}

void text_summary(struct buf *out, struct summary *summary)
{
	static const char *const titles[SUMMARY_KINDS] = {
		[SUMMARY_OBJECT] = "objects, from -> to",
		[SUMMARY_PAIR] = "pairs of processes",
		[SUMMARY_MECHANISM] = "mechanisms",
	};
	const struct summary_row *const *rows;
	size_t n = summary_rows(summary, &rows);

	buf_text(out, "=== summary\n");
	for (size_t i = 0; i < n; i++) {
		if (begins_table(rows[i], i ? rows[i - 1] : NULL))
			buf_printf(out, "%s        %s\n", columns, titles[rows[i]->kind]);
		add_row(out, rows[i]);
	}
	if (summary_left_out(summary))
		buf_text(out, "there were too many objects or pairs to list them all\n");
}
