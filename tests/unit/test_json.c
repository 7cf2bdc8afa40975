/* Values and strings as JSON: every kind, numbers at their limits, and bytes that mean harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "render/json.h"
#include "render/json_value.h"

static struct arena arena;
static struct buf out;

static int stop(void **state)
{
	(void)state;
	arena_finish(&arena);
	buf_finish(&out);
	return 0;
}

static const char *shown(struct value value)
{
	struct json json = { .out = &out };

	buf_clear(&out);
	json_value(&json, &value);
	return buf_string(&out);
}

#define SHOWS(text, value) assert_string_equal(shown(value), text)

static const char *string_of(const char *data, size_t len, bool *ret_is_whole)
{
	struct json json = { .out = &out };

	buf_clear(&out);
	*ret_is_whole = json_string(&json, data, len);
	return buf_string(&out);
}

/* A string that reads back as what it was. */
static void assert_kept(const char *data, const char *text)
{
	bool is_whole;

	assert_string_equal(string_of(data, strlen(data), &is_whole), text);
	assert_true(is_whole);
}

/* A string with bytes that are no text. */
static void assert_broken(const char *data, const char *text)
{
	bool is_whole;

	assert_string_equal(string_of(data, strlen(data), &is_whole), text);
	assert_false(is_whole);
}

/* --- strings --- */

static void text_is_kept(void **state)
{
	(void)state;
	assert_kept("", "\"\"");
	assert_kept("hello", "\"hello\"");
	assert_kept("say \"hi\" \\ bye", "\"say \\\"hi\\\" \\\\ bye\"");
	assert_kept("gr\303\274n \342\202\254 \360\237\230\200",
		    "\"gr\303\274n \342\202\254 \360\237\230\200\"");
	assert_kept("\364\217\277\277", "\"\364\217\277\277\"");
}

static void controls_are_escaped(void **state)
{
	(void)state;
	assert_kept("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"");
	assert_kept("\033[2J\177", "\"\\u001b[2J\\u007f\"");
	assert_kept("\302\205\302\233", "\"\\u0085\\u009b\"");
	assert_kept("\342\200\250\342\200\256\357\273\277", "\"\\u2028\\u202e\\ufeff\"");
}

static void bytes_that_are_no_utf8_are_named(void **state)
{
	(void)state;
	assert_broken("a\377b", "\"a\\\\xffb\"");
	assert_broken("\200", "\"\\\\x80\"");
	assert_broken("\303", "\"\\\\xc3\"");
	assert_broken("\303(", "\"\\\\xc3(\"");
	assert_broken("\342\202", "\"\\\\xe2\\\\x82\"");
}

static void overlong_forms_surrogates_and_the_beyond_are_no_utf8(void **state)
{
	(void)state;
	assert_broken("\300\200", "\"\\\\xc0\\\\x80\"");
	assert_broken("\301\277", "\"\\\\xc1\\\\xbf\"");
	assert_broken("\340\237\277", "\"\\\\xe0\\\\x9f\\\\xbf\"");
	assert_broken("\360\217\277\277", "\"\\\\xf0\\\\x8f\\\\xbf\\\\xbf\"");
	assert_broken("\355\240\200", "\"\\\\xed\\\\xa0\\\\x80\"");
	assert_broken("\355\277\277", "\"\\\\xed\\\\xbf\\\\xbf\"");
	assert_broken("\364\220\200\200", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"");
	assert_broken("\370\210\200\200\200", "\"\\\\xf8\\\\x88\\\\x80\\\\x80\\\\x80\"");
}

static void every_single_byte_gives_ascii(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		const char byte = (char)c;
		bool is_whole;
		const char *text = string_of(&byte, 1, &is_whole);

		assert_int_equal(is_whole, c < 0x80);
		for (size_t i = 0; text[i]; i++)
			assert_in_range(text[i], ' ', '~');
		assert_int_equal(out.data[0], '"');
		assert_int_equal(out.data[out.len - 1], '"');
	}
}

static void a_nul_does_not_end_a_string(void **state)
{
	bool is_whole;

	(void)state;
	assert_string_equal(string_of("a\0b", 3, &is_whole), "\"a\\u0000b\"");
}

static void long_strings_are_whole(void **state)
{
	enum { LEN = 1 << 20 };
	char *data = malloc(LEN);
	bool is_whole;

	(void)state;
	assert_non_null(data);
	memset(data, 'x', LEN);
	data[LEN - 1] = '\n';
	string_of(data, LEN, &is_whole);
	assert_int_equal(out.len, LEN + 3);
	assert_memory_equal(out.data + LEN - 1, "x\\n\"", 4);
	free(data);
}

static void a_broken_member_has_its_bytes_beside_it(void **state)
{
	struct json json = { .out = &out };

	(void)state;
	buf_clear(&out);
	json_object(&json);
	json_member_text(&json, "comm", "a\377", 2);
	json_member_text(&json, "link", "b", 1);
	json_member_text(&json, "label", NULL, 0);
	json_object_end(&json);
	assert_string_equal(buf_string(&out), "{\"comm\":\"a\\\\xff\",\"comm_base64\":\"Yf8=\","
					      "\"link\":\"b\",\"label\":null}");
}

static void base64_is_padded(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "\"\"" },
		{ "f", "\"Zg==\"" },
		{ "fo", "\"Zm8=\"" },
		{ "foo", "\"Zm9v\"" },
		{ "foob", "\"Zm9vYg==\"" },
		{ "fooba", "\"Zm9vYmE=\"" },
		{ "\373\377\276", "\"+/++\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct json json = { .out = &out };

		buf_clear(&out);
		json_base64(&json, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(buf_string(&out), pairs[i][1]);
	}
}

/* --- numbers --- */

static void numbers_that_a_double_cannot_hold_are_strings(void **state)
{
	(void)state;
	SHOWS("{\"type\":\"int\",\"value\":0}", value_int(0));
	SHOWS("{\"type\":\"int\",\"value\":-1}", value_int(-1));
	SHOWS("{\"type\":\"int\",\"value\":9007199254740991}", value_int(9007199254740991));
	SHOWS("{\"type\":\"int\",\"value\":\"9007199254740992\"}", value_int(9007199254740992));
	SHOWS("{\"type\":\"int\",\"value\":-9007199254740991}", value_int(-9007199254740991));
	SHOWS("{\"type\":\"int\",\"value\":\"-9007199254740992\"}", value_int(-9007199254740992));
	SHOWS("{\"type\":\"int\",\"value\":\"-9223372036854775808\"}", value_int(INT64_MIN));
	SHOWS("{\"type\":\"int\",\"value\":\"9223372036854775808\"}", value_uint(1ull << 63));
	SHOWS("{\"type\":\"int\",\"value\":\"18446744073709551615\"}", value_uint(UINT64_MAX));
}

static void numbers_keep_their_notation(void **state)
{
	(void)state;
	SHOWS("{\"type\":\"int\",\"value\":42,\"base\":16}", value_hex(42));
	SHOWS("{\"type\":\"int\",\"value\":384,\"base\":8}", value_oct(0600));
	SHOWS("{\"type\":\"address\",\"value\":\"0xffffffffffffffff\"}", value_addr(UINT64_MAX));
	SHOWS("{\"type\":\"address\",\"value\":\"0x0\"}", value_addr(0));
	SHOWS("{\"type\":\"pid\",\"value\":-812}", value_pid(-812));
	SHOWS("null", (struct value){ 0 });
}

/* --- the other kinds --- */

static void enums_have_name_and_number(void **state)
{
	(void)state;
	SHOWS("{\"type\":\"enum\",\"name\":\"SEEK_SET\",\"raw\":0}",
	      ((struct value){ .kind = VALUE_ENUM, .sym = { 0, "SEEK_SET" } }));
	SHOWS("{\"type\":\"enum\",\"name\":null,\"raw\":\"18446744073709551615\"}",
	      ((struct value){ .kind = VALUE_ENUM, .sym = { UINT64_MAX, NULL } }));
	SHOWS("{\"type\":\"enum\",\"name\":null,\"raw\":-1,\"comment\":\"SI_???\"}",
	      ((struct value){ .kind = VALUE_ENUM,
			       .base = 10,
			       .comment = "SI_???",
			       .sym = { UINT64_MAX, NULL } }));
}

static void flags_and_sets_have_names_and_bits(void **state)
{
	static const char *const names[] = { "O_WRONLY", "O_CREAT" };

	(void)state;
	SHOWS("{\"type\":\"flags\",\"names\":[\"O_WRONLY\",\"O_CREAT\"],\"rest\":4096,\"raw\":"
	      "4161}",
	      ((struct value){ .kind = VALUE_FLAGS, .flags = { 4161, names, 2, 4096, false } }));
	SHOWS("{\"type\":\"flags\",\"names\":[],\"rest\":0,\"raw\":0}",
	      ((struct value){ .kind = VALUE_FLAGS }));
	SHOWS("{\"type\":\"set\",\"names\":[\"O_WRONLY\"],\"inverted\":true,\"raw\":"
	      "\"18446744073709551614\"}",
	      ((struct value){ .kind = VALUE_BITSET, .bits = { UINT64_MAX - 1, names, 1, true } }));
}

static void bytes_are_text_and_base64_and_say_what_is_missing(void **state)
{
	struct value cut_string = value_bytes("ab", 2, 2);

	(void)state;
	cut_string.is_cut = true;
	SHOWS("{\"type\":\"bytes\",\"form\":\"string\",\"text\":\"a\\\\xff\",\"base64\":\"Yf8=\","
	      "\"len\":2,\"total\":5000000000,\"truncated\":true}",
	      value_bytes("a\377", 2, 5000000000));
	SHOWS("{\"type\":\"bytes\",\"form\":\"string\",\"text\":\"ab\",\"base64\":\"YWI=\","
	      "\"len\":2,\"total\":null,\"truncated\":true}",
	      cut_string);
	SHOWS("{\"type\":\"bytes\",\"form\":\"abstract\",\"text\":\"\\u0000x\",\"base64\":\"AHg=\","
	      "\"len\":2,\"total\":2,\"truncated\":false}",
	      ((struct value){ .kind = VALUE_BYTES, .bytes = { "\0x", 2, BYTES_ABSTRACT, 2 } }));
}

static void descriptors_say_what_they_are(void **state)
{
	struct fact fact = { .kind = FACT_FD, .subject = 3, .value = { FD_PIPE, 0400 } };

	(void)state;
	SHOWS("{\"type\":\"fd\",\"value\":3,\"kind\":null,\"link\":null}",
	      ((struct value){ .kind = VALUE_FD, .fd = { 3, false, NULL, NULL } }));
	SHOWS("{\"type\":\"fd\",\"value\":3,\"kind\":\"pipe\",\"link\":\"pipe:[7]\",\"access\":"
	      "\"r\",\"object\":\"pipe:1\"}",
	      ((struct value){ .kind = VALUE_FD,
			       .object = "pipe:1 r",
			       .fd = { 3, false, &fact, "pipe:[7]" } }));
	SHOWS("{\"type\":\"fd\",\"value\":-100,\"name\":\"AT_FDCWD\",\"kind\":null,\"link\":\"/"
	      "\\\\xff\",\"link_base64\":\"L/8=\"}",
	      ((struct value){ .kind = VALUE_FD, .fd = { -100, true, NULL, "/\377" } }));
}

static void structs_keep_the_order_and_every_field(void **state)
{
	struct value value = value_struct(&arena, 4);

	(void)state;
	*value_field(&value, "z") = value_int(1);
	*value_field(&value, "a") = value_int(2);
	*value_field(&value, "z") = value_int(3);
	value_field(&value, "v")->is_verbose = true;
	SHOWS("{\"type\":\"struct\",\"fields\":{\"z\":{\"type\":\"int\",\"value\":1},\"a\":{"
	      "\"type\":"
	      "\"int\",\"value\":2},\"z#2\":{\"type\":\"int\",\"value\":3},\"v\":null},"
	      "\"truncated\":false}",
	      value);
}

static void arrays_say_what_is_missing(void **state)
{
	struct value value = value_array(&arena, 1);

	(void)state;
	value.array.items[0] = value_int(5);
	value.addr = 0x1000;
	SHOWS("{\"type\":\"array\",\"items\":[{\"type\":\"int\",\"value\":5}],\"total\":1,"
	      "\"truncated\":false,\"address\":\"0x1000\"}",
	      value);
	value.array.total = 9;
	value.array.fault = 0x1004;
	SHOWS("{\"type\":\"array\",\"items\":[{\"type\":\"int\",\"value\":5}],\"total\":9,"
	      "\"truncated\":true,\"fault\":\"0x1004\",\"address\":\"0x1000\"}",
	      value);
}

static void notations_are_kept_apart_from_numbers(void **state)
{
	struct value call = value_call(&arena, "htons", 1);

	(void)state;
	call.call.args[0] = value_uint(80);
	SHOWS("{\"type\":\"call\",\"name\":\"htons\",\"args\":[{\"type\":\"int\",\"value\":80}]}",
	      call);
	SHOWS("{\"type\":\"change\",\"before\":{\"type\":\"int\",\"value\":16},\"after\":null}",
	      value_change(&arena, value_int(16), (struct value){ 0 }, CHANGE_BRACKETED));
	SHOWS("{\"type\":\"text\",\"text\":\"{WIFEXITED(s)}\",\"raw\":0}",
	      value_text("{WIFEXITED(s)}", 0));
}

/* --- records --- */

static void keep(void *data, const char *bytes, size_t len)
{
	(void)data;
	buf_add(&out, bytes, len);
}

static const char *call_record(struct call *call, enum event_kind kind)
{
	const struct render_options options = { 0 };
	const struct sink sink = { NULL, keep };
	struct renderer *json = json_renderer_create(&options, &sink, NULL);
	struct event ev = { .kind = kind, .tid = call->tid, .tgid = call->tgid, .time_ns = 70 };

	assert_non_null(json);
	buf_clear(&out);
	json->impl->call(json, call, &ev, NULL);
	json->impl->destroy(json);
	return buf_string(&out);
}

static const struct call_spec spec = { .name = "made_up", .ret = RET_INT };

static struct call made_up(enum call_state state)
{
	return (struct call){ .spec = &spec,
			      .name = "made_up",
			      .state = state,
			      .tid = 8,
			      .tgid = 7,
			      .arch = AUDIT_ARCH_X86_64,
			      .nr = 0x40000005,
			      .enter_ns = 50,
			      .exit_ns = state == CALL_RETURNED ? 60 : 0,
			      .real_ns = 1 };
}

#define HEAD(record, state)                                                                        \
	"{\"v\":1,\"record\":\"" record "\",\"state\":\"" state "\",\"time_ns\":50,\"real_ns\":1," \
	"\"pid\":7,\"tid\":8,\"comm\":null,\"call\":\"made_up\",\"nr\":5,\"arch\":\"x32\","        \
	"\"entry_seen\":true,\"args\":{},"
#define TAIL                                                                                       \
	"\"ip\":\"0x0\",\"touched\":[],\"peers\":[],\"more_peers\":0,\"messages\":[],"             \
	"\"more_messages\":0,\"stack\":[]}\n"

static void a_call_without_arguments_is_a_whole_record(void **state)
{
	struct call call = made_up(CALL_RETURNED);

	(void)state;
	call.ret_value = value_int(0);
	assert_string_equal(call_record(&call, EVENT_EXIT),
			    HEAD("call", "returned") "\"ret\":0,\"result\":{\"type\":\"int\","
						     "\"value\":0},\"error\":null,\"aux\":[],"
						     "\"duration_ns\":10," TAIL);
}

static void an_error_has_name_and_number(void **state)
{
	struct call call = made_up(CALL_RETURNED);

	(void)state;
	call.ret = -11;
	call.is_error = true;
	assert_string_equal(call_record(&call, EVENT_EXIT),
			    HEAD("call", "returned") "\"ret\":-11,\"result\":null,\"error\":{"
						     "\"name\":\"EAGAIN\",\"errno\":11},\"aux\":[],"
						     "\"duration_ns\":10," TAIL);
}

static void a_call_that_is_not_over_has_no_result(void **state)
{
	struct call call = made_up(CALL_ENTERED);

	(void)state;
#define OPEN "\"ret\":null,\"result\":null,\"error\":null,\"aux\":[],\"duration_ns\":20," TAIL
	assert_string_equal(call_record(&call, EVENT_BLOCKED), HEAD("blocked", "blocked") OPEN);
	call.state = CALL_UNFINISHED;
	assert_string_equal(call_record(&call, EVENT_KILLED), HEAD("call", "unfinished") OPEN);
	assert_string_equal(call_record(&call, EVENT_DETACHED), HEAD("call", "detached") OPEN);
}

static void an_entry_is_no_record_unless_the_call_never_returns(void **state)
{
	static const struct call_spec last = { .name = "made_up", .ret = RET_NONE };
	struct call call = made_up(CALL_ENTERED);

	(void)state;
	assert_string_equal(call_record(&call, EVENT_ENTER), "");
	call.spec = &last;
	assert_string_equal(call_record(&call, EVENT_ENTER),
			    HEAD("call", "entered") "\"ret\":null,\"result\":null,\"error\":null,"
						    "\"aux\":[],\"duration_ns\":null," TAIL);
	call.state = CALL_UNFINISHED;
	assert_string_equal(call_record(&call, EVENT_EXITED), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_kept),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(bytes_that_are_no_utf8_are_named),
		cmocka_unit_test(overlong_forms_surrogates_and_the_beyond_are_no_utf8),
		cmocka_unit_test(every_single_byte_gives_ascii),
		cmocka_unit_test(a_nul_does_not_end_a_string),
		cmocka_unit_test(long_strings_are_whole),
		cmocka_unit_test(a_broken_member_has_its_bytes_beside_it),
		cmocka_unit_test(base64_is_padded),
		cmocka_unit_test(numbers_that_a_double_cannot_hold_are_strings),
		cmocka_unit_test(numbers_keep_their_notation),
		cmocka_unit_test(enums_have_name_and_number),
		cmocka_unit_test(flags_and_sets_have_names_and_bits),
		cmocka_unit_test(bytes_are_text_and_base64_and_say_what_is_missing),
		cmocka_unit_test(descriptors_say_what_they_are),
		cmocka_unit_test(structs_keep_the_order_and_every_field),
		cmocka_unit_test(arrays_say_what_is_missing),
		cmocka_unit_test(notations_are_kept_apart_from_numbers),
		cmocka_unit_test(a_call_without_arguments_is_a_whole_record),
		cmocka_unit_test(an_error_has_name_and_number),
		cmocka_unit_test(a_call_that_is_not_over_has_no_result),
		cmocka_unit_test(an_entry_is_no_record_unless_the_call_never_returns),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, stop);
}
