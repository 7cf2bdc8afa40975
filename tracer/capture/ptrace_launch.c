#include "capture/ptrace_launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void launch_env_save(struct launch_env *env)
{
	sigprocmask(SIG_SETMASK, NULL, &env->mask);
	sigaction(SIGCHLD, NULL, &env->sigchld);
	sigaction(SIGPIPE, NULL, &env->sigpipe);
	sigaction(SIGXFSZ, NULL, &env->sigxfsz);
	sigaction(SIGURG, NULL, &env->sigurg);
}

/* Can path be executed? 0 or -errno. */
static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return -EACCES;
	return 0;
}

int launch_find(const char *name, char *path, size_t len)
{
	const char *dir = getenv("PATH");
	int err = -ENOENT;

	if (strchr(name, '/')) {
		if ((size_t)snprintf(path, len, "%s", name) >= len)
			return -ENAMETOOLONG;
		return check_program(path);
	}
	if (!*name)
		return -ENOENT;
	if (!dir)
		dir = "/bin:/usr/bin";
	for (;;) {
		size_t n = strcspn(dir, ":");
		int found;

		/* An empty entry means the working directory. */
		if ((size_t)snprintf(path, len, "%.*s%s%s", (int)n, dir, n ? "/" : "./", name) <
		    len) {
			found = check_program(path);
			if (!found)
				return 0;
			if (found == -EACCES)
				err = found;
		}
		if (!dir[n])
			return err;
		dir += n + 1;
	}
}

static int load_filter(const struct sock_fprog *filter)
{
	unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter) == 0)
		return 0;
	/* Without CAP_SYS_ADMIN the kernel wants the promise that no privileges are gained. */
	if (errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter) == 0)
		return 0;
	return -errno;
}

/* In the child: nothing of ours may be seen by the command. Does not return. */
static void run_child(const struct ptrace_config *config, int go_fd, int report_fd)
{
	struct launch_report report = { 0 };
	ssize_t n;
	char byte;

	do
		n = read(go_fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(126); /* the tracer is gone */
	close(go_fd);
	if (config->filter)
		report.error = -load_filter(config->filter);
	if (report.error) {
		report.is_filter = 1;
	} else {
		sigprocmask(SIG_SETMASK, &config->launch_env->mask, NULL);
		execve(config->path, config->argv, config->envp);
		report.error = errno;
	}
	n = write(report_fd, &report, sizeof(report));
	_exit(n == sizeof(report) ? 1 : 126);
}

static void restore_signals(const struct launch_env *env)
{
	sigaction(SIGCHLD, &env->sigchld, NULL);
	sigaction(SIGPIPE, &env->sigpipe, NULL);
	sigaction(SIGXFSZ, &env->sigxfsz, NULL);
	sigaction(SIGURG, &env->sigurg, NULL);
}

static void close_pair(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

int launch_fork(const struct ptrace_config *config, struct launch *ret_launch)
{
	int go[2], report[2];
	pid_t pid;
	int err;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(report, O_CLOEXEC) < 0) {
		err = -errno;
		close_pair(go);
		return err;
	}
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close_pair(go);
		close_pair(report);
		return err;
	}
	if (pid == 0) {
		close(go[1]);
		close(report[0]);
		restore_signals(config->launch_env);
		run_child(config, go[0], report[1]);
	}
	close(go[0]);
	close(report[1]);
	*ret_launch = (struct launch){ pid, go[1], report[0] };
	return 0;
}

void launch_go(struct launch *launch)
{
	ssize_t n;

	do
		n = write(launch->go_fd, "", 1);
	while (n < 0 && errno == EINTR);
	close(launch->go_fd);
	launch->go_fd = -1;
}

void launch_cancel(struct launch *launch)
{
	close(launch->go_fd);
	launch->go_fd = -1;
}

struct launch_report launch_report(struct launch *launch)
{
	struct launch_report report = { 0 };
	ssize_t n;

	do
		n = read(launch->report_fd, &report, sizeof(report));
	while (n < 0 && errno == EINTR);
	close(launch->report_fd);
	launch->report_fd = -1;
	if (n != (ssize_t)sizeof(report))
		memset(&report, 0, sizeof(report));
	return report;
}
