#include "tests/unit/kernel.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/proc.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_dispatch.h"
#include "capture/ptrace_family.h"

/* Ids that no real process has, as the engine may still ask the real kernel about them. */
enum { FIRST_TID = 100000000, N_TASKS = 24, COOKIE = 77 };

enum task_state { NOBODY, RUNS, STOPS, STOPPED, LISTENS, DIES };

struct task {
	pid_t tid, tgid;
	enum task_state state; /* STOPS and DIES: status is still to be waited for */
	int status;
	int op; /* for PTRACE_GET_SYSCALL_INFO */
	unsigned long message;
	uint64_t nr;
	bool has_first_stop, is_killed, is_in_call, is_wanted_by_exec;
	bool is_filtered; /* restarted by PTRACE_CONT: only our program stops it */
	int n_interrupts;
};

/* What the engine has said of an id. */
struct told {
	pid_t tid;
	bool is_alive, is_in_call;
};

static struct world {
	const struct choices *choices;
	struct kernel_counts *counts;
	struct engine *engine;
	struct task tasks[N_TASKS];
	struct told *told;
	size_t n_told, cap_told;
	pid_t next_tid;
	pid_t old_tid; /* given back by an execve that was not told yet */
	pid_t free_tid; /* given back, and so used first; 0 = none */
	bool is_filtered;
	char wrong[160];
} world;

long __wrap_ptrace(int request, pid_t tid, void *addr, void *data);
int __wrap_proc_status(pid_t tid, struct proc_status *ret_status);

static void complain(const char *format, ...)
{
	va_list args;

	if (world.wrong[0])
		return;
	va_start(args, format);
	vsnprintf(world.wrong, sizeof(world.wrong), format, args);
	va_end(args);
}

static unsigned choose(unsigned n)
{
	return world.choices->choose(world.choices->data, n);
}

static struct task *task_find(pid_t tid)
{
	for (size_t i = 0; i < N_TASKS; i++)
		if (world.tasks[i].state != NOBODY && world.tasks[i].tid == tid)
			return &world.tasks[i];
	return NULL;
}

static unsigned n_threads(pid_t tgid)
{
	unsigned n = 0;

	for (size_t i = 0; i < N_TASKS; i++)
		n += world.tasks[i].state != NOBODY && world.tasks[i].tgid == tgid;
	return n;
}

static struct task *task_add(pid_t tgid)
{
	for (size_t i = 0; i < N_TASKS; i++) {
		struct task *task = &world.tasks[i];

		if (task->state != NOBODY)
			continue;
		*task = (struct task){ .state = RUNS, .has_first_stop = true };
		world.counts->n_reused += world.free_tid != 0;
		task->tid = world.free_tid ? world.free_tid : world.next_tid++;
		world.free_tid = 0;
		task->tgid = tgid ? tgid : task->tid;
		return task;
	}
	return NULL;
}

/* --- what the engine asks of us --- */

static long fail(int error)
{
	errno = error;
	return -1;
}

static void check_restart(const struct task *task, int request, int sig)
{
	int event = task->status >> 16, stop_sig = task->status >> 8 & 0xff;
	bool is_group = event == PTRACE_EVENT_STOP && stop_sig != SIGTRAP;
	bool is_signal = !event && stop_sig != (SIGTRAP | 0x80);

	if ((request == PTRACE_LISTEN) != is_group)
		complain("request %x at status %x", (unsigned)request, (unsigned)task->status);
	if (sig != (is_signal ? stop_sig : 0))
		complain("signal %d at status %x", sig, (unsigned)task->status);
}

static long get_info(const struct task *task, size_t len, struct __ptrace_syscall_info *info)
{
	if (len < sizeof(*info))
		return fail(EFAULT);
	memset(info, 0, sizeof(*info));
	info->op = (uint8_t)task->op;
	info->arch = AUDIT_ARCH_X86_64;
	if (task->op == PTRACE_SYSCALL_INFO_ENTRY)
		info->entry.nr = task->nr;
	else if (task->op == PTRACE_SYSCALL_INFO_SECCOMP)
		info->seccomp.nr = task->nr;
	info->seccomp.ret_data = task->op == PTRACE_SYSCALL_INFO_SECCOMP ? COOKIE : 0;
	return (long)sizeof(*info);
}

long __wrap_ptrace(int request, pid_t tid, void *addr, void *data)
{
	struct task *task = task_find(tid);

	if (!task || task->is_killed || task->state == DIES)
		return fail(ESRCH);
	if (request == PTRACE_INTERRUPT) {
		task->n_interrupts++;
		return 0;
	}
	if (task->state != STOPPED) {
		complain("request %x for %d, which is not stopped", (unsigned)request, tid);
		return fail(ESRCH);
	}
	switch (request) {
	case PTRACE_SYSCALL:
	case PTRACE_CONT:
	case PTRACE_LISTEN:
		check_restart(task, request, (int)(long)data);
		task->state = request == PTRACE_LISTEN ? LISTENS : RUNS;
		task->is_filtered = request == PTRACE_CONT;
		return 0;
	case PTRACE_GET_SYSCALL_INFO:
		return get_info(task, (size_t)addr, data);
	case PTRACE_GETEVENTMSG:
		*(unsigned long *)data = task->message;
		return 0;
	case PTRACE_GETSIGINFO:
		((siginfo_t *)data)->si_signo = task->status >> 8 & 0xff;
		return 0;
	case PTRACE_GETREGS:
		memset(data, 0, sizeof(struct user_regs_struct));
		((struct user_regs_struct *)data)->orig_rax = task->nr;
		return 0;
	case PTRACE_SETREGS:
		return 0;
	default:
		complain("request %x", (unsigned)request);
		return fail(EIO);
	}
}

int __wrap_proc_status(pid_t tid, struct proc_status *ret_status)
{
	const struct task *task = task_find(tid);

	if (!task)
		return -ESRCH;
	memset(ret_status, 0, sizeof(*ret_status));
	ret_status->tgid = task->tgid;
	ret_status->tracer = getpid();
	ret_status->state = task->state == STOPPED && !task->is_killed ? 't' : 'S';
	return 0;
}

/* --- what happens --- */

static void stop(struct task *task, int event, int sig, int op)
{
	task->state = STOPS;
	task->status = event << 16 | sig << 8 | 0x7f;
	task->op = op;
}

static void die(struct task *task, int status)
{
	task->state = DIES;
	task->status = status;
}

static void kill_process(pid_t tgid)
{
	world.counts->n_kills++;
	for (size_t i = 0; i < N_TASKS; i++) {
		struct task *task = &world.tasks[i];

		if (task->state == NOBODY || task->tgid != tgid || task->state == DIES)
			continue;
		task->is_killed = true;
		/* A stop that nobody has waited for will not be told any more, nor what it was about. */
		die(task, SIGKILL);
	}
}

static void kill_somebody(void)
{
	const struct task *task = &world.tasks[choose(N_TASKS)];

	if (task->state != NOBODY && (task->tgid != FIRST_TID || choose(50) == 0))
		kill_process(task->tgid);
}

static void give_birth(struct task *task)
{
	static const int events[] = { PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK, PTRACE_EVENT_CLONE };
	int event = events[choose(3)];
	struct task *child = task_add(event == PTRACE_EVENT_CLONE ? task->tgid : 0);

	if (!child)
		return;
	world.counts->n_births++;
	stop(task, event, SIGTRAP, 0);
	task->message = (unsigned long)child->tid;
}

/* The others of its process end; it goes on when they have been waited for. */
static void begin_exec(struct task *task)
{
	for (size_t i = 0; i < N_TASKS; i++) {
		struct task *other = &world.tasks[i];

		if (other->state == NOBODY || other->tgid != task->tgid || other == task ||
		    other->state == DIES)
			continue;
		if (other->is_wanted_by_exec)
			return; /* one of them was first */
	}
	for (size_t i = 0; i < N_TASKS; i++) {
		struct task *other = &world.tasks[i];

		if (other->state == NOBODY || other->tgid != task->tgid || other == task ||
		    other->state == DIES)
			continue;
		other->is_killed = true;
		die(other, 0);
	}
	task->is_wanted_by_exec = true;
}

static void end_exec(struct task *task)
{
	struct task *leader = task_find(task->tgid);

	/* All but the leader, of whom nothing is heard any more. */
	if (n_threads(task->tgid) > (leader != task ? 2 : 1))
		return;
	if (leader != task)
		leader->state = NOBODY;
	world.counts->n_execs++;
	task->is_wanted_by_exec = false;
	task->message = (unsigned long)task->tid;
	world.old_tid = task->tid != task->tgid ? task->tid : 0;
	task->tid = task->tgid;
	stop(task, PTRACE_EVENT_EXEC, SIGTRAP, 0);
}

static void enter(struct task *task)
{
	static const uint64_t numbers[] = { SYS_getpid, SYS_close,  SYS_clone,
					    SYS_dup2,   SYS_execve, SYS_unshare };

	task->is_in_call = true;
	task->nr = numbers[choose(ARRAY_LEN(numbers))];
	if (!task->is_filtered)
		stop(task, 0, SIGTRAP | 0x80, PTRACE_SYSCALL_INFO_ENTRY);
	else if (choose(2))
		stop(task, PTRACE_EVENT_SECCOMP, SIGTRAP, PTRACE_SYSCALL_INFO_SECCOMP);
}

static void in_call(struct task *task)
{
	unsigned what = choose(8);

	if (what == 0) {
		give_birth(task);
	} else if (what == 1) {
		begin_exec(task);
	} else if (what == 2 && task->tid != task->tgid) {
		die(task, 3 << 8);
	} else {
		task->is_in_call = false;
		if (!task->is_filtered)
			stop(task, 0, SIGTRAP | 0x80, PTRACE_SYSCALL_INFO_EXIT);
	}
}

static void out_of_call(struct task *task)
{
	static const int stopping[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	switch (choose(10)) {
	case 0:
		stop(task, 0, 1 + (int)choose(64), 0);
		break;
	case 1:
		stop(task, PTRACE_EVENT_STOP, stopping[choose(4)], 0);
		break;
	case 2:
		/* Of an interrupt that was answered by other stops before. */
		stop(task, PTRACE_EVENT_STOP, SIGTRAP, 0);
		break;
	case 3:
		if (task->tgid != FIRST_TID || choose(50) == 0)
			kill_process(task->tgid);
		break;
	default:
		enter(task);
		break;
	}
}

static void go_on(struct task *task)
{
	if (task->is_wanted_by_exec)
		end_exec(task);
	else if (task->state == LISTENS)
		stop(task, PTRACE_EVENT_STOP, SIGTRAP, 0);
	else if (task->has_first_stop || task->n_interrupts)
		stop(task, PTRACE_EVENT_STOP, SIGTRAP, 0);
	else if (task->is_in_call)
		in_call(task);
	else
		out_of_call(task);
	if (task->state == STOPS) {
		task->has_first_stop = false;
		task->n_interrupts -= task->n_interrupts > 0;
	}
}

static void go_on_one(void)
{
	unsigned first = choose(N_TASKS);

	for (unsigned i = 0; i < N_TASKS; i++) {
		struct task *task = &world.tasks[(first + i) % N_TASKS];

		if (task->state != RUNS && task->state != LISTENS)
			continue;
		go_on(task);
		return;
	}
}

/* --- waiting --- */

static bool can_be_told(const struct task *task)
{
	if (task->state == STOPS)
		return true;
	/* The leader's end comes last. */
	return task->state == DIES && (task->tid != task->tgid || n_threads(task->tgid) == 1);
}

/* A wait for one of those who can be told of, in any order; false if there is none. */
static bool wait_one(struct wait_status *ret_wait)
{
	unsigned first = choose(N_TASKS);

	for (unsigned i = 0; i < N_TASKS; i++) {
		struct task *task = &world.tasks[(first + i) % N_TASKS];

		if (!can_be_told(task))
			continue;
		*ret_wait = (struct wait_status){ .tid = task->tid, .status = task->status };
		task->state = task->state == DIES ? NOBODY : STOPPED;
		world.counts->n_stops++;
		if (task->status >> 16 == PTRACE_EVENT_EXEC && world.old_tid) {
			world.free_tid = world.old_tid;
			world.old_tid = 0;
		}
		return true;
	}
	return false;
}

/* --- what the engine makes of it --- */

static struct told *told_of(pid_t tid)
{
	for (size_t i = 0; i < world.n_told; i++)
		if (world.told[i].tid == tid)
			return &world.told[i];
	world.told = array_grow(world.told, world.n_told, &world.cap_told, sizeof(*world.told));
	world.told[world.n_told] = (struct told){ .tid = tid };
	return &world.told[world.n_told++];
}

static void check_event(const struct event *ev)
{
	struct told *told = told_of(ev->tid), *caller;
	bool is_alive = told->is_alive;

	world.counts->n_events++;
	switch (ev->kind) {
	case EVENT_CREATED:
		if (is_alive)
			complain("%d is born twice", ev->tid);
		*told = (struct told){ ev->tid, true, false };
		world.counts->n_orphans += ev->other == 0;
		return;
	case EVENT_EXEC:
		caller = told_of(ev->other);
		told = told_of(ev->tid);
		if (!caller->is_alive)
			complain("%d executes, who is not there", ev->other);
		told->is_in_call = caller->is_in_call;
		if (caller != told)
			caller->is_alive = caller->is_in_call = false;
		told->is_alive = true;
		return;
	case EVENT_ENTER:
		if (told->is_in_call)
			complain("%d enters twice", ev->tid);
		told->is_in_call = true;
		break;
	case EVENT_EXIT:
		if (told->is_in_call == ev->is_blind)
			complain("%d leaves a call that it %s", ev->tid,
				 ev->is_blind ? "is known to be in" : "is not in");
		world.counts->n_blind += ev->is_blind;
		told->is_in_call = false;
		break;
	case EVENT_EXITED:
	case EVENT_KILLED:
	case EVENT_SUPERSEDED:
		*told = (struct told){ ev->tid, false, false };
		break;
	default:
		break;
	}
	if (!is_alive)
		complain("event %d of %d, who is not there", ev->kind, ev->tid);
}

static void take_events(void)
{
	for (size_t i = 0; i < world.engine->n_events; i++)
		check_event(world.engine->events[i]);
	world.engine->n_events = 0;
}

static void check_stopped(void)
{
	for (size_t i = 0; i < N_TASKS; i++) {
		const struct task *task = &world.tasks[i];
		struct tracee *tracee;

		if (task->state != STOPPED)
			continue;
		tracee = tracee_find(&world.engine->tracees, task->tid);
		if (!tracee || tracee->state != TRACEE_HELD)
			complain("%d was left at status %x", task->tid, (unsigned)task->status);
	}
}

static bool serve(unsigned most)
{
	struct wait_status batch[N_TASKS];
	unsigned n = 0;

	while (n < most && wait_one(&batch[n]))
		n++;
	for (unsigned i = 0; i < n; i++)
		dispatch_signal(world.engine, &batch[i]);
	/* Between the wait and us. */
	if (n && choose(16) == 0)
		kill_somebody();
	for (unsigned i = 0; i < n; i++)
		dispatch(world.engine, &batch[i]);
	take_events();
	check_stopped();
	return n != 0;
}

static enum capture_verdict at_stop(void *data, struct event *ev, struct mem *mem)
{
	(void)data;
	(void)mem;
	return ev->kind == EVENT_ENTER && choose(3) == 0 ? CAPTURE_SKIP : CAPTURE_KEEP;
}

/* Everybody is killed, and all is told. */
static void end_world(void)
{
	for (int round = 0; round < 4 * N_TASKS; round++) {
		for (size_t i = 0; i < N_TASKS; i++)
			if (world.tasks[i].state != NOBODY && world.tasks[i].state != DIES)
				kill_process(world.tasks[i].tgid);
		if (!serve(N_TASKS))
			break;
	}
	family_orphans(world.engine, true);
	take_events();
	if (tracee_count(&world.engine->tracees))
		complain("%zu tracees are left in the table", tracee_count(&world.engine->tracees));
	if (world.engine->n_held)
		complain("%zu are counted as held", world.engine->n_held);
	for (size_t i = 0; i < world.n_told; i++)
		if (world.told[i].is_alive)
			complain("nobody has told of the end of %d", world.told[i].tid);
}

const char *kernel_try(const struct choices *choices, unsigned n_steps, bool is_filtered,
		       struct kernel_counts *counts)
{
	static const struct sock_fprog filter;
	struct ptrace_config config = { .is_following = true, .hooks = { NULL, at_stop } };
	struct tracee *tracee;

	memset(&world, 0, sizeof(world));
	world.choices = choices;
	world.counts = counts;
	world.next_tid = FIRST_TID;
	if (is_filtered) {
		config.filter = &filter;
		config.filter_cookie = COOKIE;
	}
	world.engine = (struct engine *)ptrace_engine_create(&config);
	if (!world.engine)
		abort();
	task_add(0);
	tracee = tracee_add(&world.engine->tracees, FIRST_TID, FIRST_TID, NULL);
	tracee->is_filtered = is_filtered;
	told_of(FIRST_TID)->is_alive = true;
	for (unsigned i = 0; i < n_steps && !world.wrong[0]; i++) {
		go_on_one();
		if (choose(3) == 0)
			serve(1 + choose(N_TASKS));
		if (choose(64) == 0) {
			family_orphans(world.engine, true);
			take_events();
		}
	}
	end_world();
	capture_destroy(&world.engine->capture);
	free(world.told);
	return world.wrong[0] ? world.wrong : NULL;
}
