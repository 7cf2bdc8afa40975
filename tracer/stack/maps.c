#include "stack/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"

enum { READ_CHUNK = 64 * 1024, TEXT_MAX = 64 * 1024 * 1024 };

void maps_finish(struct maps *maps)
{
	if (!maps)
		return;
	free(maps->items);
	buf_finish(&maps->text);
	memset(maps, 0, sizeof(*maps));
}

/* Add the path that the rest of a line is. */
static uint32_t add_path(struct buf *text, const char *path)
{
	uint32_t at = (uint32_t)text->len;

	while (*path && *path != '\n') {
		if (strncmp(path, "\\012", 4) == 0) {
			buf_char(text, '\n');
			path += 4;
		} else {
			buf_char(text, *path++);
		}
	}
	buf_char(text, '\0');
	return at;
}

static void add_line(struct maps *maps, const char *line)
{
	unsigned long long start, end, offset, ino;
	unsigned major_nr, minor_nr;
	struct mapping *mapping;
	char access[5];
	int at = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, access, &offset,
		   &major_nr, &minor_nr, &ino, &at) < 7 ||
	    !at)
		return;
	maps->items = array_grow(maps->items, maps->n, &maps->capacity, sizeof(*maps->items));
	mapping = &maps->items[maps->n++];
	*mapping = (struct mapping){
		.start = start,
		.end = end,
		.offset = offset,
		.dev = makedev(major_nr, minor_nr),
		.ino = ino,
		.is_exec = access[2] == 'x',
		.is_writable = access[1] == 'w',
	};
	mapping->path = add_path(&maps->text, line + at);
}

int maps_read(pid_t pid, struct buf *text)
{
	char name[32];
	ssize_t n = 1;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n > 0 && text->len < TEXT_MAX) {
		n = read(fd, buf_reserve(text, READ_CHUNK), READ_CHUNK);
		if (n > 0)
			text->len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

void maps_parse(struct maps *maps, struct buf *text)
{
	const char *line = buf_string(text);

	maps->n = 0;
	buf_clear(&maps->text);
	while (line && *line) {
		const char *end = strchr(line, '\n');

		add_line(maps, line);
		line = end ? end + 1 : NULL;
	}
}

const struct mapping *maps_find(const struct maps *maps, uint64_t addr)
{
	size_t low = 0, high = maps->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (maps->items[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < maps->n && maps->items[low].start <= addr ? &maps->items[low] : NULL;
}

/* The next mapping of a file, or of the vdso, from i on. */
static size_t next_file(const struct maps *maps, size_t i)
{
	while (i < maps->n && !maps->items[i].ino && !maps->items[i].is_exec)
		i++;
	return i;
}

bool maps_same_files(const struct maps *a, const struct maps *b)
{
	size_t i = next_file(a, 0), j = next_file(b, 0);

	while (i < a->n && j < b->n) {
		const struct mapping *one = &a->items[i], *other = &b->items[j];

		if (one->start != other->start || one->end != other->end ||
		    one->offset != other->offset || one->dev != other->dev ||
		    one->ino != other->ino || one->is_writable != other->is_writable ||
		    one->is_exec != other->is_exec)
			return false;
		i = next_file(a, i + 1);
		j = next_file(b, j + 1);
	}
	return i == a->n && j == b->n;
}
