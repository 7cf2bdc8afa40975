/* Wires it together: capture -> record -> decode -> render. */
#include "cli/session.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/replay.h"
#include "cli/environment.h"
#include "cli/left_behind.h"
#include "cli/session_core.h"
#include "cli/table.h"
#include "cli/why.h"
#include "render/text_value.h"

enum { STATUS_DEADLOCK = 3, STATUS_LEAK = 4, STATUS_OUTPUT_LOST = 125, FRAMES_MAX = 256 };

extern char **environ;

static void say(const struct session *session, const char *text)
{
	struct buf line = { 0 };

	/* Processes may call themselves anything. */
	text_escape(&line, text, strlen(text), "");
	buf_char(&line, '\0');
	fprintf(stderr, "%s: %s\n", session->options->program, line.data);
	buf_finish(&line);
}

/* --- at a stop: the tracee waits for us --- */

/* Once: who makes our unwinding crash may do so as often as it likes. */
static void tell_stack_trouble(struct session *session, pid_t pid)
{
	char text[160];

	if (session->is_stack_trouble_told)
		return;
	session->is_stack_trouble_told = true;
	snprintf(text, sizeof(text),
		 "unwinding the stack of PID %d %s, in a process of its own: where stacks say that "
		 "it failed, frames are missing",
		 pid, stack_trouble(session->stack));
	session_on_warning(session, text);
}

static void capture_stack(struct session *session, struct event *ev)
{
	bool is_last_chance =
		ev->kind == EVENT_ENTER && decoder_refine(session->decoder, ev)->ret == RET_NONE;

	if (!session->stack || (ev->kind != EVENT_EXIT && !is_last_chance))
		return;
	stack_capture(session->stack, ev, ev->tid, ev->tgid, FRAMES_MAX);
	if (stack_trouble(session->stack))
		tell_stack_trouble(session, ev->tgid);
}

enum capture_verdict session_at_stop(void *data, struct event *ev, struct mem *mem)
{
	struct session *session = data;

	const struct call_spec *spec = NULL;

	if (ev->kind == EVENT_ENTER && !session_wants_call(session, ev, mem))
		return CAPTURE_SKIP;
	if (session->is_only_counting)
		return CAPTURE_KEEP;
	if (ev->kind == EVENT_ENTER || ev->kind == EVENT_EXIT) {
		decoder_gather(session->decoder, mem);
		capture_stack(session, ev);
		spec = decoder_refine(session->decoder, ev);
	}
	if (session->model)
		model_gather(session->model, spec, mem);
	return CAPTURE_KEEP;
}

enum capture_verdict session_at_look(void *data, struct event *ev, struct mem *mem)
{
	struct session *session = data;
	const struct call_spec *spec = NULL;

	if (ev->kind == EVENT_ENTER) {
		decoder_gather(session->decoder, mem);
		spec = decoder_refine(session->decoder, ev);
	}
	model_gather(session->model, spec, mem);
	return CAPTURE_KEEP;
}

void session_on_note(void *data, const char *text)
{
	struct session *session = data;
	unsigned quiet = filter_words(session->options->filter, FILTER_QUIET);

	if (quiet & QUIET_ATTACH)
		return;
	/* The default face tells of children in the trace itself. */
	if (!session->options->is_strace && session->has_started)
		return;
	output_flush(&session->output);
	say(session, text);
}

/* strace has no warnings of this kind. */
void session_on_warning(void *data, const char *text)
{
	struct session *session = data;

	if (session->options->is_strace)
		return;
	output_flush(&session->output);
	say(session, text);
}

void session_on_error(void *data, const char *text)
{
	struct session *session = data;

	output_flush(&session->output);
	say(session, text);
}

/* --- after the tracee has gone on --- */

/* -e raw and verbose: the arguments as they were in registers. */
static void make_plain(struct session *session, struct call *call)
{
	const struct filter *filter = session->options->filter;
	bool is_raw = filter_has_call(filter, FILTER_RAW, call->arch, call->nr);
	bool is_read = filter_has_call(filter, FILTER_VERBOSE, call->arch, call->nr);

	for (unsigned i = 0; i < call->n_args && (is_raw || !is_read); i++) {
		struct value *value = &call->args[i];

		if (is_raw)
			*value = value_hex(call->raw[i]);
		else if (value->kind == VALUE_STRUCT || value->kind == VALUE_ARRAY)
			*value = value_addr(call->raw[i]);
	}
	if (is_raw && call->ret_value.kind != VALUE_NONE)
		call->ret_value = value_hex((uint64_t)call->ret);
}

static enum filter_status status_of(const struct call *call, const struct event *ev)
{
	if (ev->kind == EVENT_DETACHED)
		return STATUS_DETACHED;
	if (call->state == CALL_ENTERED || call->state == CALL_UNFINISHED)
		return STATUS_UNFINISHED;
	if (call->state == CALL_UNSEEN)
		return STATUS_UNAVAILABLE;
	return call->is_error ? STATUS_FAILED : STATUS_SUCCESSFUL;
}

static bool is_over(const struct event *ev)
{
	return ev->kind != EVENT_ENTER && ev->kind != EVENT_BLOCKED;
}

/*
 * A line of its own, in a trace the same as live. about: the event of the process that it is about;
 * NULL: of none.
 */
static void note_in_trace(struct session *session, const char *text, const struct event *about)
{
	struct event ev = { .kind = EVENT_NOTE,
			    .tid = about ? about->tid : 0,
			    .tgid = about ? about->tgid : 0,
			    .time_ns = session->last_ns,
			    .real_ns = session->last_real_ns };

	event_add_range(&ev, 0, text, strlen(text));
	session->renderer->impl->event(session->renderer, &ev, NULL, NULL);
	event_finish(&ev);
}

static void explain(struct session *session, const struct call *call, const struct event *ev,
		    const struct annotation *annotation)
{
	const char *text;

	if (!session->options->has_explanations)
		return;
	text = explain_call(&session->explain, call, ev, annotation, &session->scratch);
	if (text)
		note_in_trace(session, text, ev);
}

static void show_call(struct session *session, struct call *call, const struct event *ev,
		      const struct annotation *annotation)
{
	const struct filter *filter = session->options->filter;

	if (session->counts && ev->kind == EVENT_EXIT)
		call_counts_add(session->counts, call, ev);
	if (session->summary && annotation && is_over(ev))
		summary_add(session->summary, session->model, call, annotation);
	if (session->options->is_summary_only)
		return;
	make_plain(session, call);
	if (is_over(ev) && !filter_wants_status(filter, status_of(call, ev)))
		return;
	session->renderer->options.style.is_verbose =
		session->options->render.style.is_verbose ||
		!filter_has_call(filter, FILTER_ABBREV, call->arch, call->nr);
	session->renderer->impl->call(session->renderer, call, ev, annotation);
	explain(session, call, ev, annotation);
}

static void show_event(struct session *session, const struct event *ev,
		       const struct annotation *annotation)
{
	struct renderer *renderer = session->renderer;
	struct value siginfo;

	if (session->summary && annotation && ev->kind == EVENT_SIGNAL)
		summary_add_signal(session->summary, session->model, ev->tgid, annotation);
	if (session->options->is_summary_only)
		return;
	if (ev->kind == EVENT_SIGNAL) {
		if (!filter_wants_signal(session->options->filter, ev->sig))
			return;
		siginfo = decoder_siginfo(session->decoder, ev, &session->scratch);
		renderer->impl->event(renderer, ev, &siginfo, annotation);
		return;
	}
	renderer->impl->event(renderer, ev, NULL, annotation);
}

/* strace says so of those it was attached to. */
static void note_detached(struct session *session, const struct event *ev)
{
	char text[64];

	if (!session->options->is_strace || ev->kind != EVENT_DETACHED)
		return;
	snprintf(text, sizeof(text), "Process %d detached", ev->tid);
	session_on_note(session, text);
}

static void keep_stacks_fresh(struct session *session, const struct event *ev)
{
	bool is_dead =
		(ev->kind == EVENT_EXITED || ev->kind == EVENT_KILLED) && ev->tid == ev->tgid;

	if (!session->stack)
		return;
	if (ev->kind == EVENT_EXEC)
		stack_invalidate(session->stack, ev->tgid);
	else if (is_dead)
		stack_forget(session->stack, ev->tgid);
}

static void dump_ring(struct session *session, const char *why)
{
	char text[PATH_MAX + 256];

	if (!recorder_dump(&session->recorder, why, text, sizeof(text)))
		return;
	output_flush(&session->output);
	say(session, text);
}

/* A flight recorder's reasons to write: a crash, and a wait that was found to be too long. */
static void look_at_crash(struct session *session, const struct event *ev)
{
	const char *name = sigabbrev_np(ev->sig);
	char why[64];

	if (recorder_is_crash(&session->recorder, ev)) {
		session->recorder.crashed = ev->tgid;
		snprintf(why, sizeof(why), "PID %d was killed by %s%s", ev->tgid,
			 name ? "SIG" : "a signal", name ? name : "");
		dump_ring(session, why);
	}
}

static void look_at_hang(struct session *session)
{
	if (session->model && hang_look(&session->hang, session->model, session->renderer))
		dump_ring(session, "something hangs");
}

static void show_objects(struct session *session)
{
	const struct object *object = NULL;
	uint64_t n_forgotten = session->model ? model_forgotten(session->model) : 0;
	char text[96];

	while (session->model && (object = model_next_object(session->model, object)))
		session->renderer->impl->object(session->renderer, object);
	snprintf(text, sizeof(text), "%llu more objects are not listed: they were gone long before",
		 (unsigned long long)n_forgotten);
	if (n_forgotten)
		note_in_trace(session, text, NULL);
	output_flush(&session->output);
}

/* SIGUSR1: what there is, and who waits for whom. */
static void show_state(struct session *session, uint64_t now_ns)
{
	show_objects(session);
	if (session->model)
		hang_show(&session->hang, session->model, session->renderer, now_ns, false);
	output_flush(&session->output);
}

static void handle_event(struct session *session, const struct event *ev)
{
	const struct annotation *annotation = NULL;
	struct call *call;

	recorder_add(&session->recorder, session->model, ev);
	if (!session->begin_ns)
		session->begin_ns = ev->time_ns;
	session->last_ns = ev->time_ns;
	session->last_real_ns = ev->real_ns;
	if (ev->kind == EVENT_SNAPSHOT && ev->code == SNAPSHOT_HANGS) {
		look_at_hang(session);
		return;
	}
	if (ev->kind == EVENT_SNAPSHOT) {
		if (ev->code == SNAPSHOT_STATE)
			show_state(session, ev->time_ns);
		else
			why_step(session, ev);
		return;
	}
	if (ev->kind == EVENT_LOOKED) {
		if (session->model)
			model_apply(session->model, ev, NULL);
		return;
	}
	if (session->options->replay && session_is_skipped(session, ev))
		return;
	arena_reset(&session->scratch);
	keep_stacks_fresh(session, ev);
	call = decoder_apply(session->decoder, ev);
	if (session->model)
		annotation = model_apply(session->model, ev, call);
	if (session->is_looking)
		return;
	if (call)
		show_call(session, call, ev, annotation);
	if (ev->kind == EVENT_HANG && session->model && session->options->hang_ns)
		hang_note(&session->hang, ev);
	if (ev->kind != EVENT_ENTER && ev->kind != EVENT_EXIT && ev->kind != EVENT_BLOCKED)
		show_event(session, ev, annotation);
	note_detached(session, ev);
	look_at_crash(session, ev);
}

/* A question goes into the record, so that replay answers it at the same place. */
static void ask(struct session *session, enum snapshot_step what)
{
	struct event ev = { .kind = EVENT_SNAPSHOT,
			    .code = (int)what,
			    .time_ns = clock_ns(CLOCK_MONOTONIC),
			    .real_ns = clock_ns(CLOCK_REALTIME) };

	handle_event(session, &ev);
}

static void dump(struct session *session)
{
	ask(session, SNAPSHOT_STATE);
	dump_ring(session, "SIGUSR1");
}

static void stop(struct session *session)
{
	if (session->options->is_why && session->model)
		ask(session, SNAPSHOT_ASKED);
	capture_detach(session->capture);
}

/* At once: who can make room wants to know. How much is lost is told at the end. */
static void tell_loss(struct session *session)
{
	int error = session->output.error;

	if (session->is_loss_told || !error || error == EPIPE)
		return;
	session->is_loss_told = true;
	fprintf(stderr, "%s: cannot write the trace: %s\n", session->options->program,
		strerror(error));
}

static int run(struct session *session)
{
	const struct event *ev;
	int got;

	for (;;) {
		got = capture_next(session->capture, &ev);
		if (got == CAPTURE_EVENT)
			handle_event(session, ev);
		else if (got == CAPTURE_IDLE)
			output_flush(&session->output);
		else if (got == CAPTURE_DUMP)
			dump(session);
		else if (got == CAPTURE_STOP)
			stop(session);
		else
			return got;
		tell_loss(session);
		if (session->output.error == EPIPE && !session->options->replay)
			capture_detach(session->capture);
		else if (session->output.error == EPIPE)
			return 0;
	}
}

/* --- the end --- */

/* What was found is the command's failure, however it ended; a deadlock counts more. */
static void judge(const struct session *session, struct session_end *end)
{
	if (session->options->is_leak_error && session->has_leak)
		*end = (struct session_end){ STATUS_LEAK, 0 };
	if (session->options->is_deadlock_error && session->hang.has_deadlock)
		*end = (struct session_end){ STATUS_DEADLOCK, 0 };
}

static void report_losses(struct session *session, struct session_end *end)
{
	const struct options *options = session->options;

	recorder_end(&session->recorder);
	if (session->recorder.error)
		fprintf(stderr, "%s: '%s' is not complete: %s; %llu events are not in it\n",
			options->program, options->record, strerror(-session->recorder.error),
			(unsigned long long)session->recorder.n_lost);
	if (session->output.error && session->output.error != EPIPE)
		fprintf(stderr,
			"%s: the trace is not complete: %s; %llu of %llu lines (%llu bytes) are "
			"lost\n",
			options->program, strerror(session->output.error),
			(unsigned long long)session->output.lost_lines,
			(unsigned long long)session->output.lines,
			(unsigned long long)session->output.lost);
	if ((session->recorder.error ||
	     (session->output.error && session->output.error != EPIPE)) &&
	    !options->is_strace && !end->signal)
		end->code = STATUS_OUTPUT_LOST;
}

/* What the command's end means for ours; says why if it could not even begin. */
static struct session_end end_of_command(struct session *session)
{
	struct session_end end = { 0, 0 };
	bool has_ended;
	int status;
	pid_t pid = ptrace_engine_command(session->capture, &has_ended, &status);
	struct launch_report report;

	if (ptrace_engine_stop_signal(session->capture)) {
		end.signal = ptrace_engine_stop_signal(session->capture);
		return end;
	}
	if (!pid || !has_ended)
		return end;
	report = ptrace_engine_report(session->capture);
	if (report.error) {
		fprintf(stderr,
			session->options->is_strace ? "%s: exec: %s%.0s\n"
						    : "%s: cannot execute: %s: '%s'\n",
			session->options->program, strerror(report.error),
			session->options->argv[0]);
		end.code = 1;
	} else if (WIFSIGNALED(status)) {
		end.signal = WTERMSIG(status);
	} else {
		end.code = WEXITSTATUS(status);
	}
	return end;
}

static void finish(struct session *session)
{
	if (session->renderer)
		session->renderer->impl->destroy(session->renderer);
	decoder_destroy(session->decoder);
	model_destroy(session->model);
	summary_destroy(session->summary);
	call_counts_destroy(session->counts);
	capture_destroy(session->capture);
	recorder_finish(&session->recorder);
	stack_destroy(session->stack);
	if (session->is_filter_set)
		seccomp_program_finish(&session->program);
	session_forget_skipped(session);
	hang_finish(&session->hang);
	arena_finish(&session->scratch);
}

struct session_end session_run(const struct options *options, const struct launch_env *launch_env)
{
	struct session session = { .options = options,
				   .recorder.fd = -1,
				   .hang.is_list_wanted = options->is_why };
	struct session_end end = { 1, 0 };
	char path[PATH_MAX];
	struct environment env = { 0 };
	struct event look = { 0 };
	int err;

	table_say_useless(options);
	if (session_find_program(&session, path, sizeof(path)) < 0)
		return end;
	session_choose_paths(&session);
	environment_make(&env, environ, options->env, options->n_env);
	if (session_open_output(&session) < 0)
		goto out_env;
	if (session_open_recorder(&session) < 0 || session_create_views(&session) < 0)
		goto out;
	session_make_program(&session);
	err = session_create_capture(&session, launch_env, path,
				     environment_argv(&env, options->argv, options->argv0),
				     env.envp);
	if (err < 0)
		goto out;
	session.renderer->impl->begin(session.renderer);
	err = capture_start(session.capture);
	session.has_started = true;
	if (err >= 0 && options->replay)
		session_use_meta(&session, replay_meta(session.capture));
	if (err >= 0)
		err = run(&session);
	if (left_behind_look(&session, &look))
		handle_event(&session, &look);
	if (options->is_why && options->replay && session.model && !session.has_looked)
		why_tell_rest(&session);
	if (options->has_objects)
		show_objects(&session);
	if (options->has_leaks)
		left_behind_show(&session);
	if (session.summary)
		session.renderer->impl->summary(session.renderer, session.summary);
	if (session.counts)
		table_show(&session);
	session.renderer->impl->end(session.renderer);
	output_finish(&session.output);
	if (err < 0)
		say(&session, session.capture->error[0] ? session.capture->error : strerror(-err));
	else if (options->replay || why_is_snapshot(options))
		end.code = 0;
	else
		end = end_of_command(&session);
	judge(&session, &end);
	report_losses(&session, &end);
out:
	event_finish(&look);
	finish(&session);
out_env:
	environment_finish(&env);
	return end;
}
