/* Ctrl-C and Ctrl-Z: the terminal makes signals of two bytes, for the foreground process group. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int master;
static const char *terminal;
static int is_ready; /* a turn */

static void make_terminal(void)
{
	master = check(posix_openpt(O_RDWR | O_NOCTTY));
	check(grantpt(master));
	check(unlockpt(master));
	terminal = check_ptr(ptsname(master));
	is_ready = turn_create();
}

/* A new session, whose controlling terminal is the first terminal that its leader opens. */
static int take_terminal(void)
{
	check(close(master));
	check(setsid());
	return check(open(terminal, O_RDWR));
}

static void program(void)
{
	take_terminal();
	turn_pass(is_ready);
	pause();
	die(__FILE__, __LINE__, "SIGINT did not end the program", 0);
}

static void ctrl_c(void)
{
	pid_t child;

	make_terminal();
	child = spawn("program", program);
	turn_wait(is_ready);
	say("I type Ctrl-C, the byte 3, at the program's terminal");
	write_all(master, "\003", 1);
	reap_killed(child, SIGINT);
	say("the terminal sent SIGINT, and that ended the program");
	check(close(master));
}

static void job(void)
{
	sigset_t set;
	int sig;

	check(sigemptyset(&set));
	check(sigaddset(&set, SIGCONT));
	check(sigprocmask(SIG_BLOCK, &set, NULL));
	turn_pass(is_ready);
	check_pthread(sigwait(&set, &sig)); /* returns an error number, too */
	say("SIGCONT: I go on");
}

/* What a shell does: a job gets a process group, which is the one in the foreground. */
static void shell(void)
{
	int tty = take_terminal();
	int start = turn_create();
	int status;
	pid_t child = fork_peer("job");

	if (child == 0) {
		check(setpgid(0, 0));
		turn_pass(start);
		job();
		_exit(0);
	}
	turn_wait(start);
	check(tcsetpgrp(tty, child));
	turn_pass(is_ready);
	check(retry(waitpid(child, &status, WUNTRACED)));
	expect(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	say("waitpid: the job is stopped by SIGTSTP; I send SIGCONT, as fg does");
	check(kill(child, SIGCONT));
	reap(child);
}

static void ctrl_z(void)
{
	pid_t child;

	make_terminal();
	child = spawn("shell", shell);
	turn_wait(is_ready);
	turn_wait(is_ready);
	say("I type Ctrl-Z, the byte 26, at the job's terminal");
	write_all(master, "\032", 1);
	reap(child);
	check(close(master));
}

static const struct variant variants[] = {
	{ NULL, ctrl_c, "Ctrl-C at a terminal is SIGINT" },
	{ "ctrl-z", ctrl_z, "Ctrl-Z is SIGTSTP; SIGCONT lets the job go on" },
	{ 0 },
};

static const struct demo demo = { 16, "the signals that a terminal sends: Ctrl-C and Ctrl-Z",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
