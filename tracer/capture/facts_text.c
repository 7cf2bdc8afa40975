#include "capture/facts_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

bool facts_text_number(const char *text, const char *name, int base, uint64_t *ret_value)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *start;
		uint64_t value;
		char *end;

		line += *line == '\n';
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		start = line + len + 1;
		start += strspn(start, " \t");
		if (*start == '-' || *start == '\n')
			return false;
		errno = 0;
		value = strtoull(start, &end, base);
		if (end == start || errno)
			return false;
		*ret_value = value;
		return true;
	}
	return false;
}

/* "1: POSIX  ADVISORY  WRITE 812 fe:00:4242 0 EOF", a waiter's with "->" behind the number. */
static bool is_lock_of(const char *line, size_t len, const char *file)
{
	return memmem(line, len, file, strlen(file)) != NULL;
}

/* Lines that begin with prefix, and are of the file; what follows the prefix, and blanks, is added. */
static void find_locks(const char *text, size_t len, const char *prefix, const char *file,
		       struct buf *found)
{
	const char *end = text + len;
	size_t prefix_len = strlen(prefix);

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line = text + prefix_len;

		if (!newline)
			return;
		if ((size_t)(newline - text) > prefix_len &&
		    memcmp(text, prefix, prefix_len) == 0) {
			while (*line == '\t' || *line == ' ')
				line++;
			if (is_lock_of(line, (size_t)(newline - line), file))
				buf_add(found, line, (size_t)(newline + 1 - line));
		}
		text = newline + 1;
	}
}

static void name_file(char file[64], uint64_t dev, uint64_t ino)
{
	snprintf(file, 64, " %02x:%02x:%llu ", major(dev), minor(dev), (unsigned long long)ino);
}

void facts_text_locks(const char *text, size_t len, uint64_t dev, uint64_t ino, struct buf *found)
{
	char file[64];

	name_file(file, dev, ino);
	find_locks(text, len, "", file, found);
}

void facts_text_fd_locks(const char *text, size_t len, uint64_t dev, uint64_t ino,
			 struct buf *found)
{
	char file[64];

	name_file(file, dev, ino);
	find_locks(text, len, "lock:", file, found);
}
