/*
 * A pipe, and a copy of one of its descriptors that is made in the way that argv[1] names. What is
 * written through the copy is read from the pipe. Then all processes stay, say so with a line on
 * stdout each, "PID FD..." of the pipe's descriptors that they believe to have, and end when stdin does.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HIGH = 40, STACK = 65536, GETFD = 438, CLOSE_RANGE = 436, RANGE_CLOEXEC = 4 };

static int ends[2];
static char stack[STACK] __attribute__((aligned(16)));
static const char *self, *way;

static long check(long result, int line)
{
	if (result == -1) {
		fprintf(stderr, "copies: line %d: %s\n", line, strerror(errno));
		_exit(1);
	}
	return result;
}

#define CHECK(call) check((long)(call), __LINE__)

static void say(int first, int second, int third)
{
	dprintf(1, "%d %d %d %d\n", getpid(), first, second, third);
}

static void stay(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		;
	_exit(0);
}

/* copy is a write end: five bytes through it. */
static void talk(int copy)
{
	char text[5];

	CHECK(write(copy, "hello", 5));
	CHECK(read(ends[0], text, sizeof(text)));
}

static void child_that_waits(void)
{
	pause();
	_exit(0);
}

static void copy_in_one_process(int copy)
{
	talk((int)CHECK(copy));
	say(ends[0], ends[1], copy);
	stay();
}

/* A child has the read end only; its write end is taken from it by number. */
static void take_from_child(void)
{
	pid_t child = (pid_t)CHECK(fork());
	int pidfd, copy;

	if (!child)
		child_that_waits();
	CHECK(close(ends[1]));
	pidfd = (int)CHECK(syscall(SYS_pidfd_open, child, 0));
	copy = (int)CHECK(syscall(GETFD, pidfd, ends[1], 0));
	talk(copy);
	say(ends[0], copy, -1);
	dprintf(1, "%d %d %d -1\n", child, ends[0], ends[1]);
	while (read(0, &(char){ 0 }, 1) > 0)
		;
	CHECK(kill(child, SIGKILL));
	_exit(0);
}

static void open_again(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), ends[1]);
	copy_in_one_process(open(path, O_WRONLY));
}

static int shares_files(void *data)
{
	(void)data;
	CHECK(dup2(ends[1], HIGH));
	CHECK(close(ends[1]));
	return 0;
}

/* A process that has our table of descriptors makes the copy, and closes what it is a copy of. */
static void share_files(bool wants_own)
{
	pid_t child = (pid_t)CHECK(clone(shares_files, stack + STACK, CLONE_FILES | SIGCHLD, NULL));

	CHECK(waitpid(child, NULL, 0));
	if (wants_own)
		CHECK(unshare(CLONE_FILES));
	talk(HIGH);
	say(ends[0], HIGH, -1);
	stay();
}

/* Not the leader forks: its child has the process's descriptors all the same. */
static void *forks(void *data)
{
	char byte;

	(void)data;
	if (!CHECK(fork())) {
		CHECK(write(ends[1], "hello", 5));
		say(ends[0], ends[1], -1);
		while (read(0, &byte, 1) > 0)
			;
		_exit(0);
	}
	return NULL;
}

static void fork_in_thread(void)
{
	pthread_t thread;
	char text[5];

	if (pthread_create(&thread, NULL, forks, NULL))
		CHECK(-1);
	CHECK(read(ends[0], text, sizeof(text)));
	say(ends[0], ends[1], -1);
	stay();
}

static void execute(void)
{
	char read_end[16], write_end[16];

	snprintf(read_end, sizeof(read_end), "%d", ends[0]);
	snprintf(write_end, sizeof(write_end), "%d", HIGH);
	CHECK(execl(self, self, "executed", read_end, write_end, NULL));
}

static void pass_to_sibling(void)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = { 0 };
	struct iovec iov = { &(char){ 'x' }, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	int sockets[2], copy;
	pid_t sibling;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	sibling = (pid_t)CHECK(fork());
	if (!sibling) {
		CHECK(close(sockets[1]));
		CHECK(recvmsg(sockets[0], &message, 0));
		memcpy(&copy, CMSG_DATA(&control.header), sizeof(copy));
		CHECK(write(copy, "hello", 5));
		say(copy, -1, -1);
		stay();
	}
	/* The pipe is made after the fork: the sibling gets it no other way. */
	CHECK(pipe2(ends, 0));
	control.header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &ends[1], sizeof(int));
	CHECK(sendmsg(sockets[1], &message, 0));
	CHECK(close(ends[1]));
	CHECK(read(ends[0], &(char[5]){ 0 }, 5));
	say(ends[0], -1, -1);
	while (read(0, &(char){ 0 }, 1) > 0)
		;
	CHECK(waitpid(sibling, NULL, 0));
	_exit(0);
}

static void executed(char **argv)
{
	ends[0] = atoi(argv[2]);
	ends[1] = atoi(argv[3]);
	talk(ends[1]);
	say(ends[0], ends[1], -1);
	stay();
}

int main(int argc, char **argv)
{
	self = argv[0];
	way = argc > 1 ? argv[1] : "";
	if (argc == 4 && strcmp(way, "executed") == 0)
		executed(argv);
	if (strcmp(way, "sendmsg") == 0)
		pass_to_sibling();
	CHECK(pipe2(ends, 0));
	if (strcmp(way, "dup") == 0)
		copy_in_one_process(dup(ends[1]));
	if (strcmp(way, "dup2") == 0)
		copy_in_one_process(dup2(ends[1], HIGH));
	if (strcmp(way, "dup3") == 0)
		copy_in_one_process(dup3(ends[1], HIGH, O_CLOEXEC));
	if (strcmp(way, "dupfd") == 0)
		copy_in_one_process(fcntl(ends[1], F_DUPFD, HIGH));
	if (strcmp(way, "dupfd_cloexec") == 0)
		copy_in_one_process(fcntl(ends[1], F_DUPFD_CLOEXEC, HIGH));
	if (strcmp(way, "proc") == 0)
		open_again();
	if (strcmp(way, "pidfd_getfd") == 0)
		take_from_child();
	if (strcmp(way, "clone_files") == 0)
		share_files(false);
	if (strcmp(way, "thread") == 0)
		fork_in_thread();
	if (strcmp(way, "unshare") == 0)
		share_files(true);
	CHECK(dup2(ends[1], HIGH));
	if (strcmp(way, "exec") == 0)
		execute();
	if (strcmp(way, "cloexec") == 0) {
		CHECK(fcntl(ends[1], F_SETFD, FD_CLOEXEC));
		execute();
	}
	if (strcmp(way, "close_range") == 0) {
		CHECK(syscall(CLOSE_RANGE, ends[1], ends[1], RANGE_CLOEXEC));
		execute();
	}
	fprintf(stderr, "copies: what is '%s'?\n", way);
	return 2;
}
