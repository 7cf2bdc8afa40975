/*
 * The engine that watches live programs: waits for stops, tells them apart, makes events of them
 * and lets the tracees go on. Everything of a batch of stops is restarted before any of its
 * events is looked at.
 */
#include "capture/ptrace_engine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/abi.h"
#include "capture/facts.h"
#include "capture/monitor.h"
#include "capture/proc.h"
#include "capture/ptrace_attach.h"
#include "capture/ptrace_launch.h"
#include "capture/ptrace_regs.h"
#include "capture/ptrace_stop.h"
#include "capture/tracee.h"

enum { QUIET_NS = 20 * 1000 * 1000, TICK_NS = 50 * 1000 * 1000, BATCH_MAX = 4096 };

struct wait_status {
	pid_t tid;
	int status;
};

struct engine {
	struct capture capture;
	struct ptrace_config config;
	struct tracee_table tracees;
	struct monitor monitor;
	struct mem_source source;
	struct launch launch;
	int options;
	size_t n_held;

	/* Events made and not yet taken. Their memory is used again. */
	struct event **events;
	size_t n_events, next_event, cap_events, n_made;

	struct wait_status *batch;
	size_t n_batch, cap_batch;

	struct tracee *asking; /* whose stop is being handled: answers questions */
	bool is_detaching, has_started, is_idle_told;
	bool has_command_ended;
	int command_status;
	uint64_t next_tick_ns;
};

/* --- memory and facts of the tracee that is being handled --- */

static ssize_t live_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct iovec local = { buf, len };
	struct iovec remote = { (void *)(uintptr_t)addr, len };
	ssize_t n;

	(void)data;
	n = process_vm_readv(ev->tid, &local, 1, &remote, 1, 0);
	return n < 0 ? -errno : n;
}

static void live_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	struct iovec local[8], remote[8];
	size_t first = 0, total = 0;
	char *room;

	(void)data;
	for (size_t i = 0; i < n; i++)
		total += wanted[i].len;
	room = buf_reserve(&ev->bytes, total);
	while (first < n) {
		size_t at = 0, i;
		ssize_t got;

		for (i = first; i < n && i - first < ARRAY_LEN(local); i++) {
			local[i - first] = (struct iovec){ room + at, wanted[i].len };
			remote[i - first] =
				(struct iovec){ (void *)(uintptr_t)wanted[i].addr, wanted[i].len };
			at += wanted[i].len;
		}
		got = process_vm_readv(ev->tid, local, i - first, remote, i - first, 0);
		if (got < 0)
			got = 0;
		/* It stops at the first byte that cannot be read; go on behind that range. */
		for (; first < i; first++) {
			size_t part =
				(size_t)got < wanted[first].len ? (size_t)got : wanted[first].len;

			if (part) {
				event_reserve_range(ev, wanted[first].addr, part);
				room += part;
			}
			got -= (ssize_t)part;
			if (part < wanted[first].len) {
				first++;
				break;
			}
		}
		room = buf_reserve(&ev->bytes, total);
	}
}

static int live_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct engine *engine = data;
	struct mem mem = { .ev = ev, .live = &engine->source };

	return facts_ask(engine->asking, ev, &mem, kind, subject);
}

/* --- events --- */

static struct event *event_make(struct engine *engine, enum event_kind kind,
				const struct tracee *tracee)
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
	ev->tid = tracee->tid;
	ev->tgid = tracee->tgid;
	ev->time_ns = clock_ns(CLOCK_MONOTONIC);
	ev->real_ns = clock_ns(CLOCK_REALTIME);
	return ev;
}

static void event_drop(struct engine *engine)
{
	engine->n_events--;
}

static void note(struct engine *engine, const char *format, int a, int b)
{
	char text[160];

	if (!engine->config.on_note)
		return;
	snprintf(text, sizeof(text), format, a, b);
	engine->config.on_note(engine->config.hooks.data, text);
}

/* --- restarting --- */

static void restart(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	bool wants_exit = tracee->is_in_call && tracee->is_call_kept;
	int sig = stop_signal(stop);
	long err = 0;

	(void)engine;
	switch (stop_restart(stop, tracee->is_filtered, wants_exit)) {
	case RESTART_NONE:
		return;
	case RESTART_SYSCALL:
		err = ptrace(PTRACE_SYSCALL, tracee->tid, 0, sig);
		break;
	case RESTART_CONT:
		err = ptrace(PTRACE_CONT, tracee->tid, 0, sig);
		break;
	case RESTART_LISTEN:
		err = ptrace(PTRACE_LISTEN, tracee->tid, 0, 0);
		tracee->state = TRACEE_LISTENING;
		return;
	}
	/* ESRCH: killed meanwhile; its death will be reported. */
	(void)err;
	tracee->state = TRACEE_RUNNING;
}

/* --- calls --- */

static void remember_entry(struct tracee *tracee, const struct __ptrace_syscall_info *info,
			   uint64_t nr, const uint64_t *args)
{
	tracee->is_in_call = true;
	tracee->is_call_kept = false;
	tracee->is_wait_noted = false;
	tracee->arch = info->arch;
	tracee->nr = nr;
	tracee->call_ip = info->instruction_pointer;
	memcpy(tracee->args, args, sizeof(tracee->args));
}

/* What a call is about to do to what we remember of descriptors. */
static void note_entry_effect(struct tracee *tracee, enum abi_effect effect)
{
	int fd = (int)tracee->args[effect == ABI_DUP2 ? 1 : 0];

	switch (effect) {
	case ABI_CLOSE:
	case ABI_DUP2:
		/* Alone with the table, nobody can look between now and the close. */
		if (tracee->files->n_users > 1)
			fd_table_get(tracee->files, fd)->is_volatile = true;
		break;
	case ABI_UNSHARE:
		tracee_unshare_files(tracee);
		break;
	default:
		break;
	}
}

static void note_exit_effect(struct tracee *tracee)
{
	switch (abi_effect(tracee->arch, tracee->nr)) {
	case ABI_CLOSE:
		fd_table_forget(tracee->files, (int)tracee->args[0]);
		break;
	case ABI_DUP2:
		fd_table_forget(tracee->files, (int)tracee->args[1]);
		break;
	case ABI_CLOSE_RANGE:
		fd_table_clear(tracee->files);
		break;
	default:
		break;
	}
}

/* An entry that is not wanted: what it does happens unseen. */
static void note_unseen_effect(struct tracee *tracee, enum abi_effect effect)
{
	if (effect == ABI_CLOSE && tracee->files->n_users == 1)
		fd_table_forget(tracee->files, (int)tracee->args[0]);
	else if (effect == ABI_DUP2 && tracee->files->n_users == 1)
		fd_table_forget(tracee->files, (int)tracee->args[1]);
}

static struct event *fill_call(struct event *ev, const struct tracee *tracee,
			       const struct __ptrace_syscall_info *info)
{
	ev->arch = tracee->arch;
	ev->nr = tracee->nr;
	memcpy(ev->args, tracee->args, sizeof(ev->args));
	ev->ip = info->instruction_pointer;
	ev->sp = info->stack_pointer;
	return ev;
}

static enum capture_verdict ask_hook(struct engine *engine, struct tracee *tracee, struct event *ev)
{
	struct mem mem = { .ev = ev, .live = &engine->source };

	engine->asking = tracee;
	return engine->config.hooks.at_stop(engine->config.hooks.data, ev, &mem);
}

static bool is_before_execve(struct tracee *tracee, enum abi_effect effect)
{
	if (tracee->is_launching && effect == ABI_EXECVE)
		tracee->is_launching = false;
	return tracee->is_launching;
}

/* With a filter of its own the tracee's calls may not reach ours: look at all of them. */
static void watch_all_calls(struct engine *engine, const struct tracee *tracee)
{
	struct tracee *other, *next;

	HASH_ITER (hh, engine->tracees.by_tid, other, next) {
		if (other->tgid == tracee->tgid)
			other->is_filtered = false;
	}
}

static void handle_entry(struct engine *engine, struct tracee *tracee,
			 const struct __ptrace_syscall_info *info, uint64_t nr,
			 const uint64_t *args)
{
	enum abi_effect effect = abi_effect(info->arch, nr);
	struct event *ev;

	remember_entry(tracee, info, nr, args);
	if (is_before_execve(tracee, effect))
		return;
	note_entry_effect(tracee, effect);
	/* PR_SET_SECCOMP: the last moment to see what such a filter hides from ours. */
	if (tracee->is_filtered &&
	    (effect == ABI_SECCOMP || (effect == ABI_PRCTL && args[0] == 22)))
		watch_all_calls(engine, tracee);
	ev = fill_call(event_make(engine, EVENT_ENTER, tracee), tracee, info);
	if (ask_hook(engine, tracee, ev) == CAPTURE_SKIP) {
		event_drop(engine);
		if (tracee->is_filtered)
			note_unseen_effect(tracee, effect);
		return;
	}
	tracee->is_call_kept = true;
	tracee->enter_ns = ev->time_ns;
}

static void handle_exit(struct engine *engine, struct tracee *tracee,
			const struct __ptrace_syscall_info *info)
{
	struct event *ev;

	if (!tracee->is_in_call)
		return; /* attached in the middle of a call of which nothing is known */
	note_exit_effect(tracee);
	tracee->is_in_call = false;
	if (!tracee->is_call_kept)
		return;
	tracee->is_call_kept = false;
	ev = fill_call(event_make(engine, EVENT_EXIT, tracee), tracee, info);
	ev->ret = info->exit.rval;
	ev->is_error = info->exit.is_error;
	ask_hook(engine, tracee, ev);
}

static void handle_syscall_stop(struct engine *engine, struct tracee *tracee)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		handle_entry(engine, tracee, &info, info.entry.nr,
			     (const uint64_t *)info.entry.args);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		handle_exit(engine, tracee, &info);
}

static void handle_seccomp_stop(struct engine *engine, struct tracee *tracee)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return;
	if (info.seccomp.ret_data != engine->config.filter_cookie || !engine->config.filter) {
		/* A filter of the program's own wants a tracer that is not there. */
		regs_fail_call(tracee->tid, ENOSYS);
		return;
	}
	/* The entry was seen already if the last restart was PTRACE_SYSCALL. */
	if (tracee->is_in_call && tracee->call_ip == info.instruction_pointer &&
	    !tracee->is_filtered)
		return;
	handle_entry(engine, tracee, &info, info.seccomp.nr, (const uint64_t *)info.seccomp.args);
	tracee->is_vsyscall = regs_is_vsyscall(info.instruction_pointer);
	if (tracee->is_vsyscall)
		tracee->is_call_kept = false; /* no exit-stop follows */
}

/* --- births and deaths --- */

static struct tracee *adopt(struct engine *engine, pid_t tid, const struct tracee *parent, int code)
{
	struct proc_status status = { 0 };
	pid_t tgid = tid;
	struct tracee *tracee;
	bool is_sharing;

	if (code != PTRACE_EVENT_FORK && code != PTRACE_EVENT_VFORK &&
	    proc_status(tid, &status) == 0 && status.tgid)
		tgid = status.tgid;
	is_sharing = parent && (tgid == parent->tgid ||
				syscall(SYS_kcmp, parent->tid, tid, 2 /* KCMP_FILES */, 0, 0) == 0);
	tracee = tracee_add(&engine->tracees, tid, tgid, is_sharing ? parent->files : NULL);
	tracee->is_first_stop = true;
	if (parent)
		tracee->is_filtered = parent->is_filtered;
	else
		tracee->is_filtered = engine->config.filter != NULL;
	return tracee;
}

/* Report a tracee's birth; if its first stop came before that, let it go now. */
static void announce(struct engine *engine, struct tracee *tracee, pid_t parent, int code)
{
	struct event *ev = event_make(engine, EVENT_CREATED, tracee);

	ev->other = parent;
	ev->code = code;
	note(engine, "Process %d attached", tracee->tid, 0);
}

static void release_held(struct engine *engine, struct tracee *tracee)
{
	struct stop stop = stop_classify(tracee->status);

	engine->n_held--;
	tracee->is_first_stop = false;
	restart(engine, tracee, stop);
}

static void handle_birth(struct engine *engine, struct tracee *parent, int code)
{
	struct tracee *child;
	unsigned long tid;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, 0, &tid) < 0)
		return;
	child = tracee_find(&engine->tracees, (pid_t)tid);
	if (child && child->state == TRACEE_HELD) {
		/* It was met before its creator's report came: now its family is known. */
		struct tracee *known = child;
		int status = known->status;

		tracee_remove(&engine->tracees, known);
		child = adopt(engine, (pid_t)tid, parent, code);
		child->status = status;
		child->state = TRACEE_HELD;
		announce(engine, child, parent->tid, code);
		release_held(engine, child);
	} else if (!child) {
		child = adopt(engine, (pid_t)tid, parent, code);
		announce(engine, child, parent->tid, code);
	}
}

/* A first stop of someone unknown: a child whose creator has not reported yet. */
static void handle_unknown(struct engine *engine, pid_t tid, int status)
{
	struct tracee *tracee;

	if (!WIFSTOPPED(status))
		return; /* no tracee: a child of ours that runs a command for -o, or a late death */
	tracee = tracee_add(&engine->tracees, tid, tid, NULL);
	tracee->state = TRACEE_HELD;
	tracee->status = status;
	engine->n_held++;
}

/* Its creator was killed before it could report: go on with what /proc knows. */
static void release_orphans(struct engine *engine)
{
	struct tracee *tracee, *next;

	if (!engine->n_held)
		return;
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		int status = tracee->status;
		pid_t tid = tracee->tid;

		if (tracee->state != TRACEE_HELD)
			continue;
		tracee_remove(&engine->tracees, tracee);
		tracee = adopt(engine, tid, NULL, 0);
		tracee->status = status;
		announce(engine, tracee, 0, 0);
		release_held(engine, tracee);
	}
}

static void handle_exec(struct engine *engine, struct tracee *leader)
{
	struct tracee *caller = leader, *other, *next;
	unsigned long old_tid = 0;
	struct event *ev;

	ptrace(PTRACE_GETEVENTMSG, leader->tid, 0, &old_tid);
	if (old_tid && (pid_t)old_tid != leader->tid) {
		caller = tracee_find(&engine->tracees, (pid_t)old_tid);
		if (!caller)
			caller = leader;
	}
	HASH_ITER (hh, engine->tracees.by_tid, other, next) {
		if (other->tgid != leader->tgid || other == caller)
			continue;
		ev = event_make(engine, EVENT_SUPERSEDED, other);
		ev->other = (pid_t)old_tid;
		if (other->state == TRACEE_HELD)
			engine->n_held--;
		tracee_remove(&engine->tracees, other);
	}
	if (caller->tid != caller->tgid)
		tracee_rename(&engine->tracees, caller, caller->tgid);
	tracee_forget_image(caller);
	/* execve closes what is close-on-exec, and makes a shared table private. */
	tracee_unshare_files(caller);
	ev = event_make(engine, EVENT_EXEC, caller);
	ev->other = (pid_t)old_tid;
	engine->asking = caller;
	restart(engine, caller, (struct stop){ STOP_EXEC, 0, false });
}

static void handle_death(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	struct event *ev =
		event_make(engine, stop.kind == STOP_EXITED ? EVENT_EXITED : EVENT_KILLED, tracee);

	if (stop.kind == STOP_EXITED)
		ev->code = stop.code;
	else
		ev->sig = stop.code;
	ev->is_core = stop.is_core;
	if (tracee->state == TRACEE_HELD)
		engine->n_held--;
	if (tracee->tid == engine->launch.pid) {
		engine->has_command_ended = true;
		engine->command_status = tracee->status;
	}
	tracee_remove(&engine->tracees, tracee);
}

/* --- other stops --- */

static void handle_signal(struct engine *engine, struct tracee *tracee, int sig)
{
	struct event *ev = event_make(engine, EVENT_SIGNAL, tracee);
	siginfo_t info;

	ev->sig = sig;
	if (ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &info) == 0)
		event_add_range(ev, 0, &info, sizeof(info));
}

/* The first stop of a tracee that we attached to, or that was just born. */
static void handle_interrupt(struct tracee *tracee)
{
	if (tracee->is_first_stop && tracee->is_seized_late)
		attach_mend_call(tracee);
	tracee->is_first_stop = false;
}

static void dispatch(struct engine *engine, pid_t tid, int status)
{
	struct tracee *tracee = tracee_find(&engine->tracees, tid);
	struct stop stop = stop_classify(status);

	if (!tracee) {
		handle_unknown(engine, tid, status);
		return;
	}
	tracee->status = status;
	if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED) {
		handle_death(engine, tracee, stop);
		return;
	}
	if (tracee->state == TRACEE_HELD)
		return; /* still at its first stop */
	tracee->state = TRACEE_STOPPED;
	switch (stop.kind) {
	case STOP_EXEC:
		handle_exec(engine, tracee);
		return;
	case STOP_SYSCALL:
		handle_syscall_stop(engine, tracee);
		break;
	case STOP_SECCOMP:
		handle_seccomp_stop(engine, tracee);
		break;
	case STOP_SIGNAL:
		handle_signal(engine, tracee, stop.code);
		break;
	case STOP_GROUP:
		event_make(engine, EVENT_GROUP_STOP, tracee)->sig = stop.code;
		break;
	case STOP_BIRTH:
		handle_birth(engine, tracee, stop.code);
		break;
	case STOP_INTERRUPT:
		handle_interrupt(tracee);
		break;
	default:
		break;
	}
	restart(engine, tracee, stop);
}

/* --- waiting --- */

static void batch_add(struct engine *engine, pid_t tid, int status)
{
	engine->batch = array_grow(engine->batch, engine->n_batch, &engine->cap_batch,
				   sizeof(*engine->batch));
	engine->batch[engine->n_batch++] = (struct wait_status){ tid, status };
}

/* When the monitor has to get us out of the next wait. */
static uint64_t next_due(struct engine *engine)
{
	bool has_to_note = engine->config.wait_note_ns != 0;
	uint64_t now;

	if (engine->is_idle_told && !has_to_note && !engine->n_held)
		return 0;
	now = clock_ns(CLOCK_MONOTONIC);
	return now + (engine->is_idle_told && !engine->n_held ? TICK_NS : QUIET_NS);
}

/*
 * Wait for a stop, then take all others that are pending, so that no tracee is served twice
 * before another is served once. 1, 0 if the wait was interrupted, -ECHILD at the end.
 */
static int wait_batch(struct engine *engine)
{
	int status;
	pid_t tid;

	engine->n_batch = 0;
	atomic_store(&engine->monitor.due_ns, next_due(engine));
	tid = wait4(-1, &status, __WALL, NULL);
	atomic_store(&engine->monitor.due_ns, 0);
	if (tid < 0)
		return errno == EINTR ? 0 : -errno;
	batch_add(engine, tid, status);
	while (tracee_count(&engine->tracees) > 1 && engine->n_batch < BATCH_MAX) {
		tid = wait4(-1, &status, __WALL | WNOHANG, NULL);
		if (tid <= 0)
			break;
		batch_add(engine, tid, status);
	}
	return 1;
}

static void note_blocked(struct engine *engine)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct tracee *tracee, *next;

	if (!engine->config.wait_note_ns || now < engine->next_tick_ns)
		return;
	engine->next_tick_ns = now + TICK_NS;
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		struct event *ev;

		if (!tracee->is_in_call || !tracee->is_call_kept || tracee->is_wait_noted ||
		    now - tracee->enter_ns < engine->config.wait_note_ns)
			continue;
		tracee->is_wait_noted = true;
		ev = event_make(engine, EVENT_BLOCKED, tracee);
		ev->arch = tracee->arch;
		ev->nr = tracee->nr;
		ev->code = (int)((now - tracee->enter_ns) / 1000000);
	}
}

static void dispatch_batch(struct engine *engine)
{
	/* Signals first: one that is held here would be lost with us (reference E1). */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < engine->n_batch; i++) {
			int status = engine->batch[i].status;
			bool is_signal = stop_classify(status).kind == STOP_SIGNAL;

			if (is_signal == (pass == 0))
				dispatch(engine, engine->batch[i].tid, status);
		}
	}
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
		if (engine->is_detaching || !tracee_count(&engine->tracees))
			return CAPTURE_END;
		if (atomic_load(&engine->monitor.signal))
			return CAPTURE_STOP;
		got = wait_batch(engine);
		if (got == -ECHILD)
			return CAPTURE_END;
		if (got < 0)
			return got;
		dispatch_batch(engine);
		note_blocked(engine);
		if (got == 0)
			release_orphans(engine);
		if (got == 0 && !engine->n_events && !engine->is_idle_told) {
			engine->is_idle_told = true;
			return CAPTURE_IDLE;
		}
	}
}

/* --- beginning and end --- */

static int start_command(struct engine *engine)
{
	struct tracee *tracee;
	int options = engine->options;
	int err = launch_fork(&engine->config, &engine->launch);

	if (err < 0)
		return err;
	if (engine->config.filter)
		options |= PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SEIZE, engine->launch.pid, 0, options) < 0) {
		err = -errno;
		kill(engine->launch.pid, SIGKILL);
		snprintf(engine->capture.error, sizeof(engine->capture.error),
			 "ptrace: cannot trace a command: %s; in a container it needs "
			 "--cap-add=SYS_PTRACE and a seccomp profile that allows it",
			 strerror(-err));
		return err;
	}
	tracee = tracee_add(&engine->tracees, engine->launch.pid, engine->launch.pid, NULL);
	tracee->is_launching = true;
	tracee->is_first_stop = true;
	tracee->is_filtered = engine->config.filter != NULL;
	ptrace(PTRACE_INTERRUPT, tracee->tid, 0, 0);
	launch_go(&engine->launch);
	return 0;
}

static int start_attached(struct engine *engine)
{
	int n_failed = 0;

	for (size_t i = 0; i < engine->config.n_pids; i++) {
		char *error = engine->capture.error;
		int n = attach_process(&engine->tracees, engine->config.pids[i], engine->options,
				       engine->config.is_following, error,
				       sizeof(engine->capture.error));

		if (n < 0)
			n_failed++;
		else if (n > 1)
			note(engine, "Process %d attached with %d threads", engine->config.pids[i],
			     n);
		else
			note(engine, "Process %d attached", engine->config.pids[i], 0);
		if (n < 0 && engine->config.on_note && engine->config.n_pids > 1)
			engine->config.on_note(engine->config.hooks.data, error);
	}
	return n_failed && !tracee_count(&engine->tracees) ? -EPERM : 0;
}

static void announce_attached(struct engine *engine)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->is_seized_late)
			event_make(engine, EVENT_ATTACHED, tracee);
		else
			event_make(engine, EVENT_CREATED, tracee);
	}
}

static int engine_start(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;
	pid_t command = 0;
	int err = 0;

	engine->options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
	if (engine->config.is_following)
		engine->options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	if (engine->config.n_pids)
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
		command = engine->launch.pid;
	engine->has_started = true;
	return monitor_start(&engine->monitor, command);
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
	engine->is_detaching = true;
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->state == TRACEE_HELD)
			ptrace(PTRACE_DETACH, tracee->tid, 0, 0);
		event_make(engine, EVENT_DETACHED, tracee);
	}
}

static void engine_destroy(struct capture *capture)
{
	struct engine *engine = (struct engine *)capture;

	monitor_end(&engine->monitor);
	tracee_table_finish(&engine->tracees);
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
	engine->launch = (struct launch){ 0, -1, -1 };
	engine->source = (struct mem_source){ live_read, live_prefetch, live_ask, engine };
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
