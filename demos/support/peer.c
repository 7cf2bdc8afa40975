#include "support/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

pid_t fork_peer(const char *name)
{
	pid_t parent = getpid();
	pid_t pid = check(fork());

	if (pid == 0) {
		check(prctl(PR_SET_PDEATHSIG, SIGKILL));
		if (getppid() != parent) /* it ended before we could ask to be told */
			_exit(1);
		set_role(name);
	}
	return pid;
}

pid_t spawn(const char *name, void (*run)(void))
{
	pid_t pid = fork_peer(name);

	if (pid == 0) {
		run();
		_exit(0);
	}
	return pid;
}

void reap(pid_t pid)
{
	int status;

	check(retry(waitpid(pid, &status, 0)));
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void reap_killed(pid_t pid, int sig)
{
	int status;

	check(retry(waitpid(pid, &status, 0)));
	expect(WIFSIGNALED(status) && WTERMSIG(status) == sig);
}

void kill_and_reap(pid_t pid)
{
	check(kill(pid, SIGKILL));
	reap_killed(pid, SIGKILL);
}

int turn_create(void)
{
	return check(eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC));
}

void turn_pass(int turn)
{
	uint64_t one = 1;

	write_all(turn, &one, sizeof(one));
}

void turn_wait(int turn)
{
	uint64_t one;

	read_all(turn, &one, sizeof(one));
}

/* The first bytes of /proc/TID/NAME as text; the length, or -1 with errno set. */
static ssize_t read_proc(pid_t tid, const char *name, char *ret_text, size_t size)
{
	char path[64];
	ssize_t len;
	int fd, error;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, ret_text, size - 1);
	error = errno;
	close(fd);
	errno = error;
	if (len >= 0)
		ret_text[len] = '\0';
	return len;
}

/* 'S' when it sleeps, 't' when a tracer holds it, 'Z' when it is dead. */
static char process_state(pid_t tid)
{
	char text[512], *name_end;

	check(read_proc(tid, "stat", text, sizeof(text)));
	name_end = strrchr(text, ')');
	expect(name_end && name_end[1] == ' ');
	return name_end[2];
}

static bool is_blocked(pid_t tid, long nr)
{
	char text[256];
	char state = process_state(tid);

	expect(state != 'Z' && state != 'X');
	if (state != 'S')
		return false;
	/* Which call it sleeps in is for those to know who may trace it; else sleeping must do. */
	if (read_proc(tid, "syscall", text, sizeof(text)) < 0)
		return errno == EPERM || errno == EACCES || errno == ENOENT;
	/* Asked again: between the two answers a tracer may have stopped it at the call's entry. */
	return strtol(text, NULL, 10) == nr && text[0] != 'r' && process_state(tid) == 'S';
}

void await_blocked(pid_t tid, long nr)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (!is_blocked(tid, nr))
		nanosleep(&pause, NULL);
	let_wait_be_seen();
}

void let_wait_be_seen(void)
{
	const struct timespec pause = { .tv_nsec = 300000000 };
	static bool was_seen;
	const char *tracer;
	char text[2048];

	if (was_seen || read_proc(getpid(), "status", text, sizeof(text)) < 0)
		return;
	was_seen = true;
	tracer = strstr(text, "TracerPid:");
	if (tracer && atoi(tracer + strlen("TracerPid:")) != 0)
		nanosleep(&pause, NULL);
}

void write_all(int fd, const void *buffer, size_t len)
{
	const char *next = buffer;

	while (len > 0) {
		ssize_t done = check(retry(write(fd, next, len)));

		next += done;
		len -= done;
	}
}

void read_all(int fd, void *buffer, size_t len)
{
	char *next = buffer;

	while (len > 0) {
		ssize_t done = check(retry(read(fd, next, len)));

		expect(done > 0);
		next += done;
		len -= done;
	}
}

union fd_control {
	char buffer[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

void pass_fd(int socket_fd, int fd)
{
	struct iovec part = { "x", 1 };
	union fd_control control = { 0 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		.msg_controllen = sizeof(control.buffer),
	};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	expect(check(retry(sendmsg(socket_fd, &message, 0))) == 1);
}

int receive_fd(int socket_fd)
{
	char byte;
	struct iovec part = { &byte, 1 };
	union fd_control control = { 0 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		.msg_controllen = sizeof(control.buffer),
	};
	int fd;

	expect(check(retry(recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC))) == 1);
	expect(control.header.cmsg_type == SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

void tcp_pair(int ret_fds[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int listening = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	socklen_t len = sizeof(addr);
	const int on = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(listening, (struct sockaddr *)&addr, len));
	check(listen(listening, 1));
	check(getsockname(listening, (struct sockaddr *)&addr, &len));
	ret_fds[0] = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	check(connect(ret_fds[0], (struct sockaddr *)&addr, len));
	ret_fds[1] = check(accept4(listening, NULL, NULL, SOCK_CLOEXEC));
	for (int i = 0; i < 2; i++) /* small messages go at once */
		check(setsockopt(ret_fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	check(close(listening));
}
