/*
 * Programs that trace their children, by name. Each prints what it finds, which has to be the same
 * untraced and under `ipctrace --yield`.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void say_status(const char *who, pid_t pid, int status)
{
	if (pid < 0)
		printf("%s: %s\n", who, strerror(errno));
	else if (WIFSTOPPED(status))
		printf("%s: stopped by %d event %d\n", who, WSTOPSIG(status), status >> 16);
	else if (WIFEXITED(status))
		printf("%s: exited with %d\n", who, WEXITSTATUS(status));
	else
		printf("%s: killed by %d\n", who, WTERMSIG(status));
}

static void wait_for(pid_t pid, int options)
{
	int status = 0;
	pid_t got = waitpid(pid, &status, options);

	say_status("child", got, status);
}

/* As debuggers start programs. */
static int traceme(void)
{
	int status = 0;
	pid_t got, pid = fork();

	if (pid == 0) {
		long ret = ptrace(PTRACE_TRACEME, 0, 0, 0);

		if (ret < 0)
			_exit(9);
		raise(SIGSTOP);
		execlp("sh", "sh", "-c", "kill -USR1 $$; exit 7", NULL);
		_exit(8);
	}
	while ((got = waitpid(pid, &status, 0)) == pid && WIFSTOPPED(status)) {
		say_status("child", got, status);
		ptrace(PTRACE_CONT, pid, 0, WSTOPSIG(status) == SIGUSR1 ? SIGUSR1 : 0);
	}
	say_status("child", got, status);
	return 0;
}

static pid_t start_sleeper(int *ret_fd)
{
	int go[2], ready[2];
	char c;
	pid_t pid;

	if (pipe(go) < 0 || pipe(ready) < 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		struct epoll_event event = { .events = EPOLLIN };
		int n, epoll = epoll_create1(0);

		epoll_ctl(epoll, EPOLL_CTL_ADD, go[0], &event);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		n = epoll_wait(epoll, &event, 1, -1);
		printf("epoll_wait: %d %s\n", n, n < 0 ? strerror(errno) : "");
		fflush(stdout);
		_exit(5);
	}
	if (read(ready[0], &c, 1) != 1)
		exit(1);
	*ret_fd = go[1];
	return pid;
}

/* As they attach to programs that run: one that sleeps in epoll_wait, which is easily disturbed. */
static int seize(void)
{
	int fd;
	pid_t pid = start_sleeper(&fd);

	printf("seize: %ld\n", ptrace(PTRACE_SEIZE, pid, 0, 0));
	printf("again: %ld\n", ptrace(PTRACE_SEIZE, pid, 0, 0));
	if (write(fd, "", 1) != 1)
		return 1;
	wait_for(pid, 0);
	return 0;
}

static int attach(void)
{
	int fd, status = 0;
	pid_t pid = start_sleeper(&fd);

	kill(pid, SIGSTOP);
	wait_for(pid, WUNTRACED);
	printf("attach: %ld\n", ptrace(PTRACE_ATTACH, pid, 0, 0));
	wait_for(pid, 0);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		;
	say_status("child", pid, status);
	return 0;
}

/* Whom there is not. */
static int nobody(void)
{
	printf("seize: %ld", (long)ptrace(PTRACE_SEIZE, 0x7ffffff0, 0, 0));
	printf(" %s\n", strerror(errno));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	{ "traceme", traceme }, { "seize", seize }, { "attach", attach }, { "nobody", nobody }
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run();
	return 2;
}
