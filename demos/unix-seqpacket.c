/* Unix seqpacket sockets: a connection as a stream has, with borders as datagrams have. */
#include "support/demo.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un server_addr = { .sun_family = AF_UNIX };
static socklen_t server_addr_len;

static void client(void)
{
	int fd = check(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));

	check(connect(fd, (struct sockaddr *)&server_addr, server_addr_len));
	check(send(fd, "one", 3, 0));
	check(send(fd, "twotwo", 6, 0));
	check(send(fd, "threethreethree", 15, 0));
	check(close(fd));
}

static void connection(void)
{
	int listening = check(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	int name_len = snprintf(server_addr.sun_path + 1, sizeof(server_addr.sun_path) - 1, "%s",
				unique_name("seqpacket"));
	struct iovec part;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	char text[8];
	ssize_t len;
	pid_t child;
	int fd;

	server_addr_len = offsetof(struct sockaddr_un, sun_path) + 1 + name_len;
	check(bind(listening, (struct sockaddr *)&server_addr, server_addr_len));
	check(listen(listening, 1));
	child = spawn("client", client);
	set_role("server");
	fd = check(accept(listening, NULL, NULL));
	part = (struct iovec){ text, sizeof(text) };
	for (int i = 0; i < 2; i++) {
		len = check(recvmsg(fd, &message, 0));
		say("received %zd bytes: %.*s", len, (int)len, text);
		expect(len == (i == 0 ? 3 : 6) && !(message.msg_flags & MSG_TRUNC));
	}
	expect(check(recvmsg(fd, &message, 0)) == 8 && message.msg_flags & MSG_TRUNC);
	say("15 bytes for a buffer of 8: MSG_TRUNC, the rest is lost");
	expect(check(recvmsg(fd, &message, 0)) == 0);
	say("and there is an end: the client has closed");
	check(close(fd));
	check(close(listening));
	reap(child);
}

static const struct variant variants[] = {
	{ NULL, connection, "a connection with borders and an end" },
	{ 0 },
};

static const struct demo demo = { 18, "Unix seqpacket sockets: a connection with borders",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
