#include "render/json_write.h"

#include <string.h>

static void begin_value(struct json *json)
{
	if (json->needs_comma)
		buf_char(json->out, ',');
	json->needs_comma = true;
}

static void open_nest(struct json *json, char bracket)
{
	begin_value(json);
	buf_char(json->out, bracket);
	json->needs_comma = false;
}

static void close_nest(struct json *json, char bracket)
{
	buf_char(json->out, bracket);
	json->needs_comma = true;
}

void json_object(struct json *json)
{
	open_nest(json, '{');
}

void json_object_end(struct json *json)
{
	close_nest(json, '}');
}

void json_array(struct json *json)
{
	open_nest(json, '[');
}

void json_array_end(struct json *json)
{
	close_nest(json, ']');
}

void json_key_len(struct json *json, const char *key, size_t len)
{
	json_string(json, key, len);
	buf_char(json->out, ':');
	json->needs_comma = false;
}

void json_key(struct json *json, const char *key)
{
	json_key_len(json, key, strlen(key));
}

void json_null(struct json *json)
{
	begin_value(json);
	buf_text(json->out, "null");
}

void json_bool(struct json *json, bool is_true)
{
	begin_value(json);
	buf_text(json->out, is_true ? "true" : "false");
}

void json_int(struct json *json, int64_t number)
{
	bool is_safe = number <= JSON_SAFE_INTEGER && number >= -JSON_SAFE_INTEGER;

	begin_value(json);
	if (!is_safe)
		buf_char(json->out, '"');
	buf_int(json->out, number);
	if (!is_safe)
		buf_char(json->out, '"');
}

void json_uint(struct json *json, uint64_t number)
{
	if (number <= INT64_MAX) {
		json_int(json, (int64_t)number);
		return;
	}
	begin_value(json);
	buf_char(json->out, '"');
	buf_uint(json->out, number);
	buf_char(json->out, '"');
}

void json_hex(struct json *json, uint64_t number)
{
	begin_value(json);
	buf_char(json->out, '"');
	buf_hex(json->out, number);
	buf_char(json->out, '"');
}

/* --- strings --- */

/*
 * The UTF-8 sequence at data: its length and code point, or 0 if there is none. Overlong forms,
 * surrogates and what is beyond U+10FFFF are none. Source: Unicode 15, table 3-7.
 */
static size_t utf8_sequence(const unsigned char *data, size_t len, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = data[0] < 0x80             ? 1
		   : (data[0] & 0xe0) == 0xc0 ? 2
		   : (data[0] & 0xf0) == 0xe0 ? 3
		   : (data[0] & 0xf8) == 0xf0 ? 4
					      : 0;
	uint32_t point = n == 1 ? data[0] : n ? data[0] & (0x7fu >> n) : 0;

	if (!n || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (data[i] & 0x3f);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return n;
}

/*
 * What would act on a terminal or deceive its reader: controls, line separators, and what changes
 * the direction of the text behind it.
 */
static bool is_unsafe(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

static void add_hex(struct buf *out, uint32_t number, unsigned digits)
{
	while (digits)
		buf_char(out, "0123456789abcdef"[number >> 4 * --digits & 15]);
}

static void add_escaped(struct buf *out, uint32_t point)
{
	static const char shorts[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'
	};

	buf_char(out, '\\');
	if (point < sizeof(shorts) && shorts[point]) {
		buf_char(out, shorts[point]);
		return;
	}
	buf_char(out, 'u');
	add_hex(out, point, 4);
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

bool json_string(struct json *json, const char *data, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)data;
	struct buf *out = json->out;
	bool is_whole = true;
	size_t at = 0;

	begin_value(json);
	buf_char(out, '"');
	while (at < len) {
		size_t run = 0, n;
		uint32_t point;

		while (at + run < len && is_plain(bytes[at + run]))
			run++;
		if (run) {
			buf_add(out, data + at, run);
			at += run;
			continue;
		}
		n = utf8_sequence(bytes + at, len - at, &point);
		if (!n) {
			is_whole = false;
			buf_text(out, "\\\\x");
			add_hex(out, bytes[at++], 2);
			continue;
		}
		if (is_unsafe(point)) {
			add_escaped(out, point);
		} else {
			if (point == '"' || point == '\\')
				buf_char(out, '\\');
			buf_add(out, data + at, n);
		}
		at += n;
	}
	buf_char(out, '"');
	return is_whole;
}

void json_base64(struct json *json, const char *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (const unsigned char *)data;
	char *to;

	begin_value(json);
	buf_char(json->out, '"');
	to = buf_reserve(json->out, (len + 2) / 3 * 4);
	for (size_t at = 0; at < len; at += 3) {
		size_t left = len - at;
		uint32_t group = (uint32_t)bytes[at] << 16;

		if (left > 1)
			group |= (uint32_t)bytes[at + 1] << 8;
		if (left > 2)
			group |= bytes[at + 2];
		*to++ = digits[group >> 18];
		*to++ = digits[group >> 12 & 63];
		*to++ = left > 1 ? digits[group >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[group & 63] : '=';
	}
	json->out->len += (len + 2) / 3 * 4;
	buf_char(json->out, '"');
}

size_t json_fit(struct json *json, json_write_fn *write, const char *key, const char *data,
		size_t len)
{
	bool needs_comma = json->needs_comma;
	size_t start = json->out->len, n = len;

	for (;;) {
		size_t left = json->room > start ? json->room - start : 0;
		size_t least = n / 8 + 1, fitting, used;

		write(json, key, data, n);
		used = json->out->len - start;
		if (!json->room || used <= left || !n)
			return n;
		/* How much longer than they are bytes become depends on what they are. */
		fitting = n * left / used;
		n = fitting < n - least ? fitting : n > least ? n - least : 0;
		json->out->len = start;
		json->needs_comma = needs_comma;
		json->is_cut = true;
	}
}

bool json_has_room(struct json *json)
{
	if (!json->room || json->out->len < json->room)
		return true;
	json->is_cut = true;
	return false;
}

/* --- members --- */

void json_member_bool(struct json *json, const char *key, bool is_true)
{
	json_key(json, key);
	json_bool(json, is_true);
}

void json_member_int(struct json *json, const char *key, int64_t number)
{
	json_key(json, key);
	json_int(json, number);
}

void json_member_uint(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	json_uint(json, number);
}

void json_member_hex(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	json_hex(json, number);
}

void json_member_name(struct json *json, const char *key, const char *name)
{
	json_key(json, key);
	if (name)
		json_string(json, name, strlen(name));
	else
		json_null(json);
}

static void write_text(struct json *json, const char *key, const char *data, size_t len)
{
	json_key(json, key);
	if (json_string(json, data, len))
		return;
	begin_value(json);
	buf_char(json->out, '"');
	buf_text(json->out, key);
	buf_text(json->out, "_base64\":");
	json->needs_comma = false;
	json_base64(json, data, len);
}

void json_member_text(struct json *json, const char *key, const char *data, size_t len)
{
	if (data) {
		json_fit(json, write_text, key, data, len);
		return;
	}
	json_key(json, key);
	json_null(json);
}
