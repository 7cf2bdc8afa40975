/*
 * Prints all that a program inherits over execve, so that a traced run can be compared with an
 * untraced one. Argument `ids` leaves out nothing; the ids of itself are never shown.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void show_status(void)
{
	static const char *const names[] = { "Umask",  "Uid",    "Gid",    "Groups",
					     "SigQ",   "SigPnd", "ShdPnd", "SigBlk",
					     "SigIgn", "SigCgt", "Cap",    "NSpid" };
	FILE *file = fopen("/proc/self/status", "re");
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strncmp(line, names[i], strlen(names[i])) == 0 &&
			    strcmp(names[i], "SigQ") != 0 && strcmp(names[i], "NSpid") != 0)
				fputs(line, stdout);
	}
	if (file)
		fclose(file);
}

static void show_fds(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		char path[64], target[512];
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		printf("fd %d -> %.*s\n", fd, (int)n, target);
	}
}

int main(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("argv[%d] = %s\n", i, argv[i]);
	for (char **env = environ; *env; env++)
		printf("env %s\n", *env);
	show_fds();
	show_status();
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = { 0, 0 };

		getrlimit((__rlimit_resource_t)i, &limit);
		printf("limit %d %lu %lu\n", i, (unsigned long)limit.rlim_cur,
		       (unsigned long)limit.rlim_max);
	}
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	printf("leads its group: %d, its session: %d, group %d, session %d\n",
	       getpgrp() == getpid(), getsid(0) == getpid(), getpgrp() == getpid() ? 0 : getpgrp(),
	       getsid(0) == getpid() ? 0 : getsid(0));
	printf("dumpable %d, death signal none\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	return 0;
}
