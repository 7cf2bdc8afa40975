/* Unix datagram sockets: messages with borders, never lost, never out of order. */
#include "support/demo.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

struct address {
	struct sockaddr_un un;
	socklen_t len;
};

static struct address receiver;
static int fd; /* the receiver's */

static struct address abstract_address(const char *what)
{
	struct address address = { .un.sun_family = AF_UNIX };
	int len = snprintf(address.un.sun_path + 1, sizeof(address.un.sun_path) - 1, "%s",
			   unique_name(what));

	address.len = offsetof(struct sockaddr_un, sun_path) + 1 + len;
	return address;
}

static int make_socket(const struct address *address)
{
	int made = check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	if (address)
		check(bind(made, (const struct sockaddr *)&address->un, address->len));
	return made;
}

static int make_connected(void)
{
	int made = make_socket(NULL);

	check(connect(made, (struct sockaddr *)&receiver.un, receiver.len));
	return made;
}

static void send_three(void)
{
	struct address own = abstract_address("sender");
	int own_fd = make_socket(&own);
	char text[8];

	for (int i = 1; i <= 3; i++)
		check(sendto(own_fd, "datagram", i * 2, 0, (struct sockaddr *)&receiver.un,
			     receiver.len));
	expect(check(recv(own_fd, text, sizeof(text), 0)) == 4);
	say("got an answer at my own address: %.4s", text);
	check(close(own_fd));
}

static void borders(void)
{
	struct address sender = { .len = sizeof(sender.un) };
	pid_t child;
	char text[16];

	receiver = abstract_address("receiver");
	fd = make_socket(&receiver);
	child = spawn("sender", send_three);
	for (int i = 1; i <= 3; i++) {
		ssize_t len = check(recvfrom(fd, text, sizeof(text), 0,
					     (struct sockaddr *)&sender.un, &sender.len));

		say("received %zd bytes: %.*s", len, (int)len, text);
		expect(len == i * 2);
	}
	say("each send was one receive; the sender's address came along");
	check(sendto(fd, "fine", 4, 0, (struct sockaddr *)&sender.un, sender.len));
	reap(child);
	check(close(fd));
}

static void sender_to_full(void)
{
	int own_fd = make_connected();
	int num_sent = 0;

	while (send(own_fd, "x", 1, MSG_DONTWAIT) == 1)
		num_sent++;
	expect(errno == EAGAIN && num_sent > 0);
	say("sent until EAGAIN: the receiver's queue is full; the next send waits");
	check(send(own_fd, "y", 1, 0));
	say("sent");
	check(close(own_fd));
}

static void full(void)
{
	pid_t child;
	char byte;

	receiver = abstract_address("receiver");
	fd = make_socket(&receiver);
	child = spawn("sender", sender_to_full);
	await_blocked(child, SYS_sendto);
	say("the sender is blocked; I receive all of it (net.unix.max_dgram_qlen + 1)");
	do {
		check(recv(fd, &byte, 1, 0));
	} while (byte != 'y');
	reap(child);
	check(close(fd));
}

static void refused(void)
{
	int own_fd;
	char text[4];

	receiver = abstract_address("receiver");
	fd = make_socket(&receiver);
	own_fd = make_connected();
	check(send(own_fd, "too long", 8, 0));
	expect(check(recv(fd, text, sizeof(text), MSG_TRUNC)) == 8);
	say("8 bytes for a buffer of 4: 4 are lost; MSG_TRUNC tells the true size");
	check(close(fd));
	expect_errno(send(own_fd, "x", 1, 0), ECONNREFUSED);
	say("the receiver has gone: ECONNREFUSED");
	check(close(own_fd));
}

static const struct variant variants[] = {
	{ NULL, borders, "datagrams keep their borders and carry the sender's address" },
	{ "full", full, "a full queue blocks the sender" },
	{ "refused", refused, "a buffer too short; a receiver that has gone" },
	{ 0 },
};

static const struct demo demo = { 18, "Unix datagram sockets: messages with borders", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
