/* Signals: a number for a process, at any time; its default action, a handler, or nothing. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CAUGHT 8

static siginfo_t caught[MAX_CAUGHT];
static volatile sig_atomic_t num_caught;
static int fds[2]; /* a pipe */
static int was_handled; /* a turn */

/* A handler may interrupt anything, so it only takes notes and calls what signal-safety(7) allows. */
static void note(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (num_caught < MAX_CAUGHT)
		caught[num_caught++] = *info;
}

static void catch_with(int sig, int flags)
{
	struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO | flags };

	check(sigfillset(&action.sa_mask)); /* no other handler while this one runs */
	check(sigaction(sig, &action, NULL));
}

static void change_mask(int how, int sig)
{
	sigset_t set;

	check(sigemptyset(&set));
	check(sigaddset(&set, sig));
	check(sigprocmask(how, &set, NULL));
}

static void raise_usr1(void)
{
	check(kill(getpid(), SIGUSR1));
}

static void dispositions(void)
{
	reap_killed(spawn("child", raise_usr1), SIGUSR1);
	say("default action of SIGUSR1: the child was ended");
	catch_with(SIGUSR1, 0);
	raise_usr1();
	expect(num_caught == 1 && caught[0].si_pid == getpid() && caught[0].si_code == SI_USER);
	say("with a handler: it ran once, and knows the sender's pid, but there is no data");
	expect(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	raise_usr1();
	expect(num_caught == 1);
	say("ignored: nothing happened");
}

/* What a signal does by default, seen on a child that sends it to itself. */
static const char *default_action(int sig)
{
	pid_t child = fork_peer("child");
	int status;

	if (child == 0) {
		/* A group of its own: in an orphaned one, SIGTSTP, SIGTTIN, SIGTTOU do nothing. */
		check(setpgid(0, 0));
		check(kill(getpid(), sig));
		_exit(0);
	}
	check(retry(waitpid(child, &status, WUNTRACED)));
	if (WIFSTOPPED(status)) {
		expect(WSTOPSIG(status) == sig);
		kill_and_reap(child);
		return "stops the process";
	}
	if (WIFSIGNALED(status)) {
		expect(WTERMSIG(status) == sig);
		return "ends the process";
	}
	return sig == SIGCONT ? "goes on after a stop" : "is ignored";
}

static void all(void)
{
	const struct rlimit no_core = { 0, 0 };

	check(setrlimit(RLIMIT_CORE, &no_core));
	for (int sig = 1; sig < 32; sig++)
		say("%2d SIG%-6s %s", sig, sigabbrev_np(sig), default_action(sig));
	expect(!strcmp(default_action(SIGRTMIN), "ends the process"));
	say("%d to %d are the real-time signals; each ends the process", SIGRTMIN, SIGRTMAX);
}

static void uncatchable(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	expect_errno(sigaction(SIGKILL, &action, NULL), EINVAL);
	expect_errno(sigaction(SIGSTOP, &action, NULL), EINVAL);
	say("SIGKILL and SIGSTOP can be neither caught nor ignored: EINVAL");
}

static void tell_handled(int sig)
{
	(void)sig;
	turn_pass(was_handled);
}

static void interrupted_reader(void)
{
	char byte;

	catch_with(SIGUSR1, 0);
	expect_errno(read(fds[0], &byte, 1), EINTR);
	expect(num_caught == 1);
	say("my read failed with EINTR: the handler ran in between");
}

static void restarted_reader(void)
{
	struct sigaction action = { .sa_handler = tell_handled, .sa_flags = SA_RESTART };
	char byte;

	check(sigaction(SIGUSR1, &action, NULL));
	check(read(fds[0], &byte, 1));
	say("with SA_RESTART read went on waiting after the handler, and got %c", byte);
}

static void eintr(void)
{
	pid_t child;

	check(pipe(fds));
	child = spawn("reader", interrupted_reader);
	await_blocked(child, SYS_read);
	say("the reader waits in read; I send SIGUSR1");
	check(kill(child, SIGUSR1));
	reap(child);
}

static void restart(void)
{
	pid_t child;

	check(pipe(fds));
	was_handled = turn_create();
	child = spawn("reader", restarted_reader);
	await_blocked(child, SYS_read);
	say("the reader waits in read; I send SIGUSR1, and then a byte");
	check(kill(child, SIGUSR1));
	turn_wait(was_handled);
	write_all(fds[1], "B", 1);
	reap(child);
}

static void pending(void)
{
	sigset_t set;

	catch_with(SIGUSR1, 0);
	change_mask(SIG_BLOCK, SIGUSR1);
	raise_usr1();
	check(sigpending(&set));
	expect(num_caught == 0 && sigismember(&set, SIGUSR1) == 1);
	say("SIGUSR1 was sent while blocked: it is pending, the handler has not run");
	raise_usr1();
	raise_usr1();
	change_mask(SIG_UNBLOCK, SIGUSR1);
	expect(num_caught == 1);
	say("sent three times, unblocked: the handler ran once, standard signals do not queue");
}

static void realtime(void)
{
	catch_with(SIGRTMIN, 0);
	catch_with(SIGRTMIN + 1, 0);
	change_mask(SIG_BLOCK, SIGRTMIN);
	change_mask(SIG_BLOCK, SIGRTMIN + 1);
	check(sigqueue(getpid(), SIGRTMIN + 1, sent_value(10)));
	check(sigqueue(getpid(), SIGRTMIN, sent_value(20)));
	check(sigqueue(getpid(), SIGRTMIN, sent_value(30)));
	say("queued: SIGRTMIN+1 with the value 10, SIGRTMIN with 20, SIGRTMIN with 30");
	change_mask(SIG_UNBLOCK, SIGRTMIN);
	change_mask(SIG_UNBLOCK, SIGRTMIN + 1);
	expect(num_caught == 3);
	for (int i = 0; i < 3; i++)
		say("caught SIGRTMIN+%d with %d", caught[i].si_signo - SIGRTMIN,
		    caught[i].si_value.sival_int);
	for (int i = 0; i < 3; i++)
		expect(caught[i].si_value.sival_int == (i == 2 ? 10 : 20 + 10 * i));
}

static void exit_with_7(void)
{
	_exit(7);
}

static void sigchld(void)
{
	sigset_t old_mask;
	int status;
	pid_t child;

	catch_with(SIGCHLD, 0);
	check(sigprocmask(SIG_BLOCK, NULL, &old_mask));
	change_mask(SIG_BLOCK, SIGCHLD); /* so that it cannot come between the test and the wait */
	child = spawn("child", exit_with_7);
	while (num_caught == 0)
		expect_errno(sigsuspend(&old_mask), EINTR);
	expect(caught[0].si_pid == child && caught[0].si_code == CLD_EXITED);
	say("SIGCHLD: my child exited with %d", caught[0].si_status);
	expect(check(waitpid(child, &status, WNOHANG)) == child && WEXITSTATUS(status) == 7);
}

static const struct variant variants[] = {
	{ NULL, dispositions, "default action, handler, ignored" },
	{ "all", all, "every signal and its default action" },
	{ "uncatchable", uncatchable, "SIGKILL and SIGSTOP cannot be caught" },
	{ "eintr", eintr, "a signal while blocked in read: EINTR" },
	{ "restart", restart, "the same with SA_RESTART" },
	{ "pending", pending, "blocked and pending; standard signals coalesce" },
	{ "realtime", realtime, "real-time signals queue, in order, with a value" },
	{ "sigchld", sigchld, "SIGCHLD tells of a child's end" },
	{ 0 },
};

static const struct demo demo = { 16, "signals: default action, handler, blocked, pending, queued",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
