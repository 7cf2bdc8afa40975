/* socketpair: two connected sockets without a name, one for each side of a fork. */
#include "support/demo.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int pair[2];

static void child(void)
{
	char text[4];

	check(close(pair[0]));
	read_all(pair[1], text, 4);
	say("got %.4s, answer pong", text);
	write_all(pair[1], "pong", 4);
	check(close(pair[1]));
}

static void both_ways(void)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	char text[4];
	pid_t pid;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	check(getsockname(pair[0], (struct sockaddr *)&addr, &len));
	expect(len == sizeof(sa_family_t));
	pid = spawn("child", child);
	set_role("parent");
	check(close(pair[1]));
	say("one pair serves both directions; its sockets are unnamed");
	write_all(pair[0], "ping", 4);
	read_all(pair[0], text, 4);
	say("got %.4s", text);
	expect(!memcmp(text, "pong", 4));
	expect(check(read(pair[0], text, 4)) == 0);
	say("end of file: the child has closed its socket");
	check(close(pair[0]));
	reap(pid);
}

static void datagrams(void)
{
	char text[8];

	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	check(send(pair[0], "one", 3, 0));
	check(send(pair[0], "two", 3, 0));
	expect(check(recv(pair[1], text, sizeof(text), 0)) == 3);
	expect(check(recv(pair[1], text, sizeof(text), 0)) == 3);
	expect_errno(recv(pair[1], text, sizeof(text), MSG_DONTWAIT), EAGAIN);
	say("a pair of datagram sockets: two messages of 3 bytes, then EAGAIN");
	check(close(pair[0]));
	check(close(pair[1]));
}

static const struct variant variants[] = {
	{ NULL, both_ways, "parent and child talk both ways" },
	{ "dgram", datagrams, "a pair for messages" },
	{ 0 },
};

static const struct demo demo = { 18, "socketpair: a pipe for both directions", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
