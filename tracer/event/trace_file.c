#include "event/trace_file.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/array.h"
#include "event/trace_record.h"
#include "event/wire.h"

static const char file_magic[8] = "ipctrace";

enum {
	HEADER_LEN = sizeof(file_magic) + 2 + 2 + 4 + 4,
	META_MAX = 4 * 1024 * 1024,

	BLOCK_MAGIC = 0x4b4c4249, /* "IBLK" */
	BLOCK_HEAD_LEN = 7 * 4,
	BLOCK_IS_DEFLATED = 1 << 0,
	BLOCK_FULL = 256 * 1024, /* bytes of events after which a block ends */
	BLOCK_MAX = TRACE_RECORD_MAX + BLOCK_FULL + 4096,

	PENDING_MAX = 16 * 1024 * 1024, /* kept while the file cannot be written */
	READ_CHUNK = 1024 * 1024,
};

enum meta_tag {
	META_HOST = 1,
	META_KERNEL,
	META_PROGRAM,
	META_ARG, /* one each, in order */
	META_TIME,
	META_REAL,
	META_STRING_LIMIT,
	META_FLAGS,
	META_TIMEZONE,
	META_MECHS,
};

static uint32_t crc_of(uint32_t crc, const void *data, size_t len)
{
	return (uint32_t)crc32_z(crc, data, len);
}

/* --- writing --- */

struct trace_writer {
	int fd, level;
	struct buf block; /* records of the block that is being filled */
	uint32_t n_block; /* events in it */
	uint64_t n_events; /* in the file, or on their way to it */
	struct buf out; /* on its way to the file: header, whole blocks, the rest of one */
	uint64_t n_lost;
};

static void put_tag(struct buf *out, enum meta_tag tag, const void *data, size_t len)
{
	uint8_t *p = (uint8_t *)buf_reserve(out, 2 + 4 + len);

	wire_put_u16(&p, (uint16_t)tag);
	wire_put_u32(&p, (uint32_t)len);
	out->len += 2 + 4;
	buf_add(out, data, len);
}

static void put_text(struct buf *out, enum meta_tag tag, const char *text)
{
	if (text)
		put_tag(out, tag, text, strlen(text));
}

static void put_number(struct buf *out, enum meta_tag tag, uint64_t number)
{
	uint8_t bytes[8], *p = bytes;

	wire_put_u64(&p, number);
	put_tag(out, tag, bytes, sizeof(bytes));
}

static void put_header(struct buf *out, const struct trace_meta *meta)
{
	struct buf tags = { 0 };
	uint32_t crc;
	uint8_t *p;

	put_text(&tags, META_HOST, meta->host);
	put_text(&tags, META_KERNEL, meta->kernel);
	put_text(&tags, META_PROGRAM, meta->program);
	for (size_t i = 0; meta->argv && meta->argv[i] && tags.len < META_MAX / 2; i++)
		put_text(&tags, META_ARG, meta->argv[i]);
	put_number(&tags, META_TIME, meta->time_ns);
	put_number(&tags, META_REAL, meta->real_ns);
	put_number(&tags, META_STRING_LIMIT, meta->string_limit);
	put_number(&tags, META_FLAGS, meta->flags);
	put_number(&tags, META_MECHS, meta->mechs);
	put_text(&tags, META_TIMEZONE, meta->timezone);
	buf_add(out, file_magic, sizeof(file_magic));
	p = (uint8_t *)buf_reserve(out, HEADER_LEN);
	wire_put_u16(&p, TRACE_MAJOR);
	wire_put_u16(&p, TRACE_MINOR);
	wire_put_u32(&p, (uint32_t)tags.len);
	out->len += 8;
	crc = crc_of(crc_of(0, out->data, out->len), tags.data, tags.len);
	wire_put_u32(&p, crc);
	out->len += 4;
	buf_add(out, tags.data, tags.len);
	buf_finish(&tags);
}

struct trace_writer *trace_writer_create(int fd, const struct trace_meta *meta)
{
	struct trace_writer *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->fd = fd;
	put_header(&w->out, meta);
	return w;
}

void trace_writer_destroy(struct trace_writer *w)
{
	if (!w)
		return;
	trace_writer_flush(w);
	buf_finish(&w->block);
	buf_finish(&w->out);
	free(w);
}

void trace_writer_compress(struct trace_writer *w, int level)
{
	w->level = level < 0 ? 0 : level > 9 ? 9 : level;
}

uint64_t trace_writer_lost(const struct trace_writer *w)
{
	return w->n_lost;
}

/* One write of bytes that are left. Returns how many of them went out, or -errno. */
static ssize_t write_some(int fd, const char *data, size_t len)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	ssize_t n = write(fd, data, len);

	if (n > 0)
		return n;
	if (n == 0)
		return -EIO;
	if (errno == EAGAIN)
		return poll(&pollfd, 1, -1) < 0 && errno != EINTR ? -errno : 0;
	return errno == EINTR ? 0 : -errno;
}

/* Write out what is pending: all of it, or as far as it goes, to be continued. */
static int write_pending(struct trace_writer *w)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < w->out.len && n >= 0) {
		n = write_some(w->fd, w->out.data + done, w->out.len - done);
		if (n > 0)
			done += (size_t)n;
	}
	if (done && done < w->out.len)
		memmove(w->out.data, w->out.data + done, w->out.len - done);
	w->out.len -= done;
	return n < 0 ? (int)n : 0;
}

/* Append the block's bytes to out, compressed if that is wanted and helps. */
static void store_block(struct trace_writer *w, uint32_t *ret_len, uint32_t *ret_flags)
{
	uLongf len = compressBound(w->block.len);

	*ret_flags = 0;
	if (w->level) {
		char *room = buf_reserve(&w->out, len);

		if (compress2((Bytef *)room, &len, (const Bytef *)w->block.data, w->block.len,
			      w->level) == Z_OK &&
		    len < w->block.len) {
			w->out.len += len;
			*ret_len = (uint32_t)len;
			*ret_flags = BLOCK_IS_DEFLATED;
			return;
		}
	}
	buf_add(&w->out, w->block.data, w->block.len);
	*ret_len = (uint32_t)w->block.len;
}

/* Move the block that was filled to out. */
static void end_block(struct trace_writer *w)
{
	size_t head = w->out.len;
	uint32_t stored_len, flags, crc;
	uint8_t *p;

	buf_fill(&w->out, 0, BLOCK_HEAD_LEN);
	store_block(w, &stored_len, &flags);
	p = (uint8_t *)w->out.data + head;
	crc = crc_of(0, p + BLOCK_HEAD_LEN, stored_len);
	wire_put_u32(&p, BLOCK_MAGIC);
	wire_put_u32(&p, stored_len);
	wire_put_u32(&p, (uint32_t)w->block.len);
	wire_put_u32(&p, w->n_block);
	wire_put_u32(&p, flags);
	wire_put_u32(&p, crc);
	crc = crc_of(0, w->out.data + head, BLOCK_HEAD_LEN - 4);
	wire_put_u32(&p, crc);
	buf_clear(&w->block);
	w->n_block = 0;
}

int trace_writer_flush(struct trace_writer *w)
{
	int error;

	/* What cannot go out first must not grow without end. */
	if (w->n_block && w->out.len >= PENDING_MAX) {
		error = write_pending(w);
		if (error < 0) {
			w->n_lost += w->n_block;
			w->n_events -= w->n_block;
			buf_clear(&w->block);
			w->n_block = 0;
			return error;
		}
	}
	if (w->n_block)
		end_block(w);
	return write_pending(w);
}

int trace_writer_add(struct trace_writer *w, const struct event *ev)
{
	int error = trace_record_put(&w->block, ev);

	if (error < 0) {
		w->n_lost++;
		return error;
	}
	w->n_block++;
	w->n_events++;
	return w->block.len >= BLOCK_FULL ? trace_writer_flush(w) : 0;
}

int trace_writer_end(struct trace_writer *w)
{
	/* How many events are lost is known when there is no more to write. */
	int error = trace_writer_flush(w);

	trace_record_put_end(&w->block, w->n_events, w->n_lost);
	w->n_block++;
	w->n_events++;
	return error < 0 ? error : trace_writer_flush(w);
}

int trace_writer_add_records(struct trace_writer *w, const struct buf *records)
{
	const uint8_t *data = (const uint8_t *)records->data;
	struct wire wire = { data, data + records->len };
	int error = 0, result;

	while (wire_left(&wire)) {
		const uint8_t *start = wire.at;
		uint32_t len = wire_get_u32(&wire);

		wire_part(&wire, len);
		buf_add(&w->block, start, (size_t)(wire.at - start));
		w->n_block++;
		w->n_events++;
		result = w->block.len >= BLOCK_FULL ? trace_writer_flush(w) : 0;
		if (result < 0)
			error = result;
	}
	return error;
}

/* --- reading --- */

struct trace_reader {
	int fd;
	int error; /* sticky; 1: the end was reached */
	bool is_cut, is_ended;
	bool has_end_mark; /* of a version that writes one */
	struct arena arena; /* of meta */
	struct trace_meta meta;
	struct buf stored, raw; /* the block as in the file; inflated, if it had to be */
	struct wire records; /* what is left of the current block */
	uint32_t n_left; /* events in it */
	struct trace_position position;
	uint64_t n_read; /* bytes taken from fd */
};

/*
 * Append len bytes of the file to buf, as they come: a length that lies costs no memory.
 * Returns the bytes there were, or the error of read(2).
 */
static ssize_t read_full(struct trace_reader *r, struct buf *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t chunk = len - done < READ_CHUNK ? len - done : READ_CHUNK;
		ssize_t n = read(r->fd, buf_reserve(buf, chunk), chunk);

		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd pollfd = { .fd = r->fd, .events = POLLIN };

			if (poll(&pollfd, 1, -1) < 0 && errno != EINTR)
				return -errno;
			continue;
		}
		if (n < 0)
			return -errno;
		buf->len += (size_t)n;
		done += (size_t)n;
		r->n_read += (uint64_t)n;
	}
	return (ssize_t)done;
}

static void get_meta(struct trace_reader *r, struct wire *wire)
{
	/* No more arguments than tags fit in. */
	const char **argv = arena_array(&r->arena, const char *, wire_left(wire) / (2 + 4) + 1);
	struct trace_meta *meta = &r->meta;
	size_t n_args = 0;

	while (wire_left(wire) >= 2 + 4) {
		uint16_t tag = wire_get_u16(wire);
		uint32_t len = wire_get_u32(wire);
		struct wire value = wire_part(wire, len);

		if (tag == META_HOST)
			meta->host = arena_copy(&r->arena, value.at, wire_left(&value));
		else if (tag == META_KERNEL)
			meta->kernel = arena_copy(&r->arena, value.at, wire_left(&value));
		else if (tag == META_PROGRAM)
			meta->program = arena_copy(&r->arena, value.at, wire_left(&value));
		else if (tag == META_ARG)
			argv[n_args++] = arena_copy(&r->arena, value.at, wire_left(&value));
		else if (tag == META_TIME)
			meta->time_ns = wire_get_u64(&value);
		else if (tag == META_REAL)
			meta->real_ns = wire_get_u64(&value);
		else if (tag == META_STRING_LIMIT)
			meta->string_limit = (uint32_t)wire_get_u64(&value);
		else if (tag == META_FLAGS)
			meta->flags = (uint32_t)wire_get_u64(&value);
		else if (tag == META_MECHS)
			meta->mechs = wire_get_u64(&value);
		else if (tag == META_TIMEZONE)
			meta->timezone = arena_copy(&r->arena, value.at, wire_left(&value));
	}
	meta->argv = argv;
}

static int read_header(struct trace_reader *r)
{
	ssize_t n = read_full(r, &r->stored, HEADER_LEN);
	struct wire wire;
	uint16_t major;
	uint32_t len, crc, sum;

	if (n < 0)
		return (int)n;
	if (n < (ssize_t)sizeof(file_magic) ||
	    memcmp(r->stored.data, file_magic, sizeof(file_magic)) != 0)
		return -EINVAL;
	wire = (struct wire){ (uint8_t *)r->stored.data + sizeof(file_magic),
			      (uint8_t *)r->stored.data + n };
	major = wire_get_u16(&wire);
	r->has_end_mark = wire_get_u16(&wire) >= 1;
	len = wire_get_u32(&wire);
	crc = wire_get_u32(&wire);
	if (n < HEADER_LEN || (major == TRACE_MAJOR && len > META_MAX))
		return -EBADMSG;
	if (major != TRACE_MAJOR)
		return -EPROTONOSUPPORT;
	sum = crc_of(0, r->stored.data, HEADER_LEN - 4);
	buf_clear(&r->stored);
	n = read_full(r, &r->stored, len);
	if (n < 0)
		return (int)n;
	if (n < (ssize_t)len || crc_of(sum, r->stored.data, len) != crc)
		return -EBADMSG;
	wire = (struct wire){ (uint8_t *)r->stored.data, (uint8_t *)r->stored.data + len };
	get_meta(r, &wire);
	return 0;
}

struct trace_reader *trace_reader_create(int fd)
{
	struct trace_reader *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->fd = fd;
	r->error = read_header(r);
	r->position.offset = r->error ? 0 : r->n_read;
	return r;
}

void trace_reader_destroy(struct trace_reader *r)
{
	if (!r)
		return;
	arena_finish(&r->arena);
	buf_finish(&r->stored);
	buf_finish(&r->raw);
	free(r);
}

const struct trace_meta *trace_reader_meta(const struct trace_reader *r)
{
	return r->meta.argv ? &r->meta : NULL;
}

bool trace_reader_is_cut(const struct trace_reader *r)
{
	return r->is_cut;
}

bool trace_reader_is_ended(const struct trace_reader *r)
{
	return r->is_ended || !r->has_end_mark;
}

struct trace_position trace_reader_position(const struct trace_reader *r)
{
	return r->position;
}

static int inflate_block(struct trace_reader *r, uint32_t raw_len)
{
	uLongf len = raw_len;

	buf_clear(&r->raw);
	buf_reserve(&r->raw, raw_len + 1);
	if (uncompress((Bytef *)r->raw.data, &len, (const Bytef *)r->stored.data, r->stored.len) !=
		    Z_OK ||
	    len != raw_len)
		return -EBADMSG;
	r->raw.len = len;
	return 0;
}

/* The stored bytes are there and right: make them the current block. */
static int open_block(struct trace_reader *r, uint32_t raw_len, uint32_t flags)
{
	const struct buf *records = &r->stored;
	int error;

	if (flags & BLOCK_IS_DEFLATED) {
		error = inflate_block(r, raw_len);
		if (error < 0)
			return error;
		records = &r->raw;
	} else if (r->stored.len != raw_len) {
		return -EBADMSG;
	}
	r->records = (struct wire){ (const uint8_t *)records->data,
				    (const uint8_t *)records->data + records->len };
	return 1;
}

/* The next block. 1, 0 at the end of the file, or -errno. */
static int read_block(struct trace_reader *r)
{
	uint32_t magic, stored_len, raw_len, flags, crc, head_crc;
	struct wire wire;
	ssize_t n;

	r->position.block++;
	r->position.offset = r->n_read;
	buf_clear(&r->stored);
	n = read_full(r, &r->stored, BLOCK_HEAD_LEN);
	if (n < BLOCK_HEAD_LEN) {
		r->is_cut = n > 0;
		return n < 0 ? (int)n : 0;
	}
	wire = (struct wire){ (uint8_t *)r->stored.data, (uint8_t *)r->stored.data + n };
	magic = wire_get_u32(&wire);
	stored_len = wire_get_u32(&wire);
	raw_len = wire_get_u32(&wire);
	r->n_left = wire_get_u32(&wire);
	flags = wire_get_u32(&wire);
	crc = wire_get_u32(&wire);
	head_crc = wire_get_u32(&wire);
	if (magic != BLOCK_MAGIC || crc_of(0, r->stored.data, BLOCK_HEAD_LEN - 4) != head_crc ||
	    stored_len > BLOCK_MAX || raw_len > BLOCK_MAX || (flags & ~BLOCK_IS_DEFLATED))
		return -EBADMSG;
	buf_clear(&r->stored);
	n = read_full(r, &r->stored, stored_len);
	if (n < (ssize_t)stored_len) {
		r->is_cut = n >= 0;
		return n < 0 ? (int)n : 0;
	}
	if (crc_of(0, r->stored.data, stored_len) != crc)
		return -EBADMSG;
	return open_block(r, raw_len, flags);
}

/* Nothing stands behind the end mark, and all that it counts before it. */
static int read_end(struct trace_reader *r, const struct event *mark)
{
	uint8_t byte;
	ssize_t n;

	if (r->n_left || wire_left(&r->records) ||
	    mark->args[0] != r->position.n_events + r->position.n_skipped)
		return -EBADMSG;
	buf_clear(&r->stored);
	n = read_full(r, &r->stored, sizeof(byte));
	r->position.n_lost = mark->args[1];
	r->is_ended = n == 0;
	return n < 0 ? (int)n : n ? -EBADMSG : 0;
}

/* The next record of the file, into ev: 1, 0 at the end of the file, or -errno. */
static int next_record(struct trace_reader *r, struct event *ev)
{
	ssize_t n;
	int more;

	while (!r->n_left) {
		if (wire_left(&r->records))
			return -EBADMSG;
		more = read_block(r);
		if (more <= 0) {
			r->n_left = 0;
			return more;
		}
	}
	n = trace_record_get(r->records.at, wire_left(&r->records), ev);
	if (n < 0)
		return (int)n;
	r->records.at += n;
	r->n_left--;
	return 1;
}

static int next_event(struct trace_reader *r, struct event *ev)
{
	int result;

	while ((result = next_record(r, ev)) == 1) {
		if ((uint32_t)ev->kind == TRACE_RECORD_END)
			return read_end(r, ev);
		if (ev->kind != EVENT_NONE) {
			r->position.n_events++;
			return 1;
		}
		r->position.n_skipped++;
	}
	return result;
}

int trace_reader_next(struct trace_reader *r, struct event *ev)
{
	int result;

	result = r->error == 1 ? 0 : r->error ? r->error : next_event(r, ev);
	if (result <= 0) {
		event_clear(ev);
		r->error = result < 0 ? result : 1;
	}
	return result;
}
