/* Lines as strace writes them, in both faces. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "render/render.h"
#include "render/text_counts.h"
#include "render/text_finding.h"
#include "render/text_model.h"
#include "render/text_stack.h"
#include "render/text_summary.h"

struct text_renderer {
	struct renderer renderer;
	struct buf line;
	unsigned n_tracees;
	pid_t open_tid; /* strace's text: whose line is unfinished; 0 = nobody's */
	size_t line_start; /* of the text of an open line that was written already, in bytes */
	uint64_t last_ns; /* of the last line, for -r */
	struct arena scratch;
};

/* Cut what stands behind from to len bytes; a terminal is not left in faint colour. */
static void cut_line(struct text_renderer *text, size_t from, size_t len)
{
	const char *tail = text->renderer.options.has_color ? "\033[0m ...\n" : " ...\n";
	size_t tail_len = strlen(tail);

	text->line.len = from + (len > tail_len ? len - tail_len : 0);
	buf_text(&text->line, tail);
}

static void write_line(struct text_renderer *text)
{
	size_t room = text->line_start < RECORD_MAX ? RECORD_MAX - text->line_start : 0;

	if (text->line.len > room)
		cut_line(text, 0, room);
	text->renderer.sink.write(text->renderer.sink.data, text->line.data, text->line.len);
	buf_clear(&text->line);
	text->line_start = 0;
}

/* A list: each of its lines may be as long as a record. */
static void write_lines(struct text_renderer *text)
{
	struct buf lines = text->line;
	size_t at = 0;

	text->line = (struct buf){ 0 };
	while (at < lines.len) {
		const char *end = memchr(lines.data + at, '\n', lines.len - at);
		size_t len = end ? (size_t)(end - lines.data) + 1 - at : lines.len - at;

		buf_add(&text->line, lines.data + at, len);
		write_line(text);
		at += len;
	}
	buf_finish(&lines);
}

/* How values are written in what is left of the record's room. */
static struct text_style style_of(const struct text_renderer *text)
{
	struct text_style style = text->renderer.options.style;

	style.room =
		text->line_start < RECORD_VALUES_MAX ? RECORD_VALUES_MAX - text->line_start : 1;
	return style;
}

static void add_value(struct text_renderer *text, const struct value *value)
{
	struct text_style style = style_of(text);

	text_value(&text->line, value, &style);
}

/* --- what stands before the call --- */

static void add_clock(struct text_renderer *text, uint64_t real_ns)
{
	time_t seconds = (time_t)(real_ns / NS_PER_SEC);
	unsigned us = (unsigned)(real_ns % NS_PER_SEC / 1000);
	char clock[16];
	struct tm tm;

	switch (text->renderer.options.timestamp) {
	case TIME_NONE:
		return;
	case TIME_EPOCH_US:
		buf_printf(&text->line, "%lld.%06u ", (long long)seconds, us);
		return;
	case TIME_CLOCK:
	case TIME_CLOCK_US:
		localtime_r(&seconds, &tm);
		strftime(clock, sizeof(clock), "%T", &tm);
		buf_text(&text->line, clock);
		if (text->renderer.options.timestamp == TIME_CLOCK_US)
			buf_printf(&text->line, ".%06u", us);
		buf_char(&text->line, ' ');
		return;
	}
}

static void add_relative(struct text_renderer *text, uint64_t time_ns)
{
	uint64_t delta = text->last_ns && time_ns > text->last_ns ? time_ns - text->last_ns : 0;
	const char *format = text->renderer.options.timestamp == TIME_NONE ? "%6llu.%06llu "
									   : "(+%6llu.%06llu) ";

	text->last_ns = time_ns;
	buf_printf(&text->line, format, (unsigned long long)(delta / NS_PER_SEC),
		   (unsigned long long)(delta % NS_PER_SEC / 1000));
}

static void add_prefix(struct text_renderer *text, pid_t tid, uint64_t time_ns, uint64_t real_ns)
{
	const struct render_options *options = &text->renderer.options;

	size_t start = text->line.len;

	if (options->has_pid_column || options->is_pid_always) {
		buf_uint(&text->line, (unsigned)tid);
		buf_fill(&text->line, ' ',
			 start + 5 > text->line.len ? start + 5 - text->line.len : 0);
		buf_char(&text->line, ' ');
	} else if (text->n_tracees > 1) {
		buf_printf(&text->line, "[pid %5u] ", (unsigned)tid);
	}
	add_clock(text, real_ns);
	if (options->is_relative)
		add_relative(text, time_ns);
}

static void add_call_prefix(struct text_renderer *text, const struct call *call,
			    const struct event *ev)
{
	const struct render_options *options = &text->renderer.options;
	bool is_entry = options->is_whole || ev->kind == EVENT_ENTER;
	uint64_t time_ns = is_entry && call->enter_ns ? call->enter_ns : ev->time_ns;
	uint64_t real_ns = is_entry && call->real_ns ? call->real_ns : ev->real_ns;

	add_prefix(text, call->tid, time_ns, real_ns);
	if (options->has_number)
		buf_printf(&text->line, "[%4u] ", (unsigned)call->nr);
	if (options->has_ip)
		buf_printf(&text->line, "[%016llx] ", (unsigned long long)call->ip);
}

/* --- calls --- */

/* Arguments that can be said at entry: up to the first that the call is yet to fill. */
static unsigned known_args(const struct call *call)
{
	unsigned n = 0;

	while (n < call->n_args && call->spec->args[n].dir == DIR_IN)
		n++;
	return n;
}

static void add_args(struct text_renderer *text, const struct call *call, unsigned from,
		     unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		if (!call->arg_names[i])
			continue;
		if (i)
			buf_text(&text->line, ", ");
		add_value(text, &call->args[i]);
	}
}

static void add_error(struct buf *line, int64_t ret)
{
	const char *name = decode_errno_name((int)-ret);
	const char *meaning = NULL;

	switch (-ret) {
	case 512:
		meaning = "To be restarted if SA_RESTART is set";
		break;
	case 513:
		meaning = "To be restarted";
		break;
	case 514:
		meaning = "To be restarted if no handler";
		break;
	case 516:
		meaning = "Interrupted by signal";
		break;
	}
	if (meaning)
		buf_printf(line, "? %s (%s)", name, meaning);
	else if (name)
		buf_printf(line, "-1 %s (%s)", name, strerror((int)-ret));
	else
		buf_printf(line, "-1 (errno %lld)", (long long)-ret);
}

static void add_aux(struct text_renderer *text, const struct call *call)
{
	for (unsigned i = 0; i < call->n_aux; i++) {
		buf_text(&text->line, i ? ", " : " (");
		if (call->aux[i].label)
			buf_printf(&text->line, "%s ", call->aux[i].label);
		add_value(text, &call->aux[i].value);
	}
	if (call->n_aux)
		buf_char(&text->line, ')');
}

static void pad_to_result(struct text_renderer *text)
{
	size_t at = text->line_start + text->line.len;
	size_t column = text->renderer.options.column;

	if (at < column)
		buf_fill(&text->line, ' ', column - at);
	else
		buf_char(&text->line, ' ');
	buf_text(&text->line, "= ");
}

static void add_annotation(struct text_renderer *text, const struct annotation *annotation)
{
	bool has_color = text->renderer.options.has_color;

	if (!annotation || (!annotation->n_touches && !annotation->n_peers))
		return;
	if (has_color)
		buf_text(&text->line, "\033[2m");
	text_annotation(&text->line, annotation);
	if (has_color)
		buf_text(&text->line, "\033[0m");
}

static void add_result(struct text_renderer *text, const struct call *call)
{
	buf_char(&text->line, ')');
	pad_to_result(text);
	if (call->state == CALL_REFUSED)
		buf_text(&text->line, "? (blocked by seccomp)");
	else if (!call_has_result(call))
		buf_char(&text->line, '?');
	else if (call->is_error)
		add_error(&text->line, call->ret);
	else if (call->ret_value.kind == VALUE_NONE)
		buf_char(&text->line, '?');
	else
		add_value(text, &call->ret_value);
	add_aux(text, call);
	if (text->renderer.options.has_duration && call->exit_ns && call->enter_ns) {
		uint64_t ns = call->exit_ns - call->enter_ns;

		buf_printf(&text->line, " <%llu.%06llu>", (unsigned long long)(ns / NS_PER_SEC),
			   (unsigned long long)(ns % NS_PER_SEC / 1000));
	}
}

/* Close the line that another thread has left open. */
static void close_open_line(struct text_renderer *text)
{
	if (!text->open_tid)
		return;
	buf_text(&text->line, " <unfinished ...>\n");
	text->open_tid = 0;
	write_line(text);
}

static void strace_enter(struct text_renderer *text, const struct call *call,
			 const struct event *ev)
{
	size_t len;

	close_open_line(text);
	add_call_prefix(text, call, ev);
	buf_text(&text->line, call->name);
	buf_char(&text->line, '(');
	add_args(text, call, 0, known_args(call));
	len = text->line.len;
	write_line(text);
	text->line_start = len;
	text->open_tid = call->tid;
}

static void strace_exit(struct text_renderer *text, const struct call *call, const struct event *ev)
{
	if (text->open_tid == call->tid && call->state != CALL_BLIND) {
		text->open_tid = 0;
	} else {
		close_open_line(text);
		add_call_prefix(text, call, ev);
		if (call->state == CALL_BLIND)
			buf_printf(&text->line, "%s(", call->name);
		else
			buf_printf(&text->line, "<... %s resumed>", call->name);
	}
	if (call->state == CALL_UNFINISHED && known_args(call) < call->n_args)
		buf_text(&text->line, " <unfinished ...>");
	else
		add_args(text, call, call->state == CALL_BLIND ? 0 : known_args(call),
			 call->n_args);
	if (ev->kind == EVENT_DETACHED) {
		buf_text(&text->line, " <detached ...>\n");
	} else {
		add_result(text, call);
		buf_char(&text->line, '\n');
		text_stack(&text->line, ev);
	}
	write_line(text);
}

/* The default face: one whole line when the call is over. */
static void whole_line(struct text_renderer *text, const struct call *call, const struct event *ev,
		       const struct annotation *annotation)
{
	bool is_over = call_is_over(call);

	add_call_prefix(text, call, ev);
	buf_text(&text->line, call->name);
	buf_char(&text->line, '(');
	add_args(text, call, 0, is_over ? call->n_args : known_args(call));
	if (!is_over && known_args(call) < call->n_args)
		buf_text(&text->line, known_args(call) ? ", ..." : "...");
	if (ev->kind == EVENT_BLOCKED) {
		buf_printf(&text->line, ") ... blocked for %d ms now", ev->code);
		add_annotation(text, annotation);
		buf_char(&text->line, '\n');
	} else if (ev->kind == EVENT_DETACHED) {
		buf_text(&text->line, " <detached ...>\n");
	} else {
		add_result(text, call);
		add_annotation(text, annotation);
		buf_char(&text->line, '\n');
		text_stack(&text->line, ev);
	}
	write_line(text);
}

static void text_call(struct renderer *renderer, const struct call *call, const struct event *ev,
		      const struct annotation *annotation)
{
	struct text_renderer *text = (struct text_renderer *)renderer;
	bool never_returns = call->spec->ret == RET_NONE;

	if (!renderer->options.is_whole) {
		if (call->state == CALL_ENTERED && ev->kind == EVENT_ENTER)
			strace_enter(text, call, ev);
		else if (ev->kind != EVENT_BLOCKED)
			strace_exit(text, call, ev);
		return;
	}
	if (ev->kind == EVENT_ENTER && !never_returns)
		return;
	if (call->state == CALL_UNFINISHED && never_returns)
		return; /* its line was written at entry */
	whole_line(text, call, ev, annotation);
}

/* --- everything else --- */

static const char *signal_name(struct text_renderer *text, int sig)
{
	const char *name;

	arena_reset(&text->scratch);
	name = decode_signal_name(&text->scratch, sig);
	return name ? name : arena_printf(&text->scratch, "SIG_%d", sig);
}

static void begin_line(struct text_renderer *text, const struct event *ev)
{
	close_open_line(text);
	add_prefix(text, ev->tid, ev->time_ns, ev->real_ns);
	if (text->renderer.options.has_ip)
		buf_text(&text->line, "[????????????????] ");
}

static void end_line(struct text_renderer *text)
{
	buf_char(&text->line, '\n');
	write_line(text);
}

static void signal_line(struct text_renderer *text, const struct event *ev,
			const struct value *siginfo, const struct annotation *annotation)
{
	begin_line(text, ev);
	buf_printf(&text->line, "--- %s ", signal_name(text, ev->sig));
	if (siginfo && siginfo->kind != VALUE_NONE) {
		add_value(text, siginfo);
		buf_char(&text->line, ' ');
	}
	buf_text(&text->line, "---");
	add_annotation(text, annotation);
	end_line(text);
}

static void gone(struct text_renderer *text)
{
	if (text->n_tracees)
		text->n_tracees--;
}

static void exit_line(struct text_renderer *text, const struct event *ev)
{
	if (!text->renderer.options.hides_exits) {
		begin_line(text, ev);
		if (ev->kind == EVENT_EXITED)
			buf_printf(&text->line, "+++ exited with %d +++", ev->code);
		else
			buf_printf(&text->line, "+++ killed by %s %s+++",
				   signal_name(text, ev->sig), ev->is_core ? "(core dumped) " : "");
		end_line(text);
	}
	gone(text);
}

static void text_event(struct renderer *renderer, const struct event *ev,
		       const struct value *siginfo, const struct annotation *annotation)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	switch (ev->kind) {
	case EVENT_ATTACHED:
	case EVENT_CREATED:
		text->n_tracees++;
		break;
	case EVENT_SIGNAL:
		signal_line(text, ev, siginfo, annotation);
		break;
	case EVENT_GROUP_STOP:
		begin_line(text, ev);
		buf_printf(&text->line, "--- stopped by %s ---", signal_name(text, ev->sig));
		end_line(text);
		break;
	case EVENT_EXITED:
	case EVENT_KILLED:
		exit_line(text, ev);
		break;
	case EVENT_SUPERSEDED:
		if (!renderer->options.hides_superseded) {
			begin_line(text, ev);
			buf_printf(&text->line, "+++ superseded by execve in pid %d +++",
				   ev->other);
			end_line(text);
		}
		gone(text);
		break;
	case EVENT_DETACHED:
		gone(text);
		break;
	case EVENT_NOTE:
		close_open_line(text);
		text_note(&text->line, ev);
		write_line(text);
		break;
	default:
		break;
	}
}

static void object_lines(struct renderer *renderer, const struct object *object)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	close_open_line(text);
	text_object(&text->line, object);
	write_lines(text);
}

static void waits_lines(struct renderer *renderer, const struct waits *waits, uint64_t now_ns)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	close_open_line(text);
	text_waits(&text->line, waits, now_ns);
	write_lines(text);
}

static void finding_lines(struct renderer *renderer, const struct finding *finding)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	close_open_line(text);
	text_finding(&text->line, finding);
	write_lines(text);
}

static void summary_lines(struct renderer *renderer, struct summary *summary)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	close_open_line(text);
	text_summary(&text->line, summary);
	write_lines(text);
}

static void counts_lines(struct renderer *renderer, struct call_counts *counts,
			 const struct counts_view *view)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	close_open_line(text);
	text_counts(&text->line, counts, view);
	write_lines(text);
}

static void text_begin(struct renderer *renderer)
{
	(void)renderer;
}

static void text_end(struct renderer *renderer)
{
	close_open_line((struct text_renderer *)renderer);
}

static void text_destroy(struct renderer *renderer)
{
	struct text_renderer *text = (struct text_renderer *)renderer;

	buf_finish(&text->line);
	arena_finish(&text->scratch);
	free(text);
}

static const struct renderer_impl text_impl = {
	.name = "text",
	.begin = text_begin,
	.call = text_call,
	.event = text_event,
	.object = object_lines,
	.waits = waits_lines,
	.finding = finding_lines,
	.summary = summary_lines,
	.counts = counts_lines,
	.end = text_end,
	.destroy = text_destroy,
};

struct renderer *text_renderer_create(const struct render_options *options, const struct sink *sink)
{
	struct text_renderer *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->renderer.impl = &text_impl;
	text->renderer.options = *options;
	text->renderer.sink = *sink;
	return &text->renderer;
}
