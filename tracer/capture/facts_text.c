#include "capture/facts_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
