#include "capture/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct replay {
	struct capture capture;
	const char *path;
	int fd; /* -1: not open */
	struct trace_reader *reader;
	struct event ev;
	struct own_rights rights;
	bool is_confined, is_detached;
};

/* Say what is wrong with the file; returns error. */
static int fail(struct replay *replay, int error)
{
	struct trace_position at = { 0 };
	char *text = replay->capture.error;
	size_t len = sizeof(replay->capture.error);

	if (replay->reader)
		at = trace_reader_position(replay->reader);
	if (error == -EINVAL && replay->reader)
		snprintf(text, len, "%s: not a trace recorded by ipctrace", replay->path);
	else if (error == -EPROTONOSUPPORT)
		snprintf(text, len, "%s: recorded by another version of ipctrace; replay it there",
			 replay->path);
	else if (error == -EBADMSG && !at.block)
		snprintf(text, len, "%s: the header is damaged", replay->path);
	else if (error == -ENODATA && !trace_reader_is_cut(replay->reader))
		snprintf(text, len,
			 "%s: the recording ended without its end mark: ipctrace was killed or the "
			 "file was cut; %llu events",
			 replay->path, (unsigned long long)at.n_events);
	else if (error == -ENODATA)
		snprintf(text, len,
			 "%s: cut off in block %llu, at byte %llu, after %llu events; the rest is "
			 "missing",
			 replay->path, (unsigned long long)at.block, (unsigned long long)at.offset,
			 (unsigned long long)at.n_events);
	else if (error == -EBADMSG)
		snprintf(text, len, "%s: damaged in block %llu, at byte %llu, after %llu events",
			 replay->path, (unsigned long long)at.block, (unsigned long long)at.offset,
			 (unsigned long long)at.n_events);
	else
		snprintf(text, len, "%s: %s", replay->path, strerror(-error));
	return error;
}

/* Whoever made the file may have made it to harm us. */
static void confine(const struct replay *replay)
{
	/* No file can be opened afterwards, not even that of the time zone. */
	tzset();
	own_rights_keep(&replay->rights);
}

static int start(struct capture *capture)
{
	struct replay *replay = (struct replay *)capture;
	int error;

	if (strcmp(replay->path, "-") == 0)
		replay->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		replay->fd = open(replay->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (replay->fd < 0)
		return fail(replay, -errno);
	if (replay->is_confined)
		confine(replay);
	replay->reader = trace_reader_create(replay->fd);
	if (trace_reader_meta(replay->reader))
		return 0;
	error = trace_reader_next(replay->reader, &replay->ev);
	return fail(replay, error);
}

/* The file is at its end: is that all that was recorded? */
static int finish(struct replay *replay)
{
	struct trace_position at = trace_reader_position(replay->reader);
	char *text = replay->capture.error;
	size_t len = sizeof(replay->capture.error);

	if (trace_reader_is_cut(replay->reader) || !trace_reader_is_ended(replay->reader))
		return fail(replay, -ENODATA);
	if (!at.n_lost && !at.n_skipped)
		return CAPTURE_END;
	if (at.n_lost)
		snprintf(text, len, "%s: %llu events are not in it: they could not be written",
			 replay->path, (unsigned long long)at.n_lost);
	else
		snprintf(text, len,
			 "%s: %llu events were left out: a later version of ipctrace knows them",
			 replay->path, (unsigned long long)at.n_skipped);
	return -ENODATA;
}

static int next(struct capture *capture, const struct event **ret_ev)
{
	struct replay *replay = (struct replay *)capture;
	int result;

	if (replay->is_detached)
		return CAPTURE_END;
	result = trace_reader_next(replay->reader, &replay->ev);
	if (result < 0)
		return fail(replay, result);
	if (result == 0)
		return finish(replay);
	*ret_ev = &replay->ev;
	return CAPTURE_EVENT;
}

static void detach(struct capture *capture)
{
	((struct replay *)capture)->is_detached = true;
}

static void destroy(struct capture *capture)
{
	struct replay *replay = (struct replay *)capture;

	trace_reader_destroy(replay->reader);
	event_finish(&replay->ev);
	if (replay->fd >= 0)
		close(replay->fd);
	free(replay);
}

static const struct capture_impl replay_impl = {
	.name = "replay",
	.start = start,
	.next = next,
	.detach = detach,
	.destroy = destroy,
};

struct capture *replay_create(const char *path, const struct own_rights *rights)
{
	struct replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		abort();
	replay->capture.impl = &replay_impl;
	replay->path = path;
	if (rights)
		replay->rights = *rights;
	replay->is_confined = rights;
	replay->fd = -1;
	return &replay->capture;
}

const struct trace_meta *replay_meta(const struct capture *capture)
{
	const struct replay *replay = (const struct replay *)capture;

	return replay->reader ? trace_reader_meta(replay->reader) : NULL;
}
