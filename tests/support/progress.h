/* What progress.c and progress_objects.c share: time, naps, children. Each is a program of its own. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NAP_MS = 400, LIMIT_MS = 300 };

static uint64_t end_ns;
static unsigned seed;

static void die(const char *what)
{
	fprintf(stderr, "progress[%d]: %s: %s\n", getpid(), what, strerror(errno));
	exit(2);
}

static long check(long result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}
#define CHECK(call) check((call), #call)

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static bool goes_on(void)
{
	return now_ns(CLOCK_MONOTONIC) < end_ns;
}

static struct timespec span(unsigned ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

/* As long as it looks like a hang, or not at all. */
static void nap(void)
{
	struct timespec ts;

	seed = seed * 1103515245u + 12345u;
	ts = span((seed >> 16) % NAP_MS);
	if ((seed >> 8) & 1)
		nanosleep(&ts, NULL);
}

static pid_t spawn(void (*run)(void *), void *arg, const char *name)
{
	pid_t pid = (pid_t)CHECK(fork());

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	seed = (unsigned)getpid();
	run(arg);
	_exit(0);
}

static void reap(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0));
	if (status) {
		fprintf(stderr, "progress: a child ended with status %#x\n", (unsigned)status);
		exit(2);
	}
}

/* Each pattern in a process of its own, until the time is over; 0 when all have gone well. */
static int run_all(void (*const patterns[])(void *), int n, const char *milliseconds)
{
	pid_t pids[32];

	end_ns = now_ns(CLOCK_MONOTONIC) + strtoull(milliseconds, NULL, 10) * 1000000;
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < n; i++)
		pids[i] = spawn(patterns[i], NULL, "pattern");
	for (int i = 0; i < n; i++)
		reap(pids[i]);
	return 0;
}

#endif
