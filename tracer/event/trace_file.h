#ifndef EVENT_TRACE_FILE_H
#define EVENT_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/*
 * Events in a file (--record, --replay). All numbers are little-endian:
 *
 *   header  "ipctrace", u16 major, u16 minor, u32 len, u32 crc32 of all other bytes of it,
 *           then len bytes of metadata: u16 tag, u32 len, len bytes, each
 *   blocks  u32 magic, stored_len, raw_len, n_events, flags, u32 crc32 of the stored bytes,
 *           u32 crc32 of this head, then stored_len bytes: n_events whole records
 *
 * A block is written in one go, so what a crash can cut off is the last one. The last record of a
 * file that was ended, and not cut, is no event but the end mark (trace_record.h). Readers refuse
 * another major number; within one, tags, records, items and fields are only ever added to.
 */
enum {
	TRACE_MAJOR = 1,
	TRACE_MINOR = 1, /* since 1 the last record is the end mark */
};

/* Under what circumstances the events were recorded. Strings may be NULL. */
struct trace_meta {
	const char *host, *kernel, *program; /* uname nodename, release; who has recorded */
	const char *const *argv; /* of ipctrace or of the command; ends at NULL */
	uint64_t time_ns, real_ns; /* both clocks at one moment, near the start */
	uint32_t string_limit; /* bytes kept of strings, see decode_options */
	uint32_t flags; /* meaning is the session's */
	uint64_t mechs; /* likewise */
	const char
		*timezone; /* the rule of local time, as POSIX has it in $TZ; NULL in older files */
};

struct trace_writer;
struct trace_reader;

/*
 * Write events to fd, from its current offset on; fd stays the caller's. The header goes out with
 * the first block or flush. Never NULL.
 */
struct trace_writer *trace_writer_create(int fd, const struct trace_meta *meta);

/* Writes what is left, as trace_writer_flush() does, but no end mark: trace_writer_end() first. */
void trace_writer_destroy(struct trace_writer *w);

/* Compress blocks from now on with zlib's level 1 to 9; 0, the default: not. */
void trace_writer_compress(struct trace_writer *w, int level);

/*
 * Add an event; a full block is written. 0, -EMSGSIZE if the event is too large and was left out,
 * or an error of write(2): -ENOSPC, -EPIPE... After one, what could not be written is kept, up to
 * some megabytes, and tried again with the next block; what is beyond that is lost and counted.
 */
int trace_writer_add(struct trace_writer *w, const struct event *ev);

/* The same of events that were made records before: whole ones, one after the other. */
int trace_writer_add_records(struct trace_writer *w, const struct buf *records);

/* End the block and write all there is: 0 or the error of write(2), as above. */
int trace_writer_flush(struct trace_writer *w);

/* Nothing more will come: put the end mark behind what is there. Errors as trace_writer_flush(). */
int trace_writer_end(struct trace_writer *w);

/* How many events are not in the file and never will be. */
uint64_t trace_writer_lost(const struct trace_writer *w);

/*
 * Read the events of fd, from its current offset on; fd stays the caller's and may be a pipe.
 * Never NULL: that it is no trace comes out at the first trace_reader_next().
 */
struct trace_reader *trace_reader_create(int fd);
void trace_reader_destroy(struct trace_reader *r);

/* The file's metadata, argv never NULL; NULL if the header is bad. Lives as long as the reader. */
const struct trace_meta *trace_reader_meta(const struct trace_reader *r);

/*
 * The next event, into ev, whose memory is reused. Returns 1; 0 at the end, which may be a block
 * that is not whole (trace_reader_is_cut()); or, from then on always,
 *   -EINVAL            no trace file
 *   -EPROTONOSUPPORT   of another major version
 *   -EBADMSG           damaged: see trace_reader_position()
 *   an error of read(2)
 */
int trace_reader_next(struct trace_reader *r, struct event *ev);

/* Does the file end within a block, so that events of its last moments are missing? */
bool trace_reader_is_cut(const struct trace_reader *r);

/*
 * Was the end mark read? Without it the writer was killed, or the file was cut between two blocks.
 * True of files of version 1.0, which have none. Ask when trace_reader_next() has returned 0.
 */
bool trace_reader_is_ended(const struct trace_reader *r);

/* Where the reader is: for what damaged the file, and how much of it was read. */
struct trace_position {
	uint64_t block; /* the first is 1; 0: in the header */
	uint64_t offset; /* of that block's first byte, from where reading began */
	uint64_t n_events; /* given out so far */
	uint64_t n_skipped; /* of a kind that this version does not know */
	uint64_t n_lost; /* that could not be written, as the end mark says */
};
struct trace_position trace_reader_position(const struct trace_reader *r);

#endif
