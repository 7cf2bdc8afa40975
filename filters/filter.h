#ifndef FILTERS_FILTER_H
#define FILTERS_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

/*
 * What to trace and how much to show of it, as -e and its long options say. Made once, then only
 * asked. Its call sets say for every call number of an architecture: never, always, or on a
 * condition that the entry of the call decides (read, if its descriptor is a pipe).
 */
struct filter;

enum filter_answer {
	FILTER_NO,
	FILTER_YES,
};

/* Sets of calls. */
enum filter_calls {
	FILTER_TRACE, /* shown at all; default: class ipc, or all in strace's face */
	FILTER_RAW, /* numbers only; default: none */
	FILTER_ABBREV, /* large structs cut short; default: all */
	FILTER_VERBOSE, /* structs read at all; default: all */
	FILTER_CALLS_KINDS
};

/* Sets of descriptor numbers; empty unless set. */
enum filter_fds {
	FILTER_TRACE_FDS, /* trace only calls on these; filter_enter() knows of it */
	FILTER_READ, /* dump what is read from */
	FILTER_WRITE, /* dump what is written to */
	FILTER_FDS_KINDS
};

/* Bits of filter_words(). */
enum filter_status {
	STATUS_SUCCESSFUL = 1 << 0,
	STATUS_FAILED = 1 << 1,
	STATUS_UNFINISHED = 1 << 2,
	STATUS_UNAVAILABLE = 1 << 3,
	STATUS_DETACHED = 1 << 4,
	STATUS_ALL = (1 << 5) - 1,
};

enum filter_quiet {
	QUIET_ATTACH = 1 << 0,
	QUIET_EXIT = 1 << 1,
	QUIET_PATH_RESOLUTION = 1 << 2,
	QUIET_PERSONALITY = 1 << 3,
	QUIET_THREAD_EXECVE = 1 << 4,
	QUIET_ALL = (1 << 5) - 1,
};

enum filter_decode_fds {
	DECODE_FDS_PATH = 1 << 0,
	DECODE_FDS_SOCKET = 1 << 1,
	DECODE_FDS_DEV = 1 << 2,
	DECODE_FDS_EVENTFD = 1 << 3,
	DECODE_FDS_PIDFD = 1 << 4,
	DECODE_FDS_SIGNALFD = 1 << 5,
	DECODE_FDS_ALL = (1 << 6) - 1,
};

enum filter_decode_pids {
	DECODE_PIDS_COMM = 1 << 0,
	DECODE_PIDS_PIDNS = 1 << 1,
	DECODE_PIDS_ALL = (1 << 2) - 1,
};

/* Sets of words, each a mask of the bits above. */
enum filter_words {
	FILTER_STATUS, /* default STATUS_ALL */
	FILTER_QUIET, /* default 0, as are the next */
	FILTER_DECODE_FDS,
	FILTER_DECODE_PIDS,
	FILTER_WORDS_KINDS
};

/*
 * In the default face the trace set starts as class ipc, every mechanism of inter-process
 * communication, and a mechanism's name means its class. With is_strace_face it starts as all
 * calls and only strace's classes exist. Never NULL: out of memory aborts.
 */
struct filter *filter_create(bool is_strace_face);
void filter_destroy(struct filter *filter);

/*
 * Apply one argument of -e: [QUALIFIER=][!]VALUE[,VALUE]..., any bytes. What it says replaces what
 * an earlier one said about the same qualifier.
 * Returns 0, or with one line for the user in error (error_len bytes with its NUL; no program name
 * in front, no newline) and the filter as it was: -EINVAL; -EDOM for a wrong @personality, after
 * which strace refers to its help; -ENOTSUP for a qualifier of strace's that we do not have.
 * Source: strace 7.2, reference/strace-behaviour.md.
 */
int filter_add(struct filter *filter, const char *expr, char *error, size_t error_len);

/* As filter_add() of "qualifier=value", for long options: filter_set(f, "signal", "!usr1", ...). */
int filter_set(struct filter *filter, const char *qualifier, const char *value, char *error,
	       size_t error_len);

/*
 * Trace only calls on that path, or another one that was given (strace's -P). It has to be what the
 * call names, or a descriptor's link in /proc.
 */
void filter_add_path(struct filter *filter, const char *path);

/* Or in bits: for options such as -y and -q that add to a set. */
void filter_add_words(struct filter *filter, enum filter_words which, unsigned bits);

/* Was that qualifier given with filter_add() or filter_set()? For conflicts of options. */
bool filter_has_words(const struct filter *filter, enum filter_words which);

/*
 * May the call be in the trace set: O(1), needs nothing but the number (x32's with its bit). False
 * means that the tracee can be resumed at once. Numbers without a name are in sets that say all or
 * !, and, as with strace, in every set of strace's face.
 */
bool filter_wants_nr(const struct filter *filter, uint32_t arch, uint64_t nr);

/* Is everything in the trace set, without a condition, numbers without a name too? */
bool filter_wants_all(const struct filter *filter);

/* Is it in the trace set on a condition only, so that filter_enter() has to be asked? */
bool filter_is_conditional(const struct filter *filter, uint32_t arch, uint64_t nr);

/* Do trace-fds or paths choose among the calls of the trace set? */
bool filter_is_partial(const struct filter *filter);

/* That condition (filters/condition.h), or NULL if the call's number alone decides. */
struct rule;
const struct rule *filter_rule(const struct filter *filter, uint32_t arch, uint64_t nr);

/* Descriptors are shown by what they refer to, so the calls that change that have to be seen. */
void filter_follow_fds(struct filter *filter);

/* Is that so, or does any condition of the trace set depend on what descriptors refer to? */
bool filter_asks_fds(const struct filter *filter);

/*
 * Decide about the call that ev (EVENT_ENTER, or an EVENT_EXIT whose entry was not seen) is about.
 * spec, the call's row, may be NULL; it tells which arguments are descriptors for trace-fds. May
 * ask mem for descriptors, paths and mappings: what it asks becomes part of the event. A descriptor
 * of which nothing can be found out counts as wanted.
 */
enum filter_answer filter_enter(const struct filter *filter, const struct call_spec *spec,
				const struct event *ev, const struct mem *mem);

/* Membership by number alone; a conditional member is one. */
bool filter_has_call(const struct filter *filter, enum filter_calls set, uint32_t arch,
		     uint64_t nr);

bool filter_has_fd(const struct filter *filter, enum filter_fds set, int fd);

/* Is a delivery of the signal to be shown? Default: every one. */
bool filter_wants_signal(const struct filter *filter, int sig);

/* Is a call that ended so (one bit of enum filter_status) to be shown? */
bool filter_wants_status(const struct filter *filter, enum filter_status status);

/* The mask of a set of words. */
unsigned filter_words(const struct filter *filter, enum filter_words set);

#endif
