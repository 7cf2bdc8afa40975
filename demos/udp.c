/* UDP over the loopback: datagrams between ports, no connection, no promise. */
#include "support/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_storage server_addr; /* in6 or in, as the variant says */
static socklen_t addr_len;

static void use_ipv4(void)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&server_addr;

	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr_len = sizeof(*addr);
}

static void use_ipv6(void)
{
	struct sockaddr_in6 *addr = (struct sockaddr_in6 *)&server_addr;

	addr->sin6_family = AF_INET6;
	addr->sin6_addr = in6addr_loopback;
	addr_len = sizeof(*addr);
}

static int make_socket(void)
{
	int fd = socket(server_addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip("this machine has no such address family");
	return check(fd);
}

/* Port 0: the kernel chooses a free one, which getsockname tells. */
static int make_server(void)
{
	int fd = make_socket();

	if (bind(fd, (struct sockaddr *)&server_addr, addr_len)) {
		if (errno == EADDRNOTAVAIL)
			skip("this machine has no such loopback address");
		check(-1);
	}
	check(getsockname(fd, (struct sockaddr *)&server_addr, &addr_len));
	return fd;
}

static void client(void)
{
	int fd = make_socket();
	char text[16];

	check(sendto(fd, "one", 3, 0, (struct sockaddr *)&server_addr, addr_len));
	check(sendto(fd, "two", 3, 0, (struct sockaddr *)&server_addr, addr_len));
	expect(check(recv(fd, text, sizeof(text), 0)) == 6);
	say("got the answer %.6s", text);
	check(close(fd));
}

static void exchange(void)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	int fd = make_server();
	pid_t child = spawn("client", client);
	char text[16];

	set_role("server");
	for (int i = 0; i < 2; i++) {
		ssize_t len = check(recvfrom(fd, text + 3 * i, sizeof(text) - 3 * i, 0,
					     (struct sockaddr *)&from, &from_len));

		expect(len == 3);
		say("received %.3s: one datagram, one receive", text + 3 * i);
	}
	check(sendto(fd, text, 6, 0, (struct sockaddr *)&from, from_len));
	reap(child);
	check(close(fd));
}

static void ipv4(void)
{
	use_ipv4();
	exchange();
}

static void ipv6(void)
{
	use_ipv6();
	exchange();
}

static void refused(void)
{
	int server_fd, fd;
	char byte;

	use_ipv4();
	server_fd = make_server();
	fd = make_socket();
	check(connect(fd, (struct sockaddr *)&server_addr, addr_len)); /* only sets the address */
	/* Moved to a port that is bound, and connected to another: nobody takes the datagram. */
	check(connect(server_fd, (struct sockaddr *)&server_addr, addr_len));
	check(send(fd, "x", 1, 0));
	expect_errno(recv(fd, &byte, 1, 0), ECONNREFUSED);
	say("nobody is there: the send went well, the next call reports ECONNREFUSED");
	check(close(fd));
	check(close(server_fd));
}

static const struct variant variants[] = {
	{ NULL, ipv4, "over 127.0.0.1" },
	{ "ipv6", ipv6, "over ::1" },
	{ "refused", refused, "nobody at the port: ECONNREFUSED, one call later" },
	{ 0 },
};

static const struct demo demo = { 20, "UDP: datagrams over the loopback", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
