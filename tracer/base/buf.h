#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A growable byte buffer. A zeroed one is ready to use; memory is kept over buf_clear(). Running
 * out of memory aborts. The data is not NUL-terminated, buf_string() makes it so.
 */
struct buf {
	char *data;
	size_t len, capacity; /* bytes */
};

void buf_finish(struct buf *buf);
void buf_clear(struct buf *buf);

/* Make room for more bytes behind len and return a pointer to it; len is unchanged. */
char *buf_reserve(struct buf *buf, size_t more);

/* The same where there mostly is room. */
static inline char *buf_room(struct buf *buf, size_t more)
{
	return buf->capacity - buf->len > more ? buf->data + buf->len : buf_reserve(buf, more);
}

static inline void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	memcpy(buf_room(buf, len), data, len);
	buf->len += len;
}

static inline void buf_char(struct buf *buf, char c)
{
	*buf_room(buf, 1) = c;
	buf->len++;
}

static inline void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add count times c. */
void buf_fill(struct buf *buf, char c, size_t count);

/* Add value in decimal, 0x-prefixed hexadecimal; the hot path of every line, hence not printf. */
void buf_uint(struct buf *buf, uint64_t value);
void buf_int(struct buf *buf, int64_t value);
void buf_hex(struct buf *buf, uint64_t value);

/* The data with a NUL behind it; valid until the next change. */
const char *buf_string(struct buf *buf);

/* In an error of one line that quotes what somebody typed: '?' for what a terminal would obey. */
void buf_tame_line(char *line);

#endif
