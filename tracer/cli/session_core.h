#ifndef CLI_SESSION_CORE_H
#define CLI_SESSION_CORE_H

#include "analysis/call_counts.h"
#include "analysis/explain.h"
#include "capture/ptrace_engine.h"
#include "cli/hang.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/recorder.h"
#include "filters/seccomp_program.h"
#include "stack/stack.h"

/* What the files of the session share. */
struct session {
	const struct options *options;
	struct capture *capture;
	struct decoder *decoder;
	struct model *model; /* NULL in strace's face */
	struct renderer *renderer;
	struct output output;
	struct stack *stack;
	struct recorder recorder;
	struct arena scratch; /* of one event */
	bool is_loss_told, is_stack_trouble_told;
	bool has_started, is_filter_set;
	struct sock_fprog program;
	struct hang hang;
	struct explain explain;
	uint64_t begin_ns; /* of the first event */
	uint64_t last_ns, last_real_ns; /* of the latest one, by both clocks */
	bool has_leak;
	struct summary *summary; /* of -c and -C; NULL: not wanted */
	struct call_counts *counts; /* the same in strace's face */
	bool is_only_counting; /* what calls are about will not be asked for */
	bool has_looked; /* --why has told who waits for whom */
	bool is_looking; /* events are those of a snapshot: only what they add up to is shown */
	bool wants_all; /* replay: every call that was recorded */
	struct skipped *skipped; /* replay: threads in a call that is not wanted */
};

/* The engine's hooks; data is the session. */
enum capture_verdict session_at_stop(void *data, struct event *ev, struct mem *mem);
/* The same of a thread that runs on: everything about it is wanted. */
enum capture_verdict session_at_look(void *data, struct event *ev, struct mem *mem);
void session_on_note(void *data, const char *text);
void session_on_warning(void *data, const char *text);
void session_on_error(void *data, const char *text);

/* Is the call that ev, its entry, begins in the set to trace? */
bool session_wants_call(struct session *session, const struct event *ev, const struct mem *mem);

/* Replay: is ev about a call that was recorded, but is not asked for now? */
bool session_is_skipped(struct session *session, const struct event *ev);
void session_forget_skipped(struct session *session);

/*
 * What is shown depends on what was recorded: what the filter hid then is as unknown on replay as
 * it was live. For the header of a record, and from it.
 */
struct model_options session_model_options(const struct options *options);
bool session_may_have_several(const struct options *options); /* processes */
void session_fill_meta(const struct options *options, struct trace_meta *meta);
void session_use_meta(struct session *session, const struct trace_meta *meta);

/*
 * Setting up, in this order; each says on stderr what went wrong and returns 0 or -errno.
 * find_program puts the path of the command into path; choose_paths lets the filter know of -P, by name and
 * where that leads; make_program is what the kernel filters by.
 */
int session_find_program(const struct session *session, char *path, size_t len);
void session_choose_paths(const struct session *session);
int session_open_output(struct session *session);
int session_open_recorder(struct session *session);
int session_create_views(struct session *session);
int session_make_program(struct session *session);
int session_create_capture(struct session *session, const struct launch_env *launch_env,
			   const char *path, char *const *argv, char *const *envp);

#endif
