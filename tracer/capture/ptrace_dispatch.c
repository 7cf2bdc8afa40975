/* From stops to events: what each kind of stop means for its tracee. */
#include "capture/ptrace_dispatch.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/abi.h"
#include "capture/proc.h"
#include "capture/ptrace_attach.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_regs.h"
#include "capture/ptrace_stop.h"

enum { ORPHAN_NS = 100 * 1000 * 1000 };

/* --- restarting --- */

static void restart(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	bool wants_exit = tracee->is_in_call && (tracee->is_call_kept || tracee->has_changed_arg);
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
	case ABI_UNSHARE:
	case ABI_SETNS:
		tracee->ipc_ns = 0;
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

static void restore_arg(struct tracee *tracee)
{
	if (tracee->has_changed_arg)
		regs_set_arg0(tracee->tid, tracee->arch, tracee->args[0]);
	tracee->has_changed_arg = false;
}

/*
 * A child that nobody traces would get ENOSYS from every call that our seccomp program asks about.
 * What clone3 is given lies in memory that we do not write to; libc can do without that call.
 */
static void keep_child_traced(struct tracee *tracee, enum abi_effect effect)
{
	uint64_t flags = tracee->args[0];
	struct iovec local = { &flags, sizeof(flags) };
	struct iovec remote = { (void *)(uintptr_t)flags, sizeof(flags) };

	if (effect == ABI_CLONE && (flags & CLONE_UNTRACED)) {
		regs_set_arg0(tracee->tid, tracee->arch, flags & ~(uint64_t)CLONE_UNTRACED);
		tracee->has_changed_arg = true;
	} else if (effect == ABI_CLONE3 &&
		   process_vm_readv(tracee->tid, &local, 1, &remote, 1, 0) == sizeof(flags) &&
		   (flags & CLONE_UNTRACED)) {
		regs_fail_call(tracee->tid, ENOSYS);
	}
}

/* Two processes that trace one another can neither go on nor be killed. */
static void refuse_mutual_tracing(const struct tracee *tracee)
{
	struct proc_status status;

	if (tracee->args[0] != PTRACE_ATTACH && tracee->args[0] != PTRACE_SEIZE)
		return;
	if (proc_status((pid_t)tracee->args[1], &status) == 0 && status.tgid == getpid())
		regs_fail_call(tracee->tid, EPERM);
}

static void guard_call(struct engine *engine, struct tracee *tracee, enum abi_effect effect)
{
	if (effect == ABI_PTRACE)
		refuse_mutual_tracing(tracee);
	else if (engine->config.filter)
		keep_child_traced(tracee, effect);
}

/* prctl(PR_SET_NAME) is about to succeed: the name is at its argument. */
static void note_name(struct engine *engine, struct tracee *tracee)
{
	char name[16] = "";
	struct iovec local = { name, sizeof(name) - 1 };
	struct iovec remote = { (void *)(uintptr_t)tracee->args[1], sizeof(name) - 1 };
	struct event *ev;

	if (tracee->tid != tracee->tgid ||
	    process_vm_readv(tracee->tid, &local, 1, &remote, 1, 0) <= 0)
		return;
	ev = engine_event(engine, EVENT_RENAMED, tracee);
	event_add_fact(ev, FACT_COMM, tracee->tid, name, strlen(name));
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
	guard_call(engine, tracee, effect);
	if (effect == ABI_PRCTL && args[0] == PR_SET_NAME)
		note_name(engine, tracee);
	note_entry_effect(tracee, effect);
	/* PR_SET_SECCOMP: the last moment to see what such a filter hides from ours. */
	if (tracee->is_filtered &&
	    (effect == ABI_SECCOMP || (effect == ABI_PRCTL && args[0] == PR_SET_SECCOMP)))
		watch_all_calls(engine, tracee);
	ev = fill_call(engine_event(engine, EVENT_ENTER, tracee), tracee, info);
	if (engine_ask_hook(engine, tracee, ev) == CAPTURE_SKIP) {
		engine_drop_event(engine);
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
	restore_arg(tracee);
	tracee->is_in_call = false;
	/* What the child does after a first execve that failed is our doing, not the command's. */
	if (tracee->tid == engine->launch.pid && !engine->has_executed &&
	    abi_effect(tracee->arch, tracee->nr) == ABI_EXECVE)
		tracee->is_launching = info->exit.is_error;
	if (!tracee->is_call_kept)
		return;
	tracee->is_call_kept = false;
	ev = fill_call(engine_event(engine, EVENT_EXIT, tracee), tracee, info);
	ev->ret = info->exit.rval;
	ev->is_error = info->exit.is_error;
	engine_ask_hook(engine, tracee, ev);
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
		tracee_inherit_files(tracee, parent);
	if (parent) {
		tracee->is_filtered = parent->is_filtered;
		/* Its registers are its parent's. */
		tracee->has_changed_arg = parent->has_changed_arg;
		tracee->arch = parent->arch;
		tracee->args[0] = parent->args[0];
	} else {
		tracee->is_filtered = engine->config.filter != NULL;
	}
	return tracee;
}

/* Report a tracee's birth. */
static struct event *announce(struct engine *engine, struct tracee *tracee, pid_t parent, int code)
{
	struct event *ev = engine_event(engine, EVENT_CREATED, tracee);

	ev->other = parent;
	ev->code = code;
	engine_note(engine, "Process %d attached", tracee->tid, 0);
	return ev;
}

static void handle_death(struct engine *engine, struct tracee *tracee, struct stop stop);

static void release_held(struct engine *engine, struct tracee *tracee)
{
	struct stop stop = stop_classify(tracee->status);

	engine->n_held--;
	if (tracee->is_dead) {
		tracee->state = TRACEE_STOPPED;
		handle_death(engine, tracee, stop);
		return;
	}
	tracee->is_first_stop = false;
	restore_arg(tracee);
	restart(engine, tracee, stop);
}

/* The same with one that was met before. */
static struct tracee *adopt_held(struct engine *engine, struct tracee *held,
				 const struct tracee *parent, int code)
{
	pid_t tid = held->tid;
	int status = held->status;
	bool is_dead = held->is_dead;
	struct tracee *tracee;

	tracee_remove(&engine->tracees, held);
	tracee = adopt(engine, tid, parent, code);
	tracee->status = status;
	tracee->is_dead = is_dead;
	tracee->state = TRACEE_HELD;
	return tracee;
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
		child = adopt_held(engine, child, parent, code);
		announce(engine, child, parent->tid, code);
		release_held(engine, child);
	} else if (!child) {
		child = adopt(engine, (pid_t)tid, parent, code);
		announce(engine, child, parent->tid, code);
	}
}

/*
 * A first stop, or the end, of someone unknown: a child whose creator has not reported yet. Or
 * a child of ours that runs a command for -o, or one that was superseded by an execve.
 */
static void handle_unknown(struct engine *engine, pid_t tid, int status)
{
	struct tracee *tracee = tracee_add(&engine->tracees, tid, tid, NULL);

	tracee->state = TRACEE_HELD;
	tracee->status = status;
	tracee->held_ns = clock_ns(CLOCK_MONOTONIC);
	tracee->is_dead = tracee->is_stranger = !WIFSTOPPED(status);
	engine->n_held++;
}

/* Its creator was killed before it could report: go on with what /proc knows. */
void dispatch_orphans(struct engine *engine)
{
	struct tracee *tracee, *next;
	uint64_t now;

	if (!engine->n_held)
		return;
	now = clock_ns(CLOCK_MONOTONIC);
	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->state != TRACEE_HELD || now - tracee->held_ns < ORPHAN_NS)
			continue;
		if (tracee->is_stranger) {
			engine->n_held--;
			tracee_remove(&engine->tracees, tracee);
			continue;
		}
		tracee = adopt_held(engine, tracee, NULL, 0);
		engine_ask_hook(engine, tracee, announce(engine, tracee, 0, 0));
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
		ev = engine_event(engine, EVENT_SUPERSEDED, other);
		ev->other = (pid_t)old_tid;
		if (other->state == TRACEE_HELD)
			engine->n_held--;
		tracee_remove(&engine->tracees, other);
	}
	if (caller->tid != caller->tgid)
		tracee_rename(&engine->tracees, caller, caller->tgid);
	tracee_forget_image(caller);
	caller->is_launching = false;
	if (caller->tid == engine->launch.pid)
		engine->has_executed = true;
	/* execve closes what is close-on-exec, and makes a shared table private. */
	tracee_unshare_files(caller);
	ev = engine_event(engine, EVENT_EXEC, caller);
	ev->other = (pid_t)old_tid;
	engine_ask_hook(engine, caller, ev);
	restart(engine, caller, (struct stop){ STOP_EXEC, 0, false });
}

static void handle_death(struct engine *engine, struct tracee *tracee, struct stop stop)
{
	struct event *ev = engine_event(
		engine, stop.kind == STOP_EXITED ? EVENT_EXITED : EVENT_KILLED, tracee);

	if (stop.kind == STOP_EXITED)
		ev->code = stop.code;
	else
		ev->sig = stop.code;
	ev->is_core = stop.is_core;
	if (tracee->tid == engine->launch.pid) {
		engine->has_command_ended = true;
		engine->command_status = tracee->status;
		/* Its children may go on for ever: from now on, signals are for us. */
		atomic_store(&engine->monitor.command, 0);
	}
	tracee_remove(&engine->tracees, tracee);
}

/* --- other stops --- */

void dispatch_signal(struct engine *engine, struct wait_status *wait)
{
	struct tracee *tracee = tracee_find(&engine->tracees, wait->tid);
	struct stop stop = stop_classify(wait->status);

	if (stop.kind != STOP_SIGNAL || !tracee || tracee->state == TRACEE_HELD)
		return;
	if (ptrace(PTRACE_GETSIGINFO, tracee->tid, 0, &wait->info) < 0)
		wait->info.si_signo = 0;
	restart(engine, tracee, stop);
	wait->is_delivered = true;
}

static void handle_signal(struct engine *engine, struct tracee *tracee,
			  const struct wait_status *wait)
{
	struct event *ev = engine_event(engine, EVENT_SIGNAL, tracee);

	ev->sig = WSTOPSIG(wait->status);
	if (wait->info.si_signo)
		event_add_range(ev, 0, &wait->info, sizeof(wait->info));
	/* The tracee has gone on: answers about others are as good as ever. */
	engine_ask_hook(engine, tracee, ev);
}

/* The first stop of a tracee that we attached to, or that was just born. */
static void handle_interrupt(struct tracee *tracee)
{
	if (tracee->is_first_stop && tracee->is_seized_late)
		attach_mend_call(tracee);
	tracee->is_first_stop = false;
	if (!tracee->is_in_call)
		restore_arg(tracee);
}

/*
 * execve gives its caller the id of the leader. One that had ended before we attached is not in
 * the table: the caller is to be.
 */
static struct tracee *find_caller(struct engine *engine, pid_t tid)
{
	unsigned long old_tid = 0;
	struct tracee *caller;

	if (ptrace(PTRACE_GETEVENTMSG, tid, 0, &old_tid) < 0)
		return NULL;
	caller = tracee_find(&engine->tracees, (pid_t)old_tid);
	if (caller)
		tracee_rename(&engine->tracees, caller, tid);
	return caller;
}

void dispatch(struct engine *engine, const struct wait_status *wait)
{
	struct tracee *tracee = tracee_find(&engine->tracees, wait->tid);
	struct stop stop = stop_classify(wait->status);

	if (!tracee && stop.kind == STOP_EXEC)
		tracee = find_caller(engine, wait->tid);
	if (!tracee) {
		handle_unknown(engine, wait->tid, wait->status);
		return;
	}
	if (wait->is_delivered) {
		handle_signal(engine, tracee, wait);
		return;
	}
	tracee->status = wait->status;
	if (tracee->state == TRACEE_HELD) {
		/* Still at its first stop, or its end, of which nobody will hear before its birth. */
		tracee->is_dead = stop_is_end(stop);
		return;
	}
	if (stop_is_end(stop)) {
		handle_death(engine, tracee, stop);
		return;
	}
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
	case STOP_GROUP:
		engine_event(engine, EVENT_GROUP_STOP, tracee)->sig = stop.code;
		/* It stopped by itself: whatever its call returned, that was not our doing. */
		tracee->is_first_stop = false;
		if (tracee->tid == engine->launch.pid)
			atomic_store(&engine->monitor.is_command_stopped, true);
		break;
	case STOP_BIRTH:
		handle_birth(engine, tracee, stop.code);
		break;
	case STOP_INTERRUPT:
		handle_interrupt(tracee);
		if (tracee->tid == engine->launch.pid)
			atomic_store(&engine->monitor.is_command_stopped, false);
		break;
	default:
		break;
	}
	restart(engine, tracee, stop);
}
