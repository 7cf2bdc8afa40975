/* Answers from a stopped tracee. */
#include "capture/ptrace_live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/facts.h"
#include "capture/ptrace_core.h"
#include "capture/ptrace_withheld.h"

/* EFAULT is the address's fault, ESRCH means that it was killed: both are answers. */
static void note_unreadable(struct engine *engine, int err)
{
	if (err == -EPERM || err == -EACCES)
		withheld_note_unreadable(engine, engine->asking, err);
}

/* Where process_vm_readv() is not permitted; it reads what the tracee itself may not read, too. */
static ssize_t read_by_proc(pid_t tid, uint64_t addr, void *buf, size_t len)
{
	char name[32];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/mem", tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, buf, len, (off_t)addr);
	if (n <= 0)
		n = n < 0 && errno == EPERM ? -EPERM : -EFAULT;
	close(fd);
	return n;
}

static ssize_t live_read(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len)
{
	struct engine *engine = data;
	struct iovec local = { buf, len };
	struct iovec remote = { (void *)(uintptr_t)addr, len };
	ssize_t n;

	monitor_watch(&engine->monitor, ev->tid, addr);
	n = process_vm_readv(ev->tid, &local, 1, &remote, 1, 0);
	if (n < 0)
		n = -errno;
	if (n == -EPERM || n == -ENOSYS)
		n = read_by_proc(ev->tid, addr, buf, len);
	monitor_watch(&engine->monitor, ev->tid, 0);
	note_unreadable(engine, (int)n);
	return n;
}

static void live_prefetch(void *data, struct event *ev, const struct event_range *wanted, size_t n)
{
	struct engine *engine = data;
	struct iovec local[8], remote[8];
	size_t first = 0, total = 0;
	char *room;

	for (size_t i = 0; i < n; i++)
		total += wanted[i].len;
	room = buf_reserve(&ev->bytes, total);
	while (first < n) {
		size_t at = 0, i;
		ssize_t got;

		for (i = first; i < n && i - first < ARRAY_LEN(local); i++) {
			local[i - first] = (struct iovec){ room + at, wanted[i].len };
			remote[i - first] =
				(struct iovec){ (void *)(uintptr_t)wanted[i].addr, wanted[i].len };
			at += wanted[i].len;
		}
		monitor_watch(&engine->monitor, ev->tid, wanted[first].addr);
		got = process_vm_readv(ev->tid, local, i - first, remote, i - first, 0);
		monitor_watch(&engine->monitor, ev->tid, 0);
		if (got < 0 && (errno == EPERM || errno == ENOSYS)) {
			/* One after the other, then. */
			got = live_read(data, ev, wanted[first].addr, room, wanted[first].len);
			i = first + 1;
		}
		if (got < 0)
			got = 0;
		/* It stops at the first byte that cannot be read; go on behind that range. */
		for (; first < i; first++) {
			size_t part =
				(size_t)got < wanted[first].len ? (size_t)got : wanted[first].len;

			if (part) {
				event_reserve_range(ev, wanted[first].addr, part);
				room += part;
			}
			got -= (ssize_t)part;
			if (part < wanted[first].len) {
				first++;
				break;
			}
		}
		room = buf_reserve(&ev->bytes, total);
	}
}

static int live_ask(void *data, struct event *ev, enum fact_kind kind, int64_t subject)
{
	struct engine *engine = data;
	struct mem mem = { .ev = ev, .live = &engine->source };

	return facts_ask(&engine->facts, engine->asking, ev, &mem, kind, subject);
}

struct mem_source live_source(struct engine *engine)
{
	return (struct mem_source){ live_read, live_prefetch, live_ask, engine };
}
