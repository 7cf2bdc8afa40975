#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "render/render.h"

/*
 * Where the trace goes: a descriptor, buffered unless it is a terminal, never losing a byte
 * without counting it.
 */
struct output {
	int fd;
	bool is_live; /* a terminal: every line at once */
	bool is_own; /* fd is to be closed */
	bool is_gone; /* nobody reads any more */
	pid_t command; /* of -o '|command', 0 = none */
	int error; /* the first errno of a write, 0 = none */
	uint64_t lines; /* that were to be written */
	uint64_t lost, lost_lines; /* bytes and lines that could not be */
	struct buf pending;
};

/* Write to fd, which stays the caller's. */
void output_init(struct output *output, int fd);

/*
 * Write to a file, as open_trace_file() opens it, or, if target starts with | or !, to the standard
 * input of a shell command. 0 or -errno.
 */
int output_open(struct output *output, const char *target, bool is_append);

/* Try to write all that is pending. */
void output_flush(struct output *output);

/* Flush, close, wait for the command. */
void output_finish(struct output *output);

struct sink output_sink(struct output *output);

#endif
