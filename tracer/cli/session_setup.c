/* What a session needs before it can run: files, views, the engine. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/privileges.h"
#include "capture/ptrace_regs.h"
#include "capture/replay.h"
#include "capture/snapshot.h"
#include "cli/open_file.h"
#include "cli/session_core.h"
#include "cli/why.h"
#include "render/json.h"
#include "render/text_value.h"

int session_find_program(const struct session *session, char *path, size_t len)
{
	const struct options *options = session->options;
	int err;

	if (!options->argv)
		return 0;
	err = launch_find(options->argv[0], path, len);
	/* strace has execve say so, and traces that. */
	if (options->is_strace && (err == -EACCES || err == -EISDIR) &&
	    strchr(options->argv[0], '/'))
		return 0;
	if (err < 0 && options->is_strace && err == -ENOENT)
		fprintf(stderr, "%s: Can't stat '%s': %s\n", options->program, options->argv[0],
			strerror(-err));
	else if (err < 0)
		fprintf(stderr, "%s: cannot execute '%s': %s\n", options->program, options->argv[0],
			err == -ENOENT && !strchr(options->argv[0], '/') ? "no such program in PATH"
									 : strerror(-err));
	return err;
}

static void tell_resolved(const struct session *session, const char *path, const char *real)
{
	struct buf line = { 0 };

	if (filter_words(session->options->filter, FILTER_QUIET) & QUIET_PATH_RESOLUTION)
		return;
	buf_text(&line, "Requested path \"");
	text_escape(&line, path, strlen(path), "");
	buf_text(&line, "\" resolved into \"");
	text_escape(&line, real, strlen(real), "");
	fprintf(stderr, "%s: %s\"\n", session->options->program, buf_string(&line));
	buf_finish(&line);
}

void session_choose_paths(const struct session *session)
{
	const struct options *options = session->options;

	for (size_t i = 0; i < options->n_paths; i++) {
		char *real = realpath(options->paths[i], NULL);

		filter_add_path(options->filter, options->paths[i]);
		if (real && strcmp(real, options->paths[i]) != 0) {
			filter_add_path(options->filter, real);
			tell_resolved(session, options->paths[i], real);
		}
		free(real);
	}
}

int session_make_program(struct session *session)
{
	const struct options *options = session->options;
	int err;

	/* Who leaves us would keep our filter, and nobody to answer it. */
	if (!options->has_seccomp || !options->argv || !options->is_following ||
	    options->is_yielding)
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

/*
 * What root's trace goes on needing: to look at processes and into their directories of /proc, and
 * to pass signals on; for objects, to ask about those of others and in other namespaces (setns needs
 * CAP_SYS_ADMIN); for stacks, to open what is mapped.
 */
static uint64_t needed_privileges(const struct session *session)
{
	uint64_t needed =
		PRIVILEGE(CAP_SYS_PTRACE) | PRIVILEGE(CAP_DAC_READ_SEARCH) | PRIVILEGE(CAP_KILL);

	if (session->model)
		needed |= PRIVILEGE(CAP_NET_ADMIN) | PRIVILEGE(CAP_IPC_OWNER) |
			  PRIVILEGE(CAP_SYS_ADMIN);
	if (session->stack)
		needed |= PRIVILEGE(CAP_CHECKPOINT_RESTORE);
	return needed;
}

static unsigned needed_calls(const struct session *session)
{
	const struct options *options = session->options;
	unsigned needed = CALLS_OF_OUTPUT | CALLS_OF_LOOKING;

	if (!why_is_snapshot(options))
		needed |= CALLS_OF_TRACING;
	if (session->model || options->has_links)
		needed |= CALLS_OF_OBJECTS;
	if (session->stack)
		needed |= CALLS_OF_STACKS;
	/* A flight recorder's come later. */
	if (options->record && options->ring_len)
		needed |= CALLS_OF_FILES;
	return needed;
}

static struct own_rights needed_rights(const struct session *session)
{
	return (struct own_rights){ needed_privileges(session), needed_calls(session) };
}

/* What a record may be shown as later is not known now. */
static bool wants_system_times(const struct options *options)
{
	bool is_counted = options->has_summary && !options->counts.is_wall;

	return options->is_strace && (is_counted || options->record);
}

int session_create_capture(struct session *session, const struct launch_env *launch_env,
			   const char *path, char *const *argv, char *const *envp)
{
	const struct options *options = session->options;
	struct ptrace_config config = {
		.argv = argv,
		.envp = envp,
		.path = path,
		.launch_env = launch_env,
		.targets = options->targets,
		.n_targets = options->n_targets,
		.is_following = options->is_following,
		.is_yielding = options->is_yielding,
		.is_killing = options->is_killing,
		.has_system_times = wants_system_times(options),
		.is_interactive_end = options->is_strace && !options->output,
		.filter = session->is_filter_set ? &session->program : NULL,
		.filter_cookie = SECCOMP_PROGRAM_COOKIE,
		.rights = needed_rights(session),
		.wait_note_ns = (uint64_t)options->wait_note_ms * 1000000,
		.hang_ns = options->hang_ns,
		.hooks = { session, session_at_stop },
		.on_note = session_on_note,
		.on_warning = session_on_warning,
		.on_error = session_on_error,
	};

	const struct own_rights shown = { .calls = CALLS_OF_OUTPUT };
	const struct snapshot_config look = {
		.targets = options->targets,
		.n_targets = options->n_targets,
		.rights = needed_rights(session),
		.hooks = { session, session_at_look },
		.on_error = session_on_error,
	};

	if (options->replay)
		session->capture = replay_create(options->replay, &shown);
	else if (why_is_snapshot(options))
		session->capture = snapshot_create(&look);
	else
		session->capture = ptrace_engine_create(&config);
	return session->capture ? 0 : -ENOMEM;
}

int session_open_output(struct session *session)
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
			options->is_strace ? "%s: Can't fopen '%s': %s%s\n"
					   : "%s: cannot write to '%s': %s%s\n",
			options->program, options->output, strerror(-err), open_trace_hint(err));
	return err;
}

int session_open_recorder(struct session *session)
{
	struct trace_meta meta = { 0 };

	session_fill_meta(session->options, &meta);
	return recorder_open(&session->recorder, session->options, &meta);
}

/* Stacks are those of a record where there is one. */
static int create_stack(struct session *session)
{
	const struct options *options = session->options;
	int err;

	if (!options->has_stacks || options->replay || why_is_snapshot(options))
		return 0;
	err = stack_create(regs_for_unwinding, &session->stack);
	if (err < 0)
		fprintf(stderr, "%s: cannot start the process that unwinds stacks: %s\n",
			options->program, strerror(-err));
	return err;
}

int session_create_views(struct session *session)
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
	render.has_pid_column = options->output && session_may_have_several(options);
	render.hides_exits = quiet & QUIET_EXIT;
	render.hides_superseded = quiet & QUIET_THREAD_EXECVE;
	render.is_whole =
		!options->is_strace || filter_words(options->filter, FILTER_STATUS) != STATUS_ALL;
	render.has_color = session->output.is_live && !getenv("NO_COLOR");
	session->is_only_counting =
		options->is_strace && options->is_summary_only && !options->record;
	session->decoder = decoder_create(&decode);
	if (!options->is_strace) {
		struct model_options model = session_model_options(options);

		model.follows_uses &= options->has_leaks;
		session->model = model_create(&model);
	}
	session->renderer = options->format == FORMAT_JSON
				    ? json_renderer_create(&render, &sink, session->model)
				    : text_renderer_create(&render, &sink);
	if (options->has_summary && options->is_strace)
		session->counts = call_counts_create(options->overhead_ns);
	else if (options->has_summary)
		session->summary = summary_create();
	if ((options->has_summary && !session->counts && !session->summary) || !session->decoder ||
	    !session->renderer)
		return -ENOMEM;
	return create_stack(session);
}
