/* Sizes, seals, and names of what lives in memory. */
#include "capture/facts_file.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/facts_fd.h"
#include "capture/facts_ns.h"
#include "capture/quiet.h"

static bool is_memfd(const char *path)
{
	static const char prefix[] = "/memfd:";
	char link[sizeof(prefix)];

	return readlink(path, link, sizeof(link)) == sizeof(link) &&
	       memcmp(link, prefix, sizeof(prefix) - 1) == 0;
}

/* F_GET_SEALS, -1 if it has none. */
static int seals_of(struct tracee *tracee, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	int seals;

	if (own < 0)
		return -1;
	seals = fcntl(own, F_GET_SEALS);
	close(own);
	return seals;
}

int facts_file_ask(struct tracee *tracee, struct event *ev, int fd)
{
	struct fact *fact;
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->tid, fd);
	if (quiet_stat(path, &st) < 0)
		return -errno;
	fact = event_add_fact(ev, FACT_FILE, fd, NULL, 0);
	fact->value[0] = st.st_size;
	fact->value[1] = is_memfd(path) ? seals_of(tracee, fd) : -1;
	fact->value[2] = (int64_t)st.st_nlink;
	return 0;
}

int facts_file_ask_queued(struct tracee *tracee, struct event *ev, int fd)
{
	int own = facts_fd_borrow(tracee, fd);
	int n = 0, err = 0;

	if (own < 0)
		return own;
	if (ioctl(own, FIONREAD, &n) < 0)
		err = -errno;
	close(own);
	if (err < 0)
		return err;
	event_add_fact(ev, FACT_QUEUED, fd, NULL, 0)->value[0] = n;
	return 0;
}

/* Opening a queue does nothing to it. */
int facts_file_find_queue(const char *name, struct stat *ret_st)
{
	int fd = (int)syscall(SYS_mq_open, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, NULL);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, ret_st) < 0)
		err = -errno;
	close(fd);
	return err;
}

int facts_file_ask_mq_name(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
			   const struct mem *mem, int arg)
{
	struct stat st = { 0 };
	struct fact *fact;
	char name[256];
	bool is_whole;
	ssize_t len;
	int err;

	if (arg < 0 || arg > 5)
		return -EINVAL;
	len = mem_read_string(mem, ev->args[arg], name, sizeof(name) - 1, &is_whole);
	if (len < 0 || !is_whole)
		return -EFAULT;
	name[len] = '\0';
	err = facts_ns_enter(cache, tracee);
	if (err < 0)
		return err;
	err = facts_file_find_queue(name, &st);
	facts_ns_leave(cache, tracee);
	if (err < 0 && err != -ENOENT)
		return err;
	fact = event_add_fact(ev, FACT_MQ_NAME, arg, NULL, 0);
	fact->dev = st.st_dev;
	fact->ino = st.st_ino;
	fact->value[0] = err;
	return 0;
}
