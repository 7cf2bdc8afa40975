/* Births, deaths and what lies between as to who is who: unknown children, execve by a thread. */
#include "capture/ptrace_family.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/facts_ns.h"
#include "capture/proc.h"
#include "capture/ptrace_calls.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_filters.h"
#include "capture/ptrace_resume.h"
#include "capture/ptrace_withheld.h"
#include "capture/ptrace_yield.h"

enum { ORPHAN_NS = 100 * 1000 * 1000 };

static struct tracee *adopt(struct engine *engine, pid_t tid, const struct tracee *parent)
{
	struct proc_status status = { 0 };
	pid_t tgid = tid;
	struct tracee *tracee;
	bool is_sharing;

	/* CLONE_THREAD goes with any event: CLONE_VFORK and the exit signal decide which. */
	if (proc_status(tid, &status) == 0 && status.tgid)
		tgid = status.tgid;
	is_sharing = parent && (tgid == parent->tgid ||
				syscall(SYS_kcmp, parent->tid, tid, 2 /* KCMP_FILES */, 0, 0) == 0);
	tracee = tracee_add(&engine->tracees, tid, tgid, is_sharing ? parent->files : NULL);
	tracee->n_pid_levels = status.n_inner;
	if (parent)
		tracee_inherit_files(tracee, parent);
	if (parent) {
		tracee->is_filtered = parent->is_filtered;
		tracee->own_filter = parent->own_filter;
		/* Its registers are its parent's. */
		tracee->has_changed_arg = parent->has_changed_arg;
		tracee->arch = parent->arch;
		tracee->args[0] = parent->args[0];
	} else {
		tracee->is_filtered = filters_has_ours_only(engine, tid);
	}
	return tracee;
}

/* Report a tracee's birth. */
static struct event *announce(struct engine *engine, struct tracee *tracee,
			      const struct tracee *parent, int code)
{
	struct event *ev = engine_event(engine, EVENT_CREATED, tracee);

	ev->other = parent ? parent->tid : 0;
	ev->code = code;
	if (parent && tracee->tgid != parent->tgid && tracee->files == parent->files)
		event_add_fact(ev, FACT_SHARED_FILES, tracee->tgid, NULL, 0);
	facts_ns_ask_pid(&engine->facts, tracee, ev, tracee->tid);
	engine_note(engine, "Process %d attached", tracee->tid);
	return ev;
}

static void release_held(struct engine *engine, struct tracee *tracee)
{
	struct stop stop = stop_classify(tracee->status);

	engine->n_held--;
	if (tracee->is_dead) {
		tracee->state = TRACEE_STOPPED;
		family_death(engine, tracee, stop);
		return;
	}
	calls_restore_arg(tracee);
	resume_tracee(tracee, stop);
}

/* The same with one that was met before. */
static struct tracee *adopt_held(struct engine *engine, struct tracee *held,
				 const struct tracee *parent)
{
	pid_t tid = held->tid;
	int status = held->status;
	bool is_dead = held->is_dead;
	struct tracee *tracee;

	tracee_remove(&engine->tracees, held);
	tracee = adopt(engine, tid, parent);
	tracee->status = status;
	tracee->is_dead = is_dead;
	tracee->state = TRACEE_HELD;
	return tracee;
}

/*
 * Its creator took so long to report it that we went on without, and it is gone by now? Only the
 * kernel knows, for ids are used again.
 */
static bool has_ended_already(const struct engine *engine, pid_t tid)
{
	struct proc_status status;

	return engine->has_adopted_orphans &&
	       (proc_status(tid, &status) < 0 || status.tracer != getpid());
}

void family_birth(struct engine *engine, struct tracee *parent, int code)
{
	struct tracee *child;
	unsigned long tid;

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, 0, &tid) < 0)
		return;
	child = tracee_find(&engine->tracees, (pid_t)tid);
	if (child && child->state == TRACEE_HELD) {
		/* It was met before its creator's report came: now its family is known. */
		child = adopt_held(engine, child, parent);
		announce(engine, child, parent, code);
		release_held(engine, child);
	} else if (!child && !has_ended_already(engine, (pid_t)tid)) {
		child = adopt(engine, (pid_t)tid, parent);
		announce(engine, child, parent, code);
	}
}

void family_unknown(struct engine *engine, pid_t tid, int status)
{
	struct tracee *tracee;

	/* CLONE_PTRACE makes children ours that nobody asked for. */
	if (!engine->config.is_following && WIFSTOPPED(status)) {
		ptrace(PTRACE_DETACH, tid, 0, 0);
		return;
	}
	tracee = tracee_add(&engine->tracees, tid, tid, NULL);
	tracee->state = TRACEE_HELD;
	tracee->status = status;
	tracee->held_ns = clock_ns(CLOCK_MONOTONIC);
	tracee->is_dead = tracee->is_stranger = !WIFSTOPPED(status);
	engine->n_held++;
}

/* A creator that was killed cannot report: go on with what /proc knows. */
void family_orphans(struct engine *engine, bool is_over)
{
	struct tracee *tracee, *next;
	uint64_t now;

	if (!engine->n_held)
		return;
	now = clock_ns(CLOCK_MONOTONIC);
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->state != TRACEE_HELD || (!is_over && now - tracee->held_ns < ORPHAN_NS))
			continue;
		/* Of either kind its creator may tell yet, too late. */
		engine->has_adopted_orphans = true;
		if (tracee->is_stranger) {
			engine->n_held--;
			tracee_remove(&engine->tracees, tracee);
			continue;
		}
		tracee = adopt_held(engine, tracee, NULL);
		engine_ask_hook(engine, tracee, announce(engine, tracee, NULL, 0));
		release_held(engine, tracee);
	}
}

/* The threads of a process but for the survivor (0: none) are gone without a word: execve ends them. */
static void supersede_others(struct engine *engine, pid_t tgid, pid_t survivor, pid_t caller)
{
	struct tracee *other, *next;
	struct event *ev;

	HASH_ITER (hh, engine->tracees.by_tid, other, next) {
		if (other->tgid != tgid || other->tid == survivor)
			continue;
		filters_settle(engine, other, false);
		ev = engine_event(engine, EVENT_SUPERSEDED, other);
		ev->other = caller;
		if (other->state == TRACEE_HELD)
			engine->n_held--;
		yield_gone(engine, other->tid);
		tracee_remove(&engine->tracees, other);
	}
}

static struct tracee *any_thread_of(struct engine *engine, pid_t tgid)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->tgid == tgid && tracee->state != TRACEE_HELD)
			return tracee;
	}
	return NULL;
}

bool family_exec(struct engine *engine, pid_t tgid)
{
	unsigned long old_tid = 0;
	struct tracee *caller;
	struct event *ev;
	pid_t from;

	/* Killed meanwhile, it does not say who called; one of its threads it was. */
	ptrace(PTRACE_GETEVENTMSG, tgid, 0, &old_tid);
	caller = old_tid ? tracee_find(&engine->tracees, (pid_t)old_tid) : NULL;
	if (!caller || caller->tgid != tgid)
		caller = tracee_find(&engine->tracees, tgid);
	if (!caller || caller->state == TRACEE_HELD)
		caller = any_thread_of(engine, tgid);
	if (!caller)
		return false;
	from = caller->tid;
	filters_settle(engine, caller, false);
	supersede_others(engine, tgid, from, from);
	if (from != tgid)
		tracee_rename(&engine->tracees, caller, tgid);
	tracee_forget_image(caller);
	caller->state = TRACEE_STOPPED;
	caller->is_launching = false;
	if (caller->tid == engine->launch.pid)
		engine->has_executed = true;
	/* execve closes what is close-on-exec, and makes a shared table private. */
	tracee_unshare_files(caller);
	ev = engine_event(engine, EVENT_EXEC, caller);
	ev->other = from;
	engine_ask_hook(engine, caller, ev);
	withheld_check(engine, caller);
	resume_tracee(caller, (struct stop){ STOP_EXEC, 0, false });
	return true;
}

void family_gone(struct engine *engine, struct tracee *tracee)
{
	pid_t tid = tracee->tid;

	if (tid == engine->launch.pid) {
		engine->has_command_ended = true;
		engine->command_status = tracee->status;
		/* Its children may go on for ever: from now on, signals are for us. */
		atomic_store(&engine->monitor.command, 0);
	}
	tracee_remove(&engine->tracees, tracee);
	yield_gone(engine, tid);
}

void family_death(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	struct event *ev = engine_event(
		engine, stop.kind == STOP_EXITED ? EVENT_EXITED : EVENT_KILLED, tracee);
	pid_t tgid = tracee->tgid, tid = tracee->tid;

	if (stop.kind == STOP_EXITED)
		ev->code = stop.code;
	else
		ev->sig = stop.code;
	ev->is_core = stop.is_core;
	family_gone(engine, tracee);
	/* The leader's end is told last: who is left was ended by an execve of which we never heard. */
	if (tid == tgid)
		supersede_others(engine, tgid, 0, tid);
}

bool family_unknown_death(struct engine *engine, pid_t tgid, int status)
{
	struct tracee *tracee = any_thread_of(engine, tgid);

	if (!tracee)
		return false;
	filters_settle(engine, tracee, false);
	tracee->status = status;
	family_death(engine, tracee, stop_classify(status));
	supersede_others(engine, tgid, 0, tgid);
	return true;
}
