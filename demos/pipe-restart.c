/*
 * A peer that crashed and was started again cannot find its anonymous pipe: the pipe has no name,
 * only descriptors, and those went with the process. fifo --restart is the remedy.
 */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fds[2];

static void reader(void)
{
	char byte;

	check(close(fds[1]));
	for (;;)
		read_all(fds[0], &byte, 1);
}

/* What a service manager does: start the program anew. It inherits no descriptor of the pipe. */
static void start_again(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fds[0]);
	check(execl("/proc/self/exe", program_invocation_short_name, "--restarted", number, NULL));
}

static void restarted(void)
{
	set_role("reader 2");
	expect_errno(fcntl(atoi(demo_arg()), F_GETFD), EBADF);
	say("I was started again; the pipe's descriptor is not mine, and there is no name to open");
}

static void writer(void)
{
	pid_t child;

	check(pipe2(fds, O_CLOEXEC)); /* closed by exec */
	child = spawn("reader", reader);
	set_role("writer");
	check(close(fds[0]));
	write_all(fds[1], "x", 1);
	await_blocked(child, SYS_read);
	kill_and_reap(child);
	say("the reader crashed");
	expect(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	expect_errno(write(fds[1], "y", 1), EPIPE);
	say("my next write fails with EPIPE");
	reap(spawn("reader 2", start_again));
	expect_errno(write(fds[1], "z", 1), EPIPE);
	say("the new reader does not help: EPIPE again, this pipe is lost");
	check(close(fds[1]));
}

static const struct variant variants[] = {
	{ NULL, writer, "the reader crashes and is restarted: it cannot find the pipe again" },
	{ "restarted", restarted, "the restarted reader, which the demo starts itself", "FD" },
	{ 0 },
};

static const struct demo demo = { 7, "a restarted peer cannot find an anonymous pipe", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
