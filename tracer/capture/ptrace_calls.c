/* Entries and exits of system calls: what the engine remembers of them, and what it makes of them. */
#include "capture/ptrace_calls.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture/abi.h"
#include "capture/facts_ipc.h"
#include "capture/proc.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_filters.h"
#include "capture/ptrace_regs.h"
#include "capture/ptrace_yield.h"

static void remember_entry(struct tracee *tracee, const struct __ptrace_syscall_info *info,
			   uint64_t nr, const uint64_t *args)
{
	tracee->is_wait_noted = tracee->is_told_asleep = false;
	tracee->arch = info->arch;
	tracee->nr = nr;
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

void calls_restore_arg(struct tracee *tracee)
{
	if (tracee->has_changed_arg)
		regs_set_arg0(tracee->tid, tracee->arch, tracee->args[0]);
	tracee->has_changed_arg = false;
}

/* Is a child about to be made that nobody is to trace? */
static bool makes_untraced(const struct tracee *tracee, enum abi_effect effect)
{
	uint64_t flags = tracee->args[0];
	struct iovec local = { &flags, sizeof(flags) };
	struct iovec remote = { (void *)(uintptr_t)flags, sizeof(flags) };

	if (effect == ABI_CLONE3 &&
	    process_vm_readv(tracee->tid, &local, 1, &remote, 1, 0) != sizeof(flags))
		return false;
	return (effect == ABI_CLONE || effect == ABI_CLONE3) && (flags & CLONE_UNTRACED);
}

/*
 * Such a child would get ENOSYS from every call that our seccomp program asks about: there it is
 * traced all the same. What clone3 is given lies in memory that we do not write to; libc can do
 * without that call. Without the program the child may go its way.
 */
static void keep_child_traced(struct engine *engine, struct tracee *tracee, enum abi_effect effect)
{
	if (!makes_untraced(tracee, effect))
		return;
	if (!engine->config.filter) {
		engine_warn_once(engine, WARNED_UNTRACED,
				 "PID %d makes a child with CLONE_UNTRACED: it is not traced",
				 tracee->tid);
	} else if (effect == ABI_CLONE) {
		regs_set_arg0(tracee->tid, tracee->arch,
			      tracee->args[0] & ~(uint64_t)CLONE_UNTRACED);
		tracee->has_changed_arg = true;
	} else {
		regs_fail_call(tracee->tid, ENOSYS);
	}
}

static void guard_call(struct engine *engine, struct tracee *tracee, enum abi_effect effect)
{
	if (effect == ABI_PTRACE)
		yield_at_ptrace(engine, tracee);
	else if (engine->config.is_following)
		keep_child_traced(engine, tracee, effect);
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

/* Until it returns, nobody is to ask about a pipe that it keeps locked: it may wait for who asks. */
static void note_lock(struct engine *engine, struct tracee *tracee, enum abi_effect effect)
{
	bool is_splice = effect == ABI_SPLICE;
	uint64_t ino = 0;

	if (is_splice || effect == ABI_SENDFILE)
		ino = facts_ipc_pipe_to_lock(&engine->facts, tracee,
					     (int)tracee->args[is_splice ? 0 : 1],
					     (int)tracee->args[is_splice ? 2 : 0]);
	tracee_lock_pipe(&engine->tracees, tracee, ino);
}

static void handle_entry(struct engine *engine, struct tracee *tracee,
			 const struct __ptrace_syscall_info *info, uint64_t nr,
			 const uint64_t *args)
{
	enum abi_effect effect = abi_effect(info->arch, nr);
	struct event *ev;
	bool is_wanted;

	remember_entry(tracee, info, nr, args);
	if (is_before_execve(tracee, effect))
		return;
	guard_call(engine, tracee, effect);
	if (effect == ABI_PRCTL && args[0] == PR_SET_NAME)
		note_name(engine, tracee);
	note_entry_effect(tracee, effect);
	tracee->is_installing = filters_is_install(tracee);
	ev = fill_call(engine_event(engine, EVENT_ENTER, tracee), tracee, info);
	if (effect == ABI_RESTART)
		ev->code = tracee->resumable;
	is_wanted = engine_ask_hook(engine, tracee, ev) != CAPTURE_SKIP;
	note_lock(engine, tracee, effect);
	if (!is_wanted) {
		engine_drop_event(engine);
		if (tracee->is_filtered)
			note_unseen_effect(tracee, effect);
		return;
	}
	machine_keep(tracee);
	tracee->enter_ns = ev->time_ns;
	tracee->enter_system_ns = tracee->system_ns;
}

static void add_system_time(struct event *ev, const struct tracee *tracee)
{
	uint64_t ns = tracee->system_ns > tracee->enter_system_ns
			      ? tracee->system_ns - tracee->enter_system_ns
			      : 0;

	event_add_fact(ev, FACT_SYSTEM_TIME, tracee->tid, NULL, 0)->value[0] = (int64_t)ns;
}

static void handle_exit(struct engine *engine, struct tracee *tracee,
			const struct __ptrace_syscall_info *info)
{
	struct event *ev;

	tracee_lock_pipe(&engine->tracees, tracee, 0);
	note_exit_effect(tracee);
	if (info->exit.rval != -ERESTART_RESTARTBLOCK)
		tracee->resumable = 0;
	else if (abi_effect(tracee->arch, tracee->nr) != ABI_RESTART)
		tracee->resumable = 1 + (int)tracee->nr;
	calls_restore_arg(tracee);
	if (tracee->is_installing && !info->exit.is_error)
		filters_installed(engine, tracee);
	tracee->is_installing = false;
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
	if (engine->config.has_system_times)
		add_system_time(ev, tracee);
	engine_ask_hook(engine, tracee, ev);
	if (!ev->is_error)
		filters_doubt(engine, tracee, ev->ret);
}

/* Its entry was not seen: what it was is told by the registers, which it leaves as they are. */
static void handle_blind_exit(struct engine *engine, struct tracee *tracee,
			      const struct __ptrace_syscall_info *info)
{
	struct event *ev;

	tracee->arch = info->arch;
	if (tracee->is_launching || !regs_call(tracee->tid, info->arch, &tracee->nr, tracee->args))
		return;
	note_exit_effect(tracee);
	/* Would it have been wanted? */
	ev = fill_call(engine_event(engine, EVENT_ENTER, tracee), tracee, info);
	if (engine_ask_hook(engine, tracee, ev) == CAPTURE_SKIP) {
		engine_drop_event(engine);
		return;
	}
	engine_drop_event(engine);
	ev = fill_call(engine_event(engine, EVENT_EXIT, tracee), tracee, info);
	ev->is_blind = true;
	ev->ret = info->exit.rval;
	ev->is_error = info->exit.is_error;
	engine_ask_hook(engine, tracee, ev);
}

enum call_op calls_ask(struct engine *engine, const struct tracee *tracee, struct stop stop,
		       struct __ptrace_syscall_info *ret_info)
{
	if (stop.kind != STOP_SYSCALL && stop.kind != STOP_SECCOMP)
		return CALL_OP_NONE;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(*ret_info), ret_info) < 0) {
		/* An unknown request, says an older kernel. */
		if (!engine->has_call_info && (errno == EIO || errno == EINVAL))
			engine_refuse_kernel(engine, -errno);
		return CALL_OP_NONE;
	}
	engine->has_call_info = true;
	switch (ret_info->op) {
	case PTRACE_SYSCALL_INFO_ENTRY:
		return CALL_OP_ENTRY;
	case PTRACE_SYSCALL_INFO_EXIT:
		return CALL_OP_EXIT;
	case PTRACE_SYSCALL_INFO_SECCOMP:
		if (!engine->config.filter ||
		    ret_info->seccomp.ret_data != engine->config.filter_cookie)
			return CALL_OP_FOREIGN;
		return regs_is_vsyscall(ret_info->instruction_pointer) ? CALL_OP_VSYSCALL
								       : CALL_OP_FILTER;
	default:
		return CALL_OP_NONE;
	}
}

/* The call that a tracee is in is over; its exit was not and will not be seen. */
static void close_call(struct engine *engine, struct tracee *tracee)
{
	struct event *ev = engine_event(engine, EVENT_EXIT, tracee);

	ev->arch = tracee->arch;
	ev->nr = tracee->nr;
	memcpy(ev->args, tracee->args, sizeof(ev->args));
	ev->code = EXIT_UNSEEN;
	ev->is_error = true;
}

void calls_stop(struct engine *engine, struct tracee *tracee, struct machine_step step,
		const struct __ptrace_syscall_info *info)
{
	bool is_syscall = info->op == PTRACE_SYSCALL_INFO_ENTRY;

	if (step.closes_call)
		close_call(engine, tracee);
	switch (step.act) {
	case ACT_ENTRY:
	case ACT_ENTRY_ONLY:
		handle_entry(
			engine, tracee, info, is_syscall ? info->entry.nr : info->seccomp.nr,
			(const uint64_t *)(is_syscall ? info->entry.args : info->seccomp.args));
		if (step.act == ACT_ENTRY)
			break;
		/* The kernel makes such a call where it emulates the page's code. */
		if (tracee->is_call_kept)
			close_call(engine, tracee);
		tracee->is_in_call = tracee->is_call_kept = false;
		break;
	case ACT_EXIT:
		handle_exit(engine, tracee, info);
		break;
	case ACT_BLIND_EXIT:
		handle_blind_exit(engine, tracee, info);
		break;
	case ACT_REFUSE:
		/* A filter of the program's own wants a tracer that is not there. */
		regs_fail_call(tracee->tid, ENOSYS);
		break;
	default:
		break;
	}
}
