/*
 * -e expressions, one a line: each is taken or refused in one printable line, and the filter can
 * be asked afterwards.
 */
#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "filters/filter.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input.h"

enum { ERROR_LEN = 256, CALLS_MAX = 600, WORDS_MAX = 6 };

const unsigned long fuzz_rounds = 20000;

static unsigned long n_taken, n_refused;

static const char *const words[] = {
	"trace=",
	"t=",
	"signal=",
	"status=",
	"quiet=",
	"raw=",
	"x=",
	"abbrev=",
	"verbose=",
	"read=",
	"write=",
	"fd=",
	"trace-fds=",
	"decode-fds=",
	"decode-pids=",
	"fault=",
	"inject=",
	"ipc",
	"%net",
	"%file",
	"network",
	"desc",
	"pipe",
	"futex",
	"sysv-sem",
	"!",
	",",
	"all",
	"none",
	"read",
	"write",
	"openat",
	"/^sem",
	"/(a|b)*$",
	"/[",
	"?nosuch",
	"?",
	"%",
	"@64",
	"@32",
	"@x32",
	"@what",
	"3",
	"1-5",
	"-1",
	"99999999999999999999",
	"SIGUSR1",
	"usr1",
	"chld",
	"successful",
	"failed",
	"path",
	"socket",
	"attach",
	"\n",
	"\n",
	"\n",
	"=",
	" ",
};

size_t fuzz_make(uint8_t *data, size_t room)
{
	size_t len = 0;

	for (uint64_t n = 1 + fuzz_random(WORDS_MAX); n--;) {
		const char *word = words[fuzz_random(ARRAY_LEN(words))];

		memcpy(data + len, word, strlen(word));
		len += strlen(word);
	}
	return fuzz_random(3) ? len : fuzz_mutate(data, len, room);
}

/* Every answer about numbers. */
static void ask(const struct filter *filter)
{
	for (uint64_t nr = 0; nr < CALLS_MAX; nr++) {
		if (filter_rule(filter, AUDIT_ARCH_X86_64, nr) &&
		    !filter_wants_nr(filter, AUDIT_ARCH_X86_64, nr))
			errx(1, "call %d: a rule for what is not wanted", (int)nr);
		filter_wants_nr(filter, AUDIT_ARCH_I386, nr);
	}
	for (int sig = -1; sig < 70; sig++)
		filter_wants_signal(filter, sig);
	for (int i = 0; i < FILTER_WORDS_KINDS; i++)
		filter_words(filter, (enum filter_words)i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), *rest = text, *line;
	/* To make one takes longer than to use it; an expression replaces what was said before. */
	static struct filter *filters[2];
	unsigned face = len && data[0] & 1;
	struct filter *filter;
	char error[ERROR_LEN];

	if (!text)
		err(1, "malloc");
	if (!filters[face])
		filters[face] = filter_create(face);
	filter = filters[face];
	memcpy(text, data, len);
	text[len] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		memset(error, 'x', sizeof(error));
		if (filter_add(filter, line, error, sizeof(error)) == 0) {
			n_taken++;
		} else {
			n_refused++;
			input_check_error(error, sizeof(error));
		}
	}
	ask(filter);
	free(text);
	return 0;
}

void fuzz_judge(unsigned long rounds)
{
	if (n_taken < rounds / 20 || n_refused < rounds / 20)
		errx(1, "%lu taken, %lu refused", n_taken, n_refused);
}
