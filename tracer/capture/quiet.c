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

/*
 * Go through what is mounted where tid sees it until is_it(dev, type, data).
 * Source: proc(5), /proc/pid/mountinfo: "36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 ..."
 */
static bool find_mount(pid_t tid, bool (*is_it)(uint64_t dev, const char *type, void *data),
		       void *data)
{
	char path[32], type[32], *line = NULL;
	unsigned dev_major, dev_minor;
	bool is_found = false;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", tid);
	file = fopen(path, "re");
	while (file && !is_found && getline(&line, &room, file) > 0) {
		const char *behind = strstr(line, " - ");

		is_found = sscanf(line, "%*u %*u %u:%u", &dev_major, &dev_minor) == 2 && behind &&
			   sscanf(behind, " - %31s", type) == 1 &&
			   is_it(makedev(dev_major, dev_minor), type, data);
	}
	free(line);
	if (file)
		fclose(file);
	return is_found;
}

static bool is_file_server(uint64_t dev, const char *type, void *data)
{
	(void)dev;
	(void)data;
	return strncmp(type, "fuse", 4) == 0;
}

int quiet_stat_path(pid_t tid, const char *path, struct stat *ret_st)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_CACHED };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	int err = fd < 0 ? -errno : 0;

	if (fd >= 0) {
		if (look(fd, "", AT_EMPTY_PATH, ret_st) < 0)
			err = -errno;
		close(fd);
		return err;
	}
	if (err == -EAGAIN && find_mount(tid, is_file_server, NULL))
		return err;
	/* Older kernels cannot tell, and containers may forbid the call. */
	if (err != -EAGAIN && err != -EINVAL && err != -ENOSYS && err != -EPERM)
		return err;
	return quiet_stat(path, ret_st) < 0 ? -errno : 0;
}

struct device {
	uint64_t dev;
	bool is_plain;
};

static bool is_device(uint64_t dev, const char *type, void *data)
{
	struct device *device = data;

	if (dev != device->dev)
		return false;
	device->is_plain = !is_of_memory(type);
	return true;
}

bool quiet_is_plain(pid_t tid, uint64_t dev)
{
	struct device device = { dev, false };

	find_mount(tid, is_device, &device);
	return device.is_plain;
}
