#include "render/text_finding.h"

#include <string.h>

#include "base/clock.h"
#include "render/text_stack.h"
#include "render/text_value.h"

enum { DEPTH_MAX = 16 };

static void add_escaped(struct buf *out, const char *text)
{
	text_escape(out, text, strlen(text), "");
}

/* A hint may be a command, to be copied: quotes and backslashes are as a shell wants them. */
static void add_hint(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text >= ' ' && *text <= '~')
			buf_char(out, *text);
		else
			buf_printf(out, "\\%03o", (unsigned char)*text);
	}
}

/* What is exact, inferred and unknown is said in different words. */
static const char *heading(const struct finding *finding)
{
	bool is_exact = finding->certainty == CERTAIN;

	switch (finding->kind) {
	case FINDING_DEADLOCK:
		return is_exact ? "deadlock" : "deadlock~ (inferred)";
	case FINDING_ENDLESS:
		return is_exact ? "this wait can never end" : "this wait may never end~ (inferred)";
	case FINDING_LEFT:
		return is_exact ? "left behind" : "left behind~ (inferred)";
	case FINDING_UNUSED:
		return is_exact ? "inherited for nothing" : "inherited for nothing~ (inferred)";
	}
	return "finding";
}

void text_finding(struct buf *out, const struct finding *finding)
{
	buf_printf(out, "=== %s: ", heading(finding));
	add_escaped(out, finding->text);
	buf_char(out, '\n');
	if (finding->hint) {
		buf_text(out, "    ");
		add_hint(out, finding->hint);
		buf_char(out, '\n');
	}
	if (finding->stack)
		text_stack(out, finding->stack);
}

void text_note(struct buf *out, const struct event *ev)
{
	const struct event_range *range = ev->n_ranges ? &ev->ranges[0] : NULL;

	buf_text(out, "=== ");
	if (range)
		text_escape(out, ev->bytes.data + range->data, range->len, "");
	buf_char(out, '\n');
}

void text_waits(struct buf *out, const struct waits *waits, uint64_t now_ns)
{
	buf_printf(out, "=== blocked: %zu of %zu thread%s\n", waits->n, waits->n_threads,
		   waits->n_threads == 1 ? "" : "s");
	for (size_t i = 0; i < waits->n; i++) {
		const struct wait *wait = &waits->items[i];
		uint64_t since_ns = wait->blocked.since_ns;

		buf_fill(out, ' ', 4 + 2 * (wait->depth < DEPTH_MAX ? wait->depth : DEPTH_MAX));
		if (wait->depth)
			buf_text(out, "-> ");
		add_escaped(out, wait->sentence);
		if (!since_ns)
			buf_printf(out, " (%s)", wait->blocked.call->name);
		else if (now_ns >= since_ns)
			buf_printf(out, " (%s, for %.1f s)", wait->blocked.call->name,
				   (double)(now_ns - since_ns) / NS_PER_SEC);
		buf_char(out, '\n');
	}
}
