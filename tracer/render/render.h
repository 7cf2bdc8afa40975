#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include <stdbool.h>

#include "analysis/call_counts.h"
#include "analysis/summary.h"
#include "analysis/waits.h"
#include "decode/decode.h"
#include "model/model.h"
#include "render/text_value.h"

/*
 * A renderer turns calls and events into bytes and knows no system call. It writes to a sink, so
 * that it can be tested and its output kept for a file per thread, a pipe or a terminal.
 */
struct sink {
	void *data;
	void (*write)(void *data, const char *bytes, size_t len);
};

/*
 * Bytes of what is written for one call, signal or object, whatever a tracee does. Its values get
 * less, so that a result and what is known about it still fit in.
 */
enum { RECORD_MAX = 64 * 1024, RECORD_VALUES_MAX = 40 * 1024 };

enum timestamp { TIME_NONE, TIME_CLOCK, TIME_CLOCK_US, TIME_EPOCH_US }; /* -, -t, -tt, -ttt */

struct render_options {
	struct text_style style;
	bool is_whole; /* only whole lines; else strace's <unfinished ...> and resumed */
	bool has_pid_column; /* every line starts with the pid (-o with more than one tracee) */
	bool is_pid_always; /* pid column even for a lone tracee on a terminal */
	enum timestamp timestamp;
	bool is_relative; /* -r: time since the line before */
	bool has_duration; /* -T: time spent in the call */
	bool has_color; /* a terminal that shows faint text */
	bool has_number; /* -n: the call's number */
	bool has_ip; /* -i: the instruction pointer at the call */
	bool hides_exits; /* quiet=exit */
	bool hides_superseded; /* quiet=thread-execve */
	unsigned column; /* where "= result" is aligned (-a) */
};

struct renderer;

/* The methods of a renderer; each writes whole lines but strace's text, which may leave one open. */
struct renderer_impl {
	const char *name;
	void (*begin)(struct renderer *renderer);

	/*
	 * A call was entered, goes on being blocked (ev->kind EVENT_BLOCKED), or is over.
	 * annotation: what the model says about it, NULL for nothing.
	 */
	void (*call)(struct renderer *renderer, const struct call *call, const struct event *ev,
		     const struct annotation *annotation);

	/* Anything else that happened; siginfo is NULL but for a signal. */
	void (*event)(struct renderer *renderer, const struct event *ev,
		      const struct value *siginfo, const struct annotation *annotation);

	/* An object as it is now, of a list of them (--objects). */
	void (*object)(struct renderer *renderer, const struct object *object);

	/* Who is blocked now, and what an analysis has found. */
	void (*waits)(struct renderer *renderer, const struct waits *waits, uint64_t now_ns);
	void (*finding)(struct renderer *renderer, const struct finding *finding);

	/* Who has sent how much to whom (-c, -C). */
	void (*summary)(struct renderer *renderer, struct summary *summary);

	/* How often each call was made (strace's -c, -C); NULL if there is no such format. */
	void (*counts)(struct renderer *renderer, struct call_counts *counts,
		       const struct counts_view *view);
	void (*end)(struct renderer *renderer);
	void (*destroy)(struct renderer *renderer);
};

struct renderer {
	const struct renderer_impl *impl;
	struct render_options options;
	struct sink sink;
};

/* NULL only when out of memory. */
struct renderer *text_renderer_create(const struct render_options *options,
				      const struct sink *sink);

#endif
