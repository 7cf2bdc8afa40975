#include "capture/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"

static int look(int dir_fd, const char *path, int flags, struct stat *ret_st)
{
	struct statx stx;

	if (statx(dir_fd, path, flags | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS,
		  &stx) < 0)
		return -1;
	memset(ret_st, 0, sizeof(*ret_st));
	ret_st->st_dev = makedev(stx.stx_dev_major, stx.stx_dev_minor);
	ret_st->st_ino = stx.stx_ino;
	ret_st->st_mode = stx.stx_mode;
	ret_st->st_nlink = stx.stx_nlink;
	ret_st->st_rdev = makedev(stx.stx_rdev_major, stx.stx_rdev_minor);
	ret_st->st_size = (off_t)stx.stx_size;
	return 0;
}

int quiet_stat(const char *path, struct stat *ret_st)
{
	return look(AT_FDCWD, path, 0, ret_st);
}

static bool is_of_memory(const char *type)
{
	static const char *const types[] = { "tmpfs",  "devtmpfs",  "ramfs",
					     "rootfs", "hugetlbfs", "mqueue" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i], type) == 0)
			return true;
	}
	return false;
}

/* A line of what is mounted. */
struct mounted {
	uint64_t dev;
	char point[4096], type[32];
};

/*
 * Go through what is mounted where tid sees it until is_it(mounted, data).
 * Source: proc(5), /proc/pid/mountinfo: "36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 ..."
 */
static bool find_mount(pid_t tid, bool (*is_it)(const struct mounted *mounted, void *data),
		       void *data)
{
	struct mounted mounted = { 0 };
	char path[32], *line = NULL;
	unsigned dev_major, dev_minor;
	bool is_found = false;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", tid);
	file = fopen(path, "re");
	while (file && !is_found && getline(&line, &room, file) > 0) {
		const char *behind = strstr(line, " - ");

		if (!behind || sscanf(behind, " - %31s", mounted.type) != 1 ||
		    sscanf(line, "%*u %*u %u:%u %*s %4095s", &dev_major, &dev_minor,
			   mounted.point) != 3)
			continue;
		mounted.dev = makedev(dev_major, dev_minor);
		is_found = is_it(&mounted, data);
	}
	free(line);
	if (file)
		fclose(file);
	return is_found;
}

static bool is_server_above(const struct mounted *mounted, void *data)
{
	const char *path = data;
	size_t len = strlen(mounted->point);

	return strncmp(mounted->type, "fuse", 4) == 0 && strncmp(path, mounted->point, len) == 0 &&
	       (path[len] == '/' || !path[len]);
}

/* Does the path of a tracee, which begins where the link at start leads, go into what a server serves? */
static bool is_served(pid_t tid, const char *start, const char *rest)
{
	char path[2 * 4096 + 1];
	ssize_t len = 0;

	if (rest[0] != '/')
		len = readlink(start, path, 4096);
	if (len < 0)
		return false;
	snprintf(path + len, sizeof(path) - (size_t)len, "%s%s", len ? "/" : "", rest);
	return find_mount(tid, is_server_above, path);
}

int quiet_open_path(pid_t tid, const char *start, const char *rest, int flags)
{
	const struct open_how how = { .flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
				      .resolve = RESOLVE_CACHED };
	const char *path = rest + strspn(rest, "/");
	int dir_fd = open(start, O_PATH | O_CLOEXEC);
	int fd, err;

	if (dir_fd < 0)
		return -errno;
	if (!*path)
		return dir_fd;
	/* From there on: the link itself is not among what the kernel calls cached. */
	fd = (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	err = fd < 0 ? -errno : 0;
	if (fd < 0 && (err != -EAGAIN || !is_served(tid, start, rest))) {
		fd = openat(dir_fd, path, O_PATH | O_CLOEXEC | flags);
		err = fd < 0 ? -errno : 0;
	}
	close(dir_fd);
	return fd < 0 ? err : fd;
}

int quiet_stat_fd(int fd, struct stat *ret_st)
{
	return look(fd, "", AT_EMPTY_PATH, ret_st);
}

static int stat_path(pid_t tid, const char *start, const char *rest, int flags, struct stat *ret_st)
{
	int fd = quiet_open_path(tid, start, rest, flags);
	int err = 0;

	if (fd < 0)
		return fd;
	if (quiet_stat_fd(fd, ret_st) < 0)
		err = -errno;
	close(fd);
	return err;
}

int quiet_stat_path(pid_t tid, const char *start, const char *rest, struct stat *ret_st)
{
	return stat_path(tid, start, rest, 0, ret_st);
}

int quiet_lstat_path(pid_t tid, const char *start, const char *rest, struct stat *ret_st)
{
	return stat_path(tid, start, rest, O_NOFOLLOW, ret_st);
}

struct device {
	uint64_t dev;
	bool is_plain;
};

static bool is_device(const struct mounted *mounted, void *data)
{
	struct device *device = data;

	if (mounted->dev != device->dev)
		return false;
	device->is_plain = !is_of_memory(mounted->type);
	return true;
}

bool quiet_is_plain(pid_t tid, uint64_t dev)
{
	struct device device = { dev, false };

	find_mount(tid, is_device, &device);
	return device.is_plain;
}
