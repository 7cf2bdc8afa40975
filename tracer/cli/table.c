/* strace's table of calls: what the session does about it. */
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

#include "cli/options_summary.h"

void table_say_useless(const struct options *options)
{
	struct buf notes = { 0 };
	size_t len;

	options_summary_notes(&notes, options);
	for (const char *line = buf_string(&notes); *line; line += len + 1) {
		len = strcspn(line, "\n");
		fprintf(stderr, "%s: %.*s\n", options->program, (int)len, line);
	}
	buf_finish(&notes);
}

static void tell_unknown(struct session *session)
{
	const struct counts_view *view = &session->options->counts;
	const struct call_count *const *rows;
	struct call_count total;
	uint64_t n_calls = 0, n_timed = 0;
	char text[160];

	for (unsigned mode = 0; mode < COUNTS_MODES; mode++) {
		call_counts_rows(session->counts, mode, view, &rows, &total);
		n_calls += total.calls;
		n_timed += call_count_times(&total, view)->n;
	}
	if (n_timed == n_calls)
		return;
	snprintf(text, sizeof(text), "the %s of %llu of %llu calls is not known%s",
		 view->is_wall ? "time" : "system time", (unsigned long long)(n_calls - n_timed),
		 (unsigned long long)n_calls,
		 session->options->replay && !view->is_wall
			 ? ": only --strace --record notes it; -w shows the time that passed"
			 : "");
	session_on_error(session, text);
}

void table_show(struct session *session)
{
	session->renderer->impl->counts(session->renderer, session->counts,
					&session->options->counts);
	tell_unknown(session);
}
