/* State of objects at a stop. */
#include "capture/facts_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "capture/facts_fd.h"
#include "capture/facts_ns.h"
#include "capture/facts_text.h"
#include "capture/proc.h"

enum { LOCKS_MAX_LEN = 1 << 20 };

int facts_ipc_ask_queue(struct tracee *tracee, struct event *ev, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	int used = 0, err = 0;

	if (own < 0)
		return own;
	if (ioctl(own, FIONREAD, &used) < 0)
		err = -errno;
	close(own);
	if (!err)
		event_add_fact(ev, FACT_QUEUE, fd, NULL, 0)->value[0] = used;
	return err;
}

static bool is_pipe(const struct fd_entry *entry)
{
	return entry->fact.value[0] == FD_PIPE || entry->fact.value[0] == FD_FIFO;
}

uint64_t facts_ipc_pipe_to_lock(struct facts_cache *cache, struct tracee *tracee, int from, int to)
{
	const int fds[] = { from, to };
	unsigned n_pipes = 0;
	uint64_t ino = 0;

	for (unsigned i = 0; i < ARRAY_LEN(fds); i++) {
		struct fd_entry *entry;

		if (facts_fd_look(cache, tracee, fds[i], &entry) < 0 ||
		    entry->fact.value[0] == FD_FILE)
			return 0;
		if (is_pipe(entry)) {
			ino = entry->fact.ino;
			n_pipes++;
		}
	}
	return n_pipes == 1 ? ino : 0;
}

/* Is the pipe with that descriptor one that another tracee keeps locked? */
static bool is_locked(struct facts_cache *cache, struct tracee *tracee, int fd)
{
	const struct tracee *other, *next;
	struct fd_entry *entry;

	if (!cache->tracees->n_locking || facts_fd_look(cache, tracee, fd, &entry) < 0)
		return false;
	HASH_ITER (hh, cache->tracees->by_tid, other, next) {
		if (other->locked_pipe == entry->fact.ino)
			return true;
	}
	return false;
}

int facts_ipc_ask_pipe(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	int own, used = 0, capacity, err = 0;
	struct fact *fact;

	if (is_locked(cache, tracee, fd))
		return -EBUSY;
	own = facts_fd_borrow(tracee, fd);
	if (own < 0)
		return own;
	capacity = fcntl(own, F_GETPIPE_SZ);
	if (capacity < 0 || ioctl(own, FIONREAD, &used) < 0)
		err = -errno;
	close(own);
	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_PIPE, fd, NULL, 0);
	fact->value[0] = used;
	fact->value[1] = capacity;
	return 0;
}

int facts_ipc_ask_mq(struct tracee *tracee, struct event *ev, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	struct mq_attr attr;
	struct fact *fact;
	int err = 0;

	if (own < 0)
		return own;
	if (syscall(SYS_mq_getsetattr, own, NULL, &attr) < 0)
		err = -errno;
	close(own);
	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_MQ, fd, NULL, 0);
	fact->value[0] = attr.mq_curmsgs;
	fact->value[1] = attr.mq_maxmsg;
	fact->value[2] = attr.mq_msgsize;
	fact->value[3] = -1;
	return 0;
}

/* All of /proc/locks, which is only consistent as far as one read gets. */
static int read_locks(struct facts_cache *cache, struct buf *text)
{
	enum { STEP = 16384 };
	ssize_t n;

	if (cache->locks_fd < 0)
		cache->locks_fd = open("/proc/locks", O_RDONLY | O_CLOEXEC);
	if (cache->locks_fd < 0)
		return -errno;
	do {
		n = pread(cache->locks_fd, buf_reserve(text, STEP), STEP, (off_t)text->len);
		if (n < 0)
			return -errno;
		text->len += (size_t)n;
	} while (n > 0 && text->len < LOCKS_MAX_LEN);
	return 0;
}

int facts_ipc_ask_locks(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	struct buf text = { 0 }, found = { 0 };
	struct fd_entry *entry;
	int err = facts_fd_look(cache, tracee, fd, &entry);

	if (err < 0)
		return err;
	if (entry->fact.value[0] == FD_CLOSED)
		return -EBADF;
	err = read_locks(cache, &text);
	if (!err) {
		facts_text_locks(text.data, text.len, entry->fact.dev, entry->fact.ino, &found);
		event_add_fact(ev, FACT_LOCKS, fd, found.data, found.len);
	}
	buf_finish(&text);
	buf_finish(&found);
	return err;
}

int facts_ipc_ask_signals(struct event *ev, int64_t pid)
{
	struct proc_status status;
	struct fact *fact;
	int err;

	if (pid <= 0 || pid > INT32_MAX)
		return -ESRCH;
	err = proc_status((pid_t)pid, &status);
	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_SIGNALS, pid, status.comm, strlen(status.comm));
	fact->value[0] = (int64_t)(status.pending | status.shared_pending);
	fact->value[1] = (int64_t)status.blocked;
	fact->value[2] = (int64_t)status.ignored;
	fact->value[3] = (int64_t)status.caught;
	return 0;
}
