/*
 * Which tracee has something to say? wait4(-1) looks at all of them, wait4(tid) at one: among
 * thousands of which a few are busy, the former would take most of the time.
 */
#include "capture/ptrace_batch.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/proc.h"

enum {
	BATCH_MAX = 4096,
	CROWD = 64, /* tracees, up to so many of which all are asked each time */
	MANY = 16, /* stops at once, from which on asking each tracee costs less than asking all */
	BUSY_NS = 50 * 1000 * 1000, /* who has not stopped for so long is not busy any more */
	ROUNDS = 16, /* batches of busy ones, even if we get no processor for longer than that: */
	SCAN_NS = 2 * 1000 * 1000, /* how long those that were not asked may have to wait */
};

void batch_prepare(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* wait4, into the batch. The kernel adds up the times of all threads only if they are wanted. */
static pid_t wait_for(struct engine *engine, pid_t which, int options)
{
	struct rusage usage = { 0 };
	int status;
	pid_t tid = wait4(which, &status, __WALL | options,
			  engine->config.has_system_times ? &usage : NULL);

	if (tid <= 0)
		return tid;
	engine->batch = array_grow(engine->batch, engine->n_batch, &engine->cap_batch,
				   sizeof(*engine->batch));
	engine->batch[engine->n_batch++] = (struct wait_status){
		.tid = tid,
		.status = status,
		.system_ns = (uint64_t)usage.ru_stime.tv_sec * NS_PER_SEC +
			     (uint64_t)usage.ru_stime.tv_usec * 1000,
	};
	return tid;
}

static bool is_crowd(const struct engine *engine)
{
	return tracee_count(&engine->tracees) > CROWD;
}

static bool take(struct engine *engine, pid_t tid)
{
	return wait_for(engine, tid, WNOHANG) == tid;
}

static void take_each(struct engine *engine)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (tracee->state != TRACEE_HELD && engine->n_batch < BATCH_MAX)
			take(engine, tracee->tid);
	}
}

/* All that are pending now. Who is not known yet is found the next time. */
static void drain(struct engine *engine)
{
	while (tracee_count(&engine->tracees) > 1 && engine->n_batch < BATCH_MAX) {
		if (engine->n_batch == MANY && is_crowd(engine)) {
			take_each(engine);
			return;
		}
		if (wait_for(engine, -1, WNOHANG) <= 0)
			return;
	}
}

static void add_busy(struct engine *engine, pid_t tid, uint64_t now)
{
	struct busy *oldest = &engine->busy[0];

	for (size_t i = 0; i < engine->n_busy; i++) {
		if (engine->busy[i].tid == tid) {
			engine->busy[i].seen_ns = now;
			return;
		}
		if (engine->busy[i].seen_ns < oldest->seen_ns)
			oldest = &engine->busy[i];
	}
	if (engine->n_busy < BUSY_MAX)
		oldest = &engine->busy[engine->n_busy++];
	*oldest = (struct busy){ tid, now };
}

static void forget_idle(struct engine *engine, uint64_t now)
{
	for (size_t i = engine->n_busy; i-- > 0;) {
		if (now - engine->busy[i].seen_ns > BUSY_NS)
			engine->busy[i] = engine->busy[--engine->n_busy];
	}
}

/* Who was in the batch is busy: ask only those for a while, unless they are too many. */
static void note_busy(struct engine *engine, bool is_of_all)
{
	uint64_t now;

	if (!is_crowd(engine) || engine->n_batch > BUSY_MAX) {
		engine->n_busy = 0;
		return;
	}
	now = clock_ns(CLOCK_MONOTONIC);
	if (is_of_all) {
		forget_idle(engine, now);
		engine->scan_due_ns = now + SCAN_NS;
		engine->n_rounds = 0;
	}
	for (size_t i = 0; i < engine->n_batch; i++)
		add_busy(engine, engine->batch[i].tid, now);
}

/*
 * Until it is time to ask all, wait for those who were busy lately. The kernel tells by SIGCHLD who
 * it was: only of the first of several, which is why all are asked now and then; and nothing
 * depends on it. True: the wait was interrupted.
 */
static bool wait_for_busy(struct engine *engine)
{
	struct timespec timeout;
	siginfo_t info;
	sigset_t set;
	uint64_t now;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (engine->n_rounds++ >= ROUNDS && clock_ns(CLOCK_MONOTONIC) >= engine->scan_due_ns)
		return false;
	while (engine->n_busy) {
		for (size_t i = 0; i < engine->n_busy; i++)
			take(engine, engine->busy[i].tid);
		now = clock_ns(CLOCK_MONOTONIC);
		if (engine->n_batch || now >= engine->scan_due_ns)
			return false;
		timeout = (struct timespec){ 0, (long)(engine->scan_due_ns - now) };
		if (sigtimedwait(&set, &info, &timeout) > 0)
			add_busy(engine, info.si_pid, now);
		else
			return errno == EINTR;
	}
	return false;
}

static bool is_traced_by_us(pid_t tid)
{
	struct proc_status status;

	return proc_status(tid, &status) == 0 && status.tracer == getpid();
}

/*
 * Does the kernel know of a tracee of ours? What wait says is not to be the last word. One that
 * executes takes the number of its process before we are told.
 */
static bool has_tracee(struct engine *engine)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, engine->tracees.by_tid, tracee, next) {
		if (is_traced_by_us(tracee->tid) || is_traced_by_us(tracee->tgid))
			return true;
	}
	return false;
}

static int wait_for_all(struct engine *engine)
{
	if (wait_for(engine, -1, 0) < 0) {
		int err = -errno;

		return err == -EINTR || (err == -ECHILD && has_tracee(engine)) ? 0 : err;
	}
	drain(engine);
	note_busy(engine, true);
	return 1;
}

int batch_wait(struct engine *engine, uint64_t due_ns)
{
	int got = 1;

	engine->n_batch = 0;
	atomic_store(&engine->monitor.due_ns, due_ns);
	atomic_fetch_add(&engine->monitor.n_waits, 1);
	atomic_store(&engine->monitor.is_waiting, true);
	if (wait_for_busy(engine))
		got = 0;
	else if (engine->n_batch)
		note_busy(engine, false);
	else
		got = wait_for_all(engine);
	atomic_store(&engine->monitor.is_waiting, false);
	atomic_store(&engine->monitor.due_ns, 0);
	return got;
}
