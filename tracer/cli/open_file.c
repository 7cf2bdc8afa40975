#include "cli/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HIGH_FD = 48 };

/* Where a name is looked up. */
struct place {
	int dir_fd;
	const char *name;
	struct stat dir;
};

int move_fd_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/* If false, dir_fd is -errno. */
static bool find_place(const char *path, struct place *ret_place)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	int fd = dir ? open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int err = dir ? -errno : -ENOMEM;

	free(dir);
	*ret_place = (struct place){ .dir_fd = fd, .name = slash ? slash + 1 : path };
	if (fd >= 0 && fstat(fd, &ret_place->dir) == 0)
		return true;
	if (fd >= 0) {
		close(fd);
		err = -EACCES;
	}
	ret_place->dir_fd = err;
	return false;
}

/* Everybody may make names here, but take away only their own. */
static bool is_sticky(const struct place *place)
{
	return (place->dir.st_mode & S_ISVTX) && (place->dir.st_mode & (S_IWGRP | S_IWOTH));
}

/* st is something in a sticky directory: did we, or whose directory it is, put it there? */
static bool is_trusted(const struct place *place, const struct stat *st)
{
	bool is_linked = S_ISREG(st->st_mode) && st->st_nlink > 1;

	return (st->st_uid == getuid() || st->st_uid == place->dir.st_uid) && !is_linked;
}

/* Look before opening: that would wait for somebody to read a FIFO. */
static int open_sticky(const struct place *place, int flags, mode_t mode)
{
	int probe = openat(place->dir_fd, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char self[64];
	struct stat st;
	int fd;

	if (probe < 0)
		return -errno;
	if (fstat(probe, &st) < 0 || !is_trusted(place, &st)) {
		close(probe);
		return -EACCES;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", probe);
	/* A link that is ours stays where it is: nobody else can take it away. */
	if (S_ISLNK(st.st_mode))
		fd = openat(place->dir_fd, place->name, flags | O_CREAT, mode);
	else
		fd = open(self, flags);
	if (fd < 0)
		fd = -errno;
	close(probe);
	return fd;
}

static int open_existing(const char *path, int flags, mode_t mode)
{
	struct place place;
	int fd;

	if (!find_place(path, &place))
		return place.dir_fd;
	if (is_sticky(&place)) {
		fd = open_sticky(&place, flags, mode);
	} else {
		fd = openat(place.dir_fd, place.name, flags | O_CREAT, mode);
		if (fd < 0)
			fd = -errno;
	}
	close(place.dir_fd);
	return fd;
}

/* Only now, when it is known to be the right one. */
static int make_empty(int fd)
{
	struct stat st;
	int err;

	if (fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || ftruncate(fd, 0) == 0))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int open_file(const char *path, bool is_append)
{
	int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | (is_append ? O_APPEND : 0);
	mode_t mode = getuid() == 0 ? 0600 : 0666;
	int fd = open(path, flags | O_CREAT | O_EXCL | O_NOFOLLOW, mode);

	if (fd >= 0)
		return fd;
	if (errno != EEXIST)
		return -errno;
	fd = open_existing(path, flags, mode);
	return fd < 0 || is_append ? fd : make_empty(fd);
}

int open_trace_file(const char *path, bool is_append)
{
	int fd;

	setfsgid(getgid());
	setfsuid(getuid());
	fd = open_file(path, is_append);
	setfsuid(geteuid());
	setfsgid(getegid());
	return fd < 0 ? fd : move_fd_up(fd);
}

const char *open_trace_hint(int error)
{
	return error == -EACCES && getuid() == 0
		       ? "; it belongs to another user, in a directory that all may write to"
		       : "";
}
