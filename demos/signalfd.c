/* signalfd: signals read from a descriptor, as records of 128 bytes. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_signalfd(int flags)
{
	sigset_t set;

	check(sigemptyset(&set));
	check(sigaddset(&set, SIGUSR1));
	check(sigaddset(&set, SIGRTMIN));
	check(sigaddset(&set, SIGCHLD));
	check(sigprocmask(SIG_BLOCK, &set, NULL)); /* or they would be delivered as ever */
	return check(signalfd(-1, &set, SFD_CLOEXEC | flags));
}

static void send_to_parent(void)
{
	check(sigqueue(getppid(), SIGRTMIN, sent_value(77)));
}

static void read_signals(void)
{
	struct signalfd_siginfo info;
	int fd = make_signalfd(0);
	pid_t child = spawn("child", send_to_parent);

	/* SIGCHLD may come first or second in time; the lower number is read first if both wait. */
	check(retry(waitid(P_PID, child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT)));
	read_all(fd, &info, sizeof(info));
	expect(info.ssi_signo == SIGCHLD && info.ssi_pid == (unsigned int)child);
	say("read SIGCHLD: the child exited with %d", info.ssi_status);
	read_all(fd, &info, sizeof(info));
	expect(info.ssi_signo == (unsigned int)SIGRTMIN && info.ssi_pid == (unsigned int)child);
	say("read SIGRTMIN with the value %d", info.ssi_int);
	expect(info.ssi_int == 77);
	reap(child);
	check(close(fd));
}

static void nonblock(void)
{
	struct signalfd_siginfo info;
	int fd = make_signalfd(SFD_NONBLOCK);

	expect_errno(read(fd, &info, sizeof(info)), EAGAIN);
	say("no signal is pending: EAGAIN");
	for (int i = 0; i < 3; i++)
		check(kill(getpid(), SIGUSR1));
	read_all(fd, &info, sizeof(info));
	expect(info.ssi_signo == SIGUSR1 && info.ssi_code == SI_USER);
	expect_errno(read(fd, &info, sizeof(info)), EAGAIN);
	say("SIGUSR1 sent three times is read once: it coalesces here as well");
	check(close(fd));
}

static const struct variant variants[] = {
	{ NULL, read_signals, "SIGCHLD and a real-time signal, read from a descriptor" },
	{ "nonblock", nonblock, "nothing pending: EAGAIN; three signals read as one" },
	{ 0 },
};

static const struct demo demo = { 17, "signalfd: signals read from a descriptor", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
