/*
 * Messages that say who they are: truth MECHANISM MESSAGES WRITERS READERS SEED DIRECTORY
 *
 * WRITERS processes send MESSAGES of random lengths in all, READERS processes receive them in random
 * pieces, all over one object. Everyone writes to a file of his own, DIRECTORY/PID, one line for
 * each call that sent or received something:
 *
 *   s WRITER NUMBER LENGTH                   sent; of an eventfd LENGTH is what was added
 *   r WRITER:NUMBER:FROM:TO ...              received, in order; ? for bytes that cannot be told
 *   v VALUE                                  read from an eventfd
 *
 * Data consists of cells of eight bytes: one above 127, then seven of seven bits each that hold
 * writer, number of the message and number of the cell in it. A piece may begin within a cell.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CELL = 8,
	LEN_MAX = 16384,
	WHOLE_MAX = 4096,
	QUEUE_MAX = 1024,
	PROCESSES_MAX = 32,
	TYPES = 5
};
enum { END = 63, WRITERS_MAX = 3, COUNT_BITS = 20 };

/* One object with two ends, and how it is used. */
struct channel {
	const char *name;
	int to, from; /* descriptors, or the queue's id */
	int fd_of[PROCESSES_MAX]; /* of datagrams: what each writer sends from */
	bool is_whole; /* messages, not a stream */
	size_t len_max;
	struct sockaddr_storage address; /* of the receiver of datagrams */
	socklen_t address_len;
};

struct msg {
	long type;
	char data[LEN_MAX];
};

static FILE *out;
static uint64_t state;

static unsigned roll(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static void fail(const char *what)
{
	perror(what);
	_exit(1);
}

static long ok(long ret, const char *what)
{
	if (ret < 0)
		fail(what);
	return ret;
}

static void open_log(const char *directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%d", directory, getpid());
	out = fopen(path, "we");
	if (!out)
		fail(path);
	setvbuf(out, malloc(1 << 20), _IOFBF, 1 << 20);
}

/* --- cells --- */

static void fill(unsigned char *data, size_t len, uint64_t writer, uint64_t number)
{
	for (size_t i = 0; i < len / CELL; i++) {
		uint64_t word = writer << 43 | number << 15 | i;

		data[i * CELL] = 0x80;
		for (int j = 1; j < CELL; j++)
			data[i * CELL + j] = word >> 7 * (j - 1) & 0x7f;
	}
}

/* Say what is in the bytes; returns whether the end was told. */
static bool tell(const unsigned char *data, size_t len)
{
	uint64_t writer = 0, number = 0, from = 0, to = 0;
	bool is_open = false, is_end = false;
	size_t at = 0;

	fputc('r', out);
	while (at < len) {
		uint64_t word = 0;
		size_t n = len - at < CELL ? len - at : CELL;

		if (data[at] != 0x80 || n < CELL) {
			for (n = 1; at + n < len && data[at + n] != 0x80; n++)
				;
			if (is_open)
				fprintf(out, " %lu:%lu:%lu:%lu", writer, number, from, to);
			is_open = false;
			fprintf(out, " ?:%zu", n);
			at += n;
			continue;
		}
		for (int j = 1; j < CELL; j++)
			word |= (uint64_t)data[at + j] << 7 * (j - 1);
		is_end |= word >> 43 == END;
		if (is_open && (writer != word >> 43 || number != (word >> 15 & 0xfffffff) ||
				to != (word & 0x7fff) * CELL)) {
			fprintf(out, " %lu:%lu:%lu:%lu", writer, number, from, to);
			is_open = false;
		}
		if (!is_open) {
			writer = word >> 43;
			number = word >> 15 & 0xfffffff;
			from = (word & 0x7fff) * CELL;
		}
		is_open = true;
		to = (word & 0x7fff) * CELL + CELL;
		at += CELL;
	}
	if (is_open)
		fprintf(out, " %lu:%lu:%lu:%lu", writer, number, from, to);
	fputc('\n', out);
	return is_end;
}

/* --- one message --- */

static void send_data(const struct channel *c, unsigned writer, uint64_t number, size_t len)
{
	static struct msg msg;
	ssize_t done = 0;

	fill((unsigned char *)msg.data, len, writer, number);
	msg.type = writer == END ? 1 : 1 + roll(TYPES);
	if (strcmp(c->name, "msg") == 0)
		ok(msgsnd(c->to, &msg, len, 0), "msgsnd");
	else if (strcmp(c->name, "mq") == 0)
		ok(mq_send(c->to, msg.data, len, writer == END ? 0 : 1 + roll(TYPES)), "mq_send");
	else if (c->address_len)
		ok(sendto(c->fd_of[writer == END ? 0 : writer], msg.data, len, 0,
			  (const struct sockaddr *)&c->address, c->address_len),
		   "sendto");
	else
		done = ok(write(c->to, msg.data, len), "write");
	fprintf(out, "s %u %lu %zu\n", writer, number, done ? (size_t)done : len);
	if (done && (size_t)done != len)
		fail("a short write");
}

/* What a reader may ask a queue of System V for. */
static ssize_t receive_type(int id, struct msg *msg)
{
	unsigned how = roll(4);
	long type = how == 0 ? 1 + (long)roll(TYPES) : how == 1 ? -(1 + (long)roll(TYPES)) : 0;
	ssize_t got = type ? msgrcv(id, msg, LEN_MAX, type, IPC_NOWAIT) : -1;

	return got >= 0 ? got : ok(msgrcv(id, msg, LEN_MAX, 0, 0), "msgrcv");
}

/* 0 at the end. */
static ssize_t receive_data(const struct channel *c, struct msg *msg)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	unsigned priority;

	if (strcmp(c->name, "msg") == 0)
		return receive_type(c->from, msg);
	if (strcmp(c->name, "mq") == 0)
		return ok(mq_receive(c->from, msg->data, LEN_MAX, roll(2) ? &priority : NULL),
			  "mq_receive");
	if (c->address_len)
		return ok(recvfrom(c->from, msg->data, LEN_MAX, 0, (struct sockaddr *)&from, &len),
			  "recvfrom");
	return ok(read(c->from, msg->data, c->is_whole ? LEN_MAX : 1 + roll(LEN_MAX)), "read");
}

static void run_reader(const struct channel *c)
{
	static struct msg msg;
	ssize_t got;

	do
		got = receive_data(c, &msg);
	while (got > 0 && (!tell((unsigned char *)msg.data, (size_t)got) || !c->is_whole));
}

static void run_writer(const struct channel *c, unsigned writer, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		size_t most = roll(4) ? 256 : c->len_max;

		send_data(c, writer, i, (1 + roll((unsigned)(most / CELL))) * CELL);
	}
}

/* --- counters: the units of each writer are in bits of their own --- */

static void add_numbers(const struct channel *c, unsigned writer, unsigned long n)
{
	uint64_t one = 1ull << COUNT_BITS * writer;

	for (unsigned long i = 0; i < n; i++) {
		ok(write(c->to, &one, sizeof(one)), "write");
		fprintf(out, "s %u %lu %lu\n", writer, i, one);
	}
}

static void take_numbers(const struct channel *c)
{
	uint64_t value;

	for (;;) {
		ok(read(c->from, &value, sizeof(value)), "read");
		fprintf(out, "v %lu\n", value);
		if (value >> COUNT_BITS * WRITERS_MAX)
			return;
	}
}

/* --- between two pipes --- */

static void run_splicer(int from, int to)
{
	ssize_t got;

	do
		got = ok(splice(from, NULL, to, NULL, 1 + roll(LEN_MAX), 0), "splice");
	while (got > 0);
}

/* --- making them --- */

static void make_pair(struct channel *c, int type)
{
	int ends[2];

	ok(socketpair(AF_UNIX, type, 0, ends), "socketpair");
	c->to = ends[0];
	c->from = ends[1];
}

static void make_tcp(struct channel *c)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(here);
	int listener = (int)ok(socket(AF_INET, SOCK_STREAM, 0), "socket");

	ok(bind(listener, (struct sockaddr *)&here, len), "bind");
	ok(getsockname(listener, (struct sockaddr *)&here, &len), "getsockname");
	ok(listen(listener, 1), "listen");
	c->to = (int)ok(socket(AF_INET, SOCK_STREAM, 0), "socket");
	ok(connect(c->to, (struct sockaddr *)&here, len), "connect");
	c->from = (int)ok(accept(listener, NULL, NULL), "accept");
	close(listener);
}

static int bound(int family, struct sockaddr_storage *ret_address, socklen_t *ret_len, unsigned i)
{
	struct sockaddr_in inet = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = (int)ok(socket(family, SOCK_DGRAM, 0), "socket");

	*ret_len = sizeof(inet);
	if (family == AF_UNIX)
		*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				       (size_t)snprintf(name.sun_path + 1, 64, "truth-%d-%u",
							getpid(), i));
	ok(bind(fd, family == AF_UNIX ? (struct sockaddr *)&name : (struct sockaddr *)&inet,
		*ret_len),
	   "bind");
	*ret_len = sizeof(*ret_address);
	ok(getsockname(fd, (struct sockaddr *)ret_address, ret_len), "getsockname");
	return fd;
}

static void make_datagrams(struct channel *c, int family, unsigned n_writers)
{
	struct sockaddr_storage own;
	socklen_t len;

	c->from = bound(family, &c->address, &c->address_len, PROCESSES_MAX);
	for (unsigned i = 0; i < n_writers; i++)
		c->fd_of[i] = bound(family, &own, &len, i);
}

static void make_fifo(struct channel *c, const char *directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/fifo", directory);
	ok(mkfifo(path, 0600), "mkfifo");
	c->from = (int)ok(open(path, O_RDONLY | O_NONBLOCK), "open");
	c->to = (int)ok(open(path, O_WRONLY), "open");
	ok(fcntl(c->from, F_SETFL, 0), "fcntl");
	ok(unlink(path), "unlink");
}

static void make_mq(struct channel *c)
{
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = QUEUE_MAX };
	char name[64];

	snprintf(name, sizeof(name), "/truth-%d", getpid());
	c->to = c->from = (int)ok(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr), "mq_open");
	ok(mq_unlink(name), "mq_unlink");
	c->len_max = QUEUE_MAX;
}

static void make(struct channel *c, const char *directory, unsigned n_writers)
{
	int ends[2];

	c->len_max = LEN_MAX;
	c->is_whole = !strstr("pipe fifo splice unix-stream tcp", c->name);
	if (c->is_whole)
		c->len_max = WHOLE_MAX;
	if (strcmp(c->name, "pipe") == 0 || strcmp(c->name, "splice") == 0) {
		ok(pipe(ends), "pipe");
		c->from = ends[0];
		c->to = ends[1];
	} else if (strcmp(c->name, "fifo") == 0) {
		make_fifo(c, directory);
	} else if (strcmp(c->name, "unix-stream") == 0) {
		make_pair(c, SOCK_STREAM);
	} else if (strcmp(c->name, "unix-seqpacket") == 0) {
		make_pair(c, SOCK_SEQPACKET);
	} else if (strcmp(c->name, "tcp") == 0) {
		make_tcp(c);
	} else if (strcmp(c->name, "unix-dgram") == 0) {
		make_datagrams(c, AF_UNIX, n_writers);
	} else if (strcmp(c->name, "udp") == 0) {
		make_datagrams(c, AF_INET, n_writers);
	} else if (strcmp(c->name, "msg") == 0) {
		c->to = c->from = (int)ok(msgget(IPC_PRIVATE, 0600), "msgget");
	} else if (strcmp(c->name, "mq") == 0) {
		make_mq(c);
	} else if (strcmp(c->name, "eventfd") == 0) {
		c->to = c->from = (int)ok(eventfd(0, 0), "eventfd");
	} else {
		errno = EINVAL;
		fail(c->name);
	}
}

/* --- all of them --- */

static bool is_counter(const struct channel *c)
{
	return strcmp(c->name, "eventfd") == 0;
}

static pid_t begin(uint64_t seed, const char *directory)
{
	pid_t pid = (pid_t)ok(fork(), "fork");

	if (pid)
		return pid;
	state = seed;
	roll(2);
	open_log(directory);
	return 0;
}

static void end(void)
{
	if (fclose(out))
		fail("the log");
	_exit(0);
}

static unsigned begin_readers(struct channel *c, unsigned n, uint64_t seed, const char *directory)
{
	unsigned n_children = 0;
	int ends[2] = { -1, -1 };

	if (strcmp(c->name, "splice") == 0) {
		ok(pipe(ends), "pipe");
		n_children++;
		if (!begin(seed + 500, directory)) {
			close(c->to);
			close(ends[0]);
			run_splicer(c->from, ends[1]);
			end();
		}
		close(ends[1]);
		close(c->from);
		c->from = ends[0];
	}
	for (unsigned i = 0; i < n; i++, n_children++) {
		if (begin(seed + 1000 + i, directory))
			continue;
		if (!c->is_whole)
			close(c->to);
		if (is_counter(c))
			take_numbers(c);
		else
			run_reader(c);
		end();
	}
	return n_children;
}

/* Ends come after everything else; where messages may be lost, until everybody has heard them. */
static void tell_readers(const struct channel *c, unsigned n_readers, unsigned n_children)
{
	uint64_t last = 1ull << COUNT_BITS * WRITERS_MAX;
	unsigned n_told = 0;

	while (n_children) {
		if (is_counter(c) && n_told < n_readers) {
			ok(write(c->to, &last, sizeof(last)), "write");
			fprintf(out, "s %u %u %lu\n", WRITERS_MAX, n_told, last);
			n_told++;
			/* One for each: a counter adds up. */
			ok(wait(NULL), "wait");
			n_children--;
		} else if (c->is_whole && !is_counter(c) && n_told < n_readers) {
			send_data(c, END, n_told++, CELL);
		} else if (strcmp(c->name, "udp") == 0 && waitpid(-1, NULL, WNOHANG) == 0) {
			usleep(10000);
			send_data(c, END, n_told++, CELL);
		} else if (strcmp(c->name, "udp") == 0) {
			n_children--;
		} else {
			ok(wait(NULL), "wait");
			n_children--;
		}
	}
}

int main(int argc, char **argv)
{
	struct channel c = { 0 };
	unsigned long n, n_writers, n_readers, seed;
	unsigned n_children;
	int status;

	if (argc != 7) {
		fprintf(stderr, "truth MECHANISM MESSAGES WRITERS READERS SEED DIRECTORY\n");
		return 2;
	}
	c.name = argv[1];
	n = strtoul(argv[2], NULL, 10);
	n_writers = strtoul(argv[3], NULL, 10);
	n_readers = strtoul(argv[4], NULL, 10);
	seed = strtoul(argv[5], NULL, 10);
	if (n_writers > WRITERS_MAX || n > 1ul << COUNT_BITS || !n_writers || !n_readers)
		return 2;
	open_log(argv[6]);
	make(&c, argv[6], (unsigned)n_writers);
	n_children = begin_readers(&c, (unsigned)n_readers, seed * 10007, argv[6]);
	for (unsigned i = 0; i < n_writers; i++) {
		if (begin(seed * 10007 + i, argv[6]))
			continue;
		if (is_counter(&c))
			add_numbers(&c, i, n / n_writers);
		else
			run_writer(&c, i, n / n_writers);
		end();
	}
	/* The writers end first: readers wait for more. */
	if (!c.is_whole)
		close(c.to);
	for (unsigned i = 0; i < n_writers && c.is_whole; i++)
		ok(wait(&status), "wait");
	if (!c.is_whole)
		n_children += (unsigned)n_writers;
	tell_readers(&c, (unsigned)n_readers, n_children);
	if (strcmp(c.name, "msg") == 0)
		msgctl(c.to, IPC_RMID, NULL);
	return fclose(out) ? 1 : 0;
}
