#include "capture/facts_holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "capture/proc.h"

enum {
	HOLDERS_MAX = 131072, /* of the whole machine: 6 MB */
	ANSWER_MAX = 64,
	REST_FACTOR = 19, /* after a walk wait that many times as long: 5 % */
	LONG_REST_FACTOR = 99, /* the same to see whether known holders have got company: 1 % */
};

#define STALE_NS   (1000 * 1000 * 1000ull)
#define CHECKED_NS (100 * 1000 * 1000ull)

struct holder {
	uint64_t ino, dev;
	uint64_t checked_ns; /* when it was last seen to be there; mode and comm are from then */
	pid_t pid;
	int fd;
	uint32_t mode; /* 0: never checked */
	char comm[16];
};

struct holder_index {
	struct holder *items; /* sorted by inode */
	size_t n, capacity;
	unsigned n_unreadable; /* processes */
	uint64_t begin_ns, end_ns; /* of the last walk */
};

/* --- the walk --- */

static int compare(const void *a, const void *b)
{
	const struct holder *left = a, *right = b;

	if (left->ino != right->ino)
		return left->ino < right->ino ? -1 : 1;
	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return (left->fd > right->fd) - (left->fd < right->fd);
}

/* What is behind a name in /proc/PID/fd; a file server that hangs is not waited for. */
static bool look(int dir_fd, const char *name, uint64_t *ret_dev, uint64_t *ret_ino)
{
	struct statx stx;

	if (statx(dir_fd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO,
		  &stx) < 0)
		return false;
	/* Files without a type share one inode, directories carry no messages. */
	if (!(stx.stx_mode & S_IFMT) || S_ISDIR(stx.stx_mode))
		return false;
	*ret_dev = makedev(stx.stx_dev_major, stx.stx_dev_minor);
	*ret_ino = stx.stx_ino;
	return true;
}

static void walk_process(struct holder_index *index, int proc_fd, const char *pid)
{
	char path[32];
	struct dirent *item;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%.12s/fd", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		index->n_unreadable += errno == EACCES || errno == EPERM;
		return;
	}
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	while (index->n < HOLDERS_MAX && (item = readdir(dir))) {
		struct holder holder = { .pid = atoi(pid), .fd = atoi(item->d_name) };

		if (item->d_name[0] == '.' || !look(fd, item->d_name, &holder.dev, &holder.ino))
			continue;
		index->items =
			array_grow(index->items, index->n, &index->capacity, sizeof(*index->items));
		index->items[index->n++] = holder;
	}
	closedir(dir);
}

static int walk(struct holder_index *index)
{
	struct dirent *item;
	DIR *dir;

	index->begin_ns = clock_ns(CLOCK_MONOTONIC);
	index->n = 0;
	index->n_unreadable = 0;
	dir = opendir("/proc");
	if (!dir)
		return -errno;
	while ((item = readdir(dir))) {
		if (item->d_name[0] >= '1' && item->d_name[0] <= '9')
			walk_process(index, dirfd(dir), item->d_name);
	}
	closedir(dir);
	if (index->n)
		qsort(index->items, index->n, sizeof(*index->items), compare);
	index->end_ns = clock_ns(CLOCK_MONOTONIC);
	return 0;
}

static bool may_walk(const struct holder_index *index, uint64_t now, unsigned rest_factor)
{
	return now >= index->end_ns + rest_factor * (index->end_ns - index->begin_ns);
}

/* --- looking up --- */

/* The first of that inode; *ret_n says how many follow, itself included. */
static struct holder *find(struct holder_index *index, uint64_t ino, size_t *ret_n)
{
	size_t low = 0, high = index->n, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->items[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < index->n && index->items[end].ino == ino;)
		end++;
	*ret_n = end - low;
	return index->items + low;
}

/* Is it still there? Find out how it is open, and the name of its process. */
static bool is_there(struct holder *holder, uint64_t now)
{
	uint64_t dev, ino;
	char path[64];
	struct stat st;
	ssize_t n;

	if (holder->mode && now < holder->checked_ns + CHECKED_NS)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", holder->pid, holder->fd);
	if (!look(AT_FDCWD, path, &dev, &ino) || dev != holder->dev || ino != holder->ino ||
	    lstat(path, &st) < 0)
		return false;
	holder->mode = st.st_mode & 0700;
	n = proc_read(holder->pid, "comm", holder->comm, sizeof(holder->comm));
	if (n > 0 && holder->comm[n - 1] == '\n')
		holder->comm[n - 1] = '\0';
	else if (n <= 0)
		holder->comm[0] = '\0';
	holder->checked_ns = now;
	return true;
}

/* One that is gone is not asked about again. */
static bool check(struct holder *holder, uint64_t now)
{
	if (holder->fd >= 0 && !is_there(holder, now))
		holder->fd = -1;
	return holder->fd >= 0;
}

static bool is_any_there(struct holder *holders, size_t n, uint64_t now)
{
	for (size_t i = 0; i < n; i++) {
		if (check(&holders[i], now))
			return true;
	}
	return false;
}

static size_t count(const struct holder *holders, size_t n)
{
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++)
		n_left += holders[i].fd >= 0;
	return n_left;
}

/* Add those inside or outside the traced set, as long as the answer has room. */
static void add_holders(struct event *ev, struct tracee_table *tracees, struct holder *holders,
			size_t n, bool is_traced, uint64_t now, unsigned *room)
{
	for (size_t i = 0; i < n && *room; i++) {
		struct holder *holder = &holders[i];
		struct fact *fact;

		if ((tracee_find(tracees, holder->pid) != NULL) != is_traced || !check(holder, now))
			continue;
		fact = event_add_fact(ev, FACT_HOLDER, (int64_t)holder->ino, holder->comm,
				      strlen(holder->comm));
		fact->dev = holder->dev;
		fact->ino = holder->ino;
		fact->value[0] = holder->pid;
		fact->value[1] = holder->fd;
		fact->value[2] = holder->mode;
		(*room)--;
	}
}

/* What is known of that inode, after a walk if it is due and allowed. 0 or -errno. */
static int find_holders(struct holder_index *index, uint64_t ino, struct holder **ret_holders,
			size_t *ret_n)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct holder *holders = find(index, ino, ret_n);
	bool is_known = is_any_there(holders, *ret_n, now);
	bool is_fresh = now < index->begin_ns + STALE_NS;
	int err;

	if (!is_known || !is_fresh) {
		if (may_walk(index, now, is_known ? LONG_REST_FACTOR : REST_FACTOR)) {
			err = walk(index);
			if (err < 0)
				return err;
			holders = find(index, ino, ret_n);
		} else if (!is_known) {
			return -EAGAIN;
		}
	}
	*ret_holders = holders;
	return 0;
}

int facts_holders_ask(struct facts_cache *cache, struct event *ev, uint64_t ino)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	unsigned room = ANSWER_MAX;
	struct holder *holders;
	uint32_t head;
	size_t n;
	int err;

	if (!cache->holders)
		cache->holders = calloc(1, sizeof(*cache->holders));
	if (!cache->holders)
		return -ENOMEM;
	err = find_holders(cache->holders, ino, &holders, &n);
	if (err < 0)
		return err;
	head = ev->n_facts;
	event_add_fact(ev, FACT_HOLDERS, (int64_t)ino, NULL, 0);
	add_holders(ev, cache->tracees, holders, n, false, now, &room);
	add_holders(ev, cache->tracees, holders, n, true, now, &room);
	ev->facts[head].value[0] = (int64_t)count(holders, n);
	ev->facts[head].value[1] = cache->holders->n_unreadable;
	return 0;
}

uint64_t facts_holders_walked_ns(const struct facts_cache *cache)
{
	return cache->holders ? cache->holders->begin_ns : 0;
}

void facts_holders_expire(struct facts_cache *cache)
{
	if (cache->holders)
		cache->holders->begin_ns = cache->holders->end_ns = 0;
}

void facts_holders_finish(struct facts_cache *cache)
{
	if (cache->holders)
		free(cache->holders->items);
	free(cache->holders);
	cache->holders = NULL;
}
