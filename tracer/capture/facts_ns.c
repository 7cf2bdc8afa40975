#include "capture/facts_ns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

bool facts_ns_has_our_pids(struct tracee *tracee)
{
	uint64_t ours;

	if (!tracee->pid_ns) {
		ours = namespace_of(0, "pid");
		tracee->pid_ns = namespace_of(tracee->tid, "pid");
		tracee->is_pid_ns_foreign = ours && tracee->pid_ns && ours != tracee->pid_ns;
	}
	return !tracee->is_pid_ns_foreign;
}

bool facts_ns_has_our_network(const struct tracee *tracee)
{
	uint64_t theirs = namespace_of(tracee->tid, "net");

	return theirs && theirs == namespace_of(0, "net");
}
