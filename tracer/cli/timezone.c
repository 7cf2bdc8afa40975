#include "cli/timezone.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RULE_MAX = 128, FOOTER_MAX = 256 };

/* Letters or <+03>, an offset, and perhaps summer time: no name of a file. */
static bool is_rule(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789<>+-,.:/";

	return strpbrk(text, "0123456789") && strspn(text, allowed) == strlen(text) &&
	       strlen(text) < RULE_MAX && *text != '/' && *text != ':' && !strstr(text, "..");
}

/* A TZif file of version 2 and later ends with its rule in a line of its own. */
static bool rule_of_file(const char *path, char *ret_rule, size_t len)
{
	FILE *file = fopen(path, "re");
	char footer[FOOTER_MAX + 1], *line;
	size_t n;

	if (!file)
		return false;
	if (fseek(file, -FOOTER_MAX, SEEK_END) < 0)
		rewind(file);
	n = fread(footer, 1, FOOTER_MAX, file);
	fclose(file);
	if (n < 2 || footer[n - 1] != '\n')
		return false;
	footer[n - 1] = '\0';
	line = memrchr(footer, '\n', n - 1);
	if (!line || !is_rule(line + 1))
		return false;
	snprintf(ret_rule, len, "%s", line + 1);
	return true;
}

void timezone_of_here(char *ret_rule, size_t len)
{
	const char *zone = getenv("TZ");
	char path[PATH_MAX];

	snprintf(ret_rule, len, "UTC0");
	if (zone && *zone == ':')
		zone++;
	if (!zone)
		snprintf(path, sizeof(path), "/etc/localtime");
	else if (*zone == '/')
		snprintf(path, sizeof(path), "%s", zone);
	else
		snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	if ((zone && !*zone) || rule_of_file(path, ret_rule, len))
		return;
	if (zone && is_rule(zone))
		snprintf(ret_rule, len, "%s", zone);
}

void timezone_use(const char *rule)
{
	if (!is_rule(rule))
		return;
	/* There may be a file of that name, which says what this machine thinks of it: GMT0. */
	setenv("TZDIR", "/dev/null", 1);
	setenv("TZ", rule, 1);
	tzset();
}
