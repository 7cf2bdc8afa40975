#include "cli/recorder.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "cli/open_file.h"
#include "cli/timezone.h"
#include "model/known.h"

enum { DUMPS_MAX = 100 };

int recorder_open(struct recorder *recorder, const struct options *options,
		  const struct trace_meta *known)
{
	struct trace_meta *meta = &recorder->meta;

	recorder->options = options;
	recorder->fd = -1;
	if (!options->record)
		return 0;
	*meta = *known;
	meta->program = "ipctrace " IPCTRACE_VERSION;
	meta->argv = (const char *const *)options->argv;
	meta->time_ns = clock_ns(CLOCK_MONOTONIC);
	meta->real_ns = clock_ns(CLOCK_REALTIME);
	meta->string_limit = options->render.style.string_limit;
	timezone_of_here(recorder->timezone, sizeof(recorder->timezone));
	meta->timezone = recorder->timezone;
	if (uname(&recorder->uts) == 0) {
		meta->host = recorder->uts.nodename;
		meta->kernel = recorder->uts.release;
	}
	recorder->fd = open_trace_file(options->record, false);
	if (recorder->fd < 0) {
		fprintf(stderr, "%s: cannot write to '%s': %s%s\n", options->program,
			options->record, strerror(-recorder->fd), open_trace_hint(recorder->fd));
		return recorder->fd;
	}
	if (options->ring_len)
		recorder->ring = trace_ring_create(options->ring_len);
	else
		recorder->writer = trace_writer_create(recorder->fd, meta);
	return 0;
}

static void note_error(struct recorder *recorder, int err)
{
	if (err < 0 && !recorder->error)
		recorder->error = err;
}

static void add_known(void *data, const struct event *ev)
{
	struct recorder *recorder = data;

	note_error(recorder, trace_ring_add_known(recorder->ring, ev));
}

static void add_to_ring(struct recorder *recorder, const struct model *model,
			const struct event *ev)
{
	int err;

	if (trace_ring_is_full(recorder->ring)) {
		trace_ring_begin(recorder->ring);
		if (model)
			model_tell_known(model, ev->time_ns, ev->real_ns, add_known, recorder);
	}
	err = trace_ring_add(recorder->ring, ev);
	note_error(recorder, err);
	recorder->n_lost += err < 0;
}

void recorder_add(struct recorder *recorder, const struct model *model, const struct event *ev)
{
	if (recorder->ring)
		add_to_ring(recorder, model, ev);
	else if (recorder->writer)
		note_error(recorder, trace_writer_add(recorder->writer, ev));
}

bool recorder_is_crash(const struct recorder *recorder, const struct event *ev)
{
	/* Whose default is to dump core, whether or not that is allowed. signal(7) */
	static const int crashes[] = { SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
				       SIGFPE,  SIGSEGV, SIGSYS,  SIGXCPU, SIGXFSZ };

	if (!recorder->ring || ev->kind != EVENT_KILLED || ev->tgid == recorder->crashed)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++) {
		if (ev->sig == crashes[i])
			return true;
	}
	return ev->is_core;
}

static int write_ring(const struct recorder *recorder, int fd)
{
	struct trace_writer *writer = trace_writer_create(fd, &recorder->meta);
	int err = trace_ring_write(recorder->ring, writer);
	int ended = trace_writer_end(writer);

	trace_writer_destroy(writer);
	return err < 0 ? err : ended;
}

bool recorder_dump(struct recorder *recorder, const char *why, char *text, size_t len)
{
	char path[PATH_MAX];
	int fd, err;

	if (!recorder->ring || recorder->n_dumps >= DUMPS_MAX)
		return false;
	recorder->n_dumps++;
	if (snprintf(path, sizeof(path), "%s.%u", recorder->options->record, recorder->n_dumps) >=
	    (int)sizeof(path)) {
		snprintf(text, len, "%s, but the name of the file to write is too long", why);
		return true;
	}
	fd = open_trace_file(path, false);
	err = fd < 0 ? fd : write_ring(recorder, fd);
	if (fd >= 0 && close(fd) < 0 && err >= 0)
		err = -errno;
	if (err < 0)
		snprintf(text, len, "%s, but '%s' cannot be written: %s%s", why, path,
			 strerror(-err), open_trace_hint(err));
	else
		snprintf(text, len, "%s: the last %llu events are in '%s'%s", why,
			 (unsigned long long)trace_ring_kept(recorder->ring), path,
			 recorder->n_dumps == DUMPS_MAX ? ", which is the last such file" : "");
	return true;
}

void recorder_end(struct recorder *recorder)
{
	if (recorder->ring) {
		note_error(recorder, write_ring(recorder, recorder->fd));
	} else if (recorder->writer) {
		note_error(recorder, trace_writer_end(recorder->writer));
		recorder->n_lost = trace_writer_lost(recorder->writer);
	}
}

void recorder_finish(struct recorder *recorder)
{
	trace_writer_destroy(recorder->writer);
	trace_ring_destroy(recorder->ring);
	if (recorder->fd >= 0)
		close(recorder->fd);
}
