/* Unix stream sockets: a connection between two processes of one machine, found by a name. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un server_addr = { .sun_family = AF_UNIX };
static socklen_t server_addr_len;
static int client_turn;

static void name_by_path(void)
{
	const char *path = own_path("socket");

	expect(strlen(path) < sizeof(server_addr.sun_path));
	memcpy(server_addr.sun_path, path, strlen(path) + 1);
	server_addr_len = sizeof(server_addr);
}

/* An abstract name begins with a zero byte, has a length instead of an end, and is in no file. */
static void name_abstract(void)
{
	int len = snprintf(server_addr.sun_path + 1, sizeof(server_addr.sun_path) - 1, "%s",
			   unique_name("unix"));

	server_addr_len = offsetof(struct sockaddr_un, sun_path) + 1 + len;
}

static void remove_path(void)
{
	check(unlink(server_addr.sun_path));
	own_dir_remove();
}

static int listen_here(int backlog)
{
	int fd = check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	check(bind(fd, (struct sockaddr *)&server_addr, server_addr_len));
	check(listen(fd, backlog));
	return fd;
}

static int connect_there(void)
{
	int fd = check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	check(connect(fd, (struct sockaddr *)&server_addr, server_addr_len));
	return fd;
}

static void client(void)
{
	int fd = connect_there();
	char text[6];

	write_all(fd, "hello", 5);
	read_all(fd, text, 6);
	say("got the answer %.6s", text);
	check(close(fd));
}

static void serve_one(void)
{
	int listening = listen_here(5);
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	pid_t child = spawn("client", client);
	char text[16];
	int fd;

	set_role("server");
	fd = check(accept(listening, (struct sockaddr *)&addr, &len));
	expect(len == sizeof(sa_family_t));
	say("accepted a client, which is unnamed; the new socket is for it alone");
	read_all(fd, text, 5);
	say("got %.5s", text);
	write_all(fd, "HELLO!", 6);
	expect(check(read(fd, text, sizeof(text))) == 0);
	say("end of file: the client has closed");
	check(close(fd));
	check(close(listening));
	reap(child);
}

static void by_path(void)
{
	struct stat st;

	name_by_path();
	serve_one();
	check(stat(server_addr.sun_path, &st));
	expect(S_ISSOCK(st.st_mode));
	say("the path, a file of type s, stays until it is unlinked");
	remove_path();
}

static void abstract(void)
{
	int fd = check(socket(AF_UNIX, SOCK_STREAM, 0));

	name_abstract();
	serve_one();
	expect_errno(connect(fd, (struct sockaddr *)&server_addr, server_addr_len), ECONNREFUSED);
	say("the abstract name went with the socket: ECONNREFUSED, and nothing to unlink");
	check(close(fd));
}

static void peer_credentials(void)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int listening, fd;
	pid_t child;

	name_abstract();
	listening = listen_here(5);
	child = spawn("client", client);
	fd = check(accept(listening, NULL, NULL));
	check(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len));
	expect(peer.pid == child && peer.uid == geteuid() && peer.gid == getegid());
	say("SO_PEERCRED: the kernel vouches for the client's pid, user and group");
	write_all(fd, "known!", 6);
	reap(child);
	check(close(fd));
	check(close(listening));
}

static void eager_client(void)
{
	static const char block[4096];
	int fd = connect_there();

	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	expect(errno == EAGAIN);
	say("sent until EAGAIN: the socket buffer is full; the next write waits");
	write_all(fd, block, sizeof(block));
	check(close(fd));
}

static void full(void)
{
	int listening, fd;
	char block[4096];
	pid_t child;

	name_abstract();
	listening = listen_here(5);
	child = spawn("client", eager_client);
	set_role("server");
	fd = check(accept(listening, NULL, NULL));
	await_blocked(child, SYS_write);
	say("the client is blocked; I read everything");
	while (check(read(fd, block, sizeof(block))) > 0)
		;
	reap(child);
	check(close(fd));
	check(close(listening));
}

static void asking_client(void)
{
	int fd = connect_there();
	char text[8];

	write_all(fd, "all", 3);
	check(shutdown(fd, SHUT_WR));
	say("sent my question and shut down my half");
	turn_pass(client_turn);
	read_all(fd, text, 6);
	say("the other half still works: %.6s", text);
	check(close(fd));
}

static void half_close(void)
{
	int listening, fd;
	pid_t child;
	char text[8];

	name_abstract();
	client_turn = turn_create();
	listening = listen_here(5);
	child = spawn("client", asking_client);
	set_role("server");
	fd = check(accept(listening, NULL, NULL));
	turn_wait(client_turn);
	read_all(fd, text, 3);
	expect(check(read(fd, text, sizeof(text))) == 0);
	say("read 3 bytes and the end of file; now I answer");
	write_all(fd, "answer", 6);
	reap(child);
	expect_errno(send(fd, "more", 4, MSG_NOSIGNAL), EPIPE);
	say("the client has gone: EPIPE, and no SIGPIPE thanks to MSG_NOSIGNAL");
	check(close(fd));
	check(close(listening));
}

static void refused(void)
{
	int fd = check(socket(AF_UNIX, SOCK_STREAM, 0));

	name_by_path();
	expect_errno(connect(fd, (struct sockaddr *)&server_addr, server_addr_len), ENOENT);
	say("no such path: ENOENT");
	check(close(listen_here(5)));
	expect_errno(connect(fd, (struct sockaddr *)&server_addr, server_addr_len), ECONNREFUSED);
	say("the path is there, its server has gone: ECONNREFUSED");
	expect_errno(bind(fd, (struct sockaddr *)&server_addr, server_addr_len), EADDRINUSE);
	say("and a restarted server cannot bind to it: EADDRINUSE, until it is unlinked");
	check(close(fd));
	remove_path();
}

static void leak(void)
{
	name_by_path();
	check(close(listen_here(5)));
	say("the socket's path stays behind: %s", server_addr.sun_path);
	say("clean up: rm -r %s", own_dir());
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, by_path, "a server and a client meet at a path" },
	{ "abstract", abstract, "an abstract name: no file, gone with the socket" },
	{ "peercred", peer_credentials, "SO_PEERCRED: who is at the other end" },
	{ "full", full, "a full socket buffer blocks the writer" },
	{ "shutdown", half_close, "half a connection shut down; EPIPE when the peer has gone" },
	{ "refused", refused, "ENOENT, ECONNREFUSED and EADDRINUSE" },
	{ "leak", leak, "leave the path behind" },
	{ 0 },
};

static const struct demo demo = { 18, "Unix stream sockets: a connection within the machine",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
