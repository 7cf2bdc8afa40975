/* Looks at processes without stopping them. */
#include "capture/snapshot.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/facts.h"
#include "capture/facts_holders.h"
#include "capture/proc.h"

enum { PROCESSES_MAX = 512, THREADS_MAX = 4096, CALL_MAX_LEN = 256, KIN_MAX = 64 };

/* A thread at the moment when it was first looked at. */
struct seen {
	struct tracee *tracee;
	char call[CALL_MAX_LEN]; /* the text of /proc/TID/syscall; "" if it was in none */
	uint64_t n_switches;
};

struct looked_at {
	pid_t pid;
	uint32_t arch;
	size_t first, n; /* of its threads */
};

/* What is told of a process: threads, then for each the call that it is in, and that it lasts. */
enum part { PART_THREADS, PART_CALLS, PART_WAITS };

/*
 * What is done in turn. Those who sleep are asked about again when all are known, for what was
 * learned of the first ones is older than the sleep of the last ones; that may bring new ones.
 */
enum phase { PHASE_TELLING, PHASE_ASKING, PHASE_CHECKING };

struct snapshot {
	struct capture capture;
	struct snapshot_config config;
	struct tracee_table tracees;
	struct facts_cache facts;
	struct mem_source source;
	struct tracee *asking;
	struct event ev;
	struct seen *seen;
	size_t n_seen, cap_seen;
	struct looked_at *processes;
	size_t n_processes, cap_processes;
	size_t process, thread; /* to be told of next */
	enum part part;
	bool has_begun, has_ended, is_detached;
	size_t n_rounds_told; /* processes there were when peers were last asked for */
	enum phase phase;
	size_t n_asked; /* processes there were when all were last asked about again */
	size_t n_cut, n_refused; /* processes */
	bool is_memory_refused;
	char refused[64]; /* the first of those */
};

/* --- questions --- */

static ssize_t look_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct snapshot *snapshot = data;
	struct iovec local = { buf, len };
	struct iovec remote = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_readv(ev->tid, &local, 1, &remote, 1, 0);

	if (n >= 0)
		return n;
	snapshot->is_memory_refused |= errno == EPERM;
	return -errno;
}

static void look_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		void *room = event_reserve_range(ev, wanted[i].addr, wanted[i].len);
		ssize_t got = look_read(data, ev, wanted[i].addr, room, wanted[i].len);

		event_trim_range(ev, got > 0 ? (size_t)got : 0);
	}
}

static int look_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct snapshot *snapshot = data;
	struct mem mem = { .ev = ev, .live = &snapshot->source };

	return facts_ask(&snapshot->facts, snapshot->asking, ev, &mem, kind, subject);
}

/* --- looking --- */

/* What the calls of a process are numbered by: its program file's kind. */
static uint32_t arch_of(pid_t pid)
{
	unsigned char head[EI_NIDENT + 4] = { 0 };

	if (proc_read(pid, "exe", (char *)head, sizeof(head)) < (ssize_t)sizeof(head) - 1 ||
	    memcmp(head, ELFMAG, SELFMAG) != 0)
		return AUDIT_ARCH_X86_64;
	return head[EI_NIDENT + 2] == EM_386 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
}

/*
 * The call that it sleeps in, and how often it has slept before. That number is read after the
 * call: if both are the same later, it has slept in that call all the time between.
 */
static int look_at_thread(pid_t tid, char call[CALL_MAX_LEN], uint64_t *ret_n_switches)
{
	struct proc_status status;
	ssize_t n = proc_read(tid, "syscall", call, CALL_MAX_LEN);
	int err;

	if (n < 0)
		return (int)n;
	if (call[0] < '0' || call[0] > '9')
		call[0] = '\0';
	err = proc_status(tid, &status);
	if (err < 0)
		return err;
	if (status.state != 'S' && status.state != 'D')
		call[0] = '\0';
	*ret_n_switches = status.n_switches;
	return 0;
}

static int add_thread(struct snapshot *snapshot, pid_t tid, pid_t tgid, struct fd_table *files)
{
	char call[CALL_MAX_LEN];
	uint64_t n_switches;
	struct seen *seen;
	int err = look_at_thread(tid, call, &n_switches);

	if (err < 0)
		return err;
	snapshot->seen = array_grow(snapshot->seen, snapshot->n_seen, &snapshot->cap_seen,
				    sizeof(*snapshot->seen));
	seen = &snapshot->seen[snapshot->n_seen++];
	seen->tracee = tracee_add(&snapshot->tracees, tid, tgid, files);
	seen->tracee->is_running_on = true;
	seen->n_switches = n_switches;
	memcpy(seen->call, call, sizeof(seen->call));
	return 0;
}

/* The first thread comes first, as its event carries what is known of the process. */
static int add_threads(struct snapshot *snapshot, pid_t pid)
{
	struct fd_table *files;
	struct dirent *item;
	char path[64];
	DIR *dir;
	int err = add_thread(snapshot, pid, pid, NULL);

	if (err < 0)
		return err;
	files = snapshot->seen[snapshot->n_seen - 1].tracee->files;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((item = readdir(dir)) && snapshot->n_seen < THREADS_MAX) {
		pid_t tid = atoi(item->d_name);

		if (tid > 0 && tid != pid)
			add_thread(snapshot, tid, pid, files);
	}
	closedir(dir);
	return 0;
}

/* 0, also if there is no room for it, or -errno. */
static int look_at_process(struct snapshot *snapshot, pid_t pid)
{
	struct looked_at *process;
	size_t first = snapshot->n_seen;
	int err;

	if (snapshot->n_processes == PROCESSES_MAX || snapshot->n_seen >= THREADS_MAX) {
		snapshot->n_cut++;
		return 0;
	}
	err = add_threads(snapshot, pid);
	if (err < 0)
		return err;
	snapshot->processes = array_grow(snapshot->processes, snapshot->n_processes,
					 &snapshot->cap_processes, sizeof(*snapshot->processes));
	process = &snapshot->processes[snapshot->n_processes++];
	*process = (struct looked_at){ pid, arch_of(pid), first, snapshot->n_seen - first };
	return 0;
}

void snapshot_add(struct capture *capture, pid_t pid)
{
	struct snapshot *snapshot = (struct snapshot *)capture;
	struct proc_status status;
	int err;

	if (pid == getpid() || tracee_find(&snapshot->tracees, pid))
		return;
	err = look_at_process(snapshot, pid);
	if (err != -EPERM && err != -EACCES)
		return;
	if (!snapshot->n_refused++ && proc_status(pid, &status) == 0)
		snprintf(snapshot->refused, sizeof(snapshot->refused), "PID %d (%s)", pid,
			 status.comm);
}

void snapshot_add_kin(struct capture *capture, pid_t pid, enum kin kin)
{
	pid_t pids[KIN_MAX];
	size_t n = kin_find(pid, kin, pids, KIN_MAX);

	for (size_t i = 0; i < n; i++)
		snapshot_add(capture, pids[i]);
}

/* --- telling --- */

static struct event *begin_event(struct snapshot *snapshot, enum event_kind kind,
				 struct tracee *tracee)
{
	struct event *ev = &snapshot->ev;

	event_clear(ev);
	ev->kind = kind;
	ev->time_ns = clock_ns(CLOCK_MONOTONIC);
	ev->real_ns = clock_ns(CLOCK_REALTIME);
	if (tracee) {
		ev->tid = tracee->tid;
		ev->tgid = tracee->tgid;
	}
	return ev;
}

static void ask_hook(struct snapshot *snapshot, struct tracee *tracee, struct event *ev)
{
	struct mem mem = { .ev = ev, .live = &snapshot->source };

	snapshot->asking = tracee;
	snapshot->config.hooks.at_stop(snapshot->config.hooks.data, ev, &mem);
}

/* "0 0x3 0x7ffe... (six of them) sp pc": false if it is anything else. */
static bool parse_call(const char *text, struct event *ev)
{
	unsigned long long a[6], sp, pc;
	long long nr;

	if (sscanf(text, "%lld %llx %llx %llx %llx %llx %llx %llx %llx", &nr, &a[0], &a[1], &a[2],
		   &a[3], &a[4], &a[5], &sp, &pc) != 9 ||
	    nr < 0)
		return false;
	ev->nr = (uint64_t)nr;
	for (int i = 0; i < 6; i++)
		ev->args[i] = a[i];
	ev->sp = sp;
	ev->ip = pc;
	return true;
}

/* The call that the thread is in, or that it lasts; false if it is in none. */
static bool tell_call(struct snapshot *snapshot, const struct looked_at *process,
		      const struct seen *seen, enum event_kind kind)
{
	struct event *ev = begin_event(snapshot, kind, seen->tracee);

	if (!seen->call[0] || !parse_call(seen->call, ev))
		return false;
	ev->arch = process->arch;
	ev->is_blind = true;
	if (kind == EVENT_ENTER || snapshot->phase == PHASE_ASKING)
		ask_hook(snapshot, seen->tracee, ev);
	return true;
}

/* The next thread that lasts in its call, asked about again; false when that was the last. */
static bool ask_next(struct snapshot *snapshot)
{
	while (snapshot->process < snapshot->n_processes) {
		const struct looked_at *process = &snapshot->processes[snapshot->process];

		if (snapshot->thread == process->n) {
			snapshot->thread = 0;
			snapshot->process++;
			continue;
		}
		if (tell_call(snapshot, process,
			      &snapshot->seen[process->first + snapshot->thread++], EVENT_HANG))
			return true;
	}
	return false;
}

/* The next event about processes that were looked at; false when all were told of. */
static bool tell_next(struct snapshot *snapshot)
{
	while (snapshot->process < snapshot->n_processes) {
		const struct looked_at *process = &snapshot->processes[snapshot->process];
		const struct seen *seen;

		if (snapshot->thread == process->n) {
			snapshot->thread = 0;
			if (snapshot->part++ == PART_WAITS) {
				snapshot->part = PART_THREADS;
				snapshot->process++;
			}
			continue;
		}
		seen = &snapshot->seen[process->first + snapshot->thread++];
		if (snapshot->part == PART_THREADS) {
			ask_hook(snapshot, seen->tracee,
				 begin_event(snapshot, EVENT_ATTACHED, seen->tracee));
			return true;
		}
		if (tell_call(snapshot, process, seen,
			      snapshot->part == PART_CALLS ? EVENT_ENTER : EVENT_HANG))
			return true;
	}
	return false;
}

static bool has_moved(const struct seen *seen)
{
	char call[CALL_MAX_LEN];
	uint64_t n_switches;

	return look_at_thread(seen->tracee->tid, call, &n_switches) < 0 ||
	       n_switches != seen->n_switches || strcmp(call, seen->call) != 0;
}

/*
 * The next thread that is not where it was. Those that are have been there since before the first
 * of them was looked at again, so all of them at the same time.
 */
static bool tell_moved(struct snapshot *snapshot)
{
	while (snapshot->thread < snapshot->n_seen) {
		const struct seen *seen = &snapshot->seen[snapshot->thread++];

		if (!seen->call[0] || !has_moved(seen))
			continue;
		begin_event(snapshot, EVENT_AWAKE, seen->tracee);
		return true;
	}
	return false;
}

static void tell_step(struct snapshot *snapshot, enum snapshot_step step)
{
	begin_event(snapshot, EVENT_SNAPSHOT, NULL)->code = step;
}

static void report(struct snapshot *snapshot)
{
	char text[256];

	if (snapshot->n_refused) {
		snprintf(text, sizeof(text),
			 "%s%s may not be looked at%s; with sudo more can be said",
			 snapshot->refused, snapshot->n_refused > 1 ? " and others" : "",
			 snapshot->n_refused > 1 ? " that are waited for"
						 : ", which is waited for");
		snapshot->config.on_error(snapshot->config.hooks.data, text);
	}
	if (snapshot->n_cut) {
		snprintf(text, sizeof(text),
			 "%zu more process%s not looked at: %d processes and %d threads are the "
			 "limit",
			 snapshot->n_cut, snapshot->n_cut == 1 ? " was" : "es were", PROCESSES_MAX,
			 THREADS_MAX);
		snapshot->config.on_error(snapshot->config.hooks.data, text);
	}
	if (snapshot->is_memory_refused)
		snapshot->config.on_error(
			snapshot->config.hooks.data,
			"what calls point to may not be read (kernel.yama.ptrace_scope, or a "
			"process with privileges); with sudo more can be said");
}

/* --- the engine --- */

static void explain(pid_t pid, int err, char *text, size_t len)
{
	struct proc_status status = { 0 };

	if (err == -ESRCH || proc_status(pid, &status) < 0)
		snprintf(text, len, "no process has PID %d; `ps ax` lists those that are there",
			 pid);
	else if (err != -EPERM && err != -EACCES)
		snprintf(text, len, "cannot look at PID %d: %s", pid, strerror(-err));
	else if (geteuid() != 0)
		snprintf(text, len,
			 "PID %d (%s) may not be looked at: it belongs to %s; run with sudo", pid,
			 status.comm,
			 status.uids[0] == geteuid() ? "you, but has privileges of its own"
			 : status.uids[0]            ? "another user"
						     : "root");
	else
		snprintf(text, len, "PID %d (%s) may not be looked at, even by root", pid,
			 status.comm);
}

static int start(struct capture *capture)
{
	struct snapshot *snapshot = (struct snapshot *)capture;
	int first_err = -ESRCH;

	own_rights_keep(&snapshot->config.rights);
	for (size_t i = 0; i < snapshot->config.n_targets; i++) {
		pid_t pid = snapshot->config.targets[i].pid;
		struct proc_status status;
		char text[sizeof(capture->error)];
		int err = proc_status(pid, &status);

		if (!err && !target_is_same(&snapshot->config.targets[i]))
			err = -ESRCH;
		if (!err && tracee_find(&snapshot->tracees, status.tgid))
			continue;
		if (!err)
			err = look_at_process(snapshot, status.tgid);
		if (!err)
			continue;
		explain(pid, err, text, sizeof(text));
		if (first_err == -ESRCH)
			first_err = err;
		/* The last one is told by the session if it was the only one. */
		if (snapshot->config.n_targets > 1)
			snapshot->config.on_error(snapshot->config.hooks.data, text);
		else
			memcpy(capture->error, text, sizeof(text));
	}
	if (snapshot->n_processes)
		return 0;
	if (!capture->error[0])
		snprintf(capture->error, sizeof(capture->error), "none of them can be looked at");
	return first_err;
}

/* The moment to add those that are waited for. */
static void tell_peers(struct snapshot *snapshot)
{
	snapshot->n_rounds_told = snapshot->n_processes;
	/* What is found out from now on is about a later moment. */
	facts_holders_expire(&snapshot->facts);
	tell_step(snapshot, SNAPSHOT_PEERS);
}

static void begin_phase(struct snapshot *snapshot, enum phase phase)
{
	snapshot->phase = phase;
	snapshot->process = snapshot->thread = 0;
}

/* Tell of those that were looked at, and of their peers as long as that brings new ones. */
static bool tell(struct snapshot *snapshot)
{
	if (tell_next(snapshot))
		return true;
	if (snapshot->n_rounds_told < snapshot->n_processes) {
		tell_peers(snapshot);
		return true;
	}
	begin_phase(snapshot,
		    snapshot->n_asked < snapshot->n_processes ? PHASE_ASKING : PHASE_CHECKING);
	return false;
}

/* Ask about all, and go on with those that this brings. */
static bool ask_again(struct snapshot *snapshot)
{
	if (ask_next(snapshot))
		return true;
	snapshot->n_asked = snapshot->n_processes;
	snapshot->phase = PHASE_TELLING;
	tell_peers(snapshot);
	return true;
}

static void advance(struct snapshot *snapshot)
{
	if (!snapshot->has_begun) {
		snapshot->has_begun = true;
		tell_step(snapshot, SNAPSHOT_BEGIN);
		return;
	}
	if (snapshot->phase == PHASE_TELLING && tell(snapshot))
		return;
	if (snapshot->phase == PHASE_ASKING && ask_again(snapshot))
		return;
	if (!tell_moved(snapshot)) {
		snapshot->has_ended = true;
		tell_step(snapshot, SNAPSHOT_END);
	}
}

static int next(struct capture *capture, const struct event **ret_ev)
{
	struct snapshot *snapshot = (struct snapshot *)capture;

	if (snapshot->is_detached || snapshot->has_ended) {
		if (!snapshot->is_detached)
			report(snapshot);
		return CAPTURE_END;
	}
	advance(snapshot);
	*ret_ev = &snapshot->ev;
	return CAPTURE_EVENT;
}

static void detach(struct capture *capture)
{
	((struct snapshot *)capture)->is_detached = true;
}

static void destroy(struct capture *capture)
{
	struct snapshot *snapshot = (struct snapshot *)capture;

	tracee_table_finish(&snapshot->tracees);
	facts_cache_finish(&snapshot->facts);
	event_finish(&snapshot->ev);
	free(snapshot->seen);
	free(snapshot->processes);
	free(snapshot);
}

static const struct capture_impl snapshot_impl = {
	.name = "snapshot",
	.start = start,
	.next = next,
	.detach = detach,
	.destroy = destroy,
};

struct capture *snapshot_create(const struct snapshot_config *config)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		return NULL;
	snapshot->capture.impl = &snapshot_impl;
	snapshot->config = *config;
	snapshot->source = (struct mem_source){ look_read, look_prefetch, look_ask, snapshot };
	facts_cache_init(&snapshot->facts, &snapshot->tracees);
	return &snapshot->capture;
}
