#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_finish(struct buf *buf)
{
	if (!buf)
		return;
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
}

char *buf_reserve(struct buf *buf, size_t more)
{
	size_t capacity = buf->capacity ? buf->capacity : 256;

	if (more > SIZE_MAX / 4 - buf->len)
		abort();
	while (capacity - buf->len < more)
		capacity *= 2;
	if (capacity != buf->capacity) {
		buf->data = realloc(buf->data, capacity);
		if (!buf->data)
			abort();
		buf->capacity = capacity;
	}
	return buf->data + buf->len;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	size_t room = 128;
	va_list args;
	int len;

	for (;;) {
		char *p = buf_reserve(buf, room);

		va_start(args, format);
		len = vsnprintf(p, room, format, args);
		va_end(args);
		if (len < 0)
			return;
		if ((size_t)len < room)
			break;
		room = (size_t)len + 1;
	}
	buf->len += (size_t)len;
}

void buf_fill(struct buf *buf, char c, size_t count)
{
	memset(buf_reserve(buf, count + 1), c, count);
	buf->len += count;
}

void buf_uint(struct buf *buf, uint64_t value)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	buf_add(buf, digits + sizeof(digits) - n, n);
}

void buf_int(struct buf *buf, int64_t value)
{
	if (value < 0)
		buf_char(buf, '-');
	buf_uint(buf, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void buf_hex(struct buf *buf, uint64_t value)
{
	char digits[18];
	size_t n = 0;

	do {
		digits[sizeof(digits) - ++n] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	digits[sizeof(digits) - ++n] = 'x';
	digits[sizeof(digits) - ++n] = '0';
	buf_add(buf, digits + sizeof(digits) - n, n);
}

const char *buf_string(struct buf *buf)
{
	*buf_reserve(buf, 1) = '\0';
	return buf->data;
}

void buf_tame_line(char *line)
{
	for (; *line; line++) {
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
	}
}
