/*
 * Makes every x86_64 system call once, with arguments that let it do no harm (mostly all bits set:
 * no such descriptor, process, address or flag). For tests of which calls a class selects.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_CALL 469

/* Made by hand below, or never: these would stop the machine, the terminal or this program. */
static const int apart[] = {
	SYS_rt_sigreturn, SYS_pause,  SYS_alarm,      SYS_fork,    SYS_vfork, SYS_exit,
	SYS_kill,         SYS_msgget, SYS_exit_group, SYS_vhangup, SYS_sync,  335 /* uretprobe */,
	336 /* uprobe */,
};

static int is_apart(int nr)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		if (apart[i] == nr)
			return 1;
	}
	return 0;
}

static void on_signal(int signal)
{
	(void)signal;
}

/* The handler's return is rt_sigreturn; the timer ticks until pause has been entered. */
static void make_signal_calls(void)
{
	struct itimerval tick = { .it_interval = { .tv_usec = 10000 },
				  .it_value = { .tv_usec = 10000 } };
	struct itimerval none = { 0 };

	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &tick, NULL);
	syscall(SYS_pause);
	setitimer(ITIMER_REAL, &none, NULL);
	syscall(SYS_alarm, 0);
	syscall(SYS_kill, getpid(), 0);
}

static void make_process_calls(void)
{
	pid_t pid = syscall(SYS_fork);

	if (pid == 0)
		syscall(SYS_exit, 0);
	waitpid(pid, NULL, 0);
	pid = vfork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	make_signal_calls();
	make_process_calls();
	syscall(SYS_msgget, 0x7fffabcd, 0);
	for (int nr = 0; nr <= LAST_CALL; nr++) {
		/* 336 to 423 are numbers of no call on this architecture. */
		if (!is_apart(nr) && (nr < 337 || nr > 423))
			syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);
	}
	exit(0);
}
