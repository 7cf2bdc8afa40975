#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FLUSH_LEN = 64 * 1024, HIGH_FD = 48 };

extern char **environ;

void output_init(struct output *output, int fd)
{
	memset(output, 0, sizeof(*output));
	output->fd = fd;
	output->is_live = isatty(fd);
}

/*
 * Keep out of the way of the descriptor numbers that people redirect; but below 64, from where on a
 * launched command would see a larger table of descriptors than without us.
 */
static int move_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static int open_command(struct output *output, const char *command)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	const char *argv[] = { "sh", "-c", command, NULL };
	int pair[2], err;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pair[0], STDIN_FILENO);
	/* We have blocked signals; the command shall not. */
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	err = posix_spawn(&output->command, "/bin/sh", &actions, &attr, (char **)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	close(pair[0]);
	if (err) {
		close(pair[1]);
		return -err;
	}
	output->fd = move_up(pair[1]);
	return 0;
}

int output_open(struct output *output, const char *target, bool is_append)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (is_append ? O_APPEND : O_TRUNC);
	int fd;

	memset(output, 0, sizeof(*output));
	output->is_own = true;
	if (target[0] == '|' || target[0] == '!')
		return open_command(output, target + 1);
	fd = open(target, flags, 0666);
	if (fd < 0)
		return -errno;
	output->fd = move_up(fd);
	output->is_live = isatty(output->fd);
	return 0;
}

/* A descriptor that somebody has made non-blocking is waited for. */
static bool wait_writable(int fd)
{
	struct pollfd pollfd = { fd, POLLOUT, 0 };

	return poll(&pollfd, 1, -1) >= 0 || errno == EINTR;
}

void output_flush(struct output *output)
{
	size_t done = 0;

	while (done < output->pending.len) {
		ssize_t n = output->is_gone ? -1
					    : write(output->fd, output->pending.data + done,
						    output->pending.len - done);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (!output->is_gone && errno == EINTR)
			continue;
		if (!output->is_gone && errno == EAGAIN && wait_writable(output->fd))
			continue;
		if (!output->is_gone) {
			output->is_gone = errno == EPIPE || errno == EBADF;
			if (!output->error)
				output->error = errno;
		}
		output->lost += output->pending.len - done;
		break;
	}
	buf_clear(&output->pending);
}

static void sink_write(void *data, const char *bytes, size_t len)
{
	struct output *output = data;

	buf_add(&output->pending, bytes, len);
	if (output->is_live || output->pending.len >= FLUSH_LEN)
		output_flush(output);
}

struct sink output_sink(struct output *output)
{
	return (struct sink){ output, sink_write };
}

void output_finish(struct output *output)
{
	output_flush(output);
	if (output->is_own && close(output->fd) < 0 && !output->error)
		output->error = errno;
	if (output->command) {
		while (waitpid(output->command, NULL, 0) < 0 && errno == EINTR)
			;
	}
	buf_finish(&output->pending);
}
