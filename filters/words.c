#include "filters/words.h"

#include <string.h>

#include "base/array.h"
#include "filters/token_list.h"

struct word {
	const char *name;
	unsigned bit;
};

static const struct word statuses[] = {
	{ "successful", STATUS_SUCCESSFUL }, { "failed", STATUS_FAILED },
	{ "unfinished", STATUS_UNFINISHED }, { "unavailable", STATUS_UNAVAILABLE },
	{ "detached", STATUS_DETACHED },
};

static const struct word quiets[] = {
	{ "attach", QUIET_ATTACH },
	{ "exit", QUIET_EXIT },
	{ "exits", QUIET_EXIT },
	{ "path-resolution", QUIET_PATH_RESOLUTION },
	{ "personality", QUIET_PERSONALITY },
	{ "thread-execve", QUIET_THREAD_EXECVE },
	{ "superseded", QUIET_THREAD_EXECVE },
};

static const struct word fd_details[] = {
	{ "path", DECODE_FDS_PATH },   { "socket", DECODE_FDS_SOCKET },
	{ "dev", DECODE_FDS_DEV },     { "eventfd", DECODE_FDS_EVENTFD },
	{ "pidfd", DECODE_FDS_PIDFD }, { "signalfd", DECODE_FDS_SIGNALFD },
};

static const struct word pid_details[] = {
	{ "comm", DECODE_PIDS_COMM },
	{ "pidns", DECODE_PIDS_PIDNS },
};

static const struct {
	const char *what; /* as error messages name a member */
	const struct word *words;
	size_t n;
	unsigned all;
} sets[FILTER_WORDS_KINDS] = {
	[FILTER_STATUS] = { "status", statuses, ARRAY_LEN(statuses), STATUS_ALL },
	[FILTER_QUIET] = { "quiet", quiets, ARRAY_LEN(quiets), QUIET_ALL },
	[FILTER_DECODE_FDS] = { "decode-fds", fd_details, ARRAY_LEN(fd_details), DECODE_FDS_ALL },
	[FILTER_DECODE_PIDS] = { "decode-pids", pid_details, ARRAY_LEN(pid_details),
				 DECODE_PIDS_ALL },
};

struct words {
	enum filter_words which;
	unsigned bits;
};

static int add_word(void *data, const char *token, char *error, size_t error_len)
{
	struct words *words = data;

	for (size_t i = 0; i < sets[words->which].n; i++) {
		if (strcasecmp(sets[words->which].words[i].name, token) == 0) {
			words->bits |= sets[words->which].words[i].bit;
			return 0;
		}
	}
	return token_invalid(sets[words->which].what, token, error, error_len);
}

int words_parse(enum filter_words which, const char *text, unsigned *ret_bits, char *error,
		size_t error_len)
{
	struct words words = { .which = which };
	bool is_inverted;
	int err = token_list_parse(text, sets[which].what, add_word, &words, &is_inverted, error,
				   error_len);

	if (!err)
		*ret_bits = is_inverted ? sets[which].all & ~words.bits : words.bits;
	return err;
}
