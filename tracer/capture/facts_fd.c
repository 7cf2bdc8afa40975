#include "capture/facts_fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include "capture/facts_anon.h"
#include "capture/facts_text.h"
#include "capture/proc.h"
#include "capture/quiet.h"
#include "capture/sock_diag.h"

enum {
	LINK_MAX_LEN = 4200,
	HOLDINGS_MAX = 4096,
	MQUEUE_FS_MAGIC = 0x19800202,
	PTS_MAJOR = 136,
};

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

int facts_fd_borrow_socket(struct tracee *tracee, int fd)
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

int facts_fd_borrow(struct tracee *tracee, int fd)
{
	return tracee->is_running_on ? -EBUSY : facts_fd_borrow_socket(tracee, fd);
}

/* What the kernel says of it by its inode, without its descriptor. */
static bool diagnose_socket(struct facts_cache *cache, struct fact *fact)
{
	struct sock_info info;

	if (sock_diag_unix(cache, fact->ino, &info) < 0)
		return false;
	fact->value[0] = FD_UNIX;
	fact->value[2] = AF_UNIX;
	fact->value[3] = info.type;
	return true;
}

static void ask_socket(struct facts_cache *cache, struct tracee *tracee, int fd, struct fact *fact)
{
	static const int options[] = { SO_DOMAIN, SO_TYPE, SO_PROTOCOL };
	int own;

	/* From one that runs on as little is borrowed as can be. */
	if (tracee->is_running_on && diagnose_socket(cache, fact))
		return;
	own = facts_fd_borrow_socket(tracee, fd);
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

/* A number that fdinfo has of the descriptor, or 0. */
static uint64_t info_number(const struct tracee *tracee, int fd, const char *name)
{
	char path[32], text[1024];
	uint64_t value = 0;

	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	if (proc_read(tracee->tid, path, text, sizeof(text)) > 0)
		facts_text_number(text, name, 10, &value);
	return value;
}

/* The identity of what has no inode of its own. */
static void find_id(struct tracee *tracee, int fd, uint64_t rdev, struct fact *fact)
{
	fact->id = rdev;
	if (fact->value[0] == FD_EVENTFD)
		fact->id = info_number(tracee, fd, "eventfd-id");
	else if (fact->value[0] == FD_PTY && rdev == makedev(5, 2))
		fact->id = makedev(PTS_MAJOR, info_number(tracee, fd, "tty-index"));
}

/* Read what fd is into *fact and its link's text. 0 or -errno. */
static int look_at_fd(struct facts_cache *cache, struct tracee *tracee, int fd, struct fact *fact,
		      char *link, size_t len)
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
	if (quiet_stat(path, &st) < 0)
		return -errno;
	fact->dev = st.st_dev;
	fact->ino = st.st_ino;
	fact->value[0] = facts_fd_kind(link, st.st_mode, st.st_rdev);
	if (fact->value[0] == FD_FILE && is_mqueue(path, link))
		fact->value[0] = FD_MQUEUE;
	if (fact->value[0] == FD_SOCKET)
		ask_socket(cache, tracee, fd, fact);
	find_id(tracee, fd, st.st_rdev, fact);
	return 0;
}

/* Take a fresh look. */
static int refresh(struct facts_cache *cache, struct tracee *tracee, struct fd_entry *entry)
{
	char link[LINK_MAX_LEN];
	uint64_t id = entry->fact.id;
	bool is_same_kind;
	struct fact fact = { 0 };
	int err;

	err = look_at_fd(cache, tracee, entry->fd, &fact, link, sizeof(link));
	if (err < 0)
		return err;
	is_same_kind = entry->fact.value[0] == fact.value[0];
	entry->fact = fact;
	free(entry->link);
	entry->link = strdup(link);
	if (!entry->link)
		abort();
	/* A number that is free now may be taken without our seeing it. */
	entry->is_known = fact.value[0] != FD_CLOSED;
	if (!facts_anon_is_nameless((enum fd_kind)fact.value[0]))
		return 0;
	/* Another thread is about to close it: as long as it did not, it is what it was. */
	if (entry->is_volatile && is_same_kind && id)
		entry->fact.id = id;
	else
		facts_anon_identify(cache, tracee->tid, entry);
	return 0;
}

/* A file or directory may have got another name meanwhile, or lost it. */
static bool has_other_name(const struct tracee *tracee, const struct fd_entry *entry)
{
	char path[64], link[LINK_MAX_LEN];
	ssize_t n;

	if (entry->fact.value[0] != FD_FILE && entry->fact.value[0] != FD_DIR)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->tid, entry->fd);
	n = readlink(path, link, sizeof(link) - 1);
	return n >= 0 &&
	       ((size_t)n != strlen(entry->link) || memcmp(link, entry->link, (size_t)n) != 0);
}

int facts_fd_look(struct facts_cache *cache, struct tracee *tracee, int fd,
		  struct fd_entry **ret_entry)
{
	struct fd_entry *entry = fd_table_get(tracee->files, fd);
	int err = 0;

	tracee->files->last_user = tracee->tid;
	if (!entry->is_known || entry->is_volatile || has_other_name(tracee, entry))
		err = refresh(cache, tracee, entry);
	if (err < 0)
		return err;
	*ret_entry = entry;
	return 0;
}

/* Add what entry says as a fact of that kind and subject. */
static void add_entry(struct event *ev, enum fact_kind kind, int64_t subject,
		      const struct fd_entry *entry)
{
	struct fact *added = event_add_fact(ev, kind, subject, entry->link, strlen(entry->link));

	added->dev = entry->fact.dev;
	added->ino = entry->fact.ino;
	added->id = entry->fact.id;
	memcpy(added->value, entry->fact.value, sizeof(added->value));
}

int facts_fd_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	struct fd_entry *entry;
	int err = facts_fd_look(cache, tracee, fd, &entry);

	if (err < 0)
		return err;
	add_entry(ev, FACT_FD, fd, entry);
	return 0;
}

static bool is_plain_dev(const struct facts_cache *cache, uint64_t dev)
{
	for (unsigned i = 0; i < cache->n_devs; i++) {
		if (cache->devs[i].dev == dev)
			return cache->devs[i].is_plain;
	}
	return false;
}

/* Files of memory file systems may be shared memory or queues; those of others are just files. */
static void learn_dev(struct facts_cache *cache, pid_t tid, uint64_t dev)
{
	for (unsigned i = 0; i < cache->n_devs; i++) {
		if (cache->devs[i].dev == dev)
			return;
	}
	if (cache->n_devs == ARRAY_LEN(cache->devs))
		return;
	cache->devs[cache->n_devs].dev = dev;
	cache->devs[cache->n_devs++].is_plain = quiet_is_plain(tid, dev);
}

bool facts_fd_is_plain_dev(struct facts_cache *cache, pid_t tid, uint64_t dev)
{
	learn_dev(cache, tid, dev);
	return is_plain_dev(cache, dev);
}

static void add_kind(struct event *ev, int fd, enum fd_kind kind, const struct stat *st)
{
	struct fact *fact = event_add_fact(ev, FACT_FD_KIND, fd, NULL, 0);

	fact->dev = st->st_dev;
	fact->ino = st->st_ino;
	fact->value[0] = kind;
}

int facts_fd_ask_kind(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	struct fd_entry *entry = fd_table_find(tracee->files, fd);
	struct stat st = { 0 };
	char path[64];
	int err;

	if (!entry || !entry->is_known || entry->is_volatile) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->tid, fd);
		if (quiet_stat(path, &st) < 0 && errno != ENOENT)
			return -errno;
		if (S_ISDIR(st.st_mode)) {
			add_kind(ev, fd, FD_DIR, &st);
			return 0;
		}
		if (S_ISREG(st.st_mode) && is_plain_dev(cache, st.st_dev)) {
			add_kind(ev, fd, FD_FILE, &st);
			return 0;
		}
		err = facts_fd_look(cache, tracee, fd, &entry);
		if (err < 0)
			return err;
		if (entry->fact.value[0] == FD_FILE)
			learn_dev(cache, tracee->tid, entry->fact.dev);
	}
	st.st_dev = entry->fact.dev;
	st.st_ino = entry->fact.ino;
	add_kind(ev, fd, (enum fd_kind)entry->fact.value[0], &st);
	return 0;
}

static int fill_holdings(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
			 int64_t pid, DIR *dir)
{
	struct dirent *item;
	int n = 0;

	while ((item = readdir(dir))) {
		struct fd_entry *entry;
		int fd = atoi(item->d_name);

		if (item->d_name[0] == '.')
			continue;
		if (n < HOLDINGS_MAX && facts_fd_look(cache, tracee, fd, &entry) == 0) {
			if (entry->fact.value[0] == FD_CLOSED)
				continue;
			add_entry(ev, FACT_HOLDING, pid, entry);
			ev->facts[ev->n_facts - 1].value[5] = fd;
		}
		n++;
	}
	return n;
}

int facts_fd_ask_all(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		     int64_t pid)
{
	bool is_own = pid == tracee->tgid;
	struct tracee_table others = { 0 };
	uint32_t list;
	char path[64];
	DIR *dir;
	int n;

	if (pid <= 0 || pid > INT32_MAX)
		return -ESRCH;
	/* By tid: a process whose first thread has ended shows nothing there. */
	snprintf(path, sizeof(path), "/proc/%d/fd", is_own ? tracee->tid : (pid_t)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	list = ev->n_facts;
	event_add_fact(ev, FACT_FDS, pid, NULL, 0);
	if (is_own) {
		n = fill_holdings(cache, tracee, ev, pid, dir);
	} else {
		struct tracee *other = tracee_add(&others, (pid_t)pid, (pid_t)pid, NULL);

		n = fill_holdings(cache, other, ev, pid, dir);
		tracee_remove(&others, other);
	}
	ev->facts[list].value[0] = n;
	closedir(dir);
	return 0;
}
