/* Wires it together: capture -> record -> decode -> render. */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uthash.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/replay.h"
#include "cli/environment.h"
#include "cli/output.h"
#include "decode/syscalls.h"
#include "event/trace_file.h"
#include "filters/seccomp_program.h"
#include "render/json.h"
#include "stack/stack.h"

enum { STATUS_OUTPUT_LOST = 125, FRAMES_MAX = 256 };

extern char **environ;

struct session {
	const struct options *options;
	struct capture *capture;
	struct decoder *decoder;
	struct model *model; /* NULL in strace's face */
	struct renderer *renderer;
	struct output output;
	struct stack *stack;
	struct trace_writer *writer;
	struct arena scratch; /* of one event */
	int record_fd, record_error;
	bool has_started, is_filter_set;
	struct sock_fprog program;
	struct skipped *skipped; /* replay: threads in a call that is not wanted */
};

struct skipped {
	pid_t tid;
	UT_hash_handle hh;
};

static void say(const struct session *session, const char *text)
{
	fprintf(stderr, "%s: %s\n", session->options->program, text);
}

/* --- at a stop: the tracee waits for us --- */

static bool wants_call(struct session *session, const struct event *ev, const struct mem *mem)
{
	const struct filter *filter = session->options->filter;

	if (!filter_wants_nr(filter, ev->arch, ev->nr))
		return false;
	return filter_enter(filter, decoder_spec(session->decoder, ev->arch, ev->nr), ev, mem) ==
	       FILTER_YES;
}

static void capture_stack(struct session *session, struct event *ev)
{
	bool is_last_chance =
		ev->kind == EVENT_ENTER && decoder_refine(session->decoder, ev)->ret == RET_NONE;

	if (session->stack && (ev->kind == EVENT_EXIT || is_last_chance))
		stack_capture(session->stack, ev, ev->tid, ev->tgid, FRAMES_MAX);
}

static enum capture_verdict at_stop(void *data, struct event *ev, struct mem *mem)
{
	struct session *session = data;

	const struct call_spec *spec = NULL;

	if (ev->kind == EVENT_ENTER && !wants_call(session, ev, mem))
		return CAPTURE_SKIP;
	if (ev->kind == EVENT_ENTER || ev->kind == EVENT_EXIT) {
		decoder_gather(session->decoder, mem);
		capture_stack(session, ev);
		spec = decoder_refine(session->decoder, ev);
	}
	if (session->model)
		model_gather(session->model, spec, mem);
	return CAPTURE_KEEP;
}

static void on_note(void *data, const char *text)
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

static void on_error(void *data, const char *text)
{
	struct session *session = data;

	output_flush(&session->output);
	say(session, text);
}

/* --- replay: what was recorded may be more than what is asked for --- */

static bool is_skipped(struct session *session, const struct event *ev)
{
	struct mem mem = { .ev = (struct event *)ev };
	struct skipped *skipped;
	pid_t tid = ev->tid;

	if (!session->options->replay)
		return false;
	HASH_FIND_INT(session->skipped, &tid, skipped);
	if (ev->kind == EVENT_ENTER) {
		if (wants_call(session, ev, &mem))
			return false;
		if (!skipped) {
			skipped = calloc(1, sizeof(*skipped));
			if (!skipped)
				abort();
			skipped->tid = tid;
			HASH_ADD_INT(session->skipped, tid, skipped);
		}
		return true;
	}
	if (!skipped)
		return false;
	if (ev->kind == EVENT_EXIT) {
		HASH_DEL(session->skipped, skipped);
		free(skipped);
	}
	return ev->kind == EVENT_EXIT || ev->kind == EVENT_BLOCKED;
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
	return call->is_error ? STATUS_FAILED : STATUS_SUCCESSFUL;
}

static void show_call(struct session *session, struct call *call, const struct event *ev,
		      const struct annotation *annotation)
{
	const struct filter *filter = session->options->filter;
	bool is_over = ev->kind != EVENT_ENTER && ev->kind != EVENT_BLOCKED;

	make_plain(session, call);
	if (is_over && !filter_wants_status(filter, status_of(call, ev)))
		return;
	session->renderer->options.style.is_verbose =
		session->options->render.style.is_verbose ||
		!filter_has_call(filter, FILTER_ABBREV, call->arch, call->nr);
	session->renderer->impl->call(session->renderer, call, ev, annotation);
}

static void show_event(struct session *session, const struct event *ev,
		       const struct annotation *annotation)
{
	struct renderer *renderer = session->renderer;
	struct value siginfo;

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
	on_note(session, text);
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

static void handle_event(struct session *session, const struct event *ev)
{
	const struct annotation *annotation = NULL;
	struct call *call;
	int err;

	if (session->writer) {
		err = trace_writer_add(session->writer, ev);
		if (err < 0 && !session->record_error)
			session->record_error = err;
	}
	if (is_skipped(session, ev))
		return;
	arena_reset(&session->scratch);
	keep_stacks_fresh(session, ev);
	call = decoder_apply(session->decoder, ev);
	if (session->model)
		annotation = model_apply(session->model, ev, call);
	if (call)
		show_call(session, call, ev, annotation);
	if (ev->kind != EVENT_ENTER && ev->kind != EVENT_EXIT && ev->kind != EVENT_BLOCKED)
		show_event(session, ev, annotation);
	note_detached(session, ev);
}

static void show_objects(struct session *session)
{
	const struct object *object = NULL;

	while (session->model && (object = model_next_object(session->model, object)))
		session->renderer->impl->object(session->renderer, object);
	output_flush(&session->output);
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
			show_objects(session);
		else if (got == CAPTURE_STOP)
			capture_detach(session->capture);
		else
			return got;
		if (session->output.error == EPIPE && !session->options->replay)
			capture_detach(session->capture);
		else if (session->output.error == EPIPE)
			return 0;
	}
}

/* --- setting up --- */

static int make_program(struct session *session)
{
	const struct options *options = session->options;
	int err;

	if (!options->has_seccomp || !options->argv || !options->is_following)
		return 0;
	if (options->has_links || session->model)
		filter_follow_fds(options->filter);
	err = seccomp_program_create(options->filter, &session->program);
	if (err < 0) {
		/* Too large a set for the kernel: stop at every call instead. */
		session->program.filter = NULL;
		return 0;
	}
	session->is_filter_set = true;
	return 0;
}

static int create_capture(struct session *session, const struct launch_env *launch_env,
			  const char *path, char *const *argv, char *const *envp)
{
	const struct options *options = session->options;
	struct ptrace_config config = {
		.argv = argv,
		.envp = envp,
		.path = path,
		.launch_env = launch_env,
		.pids = options->pids,
		.n_pids = options->n_pids,
		.is_following = options->is_following,
		.is_interactive_end = options->is_strace && !options->output,
		.filter = session->is_filter_set ? &session->program : NULL,
		.filter_cookie = SECCOMP_PROGRAM_COOKIE,
		.wait_note_ns = (uint64_t)options->wait_note_ms * 1000000,
		.hooks = { session, at_stop },
		.on_note = on_note,
		.on_error = on_error,
	};

	if (options->replay)
		session->capture = replay_create(options->replay);
	else
		session->capture = ptrace_engine_create(&config);
	return session->capture ? 0 : -ENOMEM;
}

static int open_output(struct session *session)
{
	const struct options *options = session->options;
	int err;

	if (!options->output) {
		output_init(&session->output, STDERR_FILENO);
		return 0;
	}
	err = output_open(&session->output, options->output, options->is_append);
	if (err < 0)
		fprintf(stderr,
			options->is_strace ? "%s: Can't fopen '%s': %s\n"
					   : "%s: cannot write to '%s': %s\n",
			options->program, options->output, strerror(-err));
	return err;
}

static int open_record(struct session *session)
{
	const struct options *options = session->options;
	struct utsname uts;
	struct trace_meta meta = {
		.program = "ipctrace " IPCTRACE_VERSION,
		.argv = (const char *const *)options->argv,
		.time_ns = clock_ns(CLOCK_MONOTONIC),
		.real_ns = clock_ns(CLOCK_REALTIME),
		.string_limit = options->render.style.string_limit,
	};

	session->record_fd = -1;
	if (!options->record)
		return 0;
	if (uname(&uts) == 0) {
		meta.host = uts.nodename;
		meta.kernel = uts.release;
	}
	session->record_fd = open(options->record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (session->record_fd < 0) {
		fprintf(stderr, "%s: cannot write to '%s': %s\n", options->program, options->record,
			strerror(errno));
		return -errno;
	}
	session->writer = trace_writer_create(session->record_fd, &meta);
	return 0;
}

/* Is nothing hidden from the model that changes who holds what? */
static bool follows_descriptors(const struct filter *filter)
{
	static const char *const calls[] = { "close",      "dup",    "dup2",    "dup3",
					     "fcntl",      "pipe",   "pipe2",   "socket",
					     "socketpair", "accept", "accept4", "recvmsg",
					     "eventfd2",   "openat", "open",    "memfd_create",
					     "close_range" };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int nr = syscall_number(AUDIT_ARCH_X86_64, calls[i]);

		if (nr < 0 || !filter_wants_nr(filter, AUDIT_ARCH_X86_64, (uint64_t)nr))
			return false;
	}
	return true;
}

static int create_views(struct session *session)
{
	const struct options *options = session->options;
	struct render_options render = options->render;
	struct sink sink = output_sink(&session->output);
	struct decode_options decode = {
		.string_limit = render.style.string_limit,
		.is_strace = options->is_strace,
		.is_verbose = render.style.is_verbose,
		.has_fd_links = options->has_links,
	};
	unsigned quiet = filter_words(options->filter, FILTER_QUIET);

	render.style.has_links = options->has_links;
	render.has_pid_column = options->output && (options->is_following || options->n_pids > 1);
	render.hides_exits = quiet & QUIET_EXIT;
	render.hides_superseded = quiet & QUIET_THREAD_EXECVE;
	render.is_whole =
		!options->is_strace || filter_words(options->filter, FILTER_STATUS) != STATUS_ALL;
	render.has_color = session->output.is_live && !getenv("NO_COLOR");
	session->decoder = decoder_create(&decode);
	if (!options->is_strace) {
		struct model_options model = options->model;

		model.follows_descriptors = follows_descriptors(options->filter);
		session->model = model_create(&model);
	}
	session->renderer = options->format == FORMAT_JSON
				    ? json_renderer_create(&render, &sink, session->model)
				    : text_renderer_create(&render, &sink);
	if (options->has_stacks)
		session->stack = stack_create();
	if (!session->decoder || !session->renderer || (options->has_stacks && !session->stack))
		return -ENOMEM;
	return 0;
}

/* --- the end --- */

static void report_losses(struct session *session, struct session_end *end)
{
	const struct options *options = session->options;

	if (session->writer) {
		int err = trace_writer_flush(session->writer);

		if (err < 0 && !session->record_error)
			session->record_error = err;
	}
	if (session->record_error)
		fprintf(stderr, "%s: '%s' is not complete: %s; %llu events are not in it\n",
			options->program, options->record, strerror(-session->record_error),
			(unsigned long long)trace_writer_lost(session->writer));
	if (session->output.error && session->output.error != EPIPE)
		fprintf(stderr, "%s: the trace is not complete: %s; %llu bytes of it are lost\n",
			options->program, strerror(session->output.error),
			(unsigned long long)session->output.lost);
	if ((session->record_error || (session->output.error && session->output.error != EPIPE)) &&
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
	struct skipped *skipped, *next;

	if (session->renderer)
		session->renderer->impl->destroy(session->renderer);
	decoder_destroy(session->decoder);
	model_destroy(session->model);
	capture_destroy(session->capture);
	trace_writer_destroy(session->writer);
	if (session->record_fd >= 0)
		close(session->record_fd);
	stack_destroy(session->stack);
	if (session->is_filter_set)
		seccomp_program_finish(&session->program);
	HASH_ITER (hh, session->skipped, skipped, next) {
		HASH_DEL(session->skipped, skipped);
		free(skipped);
	}
	arena_finish(&session->scratch);
}

static int find_program(const struct session *session, char *path, size_t len)
{
	const struct options *options = session->options;
	int err;

	if (!options->argv)
		return 0;
	err = launch_find(options->argv[0], path, len);
	if (err < 0 && options->is_strace && err == -ENOENT)
		fprintf(stderr, "%s: Can't stat '%s': %s\n", options->program, options->argv[0],
			strerror(-err));
	else if (err < 0)
		fprintf(stderr, "%s: cannot execute '%s': %s\n", options->program, options->argv[0],
			err == -ENOENT && !strchr(options->argv[0], '/') ? "no such program in PATH"
									 : strerror(-err));
	return err;
}

struct session_end session_run(const struct options *options, const struct launch_env *launch_env)
{
	struct session session = { .options = options, .record_fd = -1 };
	struct session_end end = { 1, 0 };
	char path[PATH_MAX];
	struct environment env = { 0 };
	int err;

	if (find_program(&session, path, sizeof(path)) < 0)
		return end;
	environment_make(&env, environ, options->env, options->n_env);
	if (open_output(&session) < 0)
		goto out_env;
	if (open_record(&session) < 0 || create_views(&session) < 0)
		goto out;
	make_program(&session);
	err = create_capture(&session, launch_env, path,
			     environment_argv(&env, options->argv, options->argv0), env.envp);
	if (err < 0)
		goto out;
	session.renderer->impl->begin(session.renderer);
	err = capture_start(session.capture);
	session.has_started = true;
	if (err >= 0)
		err = run(&session);
	if (options->has_objects)
		show_objects(&session);
	session.renderer->impl->end(session.renderer);
	output_finish(&session.output);
	if (err < 0)
		say(&session, session.capture->error[0] ? session.capture->error : strerror(-err));
	else if (options->replay)
		end.code = 0;
	else
		end = end_of_command(&session);
	report_losses(&session, &end);
out:
	finish(&session);
out_env:
	environment_finish(&env);
	return end;
}
