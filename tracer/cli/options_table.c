#include "cli/options_table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

static const struct row {
	int code; /* the letter, or one of the above */
	const char *name;
	const char *arg; /* NULL: takes none; in [] if it is optional */
	const char *help; /* NULL: an alias that help does not show */
} rows[] = {
	{ 'p', "attach", "PID",
	  "attach to the processes PID[,PID]..., and leave them running at the end" },
	{ 'e', NULL, "EXPR",
	  "[QUALIFIER=][!]VALUE[,VALUE]...: what to trace; classes: --list-classes" },
	{ OPT_TRACE, "trace", "SET", "calls: names, numbers, classes, /regex, all, none" },
	{ OPT_SIGNALS, "signals", "SET", "signals whose delivery is shown" },
	{ OPT_SIGNALS, "signal", "SET", NULL },
	{ OPT_STATUS, "status", "SET",
	  "only calls that ended so: successful, failed, unfinished..." },
	{ 'P', "trace-path", "PATH", "only calls on PATH, by name or by descriptor" },
	{ OPT_TRACE_FDS, "trace-fds", "SET", "only calls on these descriptors" },
	{ OPT_RAW, "raw", "SET", "calls shown as plain numbers" },
	{ OPT_ABBREV, "abbrev", "SET", "calls whose large structures are cut short" },
	{ OPT_VERBOSE, "verbose", "SET", "calls whose structures are read" },
	{ 'z', "successful-only", NULL, "only calls that succeeded" },
	{ 'Z', "failed-only", NULL, "only calls that failed" },
	{ 'f', "follow-forks", NULL, "follow children (the default unless --strace)" },
	{ OPT_NO_FOLLOW, "no-follow", NULL, "do not follow children" },
	{ OPT_NO_SECCOMP, "no-seccomp", NULL,
	  "stop at every call of a launched command: slower, but it survives ipctrace" },
	{ OPT_YIELD, "yield", NULL,
	  "leave processes to the debuggers among the traced; means --no-seccomp" },
	{ OPT_KILL_ON_EXIT, "kill-on-exit", NULL, "nothing that was launched outlives ipctrace" },
	{ OPT_SECCOMP, "seccomp-bpf", NULL,
	  "filter calls in the kernel (the default unless --strace)" },
	{ 'c', "summary-only", NULL,
	  "only a summary at the end: who sent how much to whom, and how long it took" },
	{ 'C', "summary", NULL, "the trace, and the summary" },
	{ 'S', "summary-sort-by", "KEY",
	  "--strace -c: sort by time, min-time, max-time, avg-time, calls, errors, name, nothing" },
	{ 'U', "summary-columns", "LIST",
	  "--strace -c: columns, of time-percent, total-time and the above" },
	{ 'w', "summary-wall-clock", NULL, "--strace -c: time that passed, not system time" },
	{ 'O', "summary-syscall-overhead", "TIME",
	  "--strace -c: take TIME (N[s|ms|us|ns]) from the time of each call" },
	{ 'o', "output", "FILE", "write the trace to FILE, or to a shell command: '|COMMAND'" },
	{ 'A', "output-append-mode", NULL, "append to FILE" },
	{ 's', "string-limit", "N", "show N bytes of strings and items of arrays (32)" },
	{ 'v', "no-abbrev", NULL, "show structures in full" },
	{ 'x', "strings-in-hex", "[=WHEN]",
	  "strings with bytes beyond ASCII in hexadecimal; -xx: all" },
	{ 'X', "const-print-style", "STYLE",
	  "constants as raw numbers, abbrev (names) or verbose (both)" },
	{ 'y', "decode-fds", "[=SET]", "show what descriptors refer to" },
	{ 't', "absolute-timestamps", NULL,
	  "time of day; -tt: with microseconds; -ttt: since 1970" },
	{ 'r', "relative-timestamps", NULL, "time since the line before" },
	{ 'T', "syscall-times", NULL, "time spent in each call" },
	{ 'n', "syscall-number", NULL, "numbers of the calls" },
	{ 'i', "instruction-pointer", NULL, "where the calls are made" },
	{ 'k', "stack-trace", NULL, "the stack of each call" },
	{ 'k', "stack-traces", NULL, NULL },
	{ 'a', "columns", "N", "align results at column N (40)" },
	{ 'q', "quiet", "[=SET]",
	  "leave out: attach, exit, path-resolution, personality, thread-execve" },
	{ 'q', "silent", "[=SET]", NULL },
	{ 'q', "silence", "[=SET]", NULL },
	{ OPT_ALWAYS_PID, "always-show-pid", NULL, "begin every line with the pid" },
	{ OPT_WAIT_NOTE, "wait-note", "MS",
	  "say that a call is blocked after MS milliseconds (200; 0: never)" },
	{ OPT_HANG, "hang", "SECONDS",
	  "explain waits of SECONDS: deadlocks, and who waits for whom (5; 0: never)" },
	{ OPT_DEADLOCK, "deadlock", "error", "exit with status 3 when a deadlock was found" },
	{ OPT_WHY, "why", NULL,
	  "with -p: tell who waits for whom now, without tracing; else: at each hang and the end" },
	{ OPT_LEAKS, "leaks", "[=error]",
	  "tell what was made and is left behind; =error: exit with status 4 if anything is" },
	{ OPT_NO_STATE, "no-state", NULL,
	  "do not look at the state of objects before and after calls" },
	{ OPT_NO_PEERS, "no-peers", NULL, "do not look for processes outside the traced ones" },
	{ OPT_BRIEF, "brief", NULL, "both: calls and the names of objects only" },
	{ OPT_OBJECTS, "objects", NULL,
	  "list all objects and their holders at the end (at any time: SIGUSR1)" },
	{ OPT_FORMAT, "format", "FORMAT", "text, or json: one object a line, see docs/json.md" },
	{ OPT_RECORD, "record", "FILE", "write the events to FILE as well, for --replay" },
	{ OPT_RING, "ring", "SIZE",
	  "with --record: the last SIZE (K, M, G) only, when something happens and at the end" },
	{ OPT_REPLAY, "replay", "FILE", "show recorded events instead of tracing" },
	{ 'E', "env", "VAR[=VALUE]", "set or remove a variable in the command's environment" },
	{ OPT_ARGV0, "argv0", "NAME", "start the command under another name" },
	{ OPT_STRACE, "strace", NULL, "behave and print as strace does" },
	{ OPT_EXPLAIN, "explain", "[=NAME]",
	  "say in words what calls do; with NAME: print the page about a call or mechanism" },
	{ OPT_LIST_CLASSES, "list-classes", "[=NAME]",
	  "list the classes of calls, or the calls of one" },
	{ 'h', "help", NULL, "print this" },
	{ 'V', "version", NULL, "print the version" },
};

_Static_assert(ARRAY_LEN(rows) <= OPTIONS_MAX, "the getopt tables are too small");

static bool is_optional(const struct row *row)
{
	return row->arg && row->arg[0] == '[';
}

void options_table_make(struct getopt_tables *ret_tables)
{
	char *s = ret_tables->shorts;
	size_t n = 0;

	memset(ret_tables, 0, sizeof(*ret_tables));
	*s++ = '+'; /* options end at the command */
	*s++ = ':'; /* and we say what is wrong with them */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		int has_arg = is_optional(row) ? optional_argument
			      : row->arg       ? required_argument
					       : no_argument;

		if (row->name)
			ret_tables->longs[n++] =
				(struct option){ row->name, has_arg, NULL, row->code };
		if (row->code < LONG_ONLY) {
			*s++ = (char)row->code;
			/* A letter never takes an optional argument: -yy is -y twice. */
			if (row->arg && !is_optional(row))
				*s++ = ':';
		}
	}
}

void options_table_help(struct buf *out, const char *name)
{
	buf_printf(out,
		   "Usage: %s [OPTIONS] COMMAND [ARGS]\n"
		   "       %s [OPTIONS] -p PID\n"
		   "       %s [OPTIONS] --replay=FILE\n"
		   "\n"
		   "Trace the system calls of programs, inter-process communication first.\n"
		   "\n"
		   "  %s -e ipc build/demos/pipe         watch every IPC mechanism (the default)\n"
		   "  %s -e trace=network,signal COMMAND strace's classes\n"
		   "  %s -p PID                          attach, watch, leave it running\n"
		   "\n",
		   name, name, name, name, name, name);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		char left[64] = "";
		bool is_short = row->code < LONG_ONLY;

		if (!row->help)
			continue;
		snprintf(left, sizeof(left), "%s%.1s%s%s%s%s%s", is_short ? "-" : "  ",
			 is_short ? (const char[]){ (char)row->code, 0 } : "",
			 is_short && row->name ? ", " : (is_short ? " " : "  "),
			 row->name ? "--" : "", row->name ? row->name : "",
			 row->arg && row->name && !is_optional(row) ? "=" : "",
			 row->arg ? row->arg : "");
		buf_printf(out, "  %-32s  %s\n", left, row->help);
	}
	buf_text(out, "\nThe exit status is the command's; a death by signal is repeated. With -p "
		      "it is 0, or the\nsignal that ended the trace.\n");
}
