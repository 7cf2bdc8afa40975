/*
 * vforkers N: N threads start one program after another as Go does, by clone(CLONE_VFORK | CLONE_VM), until
 * standard input ends. Then prints how many there were; status 1 if one of them ended otherwise than it has to.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_STATUS = 42, STACK_LEN = 64 * 1024 };

static atomic_bool is_ending;
static atomic_ulong n_started, n_wrong;

static int child(void *data)
{
	(void)data;
	execl("/proc/self/exe", "vforkers", "child", (char *)NULL);
	_exit(1);
}

static void start_one(char *stack)
{
	int status;
	pid_t pid = clone(child, stack + STACK_LEN, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	if (pid < 0)
		err(1, "clone");
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			err(1, "waitpid");
	}
	atomic_fetch_add(&n_started, 1);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != CHILD_STATUS)
		atomic_fetch_add(&n_wrong, 1);
}

static void *run(void *data)
{
	char *stack = malloc(STACK_LEN);

	if (!stack)
		err(1, "malloc");
	while (!atomic_load(&is_ending))
		start_one(stack);
	free(stack);
	return data;
}

int main(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0;
	pthread_t threads[64];
	char byte;

	if (argc == 2 && strcmp(argv[1], "child") == 0)
		return CHILD_STATUS;
	if (n < 1 || n > 64)
		errx(1, "usage: vforkers N");
	for (int i = 0; i < n; i++) {
		if (pthread_create(&threads[i], NULL, run, NULL))
			errx(1, "pthread_create");
	}
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&is_ending, true);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	printf("%lu programs\n", atomic_load(&n_started));
	return atomic_load(&n_wrong) != 0;
}
