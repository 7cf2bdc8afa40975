/* Relatives of a process, to be looked at when it is not known who can help it. */
#include "capture/kin.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/proc.h"

static uint64_t group_of(pid_t pid)
{
	char text[512];
	const char *end;
	int group;

	if (proc_read(pid, "stat", text, sizeof(text)) <= 0)
		return 0;
	/* The name in parentheses may hold anything, parentheses too. */
	end = strrchr(text, ')');
	return end && sscanf(end, ") %*c %*d %d", &group) == 1 && group > 0 ? (uint64_t)group : 0;
}

static uint64_t namespace_of(pid_t pid)
{
	struct stat st;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

size_t kin_find(pid_t pid, enum kin kin, pid_t *pids, size_t max)
{
	uint64_t (*const mark_of)(pid_t) = kin == KIN_GROUP ? group_of : namespace_of;
	uint64_t mark = mark_of(pid);
	struct dirent *item;
	size_t n = 0;
	DIR *dir;

	dir = mark ? opendir("/proc") : NULL;
	while (dir && n < max && (item = readdir(dir))) {
		pid_t other = atoi(item->d_name);

		if (other > 0 && mark_of(other) == mark)
			pids[n++] = other;
	}
	if (dir)
		closedir(dir);
	return n;
}
