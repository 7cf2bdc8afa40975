#include "capture/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/facts_fd.h"
#include "capture/facts_file.h"
#include "capture/facts_holders.h"
#include "capture/facts_info.h"
#include "capture/facts_ipc.h"
#include "capture/facts_locks.h"
#include "capture/facts_ns.h"
#include "capture/facts_path.h"
#include "capture/facts_process.h"
#include "capture/facts_receiver.h"
#include "capture/facts_socket.h"
#include "capture/facts_sysv.h"
#include "capture/proc.h"
#include "capture/procmap.h"

/* Its process, where the tracee is not enough to tell. */
static pid_t process_of(const struct tracee *tracee, pid_t tid)
{
	struct proc_status status;

	if (tid == tracee->tid || tid == tracee->tgid)
		return tracee->tgid;
	return proc_status(tid, &status) < 0 ? 0 : status.tgid;
}

/* AT_FDCWD stands for the working directory. */
static int ask_cwd(const struct tracee *tracee, struct event *ev)
{
	char path[64], link[4200];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cwd", tracee->tid);
	n = readlink(path, link, sizeof(link));
	if (n < 0)
		return -errno;
	event_add_fact(ev, FACT_FD, AT_FDCWD, link, (size_t)n)->value[0] = FD_DIR;
	return 0;
}

static int ask_comm(struct tracee *tracee, struct event *ev, int64_t tid)
{
	struct fact *fact;
	char comm[32];
	ssize_t n;

	if (tid <= 0 || tid > INT32_MAX)
		return -ESRCH;
	n = proc_read((pid_t)tid, "comm", comm, sizeof(comm));
	if (n <= 0)
		return n ? (int)n : -ESRCH;
	fact = event_add_fact(ev, FACT_COMM, tid, comm, (size_t)n - (comm[n - 1] == '\n'));
	fact->value[0] = process_of(tracee, (pid_t)tid);
	return 0;
}

static int ask_mapping(struct tracee *tracee, struct event *ev, int64_t addr)
{
	struct procmap map;
	struct fact *fact;
	int err;

	if (tracee->maps_fd < 0)
		tracee->maps_fd = procmap_open(tracee->tid);
	if (tracee->maps_fd < 0)
		return tracee->maps_fd;
	err = procmap_find(tracee->maps_fd, (uint64_t)addr, &map);
	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_MAPPING, addr, map.name, strlen(map.name));
	fact->dev = map.dev;
	fact->ino = map.ino;
	if (strncmp(map.name, "/SYSV", 5) == 0)
		fact->id = facts_ns_ipc(tracee);
	fact->value[0] = (int64_t)map.start;
	fact->value[1] = (int64_t)map.end;
	fact->value[2] = (int64_t)map.offset;
	fact->value[3] = map.bits;
	return 0;
}

/* Questions whose subject is a descriptor. */
static int ask_about_fd(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
			enum fact_kind kind, int fd)
{
	switch (kind) {
	case FACT_FD:
		return facts_fd_ask(cache, tracee, ev, fd);
	case FACT_FD_KIND:
		return facts_fd_ask_kind(cache, tracee, ev, fd);
	case FACT_FDINFO:
		return facts_info_ask(cache, tracee, ev, fd);
	case FACT_QUEUE:
		return facts_ipc_ask_queue(tracee, ev, fd);
	case FACT_PIPE:
		return facts_ipc_ask_pipe(cache, tracee, ev, fd);
	case FACT_MQ:
		return facts_ipc_ask_mq(tracee, ev, fd);
	case FACT_SOCKET:
		return facts_socket_ask(cache, tracee, ev, fd);
	case FACT_NOT_TAKEN:
		return facts_socket_ask_not_taken(tracee, ev, fd);
	case FACT_PEER_QUEUE:
		return facts_socket_ask_peer_queue(cache, tracee, ev, fd);
	case FACT_LOCKS:
		return facts_ipc_ask_locks(cache, tracee, ev, fd);
	case FACT_LOCK_FDS:
		return facts_locks_ask(cache, tracee, ev, fd);
	case FACT_LIMITS:
		return facts_socket_ask_limits(tracee, ev, fd);
	case FACT_FILE:
		return facts_file_ask(tracee, ev, fd);
	case FACT_QUEUED:
		return facts_file_ask_queued(tracee, ev, fd);
	default:
		return -ENOSYS;
	}
}

int facts_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
	      const struct mem *mem, enum fact_kind kind, int64_t subject)
{
	switch (kind) {
	case FACT_PATH:
		return facts_path_ask(tracee, ev, mem, (int)subject);
	case FACT_NAME:
		return facts_path_ask_name(cache, tracee, ev, mem, subject);
	case FACT_MQ_NAME:
		return facts_file_ask_mq_name(cache, tracee, ev, mem, (int)subject);
	case FACT_COMM:
		return ask_comm(tracee, ev, subject);
	case FACT_MAPPING:
		return ask_mapping(tracee, ev, subject);
	case FACT_FDS:
		return facts_fd_ask_all(cache, tracee, ev, subject);
	case FACT_HOLDERS:
		return facts_holders_ask(cache, ev, (uint64_t)subject);
	case FACT_RECEIVER:
		return facts_receiver_ask(cache, tracee, ev, mem, subject);
	case FACT_UNIX_QUEUE:
		return facts_socket_ask_unix_queue(cache, ev, (uint64_t)subject);
	case FACT_SIGNALS:
		return facts_ipc_ask_signals(ev, subject);
	case FACT_IPC_NS:
		return facts_ns_ask_ipc(tracee, ev);
	case FACT_PID_NS:
		return facts_ns_ask_pid(cache, tracee, ev, subject);
	case FACT_PROCESS:
		return facts_process_ask(ev, subject);
	case FACT_CHILDREN:
		return facts_process_ask_children(ev, subject);
	default:
		break;
	}
	if (kind == FACT_FD && subject == AT_FDCWD)
		return ask_cwd(tracee, ev);
	if (subject < 0 || subject > INT32_MAX)
		return -EBADF;
	switch (kind) {
	case FACT_MSG:
	case FACT_SEM:
	case FACT_SEM_NSEMS:
	case FACT_SHM:
		return facts_sysv_ask(cache, tracee, ev, kind, (int)subject);
	default:
		return ask_about_fd(cache, tracee, ev, kind, (int)subject);
	}
}
