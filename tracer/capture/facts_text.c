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

void facts_text_locks(const char *text, size_t len, uint64_t dev, uint64_t ino, struct buf *found)
{
	const char *end = text + len;
	char file[64];

	snprintf(file, sizeof(file), " %02x:%02x:%llu ", major(dev), minor(dev),
		 (unsigned long long)ino);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		if (!newline)
			return;
		if (is_lock_of(text, (size_t)(newline - text), file))
			buf_add(found, text, (size_t)(newline + 1 - text));
		text = newline + 1;
	}
}
