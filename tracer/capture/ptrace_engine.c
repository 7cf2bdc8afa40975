/*
 * The engine that watches live programs: waits for stops, makes events of them and lets the
 * tracees go on. Everything of a batch of stops is restarted before any of its events is looked
 * at.
 */
#include "capture/ptrace_engine.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/facts_ns.h"
#include "capture/proc.h"
#include "capture/ptrace_attach.h"
#include "capture/ptrace_batch.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_dispatch.h"
#include "capture/ptrace_family.h"
#include "capture/ptrace_filters.h"
#include "capture/ptrace_launch.h"
#include "capture/ptrace_leave.h"
#include "capture/ptrace_live.h"
#include "capture/ptrace_reap.h"
#include "capture/ptrace_refusal.h"
#include "capture/ptrace_stop.h"
#include "capture/ptrace_waits.h"

enum { QUIET_NS = 20 * 1000 * 1000 };

/* --- events --- */

struct event *engine_event(struct engine *engine, enum event_kind kind, const struct tracee *tracee)
{
	struct event *ev;

	if (engine->n_events == engine->n_made) {
		engine->events = array_grow(engine->events, engine->n_made, &engine->cap_events,
					    sizeof(*engine->events));
		engine->events[engine->n_made] = calloc(1, sizeof(struct event));
		if (!engine->events[engine->n_made])
			abort();
		engine->n_made++;
	}
	ev = engine->events[engine->n_events++];
	event_clear(ev);
	ev->kind = kind;
	ev->tid = tracee ? tracee->tid : 0;
	ev->tgid = tracee ? tracee->tgid : 0;
	ev->time_ns = clock_ns(CLOCK_MONOTONIC);
	ev->real_ns = clock_ns(CLOCK_REALTIME);
	return ev;
}

enum capture_verdict engine_ask_hook(struct engine *engine, struct tracee *tracee, struct event *ev)
{
	struct mem mem = { .ev = ev, .live = &engine->source };
	enum capture_verdict verdict;

	if (engine->is_muted)
		return CAPTURE_SKIP;
	engine->asking = tracee;
	monitor_watch(&engine->monitor, tracee->tid, 0);
	verdict = engine->config.hooks.at_stop(engine->config.hooks.data, ev, &mem);
	monitor_watch(&engine->monitor, 0, 0);
	return verdict;
}

void engine_drop_event(struct engine *engine)
{
	engine->n_events--;
}

void engine_note(struct engine *engine, const char *format, ...)
{
	char text[160];
	va_list args;

	if (!engine->config.on_note)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	engine->config.on_note(engine->config.hooks.data, text);
}

static void warn(struct engine *engine, const char *format, va_list args)
{
	char text[4200];

	if (!engine->config.on_warning)
		return;
	vsnprintf(text, sizeof(text), format, args);
	engine->config.on_warning(engine->config.hooks.data, text);
}

void engine_warn(struct engine *engine, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	warn(engine, format, args);
	va_end(args);
}

void engine_warn_once(struct engine *engine, unsigned which, const char *format, ...)
{
	va_list args;

	if (engine->warned & which)
		return;
	engine->warned |= which;
	va_start(args, format);
	warn(engine, format, args);
	va_end(args);
}

void engine_refuse_kernel(struct engine *engine, int err)
{
	if (err == -ESRCH || engine->fatal)
		return;
	engine->fatal = -ENOSYS;
	snprintf(engine->capture.error, sizeof(engine->capture.error),
		 "ptrace: this kernel cannot say what a stopped process does "
		 "(PTRACE_GET_SYSCALL_INFO: %s); Linux 5.3 or newer is needed",
		 strerror(-err));
	/* It has not executed the command yet, and is not to do so. */
	if (engine->launch.pid && !engine->has_executed)
		kill(engine->launch.pid, SIGKILL);
}

/* --- waiting --- */

/* When the monitor has to get us out of the next wait. */
static uint64_t next_due(struct engine *engine)
{
	bool has_to_note = engine->config.wait_note_ns || engine->config.hang_ns;
	uint64_t now;

	if (engine->is_idle_told && !has_to_note && !engine->n_held && !engine->n_doubted)
		return 0;
	now = clock_ns(CLOCK_MONOTONIC);
	return now + (engine->is_idle_told && !engine->n_held && !engine->n_doubted ? WAITS_TICK_NS
										    : QUIET_NS);
}

static void dispatch_batch(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_batch; i++)
		dispatch_signal(engine, &engine->batch[i]);
	for (size_t i = 0; i < engine->n_batch; i++)
		dispatch(engine, &engine->batch[i]);
	engine->n_batch = 0;
}

/* CAPTURE_STOP or _DUMP if somebody wants that, but not before it is told who sleeps no more. */
static int take_request(struct engine *engine)
{
	/* Whose stop was taken while we attached waits for us; our exit would lose its signal. */
	bool is_stop = atomic_load(&engine->monitor.signal) && !engine->is_batch_ready;

	if (!is_stop && !atomic_load(&engine->monitor.dump_requests))
		return 0;
	if (!engine->is_request_noted)
		waits_note_awake(engine);
	engine->is_request_noted = engine->n_events > 0;
	if (engine->is_request_noted)
		return 0;
	if (is_stop)
		return CAPTURE_STOP;
	atomic_store(&engine->monitor.dump_requests, 0);
	return CAPTURE_DUMP;
}

static int engine_next(struct capture *capture, const struct event **ret_ev)
{
	struct engine *engine = (struct engine *)capture;

	for (;;) {
		int got;

		if (engine->next_event < engine->n_events) {
			*ret_ev = engine->events[engine->next_event++];
			engine->is_idle_told = false;
			return CAPTURE_EVENT;
		}
		engine->next_event = engine->n_events = 0;
		if (engine->is_detaching || leave_is_all(engine))
			return CAPTURE_END;
		got = take_request(engine);
		if (got)
			return got;
		if (engine->n_events)
			continue;
		got = engine->is_batch_ready ? 1 : batch_wait(engine, next_due(engine));
		engine->is_batch_ready = false;
		if (got < 0 && got != -ECHILD)
			return got;
		dispatch_batch(engine);
		if (engine->fatal)
			return engine->fatal;
		filters_settle_old(engine);
		waits_note(engine);
		/* Nobody is left to tell of those who are held. */
		family_orphans(engine, got < 0);
		if (got < 0 && !engine->n_events)
			return CAPTURE_END;
		if (engine->is_muted)
			engine->n_events = 0;
		if (got == 0 && !engine->n_events && !engine->is_idle_told) {
			engine->is_idle_told = true;
			return CAPTURE_IDLE;
		}
	}
}

/* --- beginning and end --- */

/*
 * The command that cannot be traced has not begun and is not to. Returns whether somebody has killed
 * it: then that was the command's end, and nothing is wrong with tracing.
 */
static bool give_up_command(struct engine *engine)
{
	launch_cancel(&engine->launch);
	kill(engine->launch.pid, SIGCONT);
	while (waitpid(engine->launch.pid, &engine->command_status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	engine->has_command_ended = WIFSIGNALED(engine->command_status);
	return engine->has_command_ended;
}

static int start_command(struct engine *engine)
{
	struct proc_status status = { 0 };
	struct tracee *tracee;
	int options = engine->options;
	int err = launch_fork(&engine->config, &engine->launch);

	if (err < 0)
		return err;
	if (engine->config.filter)
		options |= PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	if (engine->config.is_killing)
		options |= PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SEIZE, engine->launch.pid, 0, options) < 0) {
		err = -errno;
		refusal_explain_command(engine->launch.pid, err, engine->capture.error,
					sizeof(engine->capture.error));
		if (give_up_command(engine)) {
			engine->capture.error[0] = '\0';
			return 0;
		}
		return err;
	}
	tracee = tracee_add(&engine->tracees, engine->launch.pid, engine->launch.pid, NULL);
	tracee->is_launching = true;
	tracee->is_filtered = engine->config.filter != NULL;
	if (proc_status(getpid(), &status) == 0)
		engine->n_filters = status.n_filters;
	ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
	launch_go(&engine->launch);
	return 0;
}

static int attach_all(struct engine *engine)
{
	char *error = engine->capture.error;
	size_t n_attached = 0;

	for (size_t i = 0; i < engine->config.n_targets; i++) {
		const struct target *target = &engine->config.targets[i];
		int n;

		/* The last of several errors is told by the caller if nothing else goes on. */
		if (error[0] && engine->config.on_error)
			engine->config.on_error(engine->config.hooks.data, error);
		error[0] = '\0';
		n = attach_process(&engine->tracees, target, engine->options,
				   engine->config.is_following, error,
				   sizeof(engine->capture.error));
		if (n < 0)
			continue;
		n_attached++;
		if (n > 1)
			engine_note(engine, "Process %d attached with %d threads", target->pid, n);
		else
			engine_note(engine, "Process %d attached", target->pid);
	}
	if (!n_attached)
		return -EPERM;
	if (error[0] && engine->config.on_error)
		engine->config.on_error(engine->config.hooks.data, error);
	error[0] = '\0';
	return 0;
}

/* Attach while another thread takes what the tracees report: it is the first batch. */
static int start_attached(struct engine *engine)
{
	struct reaper reaper;
	int err = reaper_start(&reaper);

	if (err < 0)
		return err;
	err = attach_all(engine);
	reaper_end(&reaper);
	engine->batch = reaper.taken;
	engine->n_batch = reaper.n_taken;
	engine->cap_batch = reaper.cap_taken;
	engine->is_batch_ready = engine->n_batch != 0;
	return err;
}

static void announce_attached(struct engine *engine)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->is_leaving)
			continue;
		if (tracee->is_seized_late)
			engine_ask_hook(engine, tracee,
					engine_event(engine, EVENT_ATTACHED, tracee));
		else
			facts_ns_ask_pid(&engine->facts, tracee,
					 engine_event(engine, EVENT_CREATED, tracee), tracee->tid);
	}
}

static void give_signals_to_command(struct engine *engine)
{
	engine->monitor.command_fd = (int)syscall(SYS_pidfd_open, engine->launch.pid, 0);
	if (engine->monitor.command_fd >= 0)
		atomic_store(&engine->monitor.command, engine->launch.pid);
}

static int engine_start(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;
	int err;

	batch_prepare();
	engine->monitor.rights = engine->config.rights;
	err = monitor_start(&engine->monitor);

	engine->options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
	if (engine->config.is_following)
		engine->options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	if (!err && engine->config.n_targets)
		err = start_attached(engine);
	if (!err && engine->config.argv)
		err = start_command(engine);
	if (err < 0) {
		if (!capture->error[0])
			snprintf(capture->error, sizeof(capture->error), "cannot start: %s",
				 strerror(-err));
		return err;
	}
	announce_attached(engine);
	if (engine->config.argv && !engine->config.is_interactive_end)
		give_signals_to_command(engine);
	engine->has_started = true;
	own_rights_keep(&engine->config.rights);
	return 0;
}

/*
 * Tracees that run, sleep in a call or are in a group-stop are let go by our exit, unharmed; to
 * stop them first would disturb them. Only those that are held by us need a word.
 */
static void engine_detach(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;
	struct tracee *tracee, *next;

	if (engine->is_detaching)
		return;
	/* Only nobody reads any more: the command ends as it would have, and so do we. */
	if (engine->launch.pid && !atomic_load(&engine->monitor.signal)) {
		engine->is_muted = true;
		return;
	}
	engine->is_detaching = true;
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->is_dead || tracee->is_leaving)
			continue;
		filters_settle(engine, tracee, false);
		/*
		 * Of one that is held nobody has heard yet. Are they to die with us? Then our
		 * exit is what it waits for.
		 */
		if (tracee->state == TRACEE_HELD && !engine->config.is_killing)
			ptrace(PTRACE_DETACH, tracee->tid, 0, 0);
		if (tracee->state != TRACEE_HELD)
			engine_event(engine, EVENT_DETACHED, tracee);
	}
	if (!engine->config.is_killing)
		leave_stops(engine);
}

static void engine_destroy(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;

	monitor_end(&engine->monitor);
	if (engine->monitor.command_fd >= 0)
		close(engine->monitor.command_fd);
	tracee_table_finish(&engine->tracees);
	facts_cache_finish(&engine->facts);
	for (size_t i = 0; i < engine->n_made; i++) {
		event_finish(engine->events[i]);
		free(engine->events[i]);
	}
	free(engine->events);
	free(engine->batch);
	free(engine);
}

static const struct capture_impl engine_impl = {
	.name = "ptrace",
	.start = engine_start,
	.next = engine_next,
	.detach = engine_detach,
	.destroy = engine_destroy,
};

struct capture *ptrace_engine_create(const struct ptrace_config *config)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->capture.impl = &engine_impl;
	engine->config = *config;
	engine->is_restricted = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	engine->launch = (struct launch){ 0, -1, -1 };
	engine->monitor.command_fd = -1;
	engine->source = live_source(engine);
	facts_cache_init(&engine->facts, &engine->tracees);
	return &engine->capture;
}

pid_t ptrace_engine_command(const struct capture *capture, bool *ret_has_ended, int *ret_status)
{
	const struct engine *engine = (const struct engine *)capture;

	*ret_has_ended = engine->has_command_ended;
	*ret_status = engine->command_status;
	return engine->launch.pid;
}

struct launch_report ptrace_engine_report(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;

	return launch_report(&engine->launch);
}

int ptrace_engine_stop_signal(const struct capture *capture)
{
	const struct engine *engine = (const struct engine *)capture;

	return atomic_load(&engine->monitor.signal);
}
