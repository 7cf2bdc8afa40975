/* wait: the end of a process is a message to its parent, kept until it is fetched. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int fds[2];

static void exit_with_42(void)
{
	_exit(42);
}

static void die_of_sigterm(void)
{
	check(raise(SIGTERM));
}

static void statuses(void)
{
	pid_t child = spawn("child", exit_with_42);
	int status;

	expect(check(retry(waitpid(child, &status, 0))) == child);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	say("exited with %d: eight bits are all that a process can say", WEXITSTATUS(status));
	child = spawn("child", die_of_sigterm);
	expect(check(retry(waitpid(child, &status, 0))) == child);
	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	say("or ended by a signal: SIG%s", sigabbrev_np(WTERMSIG(status)));
	expect_errno(wait(NULL), ECHILD);
	say("no child is left: ECHILD");
}

static void zombie(void)
{
	siginfo_t info;
	pid_t child = spawn("child", exit_with_42);

	check(retry(waitid(P_PID, child, &info, WEXITED | WNOWAIT)));
	check(kill(child, 0));
	say("WNOWAIT: I looked at the status, %d; the child is a zombie, its pid still taken",
	    info.si_status);
	expect(check(waitpid(child, NULL, WNOHANG)) == child);
	expect_errno(kill(child, 0), ESRCH);
	say("fetched; now it is gone");
}

static void stop_and_go(void)
{
	check(raise(SIGSTOP));
	check(raise(SIGSTOP));
}

static void stopped(void)
{
	pid_t child = spawn("child", stop_and_go);
	int status;

	expect(check(retry(waitpid(child, &status, WUNTRACED))) == child && WIFSTOPPED(status));
	say("WUNTRACED: the child has stopped by SIG%s", sigabbrev_np(WSTOPSIG(status)));
	check(kill(child, SIGCONT));
	expect(check(retry(waitpid(child, &status, WUNTRACED))) == child && WIFSTOPPED(status));
	say("it went on and stopped again");
	check(kill(child, SIGCONT));
	reap(child);
	say("and ended");
}

/* Waits until main closes the pipe, or ends, so that an orphan never stays behind. */
static void orphan(void)
{
	char byte;

	check(close(fds[1]));
	expect(check(read(fds[0], &byte, 1)) == 0);
	_exit(7);
}

static void parent_of_orphan(void)
{
	if (check(fork()) == 0)
		orphan();
}

static void adopt(void)
{
	siginfo_t info;
	pid_t child;

	check(prctl(PR_SET_CHILD_SUBREAPER, 1));
	check(pipe(fds));
	child = spawn("parent", parent_of_orphan);
	reap(child);
	say("my child has ended and leaves a child of its own behind");
	check(close(fds[1]));
	check(retry(waitid(P_ALL, 0, &info, WEXITED)));
	expect(info.si_pid != child && info.si_code == CLD_EXITED && info.si_status == 7);
	say("the orphan became mine, since I am a subreaper: it exited with %d", info.si_status);
	check(close(fds[0]));
}

static const struct variant variants[] = {
	{ NULL, statuses, "exit status and deadly signal; ECHILD" },
	{ "zombie", zombie, "a status not yet fetched" },
	{ "stopped", stopped, "stops and continuations" },
	{ "orphan", adopt, "an orphan and its new parent" },
	{ 0 },
};

static const struct demo demo = { 30, "wait: the end of a process as a message", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
