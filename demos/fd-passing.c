/* SCM_RIGHTS: a descriptor travels to another process; SCM_CREDENTIALS: the sender's identity. */
#include "support/demo.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int pair[2];

/* Room for one control message, aligned as the kernel wants it. */
union control {
	char buffer[CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr header;
};

static void send_fd(int socket_fd, int fd)
{
	struct iovec part = { "x", 1 }; /* at least one byte of data must go along */
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		.msg_controllen = CMSG_SPACE(sizeof(fd)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	check(sendmsg(socket_fd, &message, 0));
}

/* Receive a control message of this type and size into `ret_data`. */
static void receive_control(int type, void *ret_data, size_t len)
{
	char byte;
	struct iovec part = { &byte, 1 };
	union control control;
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.buffer,
		.msg_controllen = sizeof(control.buffer),
	};
	struct cmsghdr *header;

	expect(check(recvmsg(pair[0], &message, MSG_CMSG_CLOEXEC)) == 1);
	header = CMSG_FIRSTHDR(&message);
	expect(header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == type);
	expect(header->cmsg_len == CMSG_LEN(len) && !(message.msg_flags & MSG_CTRUNC));
	memcpy(ret_data, CMSG_DATA(header), len);
}

/* The child makes a pipe after the fork, so that the parent cannot have inherited it. */
static void pipe_maker(void)
{
	struct stat st;
	int fds[2];

	check(close(pair[0]));
	check(pipe(fds));
	check(fstat(fds[0], &st));
	send_fd(pair[1], fds[0]);
	write_all(pair[1], &st.st_ino, sizeof(st.st_ino));
	say("I made a pipe and sent its read end; now I write into it and close everything");
	check(close(fds[0]));
	write_all(fds[1], "hello", 5);
	check(close(fds[1]));
	check(close(pair[1]));
}

static void rights(void)
{
	struct stat st;
	ino_t inode;
	char text[8];
	pid_t child;
	int fd;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = spawn("maker", pipe_maker);
	set_role("receiver");
	check(close(pair[1]));
	receive_control(SCM_RIGHTS, &fd, sizeof(fd));
	read_all(pair[0], &inode, sizeof(inode));
	reap(child);
	check(fstat(fd, &st));
	expect(S_ISFIFO(st.st_mode) && st.st_ino == inode);
	say("received a descriptor: a number of my own for the same pipe");
	read_all(fd, text, 5);
	expect(check(read(fd, text + 5, 1)) == 0);
	say("the pipe outlived its maker; I read %.5s and the end of file", text);
	check(close(fd));
	check(close(pair[0]));
}

static void send_byte(void)
{
	check(send(pair[1], "x", 1, 0)); /* the kernel adds the credentials, for it was asked to */
}

static void credentials(void)
{
	const int on = 1;
	struct ucred sender;
	pid_t child;

	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	check(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	child = spawn("sender", send_byte);
	receive_control(SCM_CREDENTIALS, &sender, sizeof(sender));
	expect(sender.pid == child && sender.uid == geteuid() && sender.gid == getegid());
	say("SO_PASSCRED: each message came with pid, user and group of its sender");
	reap(child);
	check(close(pair[0]));
	check(close(pair[1]));
}

static void never_received(void)
{
	char byte;
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	check(pipe(fds));
	send_fd(pair[1], fds[1]);
	check(close(fds[1]));
	write_all(pair[1], "y", 1);
	say("the pipe's only write end is in flight: no process has it, and it is open");
	check(close(pair[0]));
	check(close(pair[1]));
	expect(check(read(fds[0], &byte, 1)) == 0);
	say("the socket was closed, the descriptor in it too: the reader gets its end of file");
	check(close(fds[0]));
}

static const struct variant variants[] = {
	{ NULL, rights, "SCM_RIGHTS: a pipe end travels and keeps its identity" },
	{ "credentials", credentials, "SCM_CREDENTIALS: who sent this message" },
	{ "in-flight", never_received, "a descriptor that was sent and never received" },
	{ 0 },
};

static const struct demo demo = { 19, "descriptors and credentials sent through a socket",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
