/* sigwait: signals taken when one is ready for them, in the line of the program, with no handler. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Blocked signals are kept pending, which is what the wait takes them from. */
static sigset_t block_signals(void)
{
	sigset_t set;

	check(sigemptyset(&set));
	check(sigaddset(&set, SIGUSR1));
	check(sigaddset(&set, SIGUSR2));
	check(sigprocmask(SIG_BLOCK, &set, NULL));
	return set;
}

static void waiter(void)
{
	sigset_t set = block_signals(); /* blocked by the fork already */
	siginfo_t info;

	expect(check(retry(sigwaitinfo(&set, &info))) == SIGUSR2);
	expect(info.si_pid == getppid());
	say("sigwaitinfo returned SIGUSR2 with the value %d, from my parent",
	    info.si_value.sival_int);
}

static void wait_for_signal(void)
{
	pid_t child;

	block_signals();
	child = spawn("waiter", waiter);
	await_blocked(child, SYS_rt_sigtimedwait);
	say("the waiter waits for SIGUSR1 or SIGUSR2; I send the second with the value 5");
	check(sigqueue(child, SIGUSR2, sent_value(5)));
	reap(child);
}

static void pending(void)
{
	sigset_t set = block_signals();
	int sig;

	check(kill(getpid(), SIGUSR1));
	check_pthread(sigwait(&set, &sig)); /* returns an error number, too */
	expect(sig == SIGUSR1);
	say("SIGUSR1 was pending before the wait: sigwait returned at once");
}

static void timeout(void)
{
	const struct timespec limit = { .tv_nsec = 20000000 };
	sigset_t set = block_signals();

	expect_errno(retry(sigtimedwait(&set, NULL, &limit)), EAGAIN);
	say("sigtimedwait: nothing came in 20 ms, EAGAIN");
}

static const struct variant variants[] = {
	{ NULL, wait_for_signal, "waiting for one of two signals" },
	{ "pending", pending, "a signal that was pending already" },
	{ "timeout", timeout, "waiting for a limited time: EAGAIN" },
	{ 0 },
};

static const struct demo demo = { 17, "sigwait: signals without a handler", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
