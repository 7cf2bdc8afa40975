/*
 * racers PROCESSES MILLISECONDS LOG: processes that connect to each other, accept, send, receive, fork and
 * close as fast as they can, over unix and TCP connections whose listeners they all share, and over
 * unix and UDP datagrams.
 *
 * A connection is named by the pid that made it and a number. Each message says which connection it
 * goes over and who has sent it by which descriptor; LOG gets one line "PID NUMBER SIDE HOLDER" for
 * everybody who has ever had an end of it, SIDE being c(onnected), a(ccepted), or d for datagrams,
 * which have pid 0 and the number of the socket that gets them. Exit status 2: a message was not
 * whole, or came over another connection than it was sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_MAX = 12, LISTENERS = 4, PROCESSES_MAX = 64, LOG_MAX = 1 << 21, DATAGRAMS = 2 };

struct message {
	int32_t maker;
	uint32_t number;
	int32_t pid, fd;
	uint32_t count, sum;
};

struct entry {
	int32_t maker;
	uint32_t number;
	int32_t side, holder;
};

struct maker {
	int32_t pid;
	uint32_t number;
};

struct shared {
	unsigned long n_log, n_messages, n_wrong, n_connected, n_accepted;
	struct maker by_port[65536]; /* TCP: who has connected from there */
	struct sockaddr_storage addresses[PROCESSES_MAX][DATAGRAMS];
	struct entry log[LOG_MAX];
};

/* An end of a connection, fd -1 if none. */
struct end {
	int fd;
	int32_t maker;
	uint32_t number;
	int32_t side;
};

static struct shared *shared;
static struct end kept[KEPT_MAX];
static int listeners[LISTENERS];
static struct sockaddr_storage listener_names[LISTENERS];
static socklen_t listener_lens[LISTENERS];
static int listener_types[LISTENERS];
static int datagrams[PROCESSES_MAX][DATAGRAMS];
static int n_processes, own_slot;
static uint32_t n_made, n_sent;
static unsigned seed;

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void count(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

static void must(int is_good, const char *what)
{
	if (!is_good) {
		perror(what);
		_exit(4);
	}
}

static void note(int32_t maker, uint32_t number, int side)
{
	unsigned long at = __atomic_fetch_add(&shared->n_log, 1, __ATOMIC_SEQ_CST);

	if (at < LOG_MAX)
		shared->log[at] = (struct entry){ maker, number, side, getpid() };
}

static void drop(struct end *end)
{
	if (end->fd >= 0)
		close(end->fd);
	end->fd = -1;
}

static struct end *keep(int fd, int32_t maker, uint32_t number, int side)
{
	struct end *end = &kept[roll(KEPT_MAX)];

	drop(end);
	*end = (struct end){ fd, maker, number, side };
	note(maker, number, side);
	return end;
}

/* --- messages --- */

static uint32_t sum(const struct message *m)
{
	return (((uint32_t)m->maker * 31 + m->number) * 31 + (uint32_t)m->pid) * 31 +
	       (uint32_t)m->fd + m->count + 7;
}

static struct message message_of(int32_t maker, uint32_t number, int fd)
{
	struct message m = { maker, number, getpid(), fd, ++n_sent, 0 };

	m.sum = sum(&m);
	return m;
}

static void talk(struct end *end)
{
	struct message m;
	ssize_t n;

	if (end->fd < 0)
		return;
	m = message_of(end->maker, end->number, end->fd);
	n = send(end->fd, &m, sizeof(m), 0);
	if (n >= 0 ? n != sizeof(m) : errno != EAGAIN)
		drop(end);
}

static void hear(struct end *end)
{
	struct message m;
	ssize_t n;

	if (end->fd < 0)
		return;
	n = read(end->fd, &m, sizeof(m));
	if (n == 0 || (n < 0 && errno != EAGAIN))
		drop(end);
	if (n <= 0)
		return;
	count(&shared->n_messages);
	if (n != sizeof(m) || m.sum != sum(&m) || m.maker != end->maker || m.number != end->number)
		count(&shared->n_wrong);
}

/* --- connections --- */

static int name_of(struct sockaddr_un *ret_name, const char *format, int pid, unsigned number)
{
	memset(ret_name, 0, sizeof(*ret_name));
	ret_name->sun_family = AF_UNIX;
	return (int)offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(ret_name->sun_path + 1, sizeof(ret_name->sun_path) - 1, format, pid,
			number);
}

/* Connections are known to who accepts them by the name or the port of the other end. */
static int bind_end(int fd, int family, uint32_t number)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);
	struct sockaddr_un un;

	if (family == AF_UNIX) {
		len = (socklen_t)name_of(&un, "racer.%d.%u", getpid(), number);
		return bind(fd, (struct sockaddr *)&un, len);
	}
	if (bind(fd, (struct sockaddr *)&in, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) < 0)
		return -1;
	shared->by_port[ntohs(in.sin_port)] = (struct maker){ getpid(), number };
	return 0;
}

static struct maker maker_at(const struct sockaddr_storage *from)
{
	const struct sockaddr_un *un = (const void *)from;
	struct maker maker = { 0 };

	if (from->ss_family != AF_UNIX)
		return shared->by_port[ntohs(
			((const struct sockaddr_in *)(const void *)from)->sin_port)];
	if (sscanf(un->sun_path + 1, "racer.%d.%u", &maker.pid, &maker.number) != 2)
		count(&shared->n_wrong);
	return maker;
}

static void connect_one(void)
{
	unsigned i = roll(LISTENERS);
	int family = listener_names[i].ss_family;
	int fd = socket(family, listener_types[i] | SOCK_CLOEXEC, 0);
	uint32_t number = ++n_made;
	int is_good;

	must(fd >= 0, "socket");
	note(getpid(), number, 'c');
	/* Ports may run out for a while. */
	is_good = bind_end(fd, family, number) == 0 &&
		  (connect(fd, (struct sockaddr *)&listener_names[i], listener_lens[i]) == 0 ||
		   errno == EINPROGRESS);
	if (!is_good) {
		close(fd);
		return;
	}
	count(&shared->n_connected);
	if (roll(4) == 0)
		close(fd);
	else if (roll(3))
		talk(keep(fd, getpid(), number, 'c'));
	else
		keep(fd, getpid(), number, 'c');
}

static void accept_one(void)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int fd = accept4(listeners[roll(LISTENERS)], (struct sockaddr *)&from, &len, SOCK_NONBLOCK);
	struct maker maker;

	if (fd < 0)
		return;
	count(&shared->n_accepted);
	maker = maker_at(&from);
	if (roll(5)) {
		hear(keep(fd, maker.pid, maker.number, 'a'));
		return;
	}
	note(maker.pid, maker.number, 'a');
	close(fd);
}

/* A child has all that its parent has. It says a word over one and goes. */
static void fork_one(void)
{
	pid_t pid = fork();

	if (pid)
		return;
	for (int i = 0; i < KEPT_MAX; i++) {
		if (kept[i].fd >= 0)
			note(kept[i].maker, kept[i].number, kept[i].side);
	}
	for (int i = 0; i < DATAGRAMS; i++)
		note(0, (uint32_t)own_slot * DATAGRAMS + (uint32_t)i, 'd');
	seed += (unsigned)getpid();
	talk(&kept[roll(KEPT_MAX)]);
	hear(&kept[roll(KEPT_MAX)]);
	_exit(0);
}

/* --- datagrams --- */

static void throw_one(void)
{
	int slot = (int)roll((unsigned)n_processes), kind = (int)roll(DATAGRAMS);
	struct sockaddr_storage *to = &shared->addresses[slot][kind];
	socklen_t len =
		to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_un);
	int fd = datagrams[own_slot][kind];
	struct message m = message_of(0, (uint32_t)slot * DATAGRAMS + (uint32_t)kind, fd);

	(void)!sendto(fd, &m, sizeof(m), MSG_DONTWAIT, (struct sockaddr *)to, len);
}

static void catch_one(void)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	struct message m;
	ssize_t n = recvfrom(datagrams[own_slot][roll(DATAGRAMS)], &m, sizeof(m), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &len);

	if (n < 0)
		return;
	count(&shared->n_messages);
	if (n != sizeof(m) || m.sum != sum(&m))
		count(&shared->n_wrong);
}

/* --- beginning and end --- */

/* All have been opened before there was anybody but the first. */
static void note_datagrams(void)
{
	for (int i = 0; i < n_processes * DATAGRAMS; i++)
		note(0, (uint32_t)i, 'd');
}

static void work(int slot, uint64_t end_ms)
{
	note_datagrams();
	own_slot = slot;
	seed = (unsigned)getpid() * 7919u;
	for (int i = 0; i < n_processes; i++) {
		for (int kind = 0; kind < DATAGRAMS && i != slot; kind++)
			close(datagrams[i][kind]);
	}
	while (now_ms() < end_ms) {
		unsigned what = roll(100);

		if (what < 14)
			connect_one();
		else if (what < 28)
			accept_one();
		else if (what < 46)
			talk(&kept[roll(KEPT_MAX)]);
		else if (what < 70)
			hear(&kept[roll(KEPT_MAX)]);
		else if (what < 75)
			drop(&kept[roll(KEPT_MAX)]);
		else if (what < 77)
			fork_one();
		else if (what < 87)
			throw_one();
		else
			catch_one();
	}
	_exit(0);
}

static void make_listener(int i)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_un un;
	int is_unix = i < 2, type = i == 1 ? SOCK_SEQPACKET : SOCK_STREAM;
	int len = is_unix ? name_of(&un, "racers.%d.%u", getpid(), (unsigned)i) : (int)sizeof(in);
	int fd = socket(is_unix ? AF_UNIX : AF_INET, type | SOCK_NONBLOCK, 0);

	must(fd >= 0, "socket");
	must(!bind(fd, is_unix ? (struct sockaddr *)&un : (struct sockaddr *)&in, (socklen_t)len),
	     "bind");
	must(!listen(fd, is_unix ? 4 : 64), "listen");
	listener_lens[i] = sizeof(listener_names[i]);
	must(!getsockname(fd, (struct sockaddr *)&listener_names[i], &listener_lens[i]),
	     "getsockname");
	listeners[i] = fd;
	listener_types[i] = type | SOCK_NONBLOCK;
}

static void make_datagrams(int slot)
{
	for (int kind = 0; kind < DATAGRAMS; kind++) {
		struct sockaddr_storage *name = &shared->addresses[slot][kind];
		struct sockaddr_in in = { .sin_family = AF_INET,
					  .sin_addr = { htonl(INADDR_LOOPBACK) } };
		socklen_t len = sizeof(in);
		struct sockaddr_un un;
		int fd = socket(kind ? AF_UNIX : AF_INET, SOCK_DGRAM, 0);

		must(fd >= 0, "socket");
		if (kind)
			len = (socklen_t)name_of(&un, "racers.%d.d%u", getpid(), (unsigned)slot);
		/* Whole, for who sends there gives all of it. */
		if (kind)
			len = sizeof(un);
		must(!bind(fd, kind ? (struct sockaddr *)&un : (struct sockaddr *)&in, len),
		     "bind");
		len = sizeof(*name);
		must(!getsockname(fd, (struct sockaddr *)name, &len), "getsockname");
		datagrams[slot][kind] = fd;
	}
}

static int write_log(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -1;
	for (unsigned long i = 0; i < shared->n_log && i < LOG_MAX; i++) {
		const struct entry *entry = &shared->log[i];

		fprintf(file, "%d %u %c %d\n", entry->maker, entry->number, entry->side,
			entry->holder);
	}
	return fclose(file);
}

int main(int argc, char **argv)
{
	uint64_t end_ms;
	int status, failed = 0;
	pid_t pids[PROCESSES_MAX];

	if (argc != 4 || atoi(argv[1]) < 1 || atoi(argv[1]) > PROCESSES_MAX)
		return 4;
	n_processes = atoi(argv[1]);
	signal(SIGPIPE, SIG_IGN);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	must(shared != MAP_FAILED, "mmap");
	for (int i = 0; i < KEPT_MAX; i++)
		kept[i].fd = -1;
	for (int i = 0; i < LISTENERS; i++)
		make_listener(i);
	for (int i = 0; i < n_processes; i++)
		make_datagrams(i);
	note_datagrams();
	end_ms = now_ms() + strtoul(argv[2], NULL, 10);
	for (int i = 0; i < n_processes; i++) {
		pids[i] = fork();
		must(pids[i] >= 0, "fork");
		if (pids[i] == 0) {
			/* Nobody waits for those who say a word. */
			signal(SIGCHLD, SIG_IGN);
			work(i, end_ms);
		}
	}
	for (int i = 0; i < n_processes; i++) {
		must(waitpid(pids[i], &status, 0) == pids[i], "waitpid");
		failed |= status;
	}
	must(!write_log(argv[3]), argv[3]);
	printf("%lu connected, %lu accepted, %lu messages, %lu wrong, %lu noted\n",
	       shared->n_connected, shared->n_accepted, shared->n_messages, shared->n_wrong,
	       shared->n_log);
	return failed ? 3 : shared->n_wrong ? 2 : 0;
}
