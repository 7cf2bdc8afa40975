/*
 * Threads that execute, end and crash, by name. Each prints what it finds, which has to be the
 * same traced and untraced.
 *
 *   family_cases NAME [N]
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int number;

static void *sleep_on(void *data)
{
	for (;;)
		pause();
	return data;
}

static void *spin(void *data)
{
	for (;;)
		syscall(SYS_getppid);
	return data;
}

static void start(void *(*run)(void *), void *data, int n)
{
	pthread_t thread;

	for (int i = 0; i < n; i++)
		if (pthread_create(&thread, NULL, run, data))
			_exit(3);
}

static pthread_barrier_t barrier;

static void *execute_at_once(void *data)
{
	pthread_barrier_wait(&barrier);
	execv("/bin/echo", data);
	return NULL;
}

/* All try, one wins. */
static int exec_race(void)
{
	static char *const argv[] = { "echo", "executed", NULL };

	pthread_barrier_init(&barrier, NULL, 4);
	start(execute_at_once, (void *)argv, 4);
	pause();
	return 1;
}

static void *execute_next(void *data)
{
	char left[16];
	char *const argv[] = { "family_cases", "exec_chain", left, NULL };

	snprintf(left, sizeof(left), "%d", number - 1);
	execv("/proc/self/exe", argv);
	return data;
}

/* A thread that is not the leader executes, with siblings that run and sleep, N times. */
static int exec_chain(void)
{
	if (number == 0) {
		printf("pid %s\n", syscall(SYS_gettid) == getpid() ? "is tid" : "is not tid");
		return 4;
	}
	start(spin, NULL, 1);
	start(sleep_on, NULL, 2);
	start(execute_next, NULL, 1);
	pause();
	return 1;
}

static void *end_as_5(void *data)
{
	char line[256], end = 0;

	while (end != 'Z') {
		FILE *file = fopen("/proc/self/stat", "r");

		if (!file || !fgets(line, sizeof(line), file) ||
		    sscanf(line, "%*d (%*[^)]) %c", &end) != 1)
			_exit(9);
		fclose(file);
	}
	syscall(SYS_exit, 5);
	return data;
}

/* The status of a process is that of its last thread; its leader has ended long before. */
static int leader_status(void)
{
	start(end_as_5, NULL, 1);
	syscall(SYS_exit, 3);
	return 0;
}

/* Of many threads, all of which have to stop for the core to be written. */
static int crash(void)
{
	start(sleep_on, NULL, number);
	abort();
}

/* Children that end in every way, each waited for. */
static int ends(void)
{
	for (int i = 0; i < 20; i++) {
		int status = 0;
		pid_t pid = fork();

		if (pid == 0) {
			if (i % 4 == 0)
				raise(SIGKILL);
			if (i % 4 == 1)
				syscall(SYS_exit, i);
			if (i % 4 == 2)
				execl("/bin/false", "false", NULL);
			_exit(i);
		}
		waitpid(pid, &status, 0);
		printf("%x\n", (unsigned)status);
	}
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	{ "exec_race", exec_race },
	{ "exec_chain", exec_chain },
	{ "leader_status", leader_status },
	{ "crash", crash },
	{ "ends", ends },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	number = argc > 2 ? atoi(argv[2]) : 0;
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run();
	return 2;
}
