#ifndef CLI_RECORDER_H
#define CLI_RECORDER_H

#include <sys/utsname.h>

#include "cli/options.h"
#include "event/trace_file.h"
#include "event/trace_ring.h"
#include "model/model.h"

/*
 * --record: all events into a file as they come; with --ring only the latest are kept, to be
 * written when something happens. A zeroed struct with fd -1 records nothing.
 */
struct recorder {
	const struct options *options;
	struct utsname uts;
	char timezone[128];
	struct trace_meta meta;
	struct trace_writer *writer; /* NULL with --ring */
	struct trace_ring *ring; /* NULL without */
	int fd, error;
	uint64_t n_lost; /* events that the file at the end does not have and should */
	unsigned n_dumps;
	pid_t crashed; /* the last process that a dump was made for */
};

/*
 * Open the file, in whose header stands what is known of it, completed by where and when this is.
 * 0, or -errno and what went wrong is said on stderr.
 */
int recorder_open(struct recorder *recorder, const struct options *options,
		  const struct trace_meta *known);

/* Before ev is applied to the model, which may be NULL. */
void recorder_add(struct recorder *recorder, const struct model *model, const struct event *ev);

/* Has the event ended a process so that somebody will want to know why? */
bool recorder_is_crash(const struct recorder *recorder, const struct event *ev);

/*
 * With --ring: write what there is to a file of its own, FILE.1, FILE.2 and so on. Puts a line
 * about that into text: false if there is nothing to say.
 */
bool recorder_dump(struct recorder *recorder, const char *why, char *text, size_t len);

/* Write what is left. What could not be written is in recorder->error and n_lost. */
void recorder_end(struct recorder *recorder);
void recorder_finish(struct recorder *recorder);

#endif
