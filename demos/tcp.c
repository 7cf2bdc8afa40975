/* TCP over the loopback: a server that forks for each client, three clients, A answered by B. */
#include "support/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUM_CLIENTS 3

static struct sockaddr_storage server_addr; /* in6 or in, as the variant says */
static socklen_t server_addr_len;
static int listening;
static int client_turns[NUM_CLIENTS], client_number;
static int is_connected, is_done; /* turns */

static void use_ipv4(void)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&server_addr;

	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server_addr_len = sizeof(*addr);
}

static void use_ipv6(void)
{
	struct sockaddr_in6 *addr = (struct sockaddr_in6 *)&server_addr;

	addr->sin6_family = AF_INET6;
	addr->sin6_addr = in6addr_loopback;
	server_addr_len = sizeof(*addr);
}

static int make_socket(void)
{
	int fd = socket(server_addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip("this machine has no such address family");
	return check(fd);
}

/* Port 0: the kernel chooses a free one, which getsockname tells. */
static void bind_here(void)
{
	const int on = 1;

	listening = make_socket();
	check(setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	if (bind(listening, (struct sockaddr *)&server_addr, server_addr_len)) {
		if (errno == EADDRNOTAVAIL)
			skip("this machine has no such loopback address");
		check(-1);
	}
	check(getsockname(listening, (struct sockaddr *)&server_addr, &server_addr_len));
}

static int connect_there(void)
{
	int fd = make_socket();

	check(connect(fd, (struct sockaddr *)&server_addr, server_addr_len));
	return fd;
}

static void answer_until_eof(int fd)
{
	char letter;

	while (check(read(fd, &letter, 1)) == 1) {
		letter++;
		write_all(fd, &letter, 1);
	}
	check(close(fd));
}

static void server(void)
{
	expect(signal(SIGCHLD, SIG_IGN) != SIG_ERR); /* children leave no zombies */
	for (int i = 0; i < NUM_CLIENTS; i++) {
		int fd = check(accept(listening, NULL, NULL));

		if (fork_peer("worker") == 0) {
			check(close(listening));
			answer_until_eof(fd);
			_exit(0);
		}
		check(close(fd)); /* or the client would never see the end */
	}
	check(close(listening));
	expect_errno(wait(NULL), ECHILD); /* with SIGCHLD ignored: waits for all, then fails */
	say("my %d children have ended; nobody to wait for: SIGCHLD is ignored", NUM_CLIENTS);
}

static void client(void)
{
	char letter;
	int fd;

	check(close(listening));
	fd = connect_there();
	turn_pass(is_connected);
	turn_wait(client_turns[client_number]);
	for (int i = 0; i < 2; i++) {
		letter = 'A' + 2 * client_number + i;
		write_all(fd, &letter, 1);
		read_all(fd, &letter, 1);
		say("sent %c, got %c", 'A' + 2 * client_number + i, letter);
		expect(letter == 'A' + 2 * client_number + i + 1);
	}
	check(close(fd));
	turn_pass(is_done);
}

static void three_clients(void)
{
	static const char *const names[NUM_CLIENTS] = { "client 1", "client 2", "client 3" };
	pid_t clients[NUM_CLIENTS], server_pid;

	bind_here();
	check(listen(listening, NUM_CLIENTS));
	is_connected = turn_create();
	is_done = turn_create();
	server_pid = spawn("server", server);
	for (client_number = 0; client_number < NUM_CLIENTS; client_number++) {
		client_turns[client_number] = turn_create();
		clients[client_number] = spawn(names[client_number], client);
	}
	check(close(listening));
	for (int i = 0; i < NUM_CLIENTS; i++)
		turn_wait(is_connected);
	say("three clients are connected at once; each speaks in turn");
	for (int i = 0; i < NUM_CLIENTS; i++) {
		turn_pass(client_turns[i]);
		turn_wait(is_done);
		reap(clients[i]);
	}
	reap(server_pid);
}

static void ipv4(void)
{
	use_ipv4();
	three_clients();
}

static void ipv6(void)
{
	use_ipv6();
	three_clients();
}

static void refused(void)
{
	int fd;

	use_ipv4();
	bind_here(); /* so that the port is nobody else's, but without listen */
	fd = make_socket();
	expect_errno(connect(fd, (struct sockaddr *)&server_addr, server_addr_len), ECONNREFUSED);
	say("nobody listens at the port: ECONNREFUSED");
	check(close(fd));
	check(close(listening));
}

static void reset(void)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	int client_fd, fd;
	char byte;

	use_ipv4();
	bind_here();
	check(listen(listening, 1));
	client_fd = connect_there();
	fd = check(accept(listening, NULL, NULL));
	check(setsockopt(client_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
	check(close(client_fd));
	expect_errno(read(fd, &byte, 1), ECONNRESET);
	say("the peer reset the connection: read fails with ECONNRESET, it does not return 0");
	expect_errno(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
	say("writing to what is left of it: EPIPE");
	check(close(fd));
	check(close(listening));
}

static const struct variant variants[] = {
	{ NULL, ipv4, "over 127.0.0.1" },
	{ "ipv6", ipv6, "over ::1" },
	{ "refused", refused, "nobody listens: ECONNREFUSED" },
	{ "reset", reset, "a connection reset by the peer: ECONNRESET, then EPIPE" },
	{ 0 },
};

static const struct demo demo = { 20,
				  "a TCP server forking for each of three clients, A answered by B",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
