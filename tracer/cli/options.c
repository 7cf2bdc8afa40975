#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "cli/options_summary.h"
#include "cli/options_table.h"

#define HANG_NS (5 * 1000000000ull)

enum { STRING_LIMIT = 32, COLUMN = 40, WAIT_NOTE_MS = 200, DUMP_FDS_MAX = 4096, PIDFDS_MAX = 256 };

static int fail(char *error, size_t len, const char *format, const char *what)
{
	snprintf(error, len, format, what);
	return -EINVAL;
}

static bool parse_number(const char *text, unsigned long max, unsigned long *ret_number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret_number = strtoul(text, &end, 10);
	return !*end && !errno && *ret_number <= max;
}

static int add_pids(struct options *options, const char *text, char *error, size_t error_len)
{
	static const char separators[] = ", \t\n";
	const char *at = text + strspn(text, separators);

	if (!*at)
		return fail(error, error_len, "Invalid process id: '%s'", text);
	while (*at) {
		size_t n = strcspn(at, separators);
		char one[16];
		unsigned long pid;

		snprintf(one, sizeof(one), "%.*s", (int)(n < 15 ? n : 15), at);
		if (n > 10 || !parse_number(one, 1 << 30, &pid) || !pid) {
			snprintf(error, error_len, "Invalid process id: '%.*s'", (int)n, at);
			return -EINVAL;
		}
		options->targets = array_grow(options->targets, options->n_targets,
					      &options->cap_targets, sizeof(*options->targets));
		/* Here and now it is the process that is meant. */
		target_init(&options->targets[options->n_targets], (pid_t)pid,
			    options->n_targets < PIDFDS_MAX);
		options->n_targets++;
		at += n + strspn(at + n, separators);
	}
	return 0;
}

static int set_hex(struct options *options, const char *arg, char *error, size_t error_len)
{
	if (!arg) {
		options->render.style.strings = options->render.style.strings == STRING_ESCAPED
							? STRING_HEX_NON_ASCII
							: STRING_HEX;
		return 0;
	}
	if (strcmp(arg, "all") == 0)
		options->render.style.strings = STRING_HEX;
	else if (strcmp(arg, "non-ascii") == 0)
		options->render.style.strings = STRING_HEX_NON_ASCII;
	else if (strcmp(arg, "none") == 0)
		options->render.style.strings = STRING_ESCAPED;
	else
		return fail(error, error_len, "invalid --strings-in-hex argument: '%s'", arg);
	return 0;
}

static int set_const_style(struct options *options, const char *arg, char *error, size_t error_len)
{
	if (strcmp(arg, "raw") == 0)
		options->render.style.consts = CONST_RAW;
	else if (strcmp(arg, "abbrev") == 0)
		options->render.style.consts = CONST_NAME;
	else if (strcmp(arg, "verbose") == 0)
		options->render.style.consts = CONST_BOTH;
	else
		return fail(error, error_len, "invalid -X argument: '%s'", arg);
	return 0;
}

static int set_format(struct options *options, const char *arg, char *error, size_t error_len)
{
	if (strcmp(arg, "text") == 0)
		options->format = FORMAT_TEXT;
	else if (strcmp(arg, "json") == 0)
		options->format = FORMAT_JSON;
	else
		return fail(error, error_len, "invalid --format argument: '%s': text or json", arg);
	return 0;
}

/* Seconds with or without a fraction, in ns. */
static int set_hang(struct options *options, const char *arg, char *error, size_t error_len)
{
	enum { SECONDS_MAX = 1000 * 1000 };
	char *end;
	double seconds = strtod(arg, &end);

	if (!strchr("0123456789.", *arg) || end == arg || *end ||
	    !(seconds >= 0 && seconds <= SECONDS_MAX))
		return fail(error, error_len, "invalid --hang argument: '%s'", arg);
	options->hang_ns = (uint64_t)(seconds * 1e9);
	return 0;
}

static int set_deadlock(struct options *options, const char *arg, char *error, size_t error_len)
{
	if (strcmp(arg, "error") != 0)
		return fail(error, error_len, "invalid --deadlock argument: '%s': error", arg);
	options->is_deadlock_error = true;
	return 0;
}

static int set_leaks(struct options *options, const char *arg, char *error, size_t error_len)
{
	if (arg && strcmp(arg, "error") != 0)
		return fail(error, error_len, "invalid --leaks argument: '%s': error", arg);
	options->has_leaks = true;
	options->is_leak_error |= arg != NULL;
	return 0;
}

static int set_number(uint32_t *ret_number, const char *name, const char *arg, char *error,
		      size_t error_len)
{
	unsigned long number;

	if (!parse_number(arg, INT32_MAX, &number)) {
		snprintf(error, error_len, "invalid %s argument: '%s'", name, arg);
		return -EINVAL;
	}
	*ret_number = (uint32_t)number;
	return 0;
}

/* "64M": a number of bytes with an optional unit. */
static int set_ring(struct options *options, const char *arg, char *error, size_t error_len)
{
	static const char units[] = "KMG";
	size_t len = strlen(arg);
	const char *unit = len ? strchr(units, arg[len - 1]) : NULL;
	unsigned shift = unit && *unit ? 10 * (unsigned)(unit - units + 1) : 0;
	unsigned long number;
	char digits[24];

	snprintf(digits, sizeof(digits), "%.*s", (int)(len < 20 ? len - (shift != 0) : 20), arg);
	if (!parse_number(digits, (1ul << 40) >> shift, &number) || !number)
		return fail(error, error_len,
			    "invalid --ring argument: '%s': bytes, as 65536, 512K, 64M or 1G", arg);
	options->ring_len = (size_t)number << shift;
	return 0;
}

static void add_quiet(struct options *options)
{
	static const unsigned levels[] = { QUIET_ATTACH | QUIET_PERSONALITY, QUIET_EXIT,
					   QUIET_ALL };

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if ((options->quiet & levels[i]) != levels[i]) {
			options->quiet |= levels[i];
			return;
		}
	}
}

static void add_env(struct options *options, const char *arg)
{
	options->env =
		array_grow(options->env, options->n_env, &options->cap_env, sizeof(*options->env));
	options->env[options->n_env++] = arg;
}

/* How tracees are held. */
static void set_hold(struct options *options, int code)
{
	switch (code) {
	case OPT_NO_SECCOMP:
		options->has_seccomp = false;
		break;
	case OPT_SECCOMP:
		options->has_seccomp = true;
		break;
	case OPT_YIELD:
		options->is_yielding = true;
		break;
	case OPT_KILL_ON_EXIT:
		options->is_killing = true;
		break;
	}
}

static void set_flag(struct options *options, int code)
{
	switch (code) {
	case 'f':
		options->is_separate = options->is_following && options->is_strace;
		options->is_following = true;
		break;
	case OPT_NO_FOLLOW:
		options->is_following = false;
		break;
	case 'A':
		options->is_append = true;
		break;
	case 'v':
		options->render.style.is_verbose = true;
		break;
	case 't':
		if (options->render.timestamp < TIME_EPOCH_US)
			options->render.timestamp++;
		break;
	case 'r':
		options->render.is_relative = true;
		break;
	case 'T':
		options->render.has_duration = true;
		break;
	case 'n':
		options->render.has_number = true;
		break;
	case 'i':
		options->render.has_ip = true;
		break;
	case 'k':
		options->has_stacks = true;
		break;
	case OPT_NO_STATE:
		options->model.has_state = false;
		break;
	case OPT_NO_PEERS:
		options->model.has_peers = false;
		break;
	case OPT_BRIEF:
		options->model = (struct model_options){ false, false };
		break;
	case OPT_WHY:
		options->is_why = true;
		break;
	case OPT_OBJECTS:
		options->has_objects = true;
		break;
	case OPT_ALWAYS_PID:
		options->render.is_pid_always = true;
		break;
	case 'h':
		options->action = ACTION_HELP;
		break;
	case 'V':
		options->action = ACTION_VERSION;
		break;
	default:
		set_hold(options, code);
		break;
	}
}

/* What is answered without tracing, and --explain while tracing. */
static void set_question(struct options *options, int code, const char *arg)
{
	if (code == OPT_EXPLAIN && !arg) {
		options->has_explanations = true;
	} else if (code == OPT_EXPLAIN) {
		options->action = ACTION_EXPLAIN;
		options->topic = arg;
	} else {
		options->action = ACTION_LIST_CLASSES;
		options->class_name = arg;
	}
}

static const char *qualifier_of(int code)
{
	switch (code) {
	case OPT_TRACE:
		return "trace";
	case OPT_SIGNALS:
		return "signal";
	case OPT_STATUS:
	case 'z':
	case 'Z':
		return "status";
	case OPT_TRACE_FDS:
		return "trace-fds";
	case OPT_RAW:
		return "raw";
	case OPT_ABBREV:
		return "abbrev";
	case OPT_VERBOSE:
		return "verbose";
	default:
		return NULL;
	}
}

static void add_path(struct options *options, const char *arg)
{
	options->paths = array_grow(options->paths, options->n_paths, &options->cap_paths,
				    sizeof(*options->paths));
	options->paths[options->n_paths++] = arg;
}

static void set_name(struct options *options, int code, const char *arg)
{
	if (code == 'o')
		options->output = arg;
	else if (code == OPT_RECORD)
		options->record = arg;
	else if (code == OPT_REPLAY)
		options->replay = arg;
	else if (code == 'P')
		add_path(options, arg);
	else
		options->argv0 = arg;
}

static int apply(struct options *options, int code, const char *arg, char *error, size_t error_len)
{
	const char *qualifier = qualifier_of(code);

	if (code == 'z' || code == 'Z')
		arg = code == 'z' ? "successful" : "failed";
	if (qualifier)
		return filter_set(options->filter, qualifier, arg, error, error_len);
	switch (code) {
	case 'p':
		return add_pids(options, arg, error, error_len);
	case 'e':
		return filter_add(options->filter, arg, error, error_len);
	case 's':
		return set_number(&options->render.style.string_limit, "-s", arg, error, error_len);
	case 'a':
		return set_number(&options->render.column, "-a", arg, error, error_len);
	case OPT_WAIT_NOTE:
		return set_number(&options->wait_note_ms, "--wait-note", arg, error, error_len);
	case OPT_HANG:
		return set_hang(options, arg, error, error_len);
	case OPT_LEAKS:
		return set_leaks(options, arg, error, error_len);
	case OPT_DEADLOCK:
		return set_deadlock(options, arg, error, error_len);
	case 'x':
		return set_hex(options, arg, error, error_len);
	case 'X':
		return set_const_style(options, arg, error, error_len);
	case 'y':
		/* Twice means strace's -yy: everything there is to know of a descriptor. */
		if (options->is_strace && options->has_links)
			filter_add_words(options->filter, FILTER_DECODE_FDS, DECODE_FDS_ALL);
		options->has_links = true;
		return arg ? filter_set(options->filter, "decode-fds", arg, error, error_len) : 0;
	case 'q':
		if (arg)
			return filter_set(options->filter, "quiet", arg, error, error_len);
		add_quiet(options);
		return 0;
	case 'E':
		add_env(options, arg);
		return 0;
	case OPT_FORMAT:
		return set_format(options, arg, error, error_len);
	case OPT_RING:
		return set_ring(options, arg, error, error_len);
	case 'o':
	case 'P':
	case OPT_RECORD:
	case OPT_REPLAY:
	case OPT_ARGV0:
		set_name(options, code, arg);
		return 0;
	case 'c':
	case 'C':
	case 'S':
	case 'U':
	case 'w':
	case 'O':
		return options_summary_set(options, code, arg, error, error_len);
	case OPT_EXPLAIN:
	case OPT_LIST_CLASSES:
		set_question(options, code, arg);
		return 0;
	default:
		set_flag(options, code);
		return 0;
	}
}

/* The face has to be known before -e is understood. */
static bool wants_strace_face(int argc, char **argv, const struct getopt_tables *tables,
			      bool *ret_is_replay)
{
	const char *name = strrchr(argv[0], '/');
	int code;
	bool is_strace = strcmp(name ? name + 1 : argv[0], "strace") == 0;

	opterr = 0;
	optind = 0;
	*ret_is_replay = false;
	while ((code = getopt_long(argc, argv, tables->shorts, tables->longs, NULL)) != -1) {
		is_strace |= code == OPT_STRACE;
		*ret_is_replay |= code == OPT_REPLAY;
	}
	optind = 0;
	return is_strace;
}

static void set_defaults(struct options *options, bool is_strace)
{
	options->is_strace = is_strace;
	options->is_following = !is_strace;
	options->has_seccomp = !is_strace;
	options->wait_note_ms = is_strace ? 0 : WAIT_NOTE_MS;
	options->hang_ns = is_strace ? 0 : HANG_NS;
	options->has_links = !is_strace;
	options->model = (struct model_options){ true, true };
	options->render.style.string_limit = STRING_LIMIT;
	options->render.column = COLUMN;
	options->filter = filter_create(is_strace);
	options_summary_init(options);
}

/* What the grammar of -e knows and we do not do: better refused than silently ignored. */
static int check_unsupported(const struct options *options, char *error, size_t error_len)
{
	const struct filter *filter = options->filter;
	const char *what = NULL;

	if (options->is_separate && options->output)
		what = "-ff with -o (a file for each process)";
	if (filter_words(filter, FILTER_DECODE_PIDS))
		what = "-e decode-pids";
	if (filter_words(filter, FILTER_DECODE_FDS) & ~(unsigned)DECODE_FDS_PATH)
		what = "more of -e decode-fds than path";
	for (int fd = 0; fd < DUMP_FDS_MAX; fd++) {
		if (filter_has_fd(filter, FILTER_READ, fd))
			what = "-e read";
		if (filter_has_fd(filter, FILTER_WRITE, fd))
			what = "-e write";
	}
	return what ? fail(error, error_len, "%s is not supported yet; leave it out", what) : 0;
}

static int check(const struct options *options, char *error, size_t error_len)
{
	bool has_work = options->argv || options->n_targets || options->replay;
	int err;

	if (options->action != ACTION_TRACE)
		return 0;
	if (options->is_strace && options->format == FORMAT_JSON)
		return fail(error, error_len,
			    "--format=json shows what strace does not: leave out --strace%s", "");
	if (options->is_strace && options->is_deadlock_error)
		return fail(error, error_len,
			    "--deadlock needs what strace does not show: leave out --strace%s", "");
	if (options->is_strace && options->is_why)
		return fail(error, error_len,
			    "--why tells what strace does not: leave out --strace%s", "");
	if (options->is_strace && options->has_explanations)
		return fail(error, error_len,
			    "--explain says what strace does not: leave out --strace%s", "");
	if (options->is_strace && options->has_leaks)
		return fail(error, error_len,
			    "--leaks tells what strace does not: leave out --strace%s", "");
	if (options->is_deadlock_error && !options->hang_ns && !options->is_why)
		return fail(error, error_len, "--deadlock has no effect with --hang=0%s", "");
	if (!has_work && options->is_strace)
		return fail(error, error_len, "must have PROG [ARGS] or -p PID%s", "");
	if (!has_work)
		return fail(error, error_len,
			    "nothing to trace: give a command, -p PID or --replay=FILE%s", "");
	err = options_summary_check(options, error, error_len);
	if (err < 0)
		return err;
	if (options->replay && (options->argv || options->n_targets || options->record))
		return fail(
			error, error_len,
			"--replay shows a recorded trace: it takes no command, -p or --record%s",
			"");
	if (options->ring_len && !options->record)
		return fail(error, error_len, "--ring has no effect without --record=FILE%s", "");
	if (options->is_killing && options->n_targets)
		return fail(error, error_len,
			    "--kill-on-exit and -p/--attach are mutually exclusive options%s", "");
	if (options->is_append && !options->output)
		return fail(error, error_len, "-A has no effect without -o FILE%s", "");
	if (options->argv0 && !options->argv)
		return fail(error, error_len, "--argv0 needs a command%s", "");
	return check_unsupported(options, error, error_len);
}

/* What getopt could not make sense of. */
static int explain(int code, char **argv, char *error, size_t error_len)
{
	if (code == ':')
		snprintf(error, error_len, "option '%s' requires an argument", argv[optind - 1]);
	else if (optopt > 0 && optopt < LONG_ONLY && argv[optind - 1][1] != '-')
		snprintf(error, error_len, "invalid option -- '%c'", optopt);
	else if (optopt)
		snprintf(error, error_len, "option '%s' takes no argument", argv[optind - 1]);
	else
		snprintf(error, error_len, "unrecognized option '%s'", argv[optind - 1]);
	return -EINVAL;
}

static int parse(struct options *options, int argc, char **argv, char *error, size_t error_len)
{
	struct getopt_tables tables;
	bool is_replay;
	int code, err;

	memset(options, 0, sizeof(*options));
	options->program = argv[0];
	options_table_make(&tables);
	set_defaults(options, wants_strace_face(argc, argv, &tables, &is_replay));
	/* What was recorded was chosen then. */
	if (is_replay)
		filter_set(options->filter, "trace", "all", error, error_len);
	while ((code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return explain(code, argv, error, error_len);
		err = apply(options, code, optarg, error, error_len);
		if (err < 0)
			return err;
	}
	if (options->action == ACTION_LIST_CLASSES && optind < argc && !options->class_name)
		options->class_name = argv[optind++];
	if (optind < argc)
		options->argv = argv + optind;
	if (options->is_strace && options->output && options->argv)
		options->quiet |= QUIET_ATTACH | QUIET_PERSONALITY;
	filter_add_words(options->filter, FILTER_QUIET, options->quiet);
	return check(options, error, error_len);
}

int options_parse(struct options *options, int argc, char **argv, char *error, size_t error_len)
{
	int err = parse(options, argc, argv, error, error_len);

	if (err < 0)
		buf_tame_line(error);
	return err;
}

void options_finish(struct options *options)
{
	filter_destroy(options->filter);
	for (size_t i = 0; i < options->n_targets; i++)
		target_finish(&options->targets[i]);
	free(options->targets);
	free(options->env);
	free(options->paths);
}

void options_help(struct buf *out, const struct options *options)
{
	const char *name = strrchr(options->program, '/');

	options_table_help(out, name ? name + 1 : options->program);
}
