/* pidfd: a descriptor for a process, which never comes to mean another one as a pid can. */
#include "support/demo.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWNER_FD 100

static int is_open; /* a turn */

/* glibc has wrappers since 2.36; the calls are older. */
static int open_pidfd(pid_t pid)
{
	return check(syscall(SYS_pidfd_open, pid, 0));
}

static int send_signal(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

static void wait_for_ever(void)
{
	pause();
}

static void signal_and_wait(void)
{
	pid_t child = spawn("child", wait_for_ever);
	struct pollfd poll_fd = { .fd = open_pidfd(child), .events = POLLIN };
	siginfo_t info;

	expect(check(poll(&poll_fd, 1, 0)) == 0);
	say("opened the child as a descriptor; not readable while it lives");
	check(send_signal(poll_fd.fd, SIGTERM));
	expect(check(retry(poll(&poll_fd, 1, -1))) == 1);
	say("sent SIGTERM through it; poll says readable: the child has ended");
	check(waitid(P_PIDFD, poll_fd.fd, &info, WEXITED));
	expect(info.si_pid == child && info.si_code == CLD_KILLED && info.si_status == SIGTERM);
	expect_errno(send_signal(poll_fd.fd, SIGTERM), ESRCH);
	say("waitid(P_PIDFD) reaped it; another signal finds nobody, even if the pid is used "
	    "again");
	check(close(poll_fd.fd));
}

static void pipe_owner(void)
{
	int fds[2];

	check(pipe(fds));
	check(dup2(fds[0], OWNER_FD)); /* a number that the demo knows */
	write_all(fds[1], "not inherited", 13);
	turn_pass(is_open);
	pause();
}

static void get_descriptor(void)
{
	char text[13];
	int pidfd, fd;
	pid_t child;

	is_open = turn_create();
	child = spawn("owner", pipe_owner);
	turn_wait(is_open);
	pidfd = open_pidfd(child);
	fd = syscall(SYS_pidfd_getfd, pidfd, OWNER_FD, 0);
	if (fd < 0 && (errno == EPERM || errno == ENOSYS))
		skip("pidfd_getfd is not permitted here");
	check(fd);
	read_all(fd, text, sizeof(text));
	say("pidfd_getfd took a pipe end out of the other process; I read: %.13s", text);
	check(close(fd));
	check(close(pidfd));
	kill_and_reap(child);
}

static const struct variant variants[] = {
	{ NULL, signal_and_wait, "pidfd_open, pidfd_send_signal, poll, waitid" },
	{ "getfd", get_descriptor, "pidfd_getfd: take a descriptor out of another process" },
	{ 0 },
};

static const struct demo demo = { 17, "pidfd: a process as a descriptor", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
