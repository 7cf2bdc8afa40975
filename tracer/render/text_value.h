#ifndef RENDER_TEXT_VALUE_H
#define RENDER_TEXT_VALUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "decode/value.h"

enum const_style { CONST_NAME, CONST_RAW, CONST_BOTH }; /* -X abbrev, raw, verbose */
enum string_style { STRING_ESCAPED, STRING_HEX_NON_ASCII, STRING_HEX }; /* -, -x, -xx */

struct text_style {
	enum const_style consts;
	enum string_style strings;
	bool is_verbose; /* -v: show fields and items that are hidden behind ... */
	bool has_links; /* fds with what they refer to: 3</etc/passwd> */
	uint32_t string_limit;
	size_t room; /* out->len from which on strings, items and fields are left out; 0 = none */
};

/*
 * Write value in strace's notation. Everything that came from a tracee is escaped. What is left
 * out for want of room is shown as "...".
 */
void text_value(struct buf *out, const struct value *value, const struct text_style *style);

/*
 * Escape len bytes as strace does, without quotes around: C escapes, else octal as short as what
 * follows allows. extra: further characters to escape ("<>"), may be "".
 */
void text_escape(struct buf *out, const char *data, size_t len, const char *extra);

#endif
