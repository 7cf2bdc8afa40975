/*
 * Sleeps in one system call, named by the argument, for ever; says so if the call returns.
 * `blocked -l` lists the names.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct timespec hour = { 3600, 0 };

static int pipe_end(int end)
{
	int pair[2];

	if (pipe(pair) < 0)
		exit(2);
	return pair[end];
}

static int socket_end(int type)
{
	int pair[2];

	if (socketpair(AF_UNIX, type, 0, pair) < 0)
		exit(2);
	return pair[0];
}

static int timed_socket(int option)
{
	int fd = socket_end(SOCK_STREAM);
	struct timeval timeout = { 3600, 0 };

	setsockopt(fd, SOL_SOCKET, option, &timeout, sizeof(timeout));
	return fd;
}

static int listener(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* Autobind: an abstract name of its own. */
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr.sun_family)) < 0 || listen(fd, 1) < 0)
		exit(2);
	return fd;
}

static sigset_t usr2(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static pid_t sleeper(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		while (getppid() == parent)
			nanosleep(&(struct timespec){ 0, 200000000 }, NULL);
		_exit(0);
	}
	return pid;
}

static int full_pipe(void)
{
	char page[4096] = "";
	int pair[2];

	if (pipe2(pair, O_NONBLOCK) < 0)
		exit(2);
	while (write(pair[1], page, sizeof(page)) > 0)
		;
	fcntl(pair[1], F_SETFL, 0);
	return pair[1];
}

static long do_read(void)
{
	char c;
	return read(pipe_end(0), &c, 1);
}
static long do_write(void)
{
	return write(full_pipe(), "x", 1);
}
static long do_poll(void)
{
	struct pollfd fd = { pipe_end(0), POLLIN, 0 };
	return poll(&fd, 1, -1);
}
static long do_poll_timeout(void)
{
	struct pollfd fd = { pipe_end(0), POLLIN, 0 };
	return poll(&fd, 1, 3600000);
}
static long do_ppoll(void)
{
	struct pollfd fd = { pipe_end(0), POLLIN, 0 };
	return ppoll(&fd, 1, &hour, NULL);
}
static long do_select(void)
{
	struct timeval timeout = { 3600, 0 };
	return select(0, NULL, NULL, NULL, &timeout);
}
static long do_pselect(void)
{
	return pselect(0, NULL, NULL, NULL, &hour, NULL);
}
static long do_nanosleep(void)
{
	return nanosleep(&hour, NULL);
}
static long do_clock_nanosleep(void)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 3600;
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}
static long do_futex(void)
{
	int word = 1;
	return syscall(SYS_futex, &word, FUTEX_WAIT, 1, NULL, NULL, 0);
}
static long do_futex_timeout(void)
{
	int word = 1;
	long timeout[2] = { 3600, 0 };
	return syscall(SYS_futex, &word, FUTEX_WAIT, 1, timeout, NULL, 0);
}
static long do_inotify(void)
{
	char buf[4096];
	int fd = inotify_init1(0);
	inotify_add_watch(fd, "/proc/self", IN_CREATE);
	return read(fd, buf, sizeof(buf));
}
static long do_accept(void)
{
	return accept(listener(), NULL, NULL);
}
static long do_recv(void)
{
	char c;
	return recv(socket_end(SOCK_STREAM), &c, 1, 0);
}
static long do_recv_timeout(void)
{
	char c;
	return recv(timed_socket(SO_RCVTIMEO), &c, 1, 0);
}
static long do_read_timeout(void)
{
	char c;
	return read(timed_socket(SO_RCVTIMEO), &c, 1);
}
static long do_recvmsg_timeout(void)
{
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	return recvmsg(timed_socket(SO_RCVTIMEO), &msg, 0);
}
static long do_send_timeout(void)
{
	int fd = timed_socket(SO_SNDTIMEO);
	char page[4096] = "";
	while (send(fd, page, sizeof(page), MSG_DONTWAIT) > 0)
		;
	return send(fd, page, 1, 0);
}
static long do_flock(void)
{
	char path[] = "/tmp/blocked.XXXXXX";
	int one = mkstemp(path), other = open(path, O_RDWR);
	unlink(path);
	flock(one, LOCK_EX);
	return flock(other, LOCK_EX);
}
static long do_setlkw(void)
{
	char path[] = "/tmp/blocked.XXXXXX";
	int one = mkstemp(path), other = open(path, O_RDWR);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	unlink(path);
	fcntl(one, F_OFD_SETLK, &lock);
	return fcntl(other, F_OFD_SETLKW, &lock);
}
static long do_msgrcv(void)
{
	struct {
		long type;
		char text[8];
	} msg;
	int id = msgget(IPC_PRIVATE, 0600);
	pid_t parent = getpid();
	/* The queue goes when we do. */
	if (fork() == 0) {
		while (getppid() == parent)
			nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
		msgctl(id, IPC_RMID, NULL);
		_exit(0);
	}
	return msgrcv(id, &msg, sizeof(msg.text), 0, 0);
}
static int semaphore(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	pid_t parent = getpid();
	if (fork() == 0) {
		while (getppid() == parent)
			nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
		semctl(id, 0, IPC_RMID);
		_exit(0);
	}
	return id;
}
static long do_semop(void)
{
	struct sembuf op = { 0, -1, 0 };
	return semop(semaphore(), &op, 1);
}
static long do_semtimedop(void)
{
	struct sembuf op = { 0, -1, 0 };
	return semtimedop(semaphore(), &op, 1, &hour);
}
static long do_epoll_wait(void)
{
	struct epoll_event event;
	return epoll_wait(epoll_create1(0), &event, 1, -1);
}
static long do_epoll_pwait2(void)
{
	struct epoll_event event;
	long long timeout[2] = { 3600, 0 };
	return syscall(441, epoll_create1(0), &event, 1, timeout, NULL, 0);
}
static long do_sigtimedwait(void)
{
	sigset_t set = usr2();
	return sigtimedwait(&set, NULL, &hour);
}
static long do_sigwaitinfo(void)
{
	sigset_t set = usr2();
	siginfo_t info;
	/* glibc's would call again: we want to see EINTR. */
	return syscall(SYS_rt_sigtimedwait, &set, &info, NULL, 8);
}
static long do_io_getevents(void)
{
	aio_context_t context = 0;
	struct io_event event;
	if (syscall(SYS_io_setup, 1, &context) < 0)
		exit(2);
	return syscall(SYS_io_getevents, context, 1, 1, &event, NULL);
}
static long do_pause(void)
{
	return pause();
}
static long do_sigsuspend(void)
{
	sigset_t none;
	sigemptyset(&none);
	return sigsuspend(&none);
}
static long do_waitpid(void)
{
	return waitpid(sleeper(), NULL, 0);
}
static long do_mq_receive(void)
{
	char name[32], buf[8192];
	mqd_t mq;
	snprintf(name, sizeof(name), "/blocked.%d", getpid());
	mq = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
	if (mq == (mqd_t)-1)
		exit(2);
	mq_unlink(name);
	return mq_receive(mq, buf, sizeof(buf), NULL);
}
static long do_eventfd(void)
{
	eventfd_t value;
	return eventfd_read(eventfd(0, 0), &value);
}
static long do_timerfd(void)
{
	char buf[8];
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec spec = { .it_value = { 3600, 0 } };
	timerfd_settime(fd, 0, &spec, NULL);
	return read(fd, buf, sizeof(buf));
}
static long do_signalfd(void)
{
	struct signalfd_siginfo info;
	sigset_t set = usr2();
	return read(signalfd(-1, &set, 0), &info, sizeof(info));
}
static long do_open_fifo(void)
{
	char path[64];
	snprintf(path, sizeof(path), "/tmp/blocked.fifo.%d", getpid());
	if (mkfifo(path, 0600) < 0)
		exit(2);
	if (fork() == 0) {
		pid_t parent = getppid();
		while (getppid() == parent)
			nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
		unlink(path);
		_exit(0);
	}
	return open(path, O_RDONLY);
}

#define CALL(name)                                                                                 \
	{                                                                                          \
#name, do_##name                                                                   \
	}
static const struct {
	const char *name;
	long (*run)(void);
} calls[] = {
	CALL(read),
	CALL(write),
	CALL(poll),
	CALL(poll_timeout),
	CALL(ppoll),
	CALL(select),
	CALL(pselect),
	CALL(nanosleep),
	CALL(clock_nanosleep),
	CALL(futex),
	CALL(futex_timeout),
	CALL(inotify),
	CALL(accept),
	CALL(recv),
	CALL(recv_timeout),
	CALL(read_timeout),
	CALL(recvmsg_timeout),
	CALL(send_timeout),
	CALL(flock),
	CALL(setlkw),
	CALL(msgrcv),
	CALL(semop),
	CALL(semtimedop),
	CALL(epoll_wait),
	CALL(epoll_pwait2),
	CALL(sigtimedwait),
	CALL(sigwaitinfo),
	CALL(io_getevents),
	CALL(pause),
	CALL(sigsuspend),
	CALL(waitpid),
	CALL(mq_receive),
	CALL(eventfd),
	CALL(timerfd),
	CALL(signalfd),
	CALL(open_fifo),
};

int main(int argc, char **argv)
{
	size_t n = sizeof(calls) / sizeof(calls[0]);

	for (size_t i = 0; argc == 2 && i < n; i++) {
		long ret;

		if (strcmp(argv[1], "-l") == 0) {
			puts(calls[i].name);
			continue;
		}
		if (strcmp(argv[1], calls[i].name) != 0)
			continue;
		ret = calls[i].run();
		printf("%s = %ld %s\n", argv[1], ret, ret < 0 ? strerror(errno) : "");
		return 1;
	}
	return argc == 2 && strcmp(argv[1], "-l") == 0 ? 0 : 2;
}
