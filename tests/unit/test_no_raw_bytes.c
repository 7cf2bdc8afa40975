/*
 * Whatever bytes a tracee chose, in strings, names of files, objects, processes and modules: text and
 * JSON hold no byte that a terminal would obey. A million strings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "render/json_model.h"
#include "render/json_value.h"
#include "render/text_model.h"
#include "render/text_stack.h"
#include "render/text_value.h"

enum { STRINGS = 1000 * 1000, LEN_MAX = 24 };

static uint64_t state = 1;

static uint64_t random_number(uint64_t limit)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 20) % limit;
}

/* Half of the bytes are among those that matter most; no NUL, which ends a name. */
static size_t make(char text[LEN_MAX + 1])
{
	static const char worst[] = "\033\r\n\b\177\233\302\205\342\200\256[]<>{}\"\\";
	size_t len = random_number(LEN_MAX);

	for (size_t i = 0; i < len; i++)
		text[i] = random_number(2) ? worst[random_number(sizeof(worst) - 1)]
					   : (char)(1 + random_number(255));
	text[len] = '\0';
	return len;
}

static void add_text(struct buf *out, const char *text, size_t len)
{
	struct text_style style = { .string_limit = 32, .has_links = true };
	struct value bytes = value_bytes(text, (uint32_t)len, len);
	struct value fd = { .kind = VALUE_FD, .fd = { .fd = 3, .link = text } };
	struct value object = { .kind = VALUE_FD, .object = text, .fd = { .fd = 3 } };

	bytes.bytes.form = (uint32_t)random_number(BYTES_PATH + 1);
	style.strings = (enum string_style)random_number(STRING_HEX + 1);
	text_value(out, &bytes, &style);
	text_value(out, &fd, &style);
	text_value(out, &object, &style);
}

static void add_names(struct buf *out, char *text)
{
	struct object object = { .prefix = "pipe", .number = 1, .label = text };
	struct annotation annotation = { .n_touches = 1, .n_peers = 1 };
	struct event ev = { 0 };

	strcpy(object.name_buf, "pipe:1");
	annotation.touches[0] = (struct touch){ .object = &object, .is_new = true, .note = text };
	annotation.peers[0] = (struct peer){ .pid = 1, .fd = -1, .comm = text, .text = text };
	text_annotation(out, &annotation);
	text_object(out, &object);
	event_add_frame(&ev, text, text);
	text_stack(out, &ev);
	event_finish(&ev);
}

static void add_json(struct buf *out, char *text, size_t len)
{
	struct object object = { .prefix = "pipe", .number = 1, .label = text };
	struct annotation annotation = { .n_peers = 1 };
	struct value bytes = value_bytes(text, (uint32_t)len, len);
	struct value fd = { .kind = VALUE_FD, .fd = { .fd = 3, .link = text } };
	struct json json = { .out = out };

	strcpy(object.name_buf, "pipe:1");
	annotation.peers[0] = (struct peer){ .pid = 1, .fd = -1, .comm = text, .text = text };
	json_object(&json);
	json_key(&json, "bytes");
	json_value(&json, &bytes);
	json_key(&json, "fd");
	json_value(&json, &fd);
	json_annotation(&json, &annotation);
	json_object_members(&json, &object);
	json_object_end(&json);
}

/* Lines end; that apart, text is ASCII. */
static void hold_text(const struct buf *out)
{
	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] != '\n' && (out->data[i] < ' ' || out->data[i] > '~'))
			fail_msg("byte %#x in %.*s", (unsigned char)out->data[i], (int)out->len,
				 out->data);
	}
}

/* JSON is UTF-8: no C0, DEL or C1, nor what turns the direction of writing. */
static void hold_json(const struct buf *out)
{
	for (size_t i = 0; i < out->len; i++) {
		const unsigned char *at = (const unsigned char *)out->data + i;
		size_t left = out->len - i;
		bool is_c1 = left > 1 && at[0] == 0xc2 && at[1] < 0xa0;
		bool is_turn = left > 2 && at[0] == 0xe2 && at[1] == 0x80 && at[2] >= 0xa8 &&
			       at[2] <= 0xae;

		if (at[0] < ' ' || at[0] == 0x7f || is_c1 || is_turn)
			fail_msg("byte %#x at %zu in %.*s", at[0], i, (int)out->len, out->data);
	}
}

/* 8 places in text and 6 in JSON for each of the strings that are made. */
static void no_byte_of_a_tracee_is_obeyed(void **unused)
{
	struct buf out = { 0 };
	char text[LEN_MAX + 1];

	(void)unused;
	for (unsigned i = 0; i < STRINGS / 14; i++) {
		size_t len = make(text);

		buf_clear(&out);
		add_text(&out, text, len);
		add_names(&out, text);
		/* Of lines there are those that we end: the object's, the frame's and the stack's. */
		hold_text(&out);
		buf_clear(&out);
		add_json(&out, text, len);
		hold_json(&out);
	}
	buf_finish(&out);
}

static void a_newline_in_a_name_makes_no_line(void **unused)
{
	char text[] = "x\n1 exit(0) = ?";
	struct buf out = { 0 };
	size_t lines = 0;

	(void)unused;
	add_text(&out, text, strlen(text));
	add_names(&out, text);
	for (size_t i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	assert_int_equal(lines, 3);
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_of_a_tracee_is_obeyed),
		cmocka_unit_test(a_newline_in_a_name_makes_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
