/*
 * Short programs for test_steps.py to attach to, by name. They say "ready" and wait for the end of
 * standard input.
 */
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "step_cases.h"

static void say_ready(void)
{
	static bool has_said;

	if (!has_said && write(STDOUT_FILENO, "ready\n", 6) != 6)
		_exit(94);
	has_said = true;
}

static void await_end(void)
{
	char byte;
	ssize_t n;

	say_ready();
	do
		n = read(STDIN_FILENO, &byte, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
}

static int wait_read(void)
{
	await_end();
	some_calls(1);
	return OWN;
}

static int wait_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = epoll_create1(0);

	epoll_ctl(fd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
	say_ready();
	while (epoll_wait(fd, &event, 1, -1) < 0 && errno == EINTR)
		;
	await_end();
	return OWN;
}

static int wait_busy(void)
{
	fd_set set;
	struct timeval none = { 0, 0 };

	say_ready();
	do {
		FD_ZERO(&set);
		FD_SET(STDIN_FILENO, &set);
	} while (select(1, &set, NULL, NULL, &none) <= 0);
	await_end();
	return OWN;
}

static int wait_threads(void)
{
	for (int i = 0; i < N_THREADS; i++)
		start_thread(i ? pause_thread : call_thread);
	await_end();
	return OWN;
}

static int wait_then_fork(void)
{
	await_end();
	return fork_many();
}

static int wait_then_exec(void)
{
	await_end();
	return exec_by_thread();
}

static int wait_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		await_end();
		_exit(3);
	}
	await(pid);
	return OWN;
}

static void *read_thread(void *data)
{
	await_end();
	syscall(SYS_exit_group, OWN);
	return data;
}

static int wait_without_leader(void)
{
	start_thread(read_thread);
	syscall(SYS_exit, 0);
	return 0;
}

static void *exec_at_end(void *data)
{
	await_end();
	execute("plain");
	return data;
}

/* The leader was gone before anybody attached, then it is back. */
static int wait_without_leader_exec(void)
{
	start_thread(exec_at_end);
	syscall(SYS_exit, 0);
	return 0;
}

static void *spawn_thread(void *data)
{
	pthread_t thread;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (!data)
		pthread_create(&thread, &attr, spawn_thread, NULL);
	pthread_attr_destroy(&attr);
	return NULL;
}

/* Threads that are replaced by others as fast as can be. */
static int wait_spawner(void)
{
	spawn_thread(NULL);
	return wait_busy();
}

static const struct step_case cases[] = {
	CASE(wait_read),
	CASE(wait_epoll),
	CASE(wait_busy),
	CASE(wait_threads),
	CASE(wait_then_fork),
	CASE(wait_then_exec),
	CASE(wait_vfork),
	CASE(wait_without_leader),
	CASE(wait_without_leader_exec),
	CASE(wait_spawner),
	CASE(plain),
};

int main(int argc, char **argv)
{
	return run_case(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
