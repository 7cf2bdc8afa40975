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

#include "cli/open_file.h"

enum { FLUSH_LEN = 64 * 1024 };

extern char **environ;

void output_init(struct output *output, int fd)
{
	memset(output, 0, sizeof(*output));
	output->fd = fd;
	output->is_live = isatty(fd);
}

static int open_command(struct output *output, const char *command)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, ignored;
	const char *argv[] = { "sh", "-c", command, NULL };
	int pair[2], err;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pair[0], STDIN_FILENO);
	/* We have blocked and ignored signals; the command shall not. Nor has it rights of ours. */
	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGXFSZ);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &ignored);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_RESETIDS);
	err = posix_spawn(&output->command, "/bin/sh", &actions, &attr, (char **)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	close(pair[0]);
	if (err) {
		close(pair[1]);
		return -err;
	}
	output->fd = move_fd_up(pair[1]);
	return 0;
}

int output_open(struct output *output, const char *target, bool is_append)
{
	int fd;

	memset(output, 0, sizeof(*output));
	output->is_own = true;
	if (target[0] == '|' || target[0] == '!')
		return open_command(output, target + 1);
	fd = open_trace_file(target, is_append);
	if (fd < 0)
		return fd;
	output->fd = fd;
	output->is_live = isatty(output->fd);
	return 0;
}

/* A descriptor that somebody has made non-blocking is waited for. */
static bool wait_writable(int fd)
{
	struct pollfd pollfd = { fd, POLLOUT, 0 };

	return poll(&pollfd, 1, -1) >= 0 || errno == EINTR;
}

static uint64_t count_lines(const char *data, size_t len)
{
	const char *end = data + len;
	uint64_t n = 0;

	while (data < end && (data = memchr(data, '\n', (size_t)(end - data)))) {
		data++;
		n++;
	}
	return n;
}

/*
 * Of pending, done bytes were written, the rest is lost. A file of ours is to end with a whole line,
 * and to go on with one should there be room again.
 */
static void lose(struct output *output, size_t done)
{
	size_t whole = done;
	struct stat st;
	off_t end;

	while (whole && output->pending.data[whole - 1] != '\n')
		whole--;
	if (whole < done && output->is_own && fstat(output->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		end = lseek(output->fd, 0, SEEK_CUR) - (off_t)(done - whole);
		if (end >= 0 && ftruncate(output->fd, end) == 0 &&
		    lseek(output->fd, end, SEEK_SET) == end)
			done = whole;
	}
	output->lost += output->pending.len - done;
	output->lost_lines += count_lines(output->pending.data + done, output->pending.len - done);
}

void output_flush(struct output *output)
{
	size_t done = 0;

	output->lines += count_lines(output->pending.data, output->pending.len);

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
		lose(output, done);
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
