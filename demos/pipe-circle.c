/* Two processes, two pipes, both full, both writing: nobody reads, so nobody goes on. */
#include "support/demo.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static int to_right[2], to_left[2];

static void write_for_ever(int fd)
{
	static const char block[4096];

	for (;;)
		write_all(fd, block,
			  sizeof(block)); /* the mistake: never looking at the other pipe */
}

static void left(void)
{
	check(close(to_right[0]));
	check(close(to_left[1]));
	write_for_ever(to_right[1]);
}

static void right(void)
{
	check(close(to_left[0]));
	check(close(to_right[1]));
	write_for_ever(to_left[1]);
}

static void circle(void)
{
	pid_t left_pid, right_pid;

	check(pipe(to_right));
	check(pipe(to_left));
	left_pid = spawn("left", left);
	right_pid = spawn("right", right);
	for (int i = 0; i < 2; i++) {
		check(close(to_right[i]));
		check(close(to_left[i]));
	}
	await_blocked(left_pid, SYS_write);
	await_blocked(right_pid, SYS_write);
	say("left writes to right and right to left, both pipes are full: each waits for the "
	    "other");
	stay_if_asked();
	kill_and_reap(left_pid);
	say("I killed left, which was the only reader of right");
	reap_killed(right_pid, SIGPIPE);
	say("so right was killed by SIGPIPE");
}

static const struct variant variants[] = {
	{ NULL, circle, "two full pipes in a circle: each process blocked writing to the other" },
	{ 0 },
};

static const struct demo demo = { 5, "a deadlock over two full pipes", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
