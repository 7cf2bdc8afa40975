/* The sentences of --explain: when, how often, and with which numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "analysis/explain.h"
#include "decode/families.h"

/* A call that is over, and the state of the object that it was about. */
struct scene {
	struct explain explain;
	struct arena arena;
	struct call call;
	struct event ev;
	struct object object;
	struct object_table table;
	struct annotation annotation;
};

static struct scene scene;

static int set_up(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&scene.arena);
	return 0;
}

static void about(enum mech mech, const char *prefix)
{
	scene.object.key.mech = mech;
	scene.object.prefix = prefix;
	scene.object.table = &scene.table;
	scene.annotation.n_touches = 1;
	scene.annotation.touches[0].object = &scene.object;
}

static void has_state(int64_t before, int64_t after, int64_t limit)
{
	struct touch *touch = &scene.annotation.touches[0];

	touch->n_quantities = 1;
	touch->quantities[0] = (struct quantity){ .before = before,
						  .after = after,
						  .limit = limit,
						  .has_before = true,
						  .has_after = true,
						  .has_limit = true };
}

static const char *explained(const char *call, enum event_kind kind, int64_t ret)
{
	scene.call.spec = families_find(call);
	assert_non_null(scene.call.spec);
	scene.call.name = call;
	scene.call.ret = ret;
	scene.call.is_error = kind == EVENT_EXIT && ret < 0;
	scene.ev.kind = kind;
	return explain_call(&scene.explain, &scene.call, &scene.ev, &scene.annotation,
			    &scene.arena);
}

static void says(const char *text, const char *what)
{
	assert_non_null(text);
	if (!strstr(text, what))
		fail_msg("'%s' does not say '%s'", text, what);
}

static void a_pattern_is_told_once_with_its_numbers(void **state)
{
	(void)state;
	about(MECH_PIPE, "pipe");
	has_state(0, 5, 65536);
	says(explained("write", EVENT_EXIT, 5), "5 of 65536 bytes were in it afterwards");
	assert_null(explained("write", EVENT_EXIT, 5));
	says(explained("write", EVENT_BLOCKED, 0), "not enough room in pipe:1");
	says(explained("write", EVENT_EXIT, -EPIPE), "SIGPIPE");
	says(explained("write", EVENT_EXIT, -EAGAIN), "O_NONBLOCK");
	assert_null(explained("write", EVENT_EXIT, -EBADF));
}

static void without_its_numbers_a_sentence_is_not_told(void **state)
{
	(void)state;
	about(MECH_PIPE, "pipe");
	assert_null(explained("write", EVENT_EXIT, 5));
	has_state(0, 5, 65536);
	assert_non_null(explained("write", EVENT_EXIT, 5));
}

static void reading_nothing_is_the_end_only_if_something_was_wanted(void **state)
{
	(void)state;
	about(MECH_PIPE, "pipe");
	assert_null(explained("read", EVENT_EXIT, 0));
	scene.call.raw[2] = 100;
	says(explained("read", EVENT_EXIT, 0), "the end of file");
}

static void a_signal_0_is_none(void **state)
{
	(void)state;
	assert_null(explained("kill", EVENT_EXIT, 0));
	scene.call.raw[1] = 10;
	says(explained("kill", EVENT_EXIT, 0), "A signal is a note");
}

static void a_lease_is_no_lock(void **state)
{
	(void)state;
	about(MECH_LOCK, "lock");
	says(explained("flock", EVENT_BLOCKED, 0), "Somebody else has a lock in the way");
	scene.call.raw[1] = 1024;
	scene.call.spec = families_find("flock");
	scene.call.name = "fcntl";
	scene.call.ret = -EAGAIN;
	scene.call.is_error = true;
	scene.ev.kind = EVENT_EXIT;
	assert_null(explain_call(&scene.explain, &scene.call, &scene.ev, &scene.annotation,
				 &scene.arena));
}

static void entries_and_ends_without_return_are_not_explained(void **state)
{
	(void)state;
	about(MECH_PIPE, "pipe");
	has_state(0, 5, 65536);
	assert_null(explained("write", EVENT_ENTER, 0));
	assert_null(explained("write", EVENT_KILLED, 5));
}

static void patterns_are_sentences_with_known_names_in_braces(void **state)
{
	static const char *const known[] = { "{call}",   "{ret}",   "{obj}",
					     "{before}", "{after}", "{limit}" };
	enum mech mech;
	const char *text;

	(void)state;
	for (unsigned i = 0; (text = explain_pattern(i, &mech)); i++) {
		size_t len = strlen(text);

		assert_in_range(len, 20, 260);
		assert_true(text[len - 1] == '.' || text[len - 1] == ')');
		for (const char *open = text; (open = strchr(open, '{')); open++) {
			bool is_known = false;

			for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
				is_known |= strncmp(open, known[k], strlen(known[k])) == 0;
			assert_true(is_known);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_pattern_is_told_once_with_its_numbers, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_its_numbers_a_sentence_is_not_told, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			reading_nothing_is_the_end_only_if_something_was_wanted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_signal_0_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lease_is_no_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(entries_and_ends_without_return_are_not_explained,
						set_up, tear_down),
		cmocka_unit_test(patterns_are_sentences_with_known_names_in_braces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
