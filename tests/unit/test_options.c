/* The command line: what it means, and what is said when it means nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"
#include "cli/options_summary.h"

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
	check_error("ipctrace --strace -ff -o x ls",
		    "-ff with -o (a file for each process) is not supported yet; leave it out");
	check_error("ipctrace -e inject=open ls", "-e inject= is not supported yet");
}

static void straces_table_is_chosen_as_with_strace(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "strace -c ls");
	assert_int_equal(line.result, 0);
	assert_int_equal(line.options.counts.n_columns, 6);
	assert_int_equal(line.options.counts.columns[5], COUNT_NAME);
	assert_int_equal(line.options.counts.sort, COUNT_TOTAL);
	assert_false(line.options.counts.is_wall);
	options_finish(&line.options);
	parse(&line, "strace -C -w -U calls,longest -U count,wall-avg -S none -S time-avg ls");
	assert_int_equal(line.result, 0);
	assert_false(line.options.is_summary_only);
	assert_true(line.options.counts.is_wall);
	assert_int_equal(line.options.counts.n_columns, 3);
	assert_int_equal(line.options.counts.columns[0], COUNT_CALLS);
	assert_int_equal(line.options.counts.columns[1], COUNT_WALL_AVG);
	assert_int_equal(line.options.counts.columns[2], COUNT_NAME);
	assert_int_equal(line.options.counts.sort, COUNT_AVG);
	options_finish(&line.options);
	parse(&line, "ipctrace -c --strace --summary-columns=syscall,error --summary-sort-by=count "
		     "--summary-syscall-overhead=2 --summary-wall-clock ls");
	assert_int_equal(line.result, 0);
	assert_int_equal(line.options.counts.n_columns, 2);
	assert_int_equal(line.options.counts.columns[0], COUNT_NAME);
	assert_int_equal(line.options.counts.sort, COUNT_CALLS);
	options_finish(&line.options);
}

static void an_overhead_is_in_microseconds_unless_it_says_so(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} times[] = {
		{ "5", 5000 },       { "+5us", 5000 },   { "1.5ns", 1 }, { ".5s", 500000000 },
		{ "2.ms", 2000000 }, { "1e3", 1000000 }, { "-0", 0 },    { "1e300s", INT64_MAX },
	};
	static const char *const none[] = { "x",   "-1",  "1h",    "0x10", "inf",    "nan", "5US",
					    "5sx", "1,5", "1e999", ".",    "1e-400", "+-5" };
	struct line line;
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		snprintf(text, sizeof(text), "strace -c -O %s ls", times[i].text);
		parse(&line, text);
		assert_int_equal(line.result, 0);
		assert_int_equal(line.options.overhead_ns, times[i].ns);
		options_finish(&line.options);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		char error[128];

		snprintf(text, sizeof(text), "strace -c -O %s ls", none[i]);
		snprintf(error, sizeof(error), "invalid -O argument: '%s'", none[i]);
		check_error(text, error);
	}
}

static void what_strace_refuses_of_its_table_is_refused(void **state)
{
	(void)state;
	check_error("strace -c -C ls", "-c/--summary-only and -C/--summary are mutually exclusive");
	check_error("strace -c -ff ls", "(-c/--summary-only or -C/--summary) and "
					"-ff/--output-separately are mutually exclusive");
	check_error("strace -w ls", "-w/--summary-wall-clock must be given with "
				    "(-c/--summary-only or -C/--summary)");
	check_error("strace -U name ls", "-U/--summary-columns must be given with "
					 "(-c/--summary-only or -C/--summary)");
	check_error("strace -c -S foo ls", "invalid sortby: 'foo'");
	check_error("strace -c -S tim ls", "invalid sortby: 'tim'");
	check_error("strace -c -S time,calls ls", "invalid sortby: 'time,calls'");
	check_error("strace -c -U calls,foo,name ls", "unknown column name: 'foo'");
	check_error("strace -c -U calls, ls", "unknown column name: ''");
	check_error("strace -c -U none ls", "unknown column name: 'none'");
	check_error("strace -c -U name,count,calls,errors ls",
		    "call summary column has been provided more than once: 'calls' "
		    "(-U option residual: 'calls,errors')");
	check_error("strace -c -w", "must have PROG [ARGS] or -p PID");
}

static void the_default_face_has_no_table(void **state)
{
	static const char *const lines[] = { "ipctrace -c -S name ls", "ipctrace -c -w ls",
					     "ipctrace -U name ls", "ipctrace -O 5 ls" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		check_error(lines[i],
			    "-S, -U, -w and -O are about strace's table of calls: add --strace");
	check_error("ipctrace -c --brief ls",
		    "-c and -C need peers: leave out --no-peers and --brief");
}

static void what_has_no_effect_is_said(void **state)
{
	struct buf notes = { 0 };
	struct line line;

	(void)state;
	parse(&line, "strace -S name -k ls");
	assert_int_equal(line.result, 0);
	options_summary_notes(&notes, &line.options);
	assert_string_equal(buf_string(&notes), "-S/--summary-sort-by has no effect without "
						"(-c/--summary-only or -C/--summary)\n");
	options_finish(&line.options);
	buf_clear(&notes);
	parse(&line, "strace -c -T -i -y ls");
	options_summary_notes(&notes, &line.options);
	assert_string_equal(buf_string(&notes),
			    "-i/--instruction-pointer has no effect with -c/--summary-only\n"
			    "-T/--syscall-times has no effect with -c/--summary-only\n"
			    "-y/--decode-fds has no effect with -c/--summary-only\n");
	options_finish(&line.options);
	buf_clear(&notes);
	parse(&line, "ipctrace -c -T ls");
	options_summary_notes(&notes, &line.options);
	assert_int_equal(notes.len, 0);
	options_finish(&line.options);
	buf_finish(&notes);
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
		cmocka_unit_test(straces_table_is_chosen_as_with_strace),
		cmocka_unit_test(an_overhead_is_in_microseconds_unless_it_says_so),
		cmocka_unit_test(what_strace_refuses_of_its_table_is_refused),
		cmocka_unit_test(the_default_face_has_no_table),
		cmocka_unit_test(what_has_no_effect_is_said),
		cmocka_unit_test(a_replay_takes_nothing_to_trace),
		cmocka_unit_test(a_replay_shows_all_that_was_recorded),
		cmocka_unit_test(help_has_a_line_for_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
