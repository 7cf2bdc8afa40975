/*
 * churn PROCESSES MILLISECONDS: processes that open pipes and sockets, pass them to others by
 * SCM_RIGHTS, write and read messages, fork, execute, close and die, until the time is over. Then those
 * that live rest, the first one prints "resting", and all end when standard input does.
 *
 * Each message carries the pid and the descriptor of who sent it, so that whoever sees it being read
 * knows who wrote it. A message that is not whole makes the exit status 2.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_MAX = 24, SHARED = 195, STOP, STOP_WRITE, SEND, TAKE };
enum { DIED = 0, HANDED_ON = 3 };

struct message {
	int32_t pid, fd;
	uint32_t number, sum;
};

struct shared {
	uint64_t end_ns;
	unsigned long n_messages, n_passed, n_born, n_executed, n_wrong;
	int n_resting;
};

static struct shared *shared;
static int kept[KEPT_MAX];
static unsigned seed;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
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

static uint32_t sum(const struct message *m)
{
	return ((uint32_t)m->pid * 31 + (uint32_t)m->fd) * 31 + m->number + 7;
}

static void keep(int fd)
{
	unsigned at = roll(KEPT_MAX);

	if (kept[at] >= 0)
		close(kept[at]);
	kept[at] = fd;
}

static void make(void)
{
	int ends[2];
	int err;

	if (roll(3) == 0)
		err = pipe2(ends, O_NONBLOCK);
	else if (roll(2))
		err = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
	else
		err = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
	if (err < 0)
		return;
	keep(ends[0]);
	keep(ends[1]);
}

static void talk(void)
{
	static uint32_t number;
	int fd = kept[roll(KEPT_MAX)];
	struct message m = { getpid(), fd, ++number, 0 };

	m.sum = sum(&m);
	if (fd >= 0)
		(void)!write(fd, &m, sizeof(m));
}

static void hear(void)
{
	int fd = kept[roll(KEPT_MAX)];
	struct message m;
	ssize_t n;

	if (fd < 0)
		return;
	n = read(fd, &m, sizeof(m));
	if (n <= 0)
		return;
	count(&shared->n_messages);
	if (n != sizeof(m) || m.sum != sum(&m))
		count(&shared->n_wrong);
}

/* Into the one socket that all share: anybody may take it out. */
static void pass(void)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	int fd = kept[roll(KEPT_MAX)];
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);

	if (fd < 0)
		return;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	(void)!sendmsg(SEND, &header, MSG_DONTWAIT);
}

static void take(void)
{
	char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(TAKE, &header, MSG_DONTWAIT) <= 0)
		return;
	cmsg = CMSG_FIRSTHDR(&header);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	keep(fd);
	count(&shared->n_passed);
}

static void copy(void)
{
	int fd = kept[roll(KEPT_MAX)];

	if (fd < 0)
		return;
	fd = fcntl(fd, roll(2) ? F_DUPFD : F_DUPFD_CLOEXEC, 3 + (int)roll(100));
	if (fd >= 0)
		keep(fd);
}

/* The child goes on with all that its parent had. */
static void hand_on(void)
{
	pid_t pid = fork();

	if (pid > 0)
		_exit(HANDED_ON);
	if (pid == 0)
		seed += (unsigned)getpid();
}

static void execute(void)
{
	char text[32];

	count(&shared->n_executed);
	snprintf(text, sizeof(text), "%u", seed);
	execl("/proc/self/exe", "churn", "again", text, NULL);
	_exit(5);
}

static void rest(void)
{
	char byte;

	__atomic_add_fetch(&shared->n_resting, 1, __ATOMIC_SEQ_CST);
	while (read(STOP, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(DIED);
}

static void work(void)
{
	static void (*const steps[])(void) = { make, talk, talk, talk, hear, hear, hear,
					       hear, pass, pass, take, take, take, copy };

	while (now_ns() < shared->end_ns) {
		unsigned what = roll(600);

		if (what == 0)
			_exit(DIED);
		else if (what < 3)
			hand_on();
		else if (what == 3)
			execute();
		else if (what < 60)
			keep(-1);
		else
			steps[roll(sizeof(steps) / sizeof(*steps))]();
	}
	rest();
}

static void spawn(unsigned number)
{
	pid_t pid = fork();

	if (pid < 0)
		exit(4);
	count(&shared->n_born);
	if (pid > 0)
		return;
	close(STOP_WRITE);
	seed = number * 7919 + (unsigned)getpid();
	work();
}

static void map(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, SHARED, 0);
	if (shared == MAP_FAILED)
		exit(4);
}

/* After execve: what is still open is kept. */
static void again(const char *text)
{
	unsigned at = 0;

	map();
	seed = (unsigned)strtoul(text, NULL, 10) + 1;
	for (int fd = 3; fd < SHARED && at < KEPT_MAX; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			kept[at++] = fd;
	}
	work();
}

static void set_up(unsigned long ms)
{
	int memory = memfd_create("churn", 0);
	int ends[2];

	if (memory < 0 || ftruncate(memory, sizeof(*shared)) < 0 || dup2(memory, SHARED) < 0)
		exit(4);
	close(memory);
	map();
	if (pipe(ends) < 0 || dup2(ends[0], STOP) < 0 || dup2(ends[1], STOP_WRITE) < 0)
		exit(4);
	close(ends[0]);
	close(ends[1]);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0 || dup2(ends[0], SEND) < 0 ||
	    dup2(ends[1], TAKE) < 0)
		exit(4);
	close(ends[0]);
	close(ends[1]);
	shared->end_ns = now_ns() + ms * 1000000;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 50;
	char byte;
	int status;

	memset(kept, -1, sizeof(kept));
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && strcmp(argv[1], "again") == 0)
		again(argv[2]);
	set_up(argc > 2 ? strtoul(argv[2], NULL, 10) : 10000);
	/* The children of those who handed on are ours. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < n; i++)
		spawn((unsigned)i);
	while (__atomic_load_n(&shared->n_resting, __ATOMIC_SEQ_CST) < n) {
		if (waitpid(-1, &status, WNOHANG) <= 0)
			usleep(500);
		else if (!WIFEXITED(status) ||
			 (WEXITSTATUS(status) != DIED && WEXITSTATUS(status) != HANDED_ON))
			return 3;
		else if (WEXITSTATUS(status) == DIED)
			spawn(roll(100000));
	}
	printf("resting\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	close(STOP_WRITE);
	while (wait(&status) > 0 || errno == EINTR)
		;
	printf("%lu messages, %lu passed, %lu born, %lu executed, %lu wrong\n", shared->n_messages,
	       shared->n_passed, shared->n_born, shared->n_executed, shared->n_wrong);
	return shared->n_wrong ? 2 : 0;
}
