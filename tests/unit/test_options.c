/* The command line: what it means, and what is said when it means nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

enum { ARGS_MAX = 16 };

struct line {
	struct options options;
	char *argv[ARGS_MAX + 1];
	char text[512];
	char error[256];
	int result;
};

/* Parse a command line that is written with blanks between its words. */
static void parse(struct line *line, const char *text)
{
	char *save = NULL;
	int argc = 0;

	memset(line, 0, sizeof(*line));
	snprintf(line->text, sizeof(line->text), "%s", text);
	for (char *word = strtok_r(line->text, " ", &save); word && argc < ARGS_MAX;
	     word = strtok_r(NULL, " ", &save))
		line->argv[argc++] = word;
	line->result =
		options_parse(&line->options, argc, line->argv, line->error, sizeof(line->error));
}

static void check_error(const char *text, const char *error)
{
	struct line line;

	parse(&line, text);
	assert_true(line.result < 0);
	assert_string_equal(line.error, error);
	options_finish(&line.options);
}

static void the_default_face_follows_filters_and_names_objects(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "ipctrace ls -l");
	assert_int_equal(line.result, 0);
	assert_false(line.options.is_strace);
	assert_true(line.options.is_following);
	assert_true(line.options.has_seccomp);
	assert_true(line.options.has_links);
	assert_int_equal(line.options.wait_note_ms, 200);
	assert_string_equal(line.options.argv[0], "ls");
	assert_string_equal(line.options.argv[1], "-l");
	options_finish(&line.options);
}

static void the_name_strace_is_the_strace_face(void **state)
{
	static const char *const lines[] = { "/usr/bin/strace ls", "ipctrace --strace ls" };
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		parse(&line, lines[i]);
		assert_int_equal(line.result, 0);
		assert_true(line.options.is_strace);
		assert_false(line.options.is_following);
		assert_false(line.options.has_seccomp);
		assert_false(line.options.has_links);
		assert_int_equal(line.options.wait_note_ms, 0);
		options_finish(&line.options);
	}
}

static void the_face_is_known_before_e_is_understood(void **state)
{
	struct line line;

	(void)state;
	/* "ipc" is strace's twelve calls there, whatever the order. */
	parse(&line, "ipctrace -e ipc --strace ls");
	assert_int_equal(line.result, 0);
	assert_false(filter_wants_nr(line.options.filter, 0xc000003e, 22)); /* pipe */
	assert_true(filter_wants_nr(line.options.filter, 0xc000003e, 68)); /* msgget */
	options_finish(&line.options);
}

static void pids_come_as_lists_and_repeated(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "ipctrace -p 1,22 -p 333");
	assert_int_equal(line.result, 0);
	assert_int_equal(line.options.n_targets, 3);
	assert_int_equal(line.options.targets[1].pid, 22);
	assert_int_equal(line.options.targets[2].pid, 333);
	options_finish(&line.options);
}

static void letters_may_be_repeated_and_joined(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "ipctrace -fttxxqqs100 -o out ls");
	assert_int_equal(line.result, 0);
	assert_int_equal(line.options.render.timestamp, TIME_CLOCK_US);
	assert_int_equal(line.options.render.style.strings, STRING_HEX);
	assert_int_equal(line.options.render.style.string_limit, 100);
	assert_int_equal(filter_words(line.options.filter, FILTER_QUIET),
			 QUIET_ATTACH | QUIET_PERSONALITY | QUIET_EXIT);
	assert_string_equal(line.options.output, "out");
	options_finish(&line.options);
}

static void strace_is_quiet_about_attaching_with_an_output_file(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "strace -f -o out ls");
	assert_true(filter_words(line.options.filter, FILTER_QUIET) & QUIET_ATTACH);
	options_finish(&line.options);
}

static void what_cannot_be_understood_is_said(void **state)
{
	(void)state;
	check_error("ipctrace", "nothing to trace: give a command, -p PID or --replay=FILE");
	check_error("ipctrace --strace", "must have PROG [ARGS] or -p PID");
	check_error("ipctrace --nope ls", "unrecognized option '--nope'");
	check_error("ipctrace -Q ls", "invalid option -- 'Q'");
	check_error("ipctrace -o", "option '-o' requires an argument");
	check_error("ipctrace -s x ls", "invalid -s argument: 'x'");
	check_error("ipctrace -s -1 ls", "invalid -s argument: '-1'");
	check_error("ipctrace -s 99999999999 ls", "invalid -s argument: '99999999999'");
	check_error("ipctrace -a 4k ls", "invalid -a argument: '4k'");
	check_error("ipctrace -X pretty ls", "invalid -X argument: 'pretty'");
	check_error("ipctrace -e foo ls", "invalid system call 'foo'");
	check_error("ipctrace -A ls", "-A has no effect without -o FILE");
	check_error("ipctrace --argv0=x -p 1", "--argv0 needs a command");
}

static void pids_that_are_none_are_refused(void **state)
{
	(void)state;
	check_error("ipctrace -p abc", "Invalid process id: 'abc'");
	check_error("ipctrace -p 0", "Invalid process id: '0'");
	check_error("ipctrace -p -1", "Invalid process id: '-1'");
	check_error("ipctrace -p 12x", "Invalid process id: '12x'");
	check_error("ipctrace -p 99999999999", "Invalid process id: '99999999999'");
	check_error("ipctrace -p ,", "Invalid process id: ','");
}

static void what_is_parsed_but_not_done_is_refused(void **state)
{
	(void)state;
	check_error("ipctrace -e read=3 ls", "-e read is not supported yet; leave it out");
	check_error("ipctrace -e write=all ls", "-e write is not supported yet; leave it out");
	check_error("ipctrace -e decode-pids=comm ls",
		    "-e decode-pids is not supported yet; leave it out");
	check_error("ipctrace --strace -yy ls",
		    "more of -e decode-fds than path is not supported yet; leave it out");
	check_error("ipctrace -e inject=open ls", "-e inject= is not supported yet");
}

static void a_replay_takes_nothing_to_trace(void **state)
{
	(void)state;
	check_error("ipctrace --replay=f ls",
		    "--replay shows a recorded trace: it takes no command, -p or --record");
	check_error("ipctrace --replay=f -p 1",
		    "--replay shows a recorded trace: it takes no command, -p or --record");
}

static void a_replay_shows_all_that_was_recorded(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "ipctrace --replay=f");
	assert_int_equal(line.result, 0);
	assert_true(filter_wants_nr(line.options.filter, 0xc000003e, 39)); /* getpid */
	options_finish(&line.options);
	parse(&line, "ipctrace --replay=f -e pipe");
	assert_false(filter_wants_nr(line.options.filter, 0xc000003e, 39));
	options_finish(&line.options);
}

static void help_has_a_line_for_every_option(void **state)
{
	static const char *const options[] = { "--attach", "--record",     "--replay",
					       "--strace", "--no-seccomp", "--wait-note",
					       "--brief" };
	struct buf help = { 0 };
	struct line line;

	(void)state;
	parse(&line, "ipctrace --help");
	assert_int_equal(line.result, 0);
	assert_int_equal(line.options.action, ACTION_HELP);
	options_help(&help, &line.options);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		assert_non_null(strstr(buf_string(&help), options[i]));
	buf_finish(&help);
	options_finish(&line.options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_face_follows_filters_and_names_objects),
		cmocka_unit_test(the_name_strace_is_the_strace_face),
		cmocka_unit_test(the_face_is_known_before_e_is_understood),
		cmocka_unit_test(pids_come_as_lists_and_repeated),
		cmocka_unit_test(letters_may_be_repeated_and_joined),
		cmocka_unit_test(strace_is_quiet_about_attaching_with_an_output_file),
		cmocka_unit_test(what_cannot_be_understood_is_said),
		cmocka_unit_test(pids_that_are_none_are_refused),
		cmocka_unit_test(what_is_parsed_but_not_done_is_refused),
		cmocka_unit_test(a_replay_takes_nothing_to_trace),
		cmocka_unit_test(a_replay_shows_all_that_was_recorded),
		cmocka_unit_test(help_has_a_line_for_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
