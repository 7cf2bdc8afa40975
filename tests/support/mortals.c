/*
 * A family in which everybody does something else, to be killed, stopped and looked at.
 *
 *   mortals FILE          until standard input ends; then the first one ends with status 0
 *
 * FILE is filled with a struct slot for each kind of member: who it is now, and how often it has done what
 * it does. Who dies is replaced. They die with the first one.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 4096 };

/* The layout that stress/random_kills.py reads. */
struct slot {
	int32_t pid;
	uint32_t is_ready;
	atomic_ulong n;
};

static struct slot *slots, *own;
static const char *path;

static void nap(void)
{
	usleep(500);
}

static void work(struct slot *slot)
{
	for (int i = 0; i < 5; i++)
		syscall(SYS_getppid);
	atomic_fetch_add(&slot->n, 1);
	nap();
}

static void ready(void)
{
	own->pid = getpid();
	__atomic_store_n(&own->is_ready, 1, __ATOMIC_RELEASE);
}

static void calls(void)
{
	ready();
	for (;;)
		work(own);
}

static void *work_on(void *data)
{
	for (;;)
		work(own);
	return data;
}

static void threads(void)
{
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, work_on, NULL);
	ready();
	work_on(NULL);
}

static void forks(void)
{
	ready();
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(3);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		work(own);
	}
}

/* Its whole life is one program after another, started by another thread than the first. */
static void *executes_on(void *data)
{
	char number[16];

	work(own);
	snprintf(number, sizeof(number), "%d", (int)(own - slots));
	execl("/proc/self/exe", "mortals", path, number, (char *)NULL);
	return data;
}

static void executes(void)
{
	pthread_t thread;

	ready();
	pthread_create(&thread, NULL, executes_on, NULL);
	for (;;)
		pause();
}

static void count(int sig)
{
	(void)sig;
	atomic_fetch_add(&own->n, 1);
}

static void is_signalled(void)
{
	const struct itimerval often = { { 0, 2000 }, { 0, 2000 } };

	signal(SIGALRM, count);
	setitimer(ITIMER_REAL, &often, NULL);
	ready();
	for (;;)
		pause();
}

/* It counts what must not happen: that the call returns. */
static void waits(void)
{
	struct epoll_event event;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	ready();
	for (;;) {
		epoll_wait(fd, &event, 1, -1);
		atomic_fetch_add(&own->n, 1);
	}
}

static void vforks(void)
{
	pid_t pid;

	ready();
	pid = vfork();
	if (pid == 0) {
		/* The parent's death is none of this one's, as it is in a call: it asks for itself. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != own->pid)
			_exit(1);
		for (;;)
			syscall(SYS_pause);
	}
	_exit(0);
}

static void is_stopped(void)
{
	ready();
	for (;;) {
		raise(SIGSTOP);
		atomic_fetch_add(&own->n, 1);
	}
}

static void (*const kinds[])(void) = { calls, threads,      forks,  executes,
				       waits, is_signalled, vforks, is_stopped };

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static pid_t make(unsigned kind, pid_t first)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != first)
		_exit(1);
	own = &slots[kind];
	kinds[kind]();
	_exit(1);
}

static void map_slots(void)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, ROOM) < 0)
		err(1, "%s", path);
	slots = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (slots == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
}

static void replace(pid_t *pids, pid_t first)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (unsigned i = 0; i < N_KINDS; i++) {
			if (pids[i] != pid)
				continue;
			__atomic_store_n(&slots[i].is_ready, 0, __ATOMIC_RELEASE);
			pids[i] = make(i, first);
		}
	}
}

int main(int argc, char **argv)
{
	struct pollfd end = { STDIN_FILENO, POLLIN, 0 };
	pid_t pids[N_KINDS], first = getpid();

	if (argc != 2 && argc != 3)
		errx(1, "usage: mortals FILE");
	path = argv[1];
	map_slots();
	if (argc == 3) {
		own = &slots[(unsigned)atoi(argv[2]) % N_KINDS];
		kinds[own - slots]();
	}
	for (unsigned i = 0; i < N_KINDS; i++)
		pids[i] = make(i, first);
	while (poll(&end, 1, 5) <= 0)
		replace(pids, first);
	for (unsigned i = 0; i < N_KINDS; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return 0;
}
