#include "filters/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "decode/types/types.h"
#include "filters/call_set.h"
#include "filters/number_set.h"
#include "filters/paths.h"
#include "filters/token_list.h"
#include "filters/words.h"

struct filter {
	bool is_strace_face;
	bool follows_fds;
	struct call_names names;
	struct call_set calls[FILTER_CALLS_KINDS];
	struct number_set fds[FILTER_FDS_KINDS];
	struct path_set *paths; /* of -P; NULL: none */
	struct number_set signals;
	unsigned words[FILTER_WORDS_KINDS];
	bool has_words[FILTER_WORDS_KINDS];
};

enum qualifier_kind { CALLS, FDS, SIGNALS, WORDS, UNSUPPORTED };

static const struct qualifier {
	const char *names[5]; /* the full one and its aliases */
	enum qualifier_kind kind;
	int which;
} qualifiers[] = {
	{ { "trace", "t" }, CALLS, FILTER_TRACE },
	{ { "raw", "x" }, CALLS, FILTER_RAW },
	{ { "abbrev", "a" }, CALLS, FILTER_ABBREV },
	{ { "verbose", "v" }, CALLS, FILTER_VERBOSE },
	{ { "trace-fds", "trace-fd", "fds", "fd" }, FDS, FILTER_TRACE_FDS },
	{ { "read", "reads", "r" }, FDS, FILTER_READ },
	{ { "write", "writes", "w" }, FDS, FILTER_WRITE },
	{ { "signal", "signals", "s" }, SIGNALS, 0 },
	{ { "status" }, WORDS, FILTER_STATUS },
	{ { "quiet", "silent", "silence", "q" }, WORDS, FILTER_QUIET },
	{ { "decode-fds", "decode-fd" }, WORDS, FILTER_DECODE_FDS },
	{ { "decode-pids", "decode-pid" }, WORDS, FILTER_DECODE_PIDS },
	{ { "inject" }, UNSUPPORTED, 0 },
	{ { "fault" }, UNSUPPORTED, 0 },
	{ { "kvm" }, UNSUPPORTED, 0 },
	{ { "namespace" }, UNSUPPORTED, 0 },
	{ { "secontext" }, UNSUPPORTED, 0 },
};

static void set_default(struct filter *filter, enum filter_calls set, const char *text)
{
	char error[64];

	call_set_parse(&filter->calls[set], &filter->names, filter->is_strace_face, text, error,
		       sizeof(error));
}

struct filter *filter_create(bool is_strace_face)
{
	struct filter *filter = calloc(1, sizeof(*filter));

	if (!filter)
		abort();
	filter->is_strace_face = is_strace_face;
	names_init(&filter->names);
	set_default(filter, FILTER_TRACE, is_strace_face ? "all" : "%ipc");
	set_default(filter, FILTER_ABBREV, "all");
	set_default(filter, FILTER_VERBOSE, "all");
	filter->signals.is_inverted = true;
	filter->words[FILTER_STATUS] = STATUS_ALL;
	return filter;
}

void filter_destroy(struct filter *filter)
{
	if (!filter)
		return;
	for (int i = 0; i < FILTER_CALLS_KINDS; i++)
		call_set_finish(&filter->calls[i]);
	for (int i = 0; i < FILTER_FDS_KINDS; i++)
		number_set_finish(&filter->fds[i]);
	number_set_finish(&filter->signals);
	path_set_destroy(filter->paths);
	names_finish(&filter->names);
	free(filter);
}

static const struct qualifier *find_qualifier(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(qualifiers); i++) {
		for (size_t j = 0; j < ARRAY_LEN(qualifiers[i].names); j++) {
			const char *candidate = qualifiers[i].names[j];

			if (candidate && strlen(candidate) == len &&
			    memcmp(candidate, name, len) == 0)
				return &qualifiers[i];
		}
	}
	return NULL;
}

static int set_words(struct filter *filter, int which, const char *value, char *error,
		     size_t error_len)
{
	int err = words_parse((enum filter_words)which, value, &filter->words[which], error,
			      error_len);

	if (!err)
		filter->has_words[which] = true;
	return err;
}

static int apply(struct filter *filter, const struct qualifier *qualifier, const char *value,
		 char *error, size_t error_len)
{
	switch (qualifier->kind) {
	case CALLS:
		return call_set_parse(&filter->calls[qualifier->which], &filter->names,
				      filter->is_strace_face, value, error, error_len);
	case FDS:
		return number_set_parse_fds(&filter->fds[qualifier->which], value, error,
					    error_len);
	case SIGNALS:
		return number_set_parse_signals(&filter->signals, value, error, error_len);
	case WORDS:
		return set_words(filter, qualifier->which, value, error, error_len);
	case UNSUPPORTED:
		break;
	}
	snprintf(error, error_len, "-e %s= is not supported yet", qualifier->names[0]);
	return -ENOTSUP;
}

int filter_add(struct filter *filter, const char *expr, char *error, size_t error_len)
{
	const char *equals = strchr(expr, '=');
	const struct qualifier *qualifier = NULL;
	int err;

	if (equals)
		qualifier = find_qualifier(expr, (size_t)(equals - expr));
	if (!qualifier)
		err = apply(filter, &qualifiers[0], expr, error, error_len);
	else
		err = apply(filter, qualifier, equals + 1, error, error_len);
	if (err < 0)
		buf_tame_line(error);
	return err;
}

int filter_set(struct filter *filter, const char *qualifier, const char *value, char *error,
	       size_t error_len)
{
	const struct qualifier *found = find_qualifier(qualifier, strlen(qualifier));

	if (!found)
		return token_invalid("qualifier", qualifier, error, error_len);
	return apply(filter, found, value, error, error_len);
}

void filter_add_path(struct filter *filter, const char *path)
{
	if (!filter->paths)
		filter->paths = path_set_create(&filter->names);
	path_set_add(filter->paths, path);
}

void filter_add_words(struct filter *filter, enum filter_words which, unsigned bits)
{
	filter->words[which] |= bits;
}

bool filter_has_words(const struct filter *filter, enum filter_words which)
{
	return filter->has_words[which];
}

unsigned filter_words(const struct filter *filter, enum filter_words which)
{
	return filter->words[which];
}

/* Strace shows what it has no name for whatever the set says. */
static unsigned find_traced(const struct filter *filter, uint32_t arch, uint64_t nr)
{
	unsigned found = call_set_find(&filter->calls[FILTER_TRACE], &filter->names, arch, nr);
	int index;

	if (found != CALL_NO || !filter->is_strace_face)
		return found;
	index = names_arch(arch, &nr);
	if (index < 0 || nr >= SYSCALL_NR_MAX || !filter->names.name[index][nr])
		return CALL_YES;
	return CALL_NO;
}

bool filter_wants_nr(const struct filter *filter, uint32_t arch, uint64_t nr)
{
	return find_traced(filter, arch, nr) != CALL_NO;
}

bool filter_wants_all(const struct filter *filter)
{
	const struct call_set *set = &filter->calls[FILTER_TRACE];

	if (!set->has_unnamed || filter_is_partial(filter))
		return false;
	for (int arch = 0; arch < ARCH_KINDS; arch++) {
		for (size_t nr = 0; nr < SYSCALL_NR_MAX; nr++) {
			if (filter->names.name[arch][nr] && set->rule[arch][nr] != CALL_YES)
				return false;
		}
	}
	return true;
}

const struct rule *filter_rule(const struct filter *filter, uint32_t arch, uint64_t nr)
{
	unsigned found = find_traced(filter, arch, nr);

	return found < CALL_RULES ? NULL : &filter->calls[FILTER_TRACE].rules[found - CALL_RULES];
}

bool filter_is_conditional(const struct filter *filter, uint32_t arch, uint64_t nr)
{
	return filter_rule(filter, arch, nr) || filter_is_partial(filter);
}

bool filter_is_partial(const struct filter *filter)
{
	return filter->paths || !number_set_is_empty(&filter->fds[FILTER_TRACE_FDS]);
}

void filter_follow_fds(struct filter *filter)
{
	filter->follows_fds = true;
}

bool filter_asks_fds(const struct filter *filter)
{
	const struct call_set *set = &filter->calls[FILTER_TRACE];

	if (filter->follows_fds || filter->paths)
		return true;
	for (size_t i = 0; i < set->n_rules; i++)
		for (unsigned j = 0; j < set->rules[i].n; j++)
			if (set->rules[i].conditions[j].kind == IF_FD ||
			    set->rules[i].conditions[j].kind == IF_FD_COMMAND ||
			    set->rules[i].conditions[j].kind == IF_SOCKETCALL)
				return true;
	return false;
}

static bool is_on_traced_fd(const struct filter *filter, const struct call_spec *spec,
			    const struct event *ev)
{
	const struct number_set *fds = &filter->fds[FILTER_TRACE_FDS];

	for (size_t i = 0; spec && i < ARRAY_LEN(spec->args) && spec->args[i].name; i++)
		if ((spec->args[i].type == &type_fd || spec->args[i].type == &type_dirfd) &&
		    (int32_t)ev->args[i] >= 0 && number_set_has(fds, (int32_t)ev->args[i]))
			return true;
	return false;
}

/* trace-fds and -P: either will do. */
static bool is_selected(const struct filter *filter, const struct call_spec *spec,
			const struct event *ev, const struct mem *mem)
{
	return !filter_is_partial(filter) || is_on_traced_fd(filter, spec, ev) ||
	       (filter->paths && path_set_matches(filter->paths, ev, mem));
}

enum filter_answer filter_enter(const struct filter *filter, const struct call_spec *spec,
				const struct event *ev, const struct mem *mem)
{
	unsigned found = find_traced(filter, ev->arch, ev->nr);

	if (found == CALL_NO || !is_selected(filter, spec, ev, mem))
		return FILTER_NO;
	if (found == CALL_YES)
		return FILTER_YES;
	return rule_holds(&filter->calls[FILTER_TRACE].rules[found - CALL_RULES], ev, mem)
		       ? FILTER_YES
		       : FILTER_NO;
}

bool filter_has_call(const struct filter *filter, enum filter_calls set, uint32_t arch, uint64_t nr)
{
	return call_set_find(&filter->calls[set], &filter->names, arch, nr) != CALL_NO;
}

bool filter_has_fd(const struct filter *filter, enum filter_fds set, int fd)
{
	return number_set_has(&filter->fds[set], fd);
}

bool filter_wants_signal(const struct filter *filter, int sig)
{
	return number_set_has(&filter->signals, sig);
}

bool filter_wants_status(const struct filter *filter, enum filter_status status)
{
	return filter->words[FILTER_STATUS] & status;
}
