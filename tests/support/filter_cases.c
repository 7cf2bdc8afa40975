/*
 * Programs with seccomp filters of their own, by name. Each prints what it finds, which has to be
 * the same traced and untraced.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 10 };

/* Everything is allowed but getppid, for which action is done. */
static int install(unsigned flags, unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	int ret;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	ret = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (ret < 0)
		printf("seccomp: %s\n", strerror(errno));
	return ret;
}

static void say_getppid(const char *who)
{
	long ret;

	errno = 0;
	ret = syscall(SYS_getppid);
	printf("%s: %ld, errno %d\n", who, ret, errno);
}

static volatile int listener = -1;

/* It was made before the filter, which is not its own. */
static void *supervise(void *data)
{
	struct seccomp_notif request;
	struct seccomp_notif_resp answer;

	while (listener < 0)
		usleep(100);
	for (int i = 0; i < ROUNDS; i++) {
		memset(&request, 0, sizeof(request));
		memset(&answer, 0, sizeof(answer));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
			return data;
		answer.id = request.id;
		if (i % 2)
			answer.error = -EXDEV;
		else
			answer.val = 4242;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	return data;
}

/* A thread asks another one what its call is to return. */
static int notify(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, supervise, NULL);
	listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_USER_NOTIF);
	for (int i = 0; i < ROUNDS; i++)
		say_getppid("asked");
	pthread_join(thread, NULL);
	return 0;
}

static int pair[2];
static volatile int is_installed;

static void *wait_blocked(void *data)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int n;

	epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event);
	n = epoll_wait(epoll, &event, 1, -1);
	printf("epoll_wait: %d %s\n", n, n < 0 ? strerror(errno) : "");
	for (int i = 0; i < ROUNDS; i++)
		say_getppid("blocked");
	return data;
}

static void *wait_spinning(void *data)
{
	while (!is_installed)
		;
	for (int i = 0; i < ROUNDS; i++)
		say_getppid("spinning");
	return data;
}

/* A filter for all threads: one sleeps, one runs without a call. */
static int tsync(void)
{
	pthread_t blocked, spinning;
	struct timespec nap = { 0, 50 * 1000 * 1000 };

	if (pipe(pair) < 0)
		return 1;
	pthread_create(&blocked, NULL, wait_blocked, NULL);
	pthread_create(&spinning, NULL, wait_spinning, NULL);
	nanosleep(&nap, NULL);
	install(SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_RET_ERRNO | 42);
	nanosleep(&nap, NULL);
	if (write(pair[1], "", 1) != 1)
		return 1;
	pthread_join(blocked, NULL);
	is_installed = 1;
	pthread_join(spinning, NULL);
	say_getppid("main");
	return 0;
}

static void *install_here(void *data)
{
	install(0, SECCOMP_RET_ERRNO | 42);
	say_getppid("thread");
	return data;
}

/* A filter for one thread only. */
static int one_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, install_here, NULL);
	pthread_join(thread, NULL);
	printf("main: %d\n", getppid() > 0);
	return 0;
}

static void *die_of_filter(void *data)
{
	install(0, SECCOMP_RET_KILL_THREAD);
	syscall(SYS_getppid);
	return data;
}

/* One thread of several is killed: the others go on. */
static int kill_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, die_of_filter, NULL);
	pthread_join(thread, NULL);
	printf("main: %d\n", getppid() > 0);
	return 0;
}

/* A call that returns its own number has not been prevented: read is number 0. */
static int read_nothing(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char c;

	install(0, SECCOMP_RET_ALLOW);
	for (int i = 0; i < ROUNDS; i++)
		if (syscall(SYS_read, fd, &c, 1) != 0)
			return 1;
	printf("nothing\n");
	return 0;
}

/* It is refused: nothing has changed. */
static int refused(void)
{
	printf("seccomp: %ld %s\n", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL),
	       strerror(errno));
	printf("getppid: %d\n", getppid() > 0);
	return 0;
}

#define CASE(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}
static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	CASE(notify),      CASE(tsync),        CASE(one_thread),
	CASE(kill_thread), CASE(read_nothing), CASE(refused),
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run();
	return 2;
}
