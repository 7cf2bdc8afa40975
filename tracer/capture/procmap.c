#include "capture/procmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "event/event.h"

/* linux/fs.h of 6.11; Debian 12's headers are older. */
struct procmap_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};

#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)

int procmap_open(pid_t tid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int query(int fd, uint64_t addr, struct procmap *map)
{
	struct procmap_query query = {
		.size = sizeof(query),
		.query_addr = addr,
		.vma_name_addr = (uint64_t)(uintptr_t)map->name,
		.vma_name_size = sizeof(map->name),
	};

	if (ioctl(fd, PROCMAP_QUERY, &query) < 0)
		return -errno;
	map->start = query.vma_start;
	map->end = query.vma_end;
	map->offset = query.vma_offset;
	map->dev = makedev(query.dev_major, query.dev_minor);
	map->ino = query.inode;
	map->bits = (unsigned)query.vma_flags & 15;
	if (!query.vma_name_size)
		map->name[0] = '\0';
	map->name[sizeof(map->name) - 1] = '\0';
	return 0;
}

int procmap_parse(const char *line, size_t len, struct procmap *ret_map)
{
	unsigned long long start, end, offset, ino;
	unsigned dev_major, dev_minor;
	char text[4400], perms[5];
	int name = 0;

	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, line, len);
	text[len] = '\0';
	if (sscanf(text, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, perms, &offset,
		   &dev_major, &dev_minor, &ino, &name) < 7 ||
	    strlen(perms) != 4 || start > end)
		return -EINVAL;
	memset(ret_map, 0, sizeof(*ret_map));
	ret_map->start = start;
	ret_map->end = end;
	ret_map->offset = offset;
	ret_map->dev = makedev(dev_major, dev_minor);
	ret_map->ino = ino;
	ret_map->bits =
		(perms[0] == 'r' ? MAPPING_READ : 0u) | (perms[1] == 'w' ? MAPPING_WRITE : 0u) |
		(perms[2] == 'x' ? MAPPING_EXEC : 0u) | (perms[3] == 's' ? MAPPING_SHARED : 0u);
	if (name)
		snprintf(ret_map->name, sizeof(ret_map->name), "%s", text + name);
	return 0;
}

/* Without the ioctl: go through the file from its start. */
static int scan(int fd, uint64_t addr, struct procmap *map)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = own < 0 ? NULL : fdopen(own, "r");
	int err = -ENOENT;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file) {
		if (own >= 0)
			close(own);
		return -ENOMEM;
	}
	rewind(file);
	while ((len = getline(&line, &room, file)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		if (procmap_parse(line, (size_t)len, map) == 0 && addr >= map->start &&
		    addr < map->end) {
			err = 0;
			break;
		}
	}
	free(line);
	fclose(file);
	return err;
}

int procmap_find(int fd, uint64_t addr, struct procmap *ret_map)
{
	int err;

	memset(ret_map, 0, offsetof(struct procmap, name) + 1);
	err = query(fd, addr, ret_map);
	return err == -ENOTTY ? scan(fd, addr, ret_map) : err;
}
