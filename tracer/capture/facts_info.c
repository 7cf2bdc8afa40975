/* The text of /proc/TID/fdinfo: opening it costs five times as much as reading it. */
#include "capture/facts_info.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { INFO_MAX_LEN = 65536 };

static struct kept_info *find(struct facts_cache *cache, pid_t tid, int fd)
{
	for (unsigned i = 0; i < KEPT_INFOS; i++) {
		if (cache->infos[i].tid == tid && cache->infos[i].fd == fd)
			return &cache->infos[i];
	}
	return NULL;
}

static void drop(struct kept_info *kept)
{
	if (kept->tid)
		close(kept->file);
	kept->tid = 0;
}

/* NULL: errno says why. */
static struct kept_info *open_info(struct facts_cache *cache, pid_t tid, int fd)
{
	struct kept_info *kept = &cache->infos[cache->next_info];
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", tid, fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return NULL;
	drop(kept);
	*kept = (struct kept_info){ tid, fd, file };
	cache->next_info = (cache->next_info + 1) % KEPT_INFOS;
	return kept;
}

/* Read it anew. One of a thread that is gone, its tid used again, fails: then it is opened anew. */
static ssize_t read_info(struct facts_cache *cache, pid_t tid, int fd, char *text)
{
	struct kept_info *kept = find(cache, tid, fd);
	ssize_t n = kept ? pread(kept->file, text, INFO_MAX_LEN, 0) : -1;
	int err;

	if (n >= 0)
		return n;
	if (kept)
		drop(kept);
	kept = open_info(cache, tid, fd);
	if (!kept)
		return -errno;
	n = pread(kept->file, text, INFO_MAX_LEN, 0);
	if (n >= 0)
		return n;
	err = -errno;
	drop(kept);
	return err;
}

int facts_info_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	char *text = calloc(1, INFO_MAX_LEN);
	ssize_t n;

	if (!text)
		return -ENOMEM;
	n = read_info(cache, tracee->tid, fd, text);
	/* Cut short, it ends with a whole line. */
	if (n == INFO_MAX_LEN) {
		while (n > 0 && text[n - 1] != '\n')
			n--;
	}
	if (n > 0)
		event_add_fact(ev, FACT_FDINFO, fd, text, (size_t)n);
	free(text);
	return n > 0 ? 0 : n < 0 ? (int)n : -EBADF;
}

void facts_info_finish(struct facts_cache *cache)
{
	for (unsigned i = 0; i < KEPT_INFOS; i++)
		drop(&cache->infos[i]);
}
