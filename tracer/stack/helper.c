#include "stack/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "stack/confine.h"
#include "stack/protocol.h"
#include "stack/unwinder.h"

#define NS_PER_MS 1000000ull

enum {
	SILENCE_MS = 1500, /* less than after which the monitor takes the tracer to be stuck */
	STARVED_MS = 10000,
	COMPUTED_NS = 1200 * 1000 * 1000, /* for one order, more than its own limit */
	END_MS = 1000,
};

/* What goes with a helper's number from the process that has forked it: its socket and a pidfd. */
enum { BIRTH_FDS = 2 };

/* What it is asked for. */
enum { ASK_HELPER = 'h', ASK_END = 'e' };

/* --- in the processes themselves --- */

static void set_timeouts(int fd, int ms)
{
	const struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

static _Noreturn void run_helper(int fd, const uint8_t *area, pid_t parent)
{
	const struct asking asking = { STDIN_FILENO, area };

	prctl(PR_SET_NAME, "ipctrace-unwind");
	if (confine_begin(fd) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	confine_calls(); /* where the kernel has no filters, the rest has to do */
	unwinder_run(&asking);
}

static void send_birth(int fd, pid_t pid, const int fds[BIRTH_FDS])
{
	char control[CMSG_SPACE(BIRTH_FDS * sizeof(int))] = { 0 };
	struct iovec part = { &pid, sizeof(pid) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(BIRTH_FDS * sizeof(int));
	memcpy(CMSG_DATA(header), fds, BIRTH_FDS * sizeof(int));
	sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* Fork one helper: its number, fds filled; or -errno. */
static pid_t fork_helper(const uint8_t *area, int fds[BIRTH_FDS])
{
	pid_t self = getpid(), pid;
	int pair[2], error = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run_helper(pair[1], area, self);
	set_timeouts(pair[0], SILENCE_MS); /* here, since the tracer may not any more */
	fds[0] = pair[0];
	fds[1] = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (fds[1] < 0) {
		error = -errno;
		close(pair[0]); /* which is the end of it */
	}
	close(pair[1]);
	return error ? error : pid;
}

/* Hand a new helper over; a message of -errno, without descriptors: that was not possible. */
static void spawn(int control, const uint8_t *area)
{
	int fds[BIRTH_FDS] = { -1, -1 };
	pid_t pid = fork_helper(area, fds);

	if (pid < 0) {
		send(control, &pid, sizeof(pid), MSG_NOSIGNAL);
		return;
	}
	send_birth(control, pid, fds);
	close(fds[0]);
	close(fds[1]);
}

/* Each byte asks for a helper, but for the one to end; so does the end of who may ask. */
static _Noreturn void run_spawner(int fd, const uint8_t *area)
{
	char byte = ASK_END;

	prctl(PR_SET_NAME, "ipctrace-spawn");
	if (confine_begin(fd) < 0)
		_exit(1);
	while (recv(STDIN_FILENO, &byte, 1, 0) == 1 && byte == ASK_HELPER)
		spawn(STDIN_FILENO, area);
	_exit(0);
}

/* --- in the tracer --- */

/* By way of a child that ends at once: what is left is nobody's child that waits for it. */
static int fork_spawner(const struct helper *helper, int fd)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			run_spawner(fd, helper->area);
		_exit(pid < 0);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

int helper_create(struct helper *helper)
{
	int pair[2], error;

	*helper = (struct helper){ .spawner = -1, .fd = -1, .pidfd = -1 };
	helper->area =
		mmap(NULL, AREA_LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (helper->area == MAP_FAILED) {
		error = -errno;
		helper->area = NULL;
		return error;
	}
	error = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
	if (!error) {
		helper->spawner = pair[0];
		error = fork_spawner(helper, pair[1]);
		close(pair[1]);
	}
	if (!error) {
		set_timeouts(helper->spawner, STARVED_MS);
		error = helper_ensure(helper);
	}
	if (error)
		helper_destroy(helper);
	return error;
}

void helper_kill(struct helper *helper)
{
	struct pollfd dead = { helper->pidfd, POLLIN, 0 };

	if (helper->fd < 0)
		return;
	syscall(SYS_pidfd_send_signal, helper->pidfd, SIGKILL, NULL, 0);
	poll(&dead, 1, END_MS);
	close(helper->pidfd);
	close(helper->fd);
	helper->fd = helper->pidfd = -1;
}

static int ask_spawner(const struct helper *helper, char what)
{
	return send(helper->spawner, &what, 1, MSG_NOSIGNAL) == 1 ? 0 : -EPIPE;
}

void helper_destroy(struct helper *helper)
{
	struct pollfd end = { helper->spawner, POLLIN, 0 };

	if (!helper->area)
		return;
	helper_kill(helper);
	if (helper->spawner >= 0) {
		/* It closes its socket by its end, which we see. */
		if (ask_spawner(helper, ASK_END) == 0)
			poll(&end, 1, END_MS);
		close(helper->spawner);
	}
	munmap(helper->area, AREA_LEN);
	*helper = (struct helper){ 0 };
}

static bool is_late(uint64_t since_ns, unsigned ms)
{
	return clock_ns(CLOCK_MONOTONIC) - since_ns >= ms * NS_PER_MS;
}

/* A message of who forks: 0 if it came with descriptors, which are then in *helper. */
static int receive_birth(struct helper *helper)
{
	uint64_t since_ns = clock_ns(CLOCK_MONOTONIC);
	char control[CMSG_SPACE(BIRTH_FDS * sizeof(int))];
	int fds[BIRTH_FDS];
	pid_t pid;
	struct iovec part = { &pid, sizeof(pid) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	ssize_t n;

	do
		n = recvmsg(helper->spawner, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR && !is_late(since_ns, STARVED_MS));
	if (n != sizeof(pid))
		return n < 0 ? -errno : -EPIPE;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(fds)))
		return pid < 0 ? pid : -EPROTO;
	memcpy(fds, CMSG_DATA(header), sizeof(fds));
	helper->fd = fds[0];
	helper->pidfd = fds[1];
	helper->pid = pid;
	helper->cpu = -1;
	return 0;
}

int helper_ensure(struct helper *helper)
{
	int error;

	if (helper->fd >= 0)
		return 0;
	error = ask_spawner(helper, ASK_HELPER);
	if (!error)
		error = receive_birth(helper);
	return error;
}

/* Processor time that it has taken so far; UINT64_MAX if it is gone. */
static uint64_t used_ns(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts) < 0)
		return UINT64_MAX;
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static int send_to(const struct helper *helper, const void *message, size_t len)
{
	ssize_t n;

	do
		n = send(helper->fd, message, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)len ? 0 : -EPIPE;
}

/*
 * While it unwinds we wait, and the other way round: on one processor that is a switch, on two each
 * order and answer has to wake the other one up first.
 */
static void share_processor(struct helper *helper)
{
	struct pollfd dead = { helper->pidfd, POLLIN, 0 };
	int cpu = sched_getcpu();
	cpu_set_t set;

	/* Its number is its own as long as it lives. */
	if (cpu < 0 || cpu == helper->cpu || cpu >= CPU_SETSIZE || poll(&dead, 1, 0) != 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	sched_setaffinity(helper->pid, sizeof(set), &set);
	helper->cpu = cpu;
}

int helper_order(struct helper *helper, const struct order *order)
{
	share_processor(helper);
	helper->order_used_ns = used_ns(helper->pid);
	return send_to(helper, order, sizeof(*order));
}

int helper_answer(const struct helper *helper, int64_t result)
{
	const struct answer answer = { result };

	return send_to(helper, &answer, sizeof(answer));
}

/* Does it only wait for a processor, or a page, that others have? */
static bool is_starved(const struct helper *helper)
{
	char name[32], text[256];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)helper->pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	end = strrchr(text, ')');
	return end && (strncmp(end, ") R", 3) == 0 || strncmp(end, ") D", 3) == 0);
}

/* Has it been silent for too long? Its processor time tells who computes from who would like to. */
static bool has_to_end(const struct helper *helper, uint64_t since_ns)
{
	if (!is_late(since_ns, SILENCE_MS))
		return false;
	return is_late(since_ns, STARVED_MS) || !is_starved(helper) ||
	       used_ns(helper->pid) - helper->order_used_ns > COMPUTED_NS;
}

ssize_t helper_receive(const struct helper *helper, void *message, size_t len)
{
	uint64_t since_ns = clock_ns(CLOCK_MONOTONIC);
	bool is_last = false;
	ssize_t n;

	for (;;) {
		n = recv(helper->fd, message, len, is_last ? MSG_DONTWAIT : 0);
		if (n > 0)
			return n;
		if (n == 0 || (errno != EINTR && errno != EAGAIN))
			return -EPIPE;
		if (is_last)
			return -ETIMEDOUT;
		/* It may have answered while we were stopped: look once more. */
		is_last = has_to_end(helper, since_ns);
	}
}
