#ifndef CAPTURE_PROCMAP_H
#define CAPTURE_PROCMAP_H

#include <stdint.h>
#include <sys/types.h>

/* One mapping of a process, as /proc/PID/maps has it. */
struct procmap {
	uint64_t start, end, offset, dev, ino;
	unsigned bits; /* MAPPING_* of event.h */
	char name[4200];
};

/* A descriptor for procmap_find(), or -errno. It stays usable until the process executes. */
int procmap_open(pid_t tid);

/*
 * The mapping that holds addr: 0, or -ENOENT if there is none, or -errno.
 * Source: ioctl PROCMAP_QUERY (Linux 6.11), else the text of the file.
 */
int procmap_find(int fd, uint64_t addr, struct procmap *ret_map);

/* Take one line of /proc/PID/maps apart, any bytes allowed: 0 or -EINVAL. */
int procmap_parse(const char *line, size_t len, struct procmap *ret_map);

#endif
