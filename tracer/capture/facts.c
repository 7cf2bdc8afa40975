#include "capture/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/procmap.h"
#include "event/mem.h"

enum { LINK_MAX_LEN = 4200, MQUEUE_FS_MAGIC = 0x19800202 };

static const struct {
	const char *name;
	enum fd_kind kind;
} anon_kinds[] = {
	{ "[eventfd]", FD_EVENTFD },
	{ "[eventpoll]", FD_EPOLL },
	{ "[signalfd]", FD_SIGNALFD },
	{ "[timerfd]", FD_TIMERFD },
	{ "inotify", FD_INOTIFY },
	{ "[fanotify]", FD_FANOTIFY },
	{ "[pidfd]", FD_PIDFD },
	{ "[io_uring]", FD_IO_URING },
	{ "[userfaultfd]", FD_USERFAULTFD },
};

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static enum fd_kind anon_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(anon_kinds); i++) {
		if (strcmp(anon_kinds[i].name, name) == 0)
			return anon_kinds[i].kind;
	}
	return FD_ANON;
}

/* Pseudo-terminals: /dev/ptmx, and the majors of their slaves. include/uapi/linux/major.h */
static bool is_pty(uint64_t rdev)
{
	return rdev == makedev(5, 2) || (major(rdev) >= 136 && major(rdev) <= 143);
}

/* The terminal that we run on is no party of the traced programs' communication. */
static bool is_own_terminal(uint64_t rdev)
{
	struct stat st;

	for (int fd = 0; fd <= 2; fd++) {
		if (isatty(fd) && fstat(fd, &st) == 0 && st.st_rdev == rdev)
			return true;
	}
	return false;
}

static enum fd_kind char_kind(uint64_t rdev)
{
	if (is_pty(rdev))
		return is_own_terminal(rdev) ? FD_TTY : FD_PTY;
	return major(rdev) == 4 || major(rdev) == 5 ? FD_TTY : FD_CHAR;
}

enum fd_kind facts_fd_kind(const char *link, uint32_t mode, uint64_t rdev)
{
	static const char anon[] = "anon_inode:";

	if (has_prefix(link, anon))
		return anon_kind(link + strlen(anon));
	if (has_prefix(link, "/memfd:"))
		return FD_MEMFD;
	switch (mode & S_IFMT) {
	case S_IFIFO:
		return has_prefix(link, "pipe:[") ? FD_PIPE : FD_FIFO;
	case S_IFSOCK:
		return FD_SOCKET;
	case S_IFREG:
		return has_prefix(link, "/dev/shm/") ? FD_SHM : FD_FILE;
	case S_IFDIR:
		return FD_DIR;
	case S_IFBLK:
		return FD_BLOCK;
	case S_IFCHR:
		return char_kind(rdev);
	default:
		return FD_UNKNOWN;
	}
}

/* A queue's link is "/name" on a file system of its own, which only statfs tells. */
static bool is_mqueue(const char *path, const char *link)
{
	struct statfs fs;

	if (link[0] != '/' || strchr(link + 1, '/'))
		return false;
	return statfs(path, &fs) == 0 && fs.f_type == MQUEUE_FS_MAGIC;
}

/* Borrow the tracee's descriptor for as long as it is stopped here. -errno if that is refused. */
static int borrow_fd(struct tracee *tracee, int fd)
{
	int flags = tracee->tid == tracee->tgid ? 0 : O_EXCL; /* PIDFD_THREAD */
	int own;

	if (tracee->pidfd < 0)
		tracee->pidfd = (int)syscall(SYS_pidfd_open, tracee->tid, flags);
	if (tracee->pidfd < 0)
		return -errno;
	own = (int)syscall(SYS_pidfd_getfd, tracee->pidfd, fd, 0);
	return own < 0 ? -errno : own;
}

static void ask_socket(struct tracee *tracee, int fd, struct fact *fact)
{
	static const int options[] = { SO_DOMAIN, SO_TYPE, SO_PROTOCOL };
	int own = borrow_fd(tracee, fd);

	if (own < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		socklen_t len = sizeof(int);
		int value = 0;

		if (getsockopt(own, SOL_SOCKET, options[i], &value, &len) == 0)
			fact->value[2 + i] = value;
	}
	close(own);
	switch (fact->value[2]) {
	case AF_UNIX:
		fact->value[0] = FD_UNIX;
		break;
	case AF_INET:
	case AF_INET6:
		fact->value[0] = FD_INET;
		break;
	case AF_NETLINK:
		fact->value[0] = FD_NETLINK;
		break;
	}
}

/* Read what fd is into *fact and its link's text. 0 or -errno. */
static int look_at_fd(struct tracee *tracee, int fd, struct fact *fact, char *link, size_t len)
{
	char path[64];
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->tid, fd);
	n = readlink(path, link, len - 1);
	if (n < 0 && errno != ENOENT)
		return -errno;
	memset(fact, 0, sizeof(*fact));
	fact->kind = FACT_FD;
	fact->subject = fd;
	if (n < 0) {
		fact->value[0] = FD_CLOSED;
		link[0] = '\0';
		return 0;
	}
	link[n] = '\0';
	if (lstat(path, &st) == 0)
		fact->value[1] = st.st_mode & 0700;
	if (stat(path, &st) < 0)
		return -errno;
	fact->dev = st.st_dev;
	fact->ino = st.st_ino;
	fact->id = st.st_rdev;
	fact->value[0] = facts_fd_kind(link, st.st_mode, st.st_rdev);
	if (fact->value[0] == FD_FILE && is_mqueue(path, link))
		fact->value[0] = FD_MQUEUE;
	if (fact->value[0] == FD_SOCKET)
		ask_socket(tracee, fd, fact);
	return 0;
}

static int ask_fd(struct tracee *tracee, struct event *ev, int fd)
{
	struct fd_entry *entry = fd_table_get(tracee->files, fd);
	char link[LINK_MAX_LEN];
	struct fact *added;
	uint32_t text;
	int err;

	if (!entry->is_known || entry->is_volatile) {
		err = look_at_fd(tracee, fd, &entry->fact, link, sizeof(link));
		if (err < 0)
			return err;
		free(entry->link);
		entry->link = strdup(link);
		if (!entry->link)
			abort();
		/* A number that is free now may be taken without our seeing it. */
		entry->is_known = entry->fact.value[0] != FD_CLOSED;
	}
	added = event_add_fact(ev, FACT_FD, fd, entry->link, strlen(entry->link));
	text = added->text;
	*added = entry->fact;
	added->text = text;
	added->text_len = (uint32_t)strlen(entry->link);
	return 0;
}

/* The directory that a relative path argument starts from: cwd, or the argument before it. */
static void start_of_path(const struct tracee *tracee, const struct event *ev, int arg, char *start,
			  size_t len)
{
	uint64_t dir = arg > 0 ? ev->args[arg - 1] : (uint64_t)AT_FDCWD;

	if ((int32_t)dir == AT_FDCWD || dir > INT32_MAX)
		snprintf(start, len, "/proc/%d/cwd/", tracee->tid);
	else
		snprintf(start, len, "/proc/%d/fd/%d/", tracee->tid, (int)dir);
}

static int ask_path(struct tracee *tracee, struct event *ev, const struct mem *mem, int arg)
{
	char path[64 + 4096];
	char text[4096];
	struct fact *fact;
	struct stat st;
	bool is_whole;
	ssize_t len;
	int err = 0;

	if (arg < 0 || arg > 5)
		return -EINVAL;
	len = mem_read_string(mem, ev->args[arg], text, sizeof(text) - 1, &is_whole);
	if (len < 0 || !is_whole)
		return -EFAULT;
	if (text[0] == '/')
		snprintf(path, 64, "/proc/%d/root", tracee->tid);
	else
		start_of_path(tracee, ev, arg, path, 64);
	memcpy(path + strlen(path), text, (size_t)len + 1);
	if (fstatat(AT_FDCWD, path, &st, AT_NO_AUTOMOUNT) < 0)
		err = -errno;
	fact = event_add_fact(ev, FACT_PATH, arg, NULL, 0);
	if (err) {
		fact->value[0] = err;
		return 0;
	}
	fact->dev = st.st_dev;
	fact->ino = st.st_ino;
	fact->id = st.st_rdev;
	fact->value[0] = st.st_mode;
	return 0;
}

static int ask_comm(const struct tracee *tracee, struct event *ev, int64_t tid)
{
	char path[64], comm[32];
	struct fact *fact;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, comm, sizeof(comm));
	close(fd);
	if (n <= 0)
		return -ESRCH;
	fact = event_add_fact(ev, FACT_COMM, tid, comm, (size_t)n - (comm[n - 1] == '\n'));
	fact->value[0] = tid == tracee->tid ? tracee->tgid : 0;
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
	fact->value[0] = (int64_t)map.start;
	fact->value[1] = (int64_t)map.end;
	fact->value[2] = (int64_t)map.offset;
	fact->value[3] = map.bits;
	return 0;
}

int facts_ask(struct tracee *tracee, struct event *ev, const struct mem *mem, enum fact_kind kind,
	      int64_t subject)
{
	switch (kind) {
	case FACT_FD:
		return subject < 0 || subject > INT32_MAX ? -EBADF
							  : ask_fd(tracee, ev, (int)subject);
	case FACT_PATH:
		return ask_path(tracee, ev, mem, (int)subject);
	case FACT_COMM:
		return ask_comm(tracee, ev, subject);
	case FACT_MAPPING:
		return ask_mapping(tracee, ev, subject);
	default:
		return -ENOSYS;
	}
}
