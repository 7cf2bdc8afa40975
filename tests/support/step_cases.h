#ifndef TESTS_SUPPORT_STEP_CASES_H
#define TESTS_SUPPORT_STEP_CASES_H

/* What the programs of test_steps.py share. Each has cases, by name. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a case exits with where nothing disturbs it. */
enum { OWN = 7, N_THREADS = 3 };

static char **self_argv;

struct step_case {
	const char *name;
	int (*run)(void);
};

#define CASE(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}

static inline void some_calls(int n)
{
	while (n--)
		syscall(SYS_getppid);
}

static inline pid_t fork_child(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		_exit(99);
	return pid;
}

/* One that waits for its parent to do something is not to outlive it. */
static inline pid_t fork_dependent(void)
{
	pid_t parent = getpid();
	pid_t pid = fork_child();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(95);
	}
	return pid;
}

/* Ends when a child has ended, however. */
static inline int await(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		;
	return status;
}

static inline void execute(const char *name)
{
	char *argv[] = { self_argv[0], (char *)name, NULL };
	char *envp[] = { NULL };

	/* Not /proc/self/exe, which is of the leader, who may be gone. */
	execve(self_argv[0], argv, envp);
}

static inline void *call_thread(void *data)
{
	some_calls(2);
	return data;
}

static inline void *exec_thread(void *data)
{
	execute("plain");
	return data;
}

static inline void *pause_thread(void *data)
{
	for (;;)
		syscall(SYS_pause);
	return data;
}

static inline void *end_thread(void *data)
{
	some_calls(1);
	syscall(SYS_exit_group, OWN);
	return data;
}

static inline void start_thread(void *(*run)(void *))
{
	pthread_t thread;
	int err;

	/* EAGAIN: another thread is in execve, which will end us or fail. */
	while ((err = pthread_create(&thread, NULL, run, NULL)) == EAGAIN)
		sched_yield();
	if (err)
		_exit(98);
}

static inline int plain(void)
{
	some_calls(2);
	return OWN;
}

static inline int fork_many(void)
{
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		pids[i] = fork_child();
		if (pids[i] == 0) {
			some_calls(1);
			_exit(i);
		}
	}
	for (int i = 0; i < 4; i++)
		await(pids[i]);
	return OWN;
}

static inline int exec_by_thread(void)
{
	start_thread(pause_thread);
	start_thread(exec_thread);
	pause_thread(NULL);
	return 0;
}

static inline int run_case(const struct step_case *cases, size_t n, int argc, char **argv)
{
	self_argv = argv;
	for (size_t i = 0; argc == 2 && i < n; i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run();
	return 2;
}

#endif
