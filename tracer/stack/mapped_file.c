#include "stack/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

enum { FILE_LEN_MAX = 2000 * 1024 * 1024 };

/*
 * Open name for reading if it is a regular file: looked at first, without reading or waking
 * anything. flags: O_NOFOLLOW or 0.
 */
static int open_regular(const char *name, int flags, struct stat *st)
{
	int probe = open(name, O_PATH | O_CLOEXEC | flags), fd;
	struct statfs fs;
	char self[64];

	if (probe < 0)
		return -errno;
	/* A file system served by a tracee, which is stopped now, would never answer. */
	if (fstat(probe, st) < 0 || !S_ISREG(st->st_mode) || st->st_size > FILE_LEN_MAX ||
	    fstatfs(probe, &fs) < 0 || fs.f_type == FUSE_SUPER_MAGIC) {
		close(probe);
		return -EINVAL;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", probe);
	fd = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(probe);
	return fd;
}

int mapped_file_open(pid_t pid, const struct maps *maps, const struct mapping *mapping,
		     int64_t *ret_len)
{
	const char *path = mapping_path(maps, mapping);
	char name[4200];
	struct stat st = { 0 };
	int fd;

	if (!mapping->ino)
		return -ENOENT;
	/* By the kernel's own link where we may, else by its path. A magic link: it has to be followed, and leads to nothing but the mapped file. */
	snprintf(name, sizeof(name), "/proc/%d/map_files/%llx-%llx", (int)pid,
		 (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	fd = open_regular(name, 0, &st);
	if (fd < 0 && path[0] == '/') {
		if (snprintf(name, sizeof(name), "/proc/%d/root%s", (int)pid, path) >=
		    (int)sizeof(name))
			return -ENAMETOOLONG;
		fd = open_regular(name, O_NOFOLLOW, &st);
	}
	if (fd >= 0)
		*ret_len = st.st_size;
	return fd;
}
