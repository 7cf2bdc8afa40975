/*
 * Random bytes through what stands between a tracee and a terminal or file: no control byte may
 * come out, only valid UTF-8, and it reads back as what it was.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "render/json_write.h"
#include "render/text_value.h"
#include "tests/fuzz/fuzz.h"

enum { LEN_MAX = 200 };

const unsigned long fuzz_rounds = 100000;

static unsigned long n_whole; /* inputs that were text */

/* Whole sequences and the edges of what is one, so that not everything is noise. */
static const char *const seeds[] = {
	"hello",
	"\"",
	"\\",
	"\\x41",
	"\\u0041",
	"\303\274",
	"\342\202\254",
	"\360\237\230\200",
	"\300\200",
	"\301\277",
	"\340\237\277",
	"\340\240\200",
	"\355\237\277",
	"\355\240\200",
	"\355\277\277",
	"\356\200\200",
	"\357\277\277",
	"\360\217\277\277",
	"\360\220\200\200",
	"\364\217\277\277",
	"\364\220\200\200",
	"\302\205",
	"\342\200\250",
	"\342\200\256",
	"\033]0;x\007",
	"</script>",
	"\1777",
	"\0011",
	"\377\376",
};

size_t fuzz_make(uint8_t *bytes, size_t room)
{
	size_t target = fuzz_random(room < LEN_MAX ? room : LEN_MAX), len = 0;

	while (len < target) {
		const char *seed = seeds[fuzz_random(ARRAY_LEN(seeds))];
		size_t seed_len = strlen(seed);

		if (fuzz_random(2) && len + seed_len <= target) {
			memcpy(bytes + len, seed, seed_len);
			len += seed_len;
		} else {
			bytes[len++] = (uint8_t)fuzz_random(256);
		}
	}
	return len;
}

/* --- what strace's notation means: C's escapes --- */

static size_t read_octal(const char *text, const char *end, struct buf *back)
{
	size_t n = 0;
	unsigned c = 0;

	while (n < 3 && text + n < end && text[n] >= '0' && text[n] <= '7')
		c = c << 3 | (unsigned)(text[n++] - '0');
	if (!n || c > 255)
		errx(1, "an octal escape that is none");
	buf_char(back, (char)c);
	return n;
}

static void check_text(const char *bytes, size_t len)
{
	static const char letters[] = "fnrtv\"\\", means[] = "\f\n\r\t\v\"\\";
	struct buf out = { 0 }, back = { 0 };
	const char *at, *end;

	text_escape(&out, bytes, len, "<>");
	at = buf_string(&out);
	end = at + out.len;
	while (at < end) {
		const char *letter;

		if (*at < ' ' || *at > '~' || *at == '"' || *at == '<' || *at == '>')
			errx(1, "text: byte %#x came out", (unsigned char)*at);
		if (*at != '\\') {
			buf_char(&back, *at++);
			continue;
		}
		if (++at == end)
			errx(1, "text: an escape without end");
		letter = strchr(letters, *at);
		if (letter && *letter) {
			buf_char(&back, means[letter - letters]);
			at++;
		} else {
			at += read_octal(at, end, &back);
		}
	}
	if (back.len != len || (len && memcmp(back.data, bytes, len) != 0))
		errx(1, "text: it does not read back");
	buf_finish(&out);
	buf_finish(&back);
}

/* --- JSON, read by RFC 8259 and RFC 3629 to the letter --- */

/* Source: RFC 3629, section 4: the grammar, not the arithmetic that the writer uses. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	static const struct {
		unsigned char first[2], second[2];
		size_t n;
	} forms[] = {
		{ { 0x20, 0x7e }, { 0, 0 }, 1 },       { { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 },
		{ { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 }, { { 0xe1, 0xec }, { 0x80, 0xbf }, 3 },
		{ { 0xed, 0xed }, { 0x80, 0x9f }, 3 }, { { 0xee, 0xef }, { 0x80, 0xbf }, 3 },
		{ { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 }, { { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 },
		{ { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		bool is_right = s[0] >= forms[i].first[0] && s[0] <= forms[i].first[1];

		if (!is_right || left < forms[i].n)
			continue;
		if (forms[i].n > 1 && (s[1] < forms[i].second[0] || s[1] > forms[i].second[1]))
			continue;
		for (size_t k = 2; k < forms[i].n; k++)
			is_right &= s[k] >= 0x80 && s[k] <= 0xbf;
		/* U+0080 to U+009F are controls too. */
		if (is_right && !(s[0] == 0xc2 && s[1] < 0xa0))
			return forms[i].n;
	}
	return 0;
}

static void add_utf8(struct buf *back, unsigned point)
{
	if (point < 0x80) {
		buf_char(back, (char)point);
	} else if (point < 0x800) {
		buf_char(back, (char)(0xc0 | point >> 6));
		buf_char(back, (char)(0x80 | (point & 63)));
	} else {
		buf_char(back, (char)(0xe0 | point >> 12));
		buf_char(back, (char)(0x80 | (point >> 6 & 63)));
		buf_char(back, (char)(0x80 | (point & 63)));
	}
}

/* Behind a backslash: how far it reaches. */
static size_t read_escape(const char *at, size_t left, struct buf *back)
{
	static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *letter = left ? strchr(letters, *at) : NULL;
	char digits[5] = "", *end;
	unsigned point;

	if (letter && *letter) {
		buf_char(back, means[letter - letters]);
		return 1;
	}
	if (left < 5 || *at != 'u')
		errx(1, "json: an escape that is none");
	memcpy(digits, at + 1, 4);
	point = (unsigned)strtoul(digits, &end, 16);
	if (*end || (point >= 0xd800 && point <= 0xdfff))
		errx(1, "json: \\u%s", digits);
	add_utf8(back, point);
	return 5;
}

static void read_string(const struct buf *out, struct buf *back)
{
	size_t at = 1;

	if (out->len < 2 || out->data[0] != '"' || out->data[out->len - 1] != '"')
		errx(1, "json: no quotes");
	while (at < out->len - 1) {
		size_t left = out->len - 1 - at, n;

		if (out->data[at] == '"')
			errx(1, "json: it ends too early");
		if (out->data[at] == '\\') {
			at += 1 + read_escape(out->data + at + 1, left - 1, back);
			continue;
		}
		n = utf8_len((const unsigned char *)out->data + at, left);
		if (!n)
			errx(1, "json: byte %#x came out", (unsigned char)out->data[at]);
		buf_add(back, out->data + at, n);
		at += n;
	}
}

/* \xHH for each byte that is no text, as docs/json.md has it. */
static void check_broken(const char *bytes, size_t len, const struct buf *back)
{
	size_t at = 0;

	for (size_t i = 0; i < back->len; at++) {
		char name[5];

		if (at < len && back->data[i] == bytes[at]) {
			i++;
			continue;
		}
		snprintf(name, sizeof(name), "\\x%02x", at < len ? (unsigned char)bytes[at] : 0);
		if (at == len || back->len - i < 4 || memcmp(back->data + i, name, 4) != 0)
			errx(1, "json: a byte is lost");
		i += 4;
	}
	if (at != len)
		errx(1, "json: the end is lost");
}

static void check_base64(const char *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out = { 0 }, back = { 0 };
	struct json json = { .out = &out };
	unsigned group = 0, n_bits = 0;

	json_base64(&json, bytes, len);
	if (out.len != 2 + (len + 2) / 3 * 4)
		errx(1, "base64: %zu characters for %zu bytes", out.len - 2, len);
	for (size_t i = 1; i < out.len - 1 && out.data[i] != '='; i++) {
		const char *digit = strchr(digits, out.data[i]);

		if (!digit || !*digit)
			errx(1, "base64: byte %#x came out", (unsigned char)out.data[i]);
		group = group << 6 | (unsigned)(digit - digits);
		n_bits += 6;
		if (n_bits >= 8)
			buf_char(&back, (char)(group >> (n_bits -= 8)));
	}
	if (back.len != len || (len && memcmp(back.data, bytes, len) != 0))
		errx(1, "base64: it does not read back");
	buf_finish(&out);
	buf_finish(&back);
}

/* True: it was text. */
static bool check_json(const char *bytes, size_t len)
{
	struct buf out = { 0 }, back = { 0 };
	struct json json = { .out = &out };
	bool is_whole = json_string(&json, bytes, len);

	read_string(&out, &back);
	if (!is_whole)
		check_broken(bytes, len, &back);
	else if (back.len != len || (len && memcmp(back.data, bytes, len) != 0))
		errx(1, "json: it does not read back");
	buf_finish(&out);
	buf_finish(&back);
	return is_whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *bytes = (const char *)data;

	check_text(bytes, len);
	check_base64(bytes, len);
	n_whole += check_json(bytes, len);
	return 0;
}

/* If all of it was of one kind, half was not tested. */
void fuzz_judge(unsigned long rounds)
{
	if (n_whole < rounds / 1000 || n_whole > rounds / 2)
		errx(1, "%lu of %lu were text", n_whole, rounds);
}
