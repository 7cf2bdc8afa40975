#include "capture/facts_ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/proc.h"

/* The inode of a namespace, 0 if it cannot be read. tid 0: ours. */
static uint64_t namespace_of(pid_t tid, const char *name)
{
	char path[64];
	struct stat st;

	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", tid, name);
	else
		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", name);
	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

uint64_t facts_ns_ipc(struct tracee *tracee)
{
	if (!tracee->ipc_ns)
		tracee->ipc_ns = namespace_of(tracee->tid, "ipc");
	return tracee->ipc_ns;
}

int facts_ns_ask_ipc(struct tracee *tracee, struct event *ev)
{
	uint64_t ns = facts_ns_ipc(tracee);

	if (!ns)
		return -EXDEV;
	event_add_fact(ev, FACT_IPC_NS, tracee->tid, NULL, 0)->ino = ns;
	return 0;
}

static bool is_foreign_ipc(const struct facts_cache *cache, const struct tracee *tracee)
{
	return tracee->ipc_ns != cache->ipc_ns;
}

static int switch_to(struct facts_cache *cache, const struct tracee *tracee)
{
	char path[64];
	int fd, err = 0;

	if (cache->ipc_ns_fd < 0)
		cache->ipc_ns_fd = open("/proc/thread-self/ns/ipc", O_RDONLY | O_CLOEXEC);
	if (cache->ipc_ns_fd < 0)
		return -EXDEV;
	snprintf(path, sizeof(path), "/proc/%d/ns/ipc", tracee->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -EXDEV;
	if (setns(fd, CLONE_NEWIPC) < 0)
		err = -EXDEV;
	close(fd);
	return err;
}

int facts_ns_enter(struct facts_cache *cache, struct tracee *tracee)
{
	if (cache->is_ipc_ns_lost)
		return -EXDEV;
	if (!cache->ipc_ns)
		cache->ipc_ns = namespace_of(0, "ipc");
	if (!cache->ipc_ns || !facts_ns_ipc(tracee))
		return -EXDEV;
	return is_foreign_ipc(cache, tracee) ? switch_to(cache, tracee) : 0;
}

void facts_ns_leave(struct facts_cache *cache, const struct tracee *tracee)
{
	if (is_foreign_ipc(cache, tracee) && setns(cache->ipc_ns_fd, CLONE_NEWIPC) < 0)
		cache->is_ipc_ns_lost = true;
}

/* The parent of the namespace fd, which is closed; -1: there is none that we may see. */
static int parent_of(int fd)
{
	int parent = ioctl(fd, NS_GET_PARENT);

	close(fd);
	return parent;
}

/*
 * Each namespace from the thread's own one up to the last below ours, and its number there. The
 * numbers are those of the line NSpid, the other way round.
 */
static void add_levels(struct event *ev, pid_t tid, const struct proc_status *status,
		       unsigned n_ours)
{
	const pid_t *numbers = status->inner;
	char path[64];
	struct stat st;
	unsigned last = status->n_inner - 1, level = last;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (; fd >= 0 && level >= n_ours && fstat(fd, &st) == 0; level--) {
		event_add_fact(ev, FACT_PID_NS, tid, NULL, 0)->value[0] = numbers[level];
		ev->facts[ev->n_facts - 1].ino = st.st_ino;
		fd = parent_of(fd);
	}
	if (fd >= 0)
		close(fd);
	/* It is another one, but which: its own number is all that there is to tell. */
	if (level == last)
		event_add_fact(ev, FACT_PID_NS, tid, NULL, 0)->value[0] = numbers[level];
}

static unsigned levels_of(pid_t tid)
{
	struct proc_status status;

	return proc_status(tid, &status) == 0 ? status.n_inner : 0;
}

/* Those that we can see are in our namespace or below it: as deep as we are they are in it. */
bool facts_ns_has_our_pids(struct facts_cache *cache, struct tracee *tracee)
{
	if (!cache->n_pid_levels)
		cache->n_pid_levels = levels_of(getpid());
	if (!tracee->n_pid_levels)
		tracee->n_pid_levels = levels_of(tracee->tid);
	return !cache->n_pid_levels || tracee->n_pid_levels <= cache->n_pid_levels;
}

int facts_ns_ask_pid(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		     int64_t tid)
{
	struct proc_status status;
	int err;

	if (tid != tracee->tid)
		return -ESRCH;
	if (facts_ns_has_our_pids(cache, tracee))
		return -ENOENT;
	err = proc_status(tracee->tid, &status);
	if (err < 0)
		return err;
	if (status.n_inner <= cache->n_pid_levels)
		return -ENOENT;
	add_levels(ev, tracee->tid, &status, cache->n_pid_levels);
	return 0;
}

bool facts_ns_has_our_network(const struct tracee *tracee)
{
	uint64_t theirs = namespace_of(tracee->tid, "net");

	return theirs && theirs == namespace_of(0, "net");
}
