/*
 * progress MILLISECONDS SOCKET: processes that wait for each other in every way there is, for so long
 * that it looks like a hang, and that all go on: what they wait for comes from somebody who sleeps, is
 * on its way, or has a time limit. SOCKET is the path of a unix socket where somebody who is no relative
 * takes descriptors and writes to them. What is about descriptors is here, progress_objects beside it
 * does the rest. Exit status 0 when all have made progress until the end.
 */
#include "progress.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

enum { BIG = 200 * 1000 };

static const char *stranger; /* path of the stranger's socket */
static char **arguments;

/* --- pipes: question and answer; a circle that a third one drains --- */

struct pipes {
	int to[2], from[2];
};

static void answer(void *arg)
{
	struct pipes *p = arg;
	char c;

	close(p->to[1]);
	close(p->from[0]);
	while (read(p->to[0], &c, 1) == 1) {
		nap();
		CHECK(write(p->from[1], &c, 1));
	}
}

static void ask(void *arg)
{
	struct pipes p;
	pid_t child;
	char c = 'x';

	(void)arg;
	CHECK(pipe(p.to));
	CHECK(pipe(p.from));
	child = spawn(answer, &p, "answer");
	close(p.to[0]);
	close(p.from[1]);
	while (goes_on()) {
		CHECK(write(p.to[1], &c, 1));
		nap();
		CHECK(read(p.from[0], &c, 1));
	}
	close(p.to[1]);
	reap(child);
}

struct circle {
	struct pipes p;
	int n_rounds;
};

static void fill(void *arg)
{
	struct circle *c = arg;
	static char bytes[BIG];

	for (int i = 0; i < c->n_rounds; i++)
		CHECK(write(c->p.to[1], bytes, sizeof(bytes)));
}

static void fill_back(void *arg)
{
	struct circle *c = arg;
	static char bytes[BIG];

	for (int i = 0; i < c->n_rounds; i++)
		CHECK(write(c->p.from[1], bytes, sizeof(bytes)));
}

/* Both writers have the read ends, and read them never: this one does, late. */
static void drain(int fd, size_t len)
{
	static char bytes[BIG];

	while (len) {
		size_t n = len < 5000 ? len : 5000;

		len -= (size_t)CHECK(read(fd, bytes, n));
	}
}

static void circles(void *arg)
{
	(void)arg;
	while (goes_on()) {
		struct circle c = { .n_rounds = 2 };
		pid_t left, right;

		CHECK(pipe(c.p.to));
		CHECK(pipe(c.p.from));
		left = spawn(fill, &c, "left");
		right = spawn(fill_back, &c, "right");
		for (int i = 0; i < c.n_rounds; i++) {
			nap();
			drain(c.p.to[0], BIG);
			nap();
			drain(c.p.from[0], BIG);
		}
		reap(left);
		reap(right);
		for (int i = 0; i < 2; i++) {
			close(c.p.to[i]);
			close(c.p.from[i]);
		}
	}
}

/* --- a write end that is on its way, or with a stranger --- */

static void pass(int sock, int fd)
{
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	CHECK(sendmsg(sock, &message, 0));
}

static int take(int sock)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	if (CHECK(recvmsg(sock, &message, 0)) == 0)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void write_what_comes(void *arg)
{
	int *pair = arg, fd;

	close(pair[1]);
	for (;;) {
		nap();
		fd = take(pair[0]);
		if (fd < 0)
			return;
		nap();
		CHECK(write(fd, "x", 1));
		close(fd);
	}
}

static void read_from(int sock)
{
	int ends[2];
	char c;

	CHECK(pipe(ends));
	pass(sock, ends[1]);
	close(ends[1]);
	while (CHECK(read(ends[0], &c, 1)))
		;
	close(ends[0]);
}

static void passing(void *arg)
{
	int pair[2];
	pid_t child;

	(void)arg;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = spawn(write_what_comes, pair, "taker");
	close(pair[0]);
	while (goes_on())
		read_from(pair[1]);
	close(pair[1]);
	reap(child);
}

static void strangers(void *arg)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = (int)CHECK(socket(AF_UNIX, SOCK_STREAM, 0));

	(void)arg;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", stranger);
	CHECK(connect(sock, (struct sockaddr *)&address, sizeof(address)));
	while (goes_on())
		read_from(sock);
	close(sock);
}

/* --- sockets: both receive with a time limit; both send more than fits, and poll --- */

static void receive_in_time(void *arg)
{
	int *pair = arg;
	struct timeval time = { .tv_usec = LIMIT_MS * 1000 };
	char bytes[64];

	CHECK(setsockopt(*pair, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)));
	while (goes_on()) {
		ssize_t n = recv(*pair, bytes, sizeof(bytes), 0);

		if (n < 0 && errno != EAGAIN && errno != ECONNRESET)
			die("recv");
		if (n == 0)
			return;
		if (n < 0 && send(*pair, "x", 1, MSG_NOSIGNAL) < 0)
			return;
	}
}

static void sockets_in_time(void *arg)
{
	int pair[2];
	pid_t child;

	(void)arg;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = spawn(receive_in_time, &pair[0], "other");
	receive_in_time(&pair[1]);
	reap(child);
}

static void pump(void *arg)
{
	int *pair = arg, fd = *pair;
	static char bytes[BIG];
	struct pollfd poll_fd = { .fd = fd };

	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK));
	while (goes_on()) {
		poll_fd.events = POLLIN | POLLOUT;
		CHECK(poll(&poll_fd, 1, LIMIT_MS));
		if ((poll_fd.revents & POLLOUT) &&
		    send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) < 0 && errno != EAGAIN)
			return;
		nap();
		if ((poll_fd.revents & POLLIN) && recv(fd, bytes, sizeof(bytes), 0) == 0)
			return;
	}
}

static void pumps(void *arg)
{
	int pair[2];
	pid_t child;

	(void)arg;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = spawn(pump, &pair[0], "pump");
	pump(&pair[1]);
	reap(child);
}

/* Each one waits in epoll for the other one's eventfd, and is woken by a third that sleeps. */
struct events {
	int left, right;
};

static void await_event(int fd)
{
	int set = (int)CHECK(epoll_create1(0));
	struct epoll_event event = { .events = EPOLLIN };
	uint64_t n;

	CHECK(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
	CHECK(epoll_wait(set, &event, 1, -1));
	CHECK(read(fd, &n, sizeof(n)));
	close(set);
}

static void await_left(void *arg)
{
	struct events *e = arg;
	uint64_t one = 1;

	await_event(e->left);
	CHECK(write(e->right, &one, sizeof(one)));
}

static void await_right(void *arg)
{
	struct events *e = arg;
	uint64_t one = 1;

	await_event(e->right);
	CHECK(write(e->left, &one, sizeof(one)));
}

static void epolls(void *arg)
{
	(void)arg;
	while (goes_on()) {
		struct events e = { eventfd(0, 0), eventfd(0, 0) };
		pid_t left = spawn(await_left, &e, "left"), right = spawn(await_right, &e, "right");
		uint64_t one = 1;

		nap();
		CHECK(write(e.left, &one, sizeof(one)));
		reap(left);
		reap(right);
		close(e.left);
		close(e.right);
	}
}

/* --- the end of it all --- */

static void objects(void *arg)
{
	char path[256];

	(void)arg;
	snprintf(path, sizeof(path), "%s_objects", arguments[0]);
	execl(path, path, arguments[1], NULL);
	die(path);
}

static void (*const patterns[])(void *) = {
	ask, circles, passing, sockets_in_time, pumps, epolls, strangers, objects,
};

int main(int argc, char **argv)
{
	if (argc != 3)
		return 1;
	arguments = argv;
	stranger = argv[2];
	return run_all(patterns, sizeof(patterns) / sizeof(*patterns), argv[1]);
}
