/* Command lines, arguments ended by 0: each is taken, or refused in one printable line. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/options.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input.h"

enum { ERROR_LEN = 512, ARGS_MAX = 32 };

const unsigned long fuzz_rounds = 500;

static unsigned long n_taken, n_refused;

static const char *const words[] = {
	"-e",
	"ipc",
	"-etrace=net",
	"-f",
	"-p",
	"1",
	"1,2",
	"-o",
	"file",
	"|cat",
	"-s",
	"32",
	"-1",
	"99999999999",
	"--strace",
	"-y",
	"-T",
	"-tt",
	"-r",
	"-i",
	"-k",
	"-q",
	"-qq",
	"-v",
	"-x",
	"-xx",
	"-X",
	"raw",
	"-a",
	"40",
	"-n",
	"-c",
	"-C",
	"-E",
	"A=b",
	"-D",
	"-b",
	"execve",
	"-I",
	"3",
	"-O",
	"-S",
	"time",
	"-Scalls",
	"-U",
	"calls,errors,name",
	"-Uwall-min,time",
	"-U,",
	"-w",
	"-O5ms",
	"-O1e400",
	"-ff",
	"-u",
	"root",
	"-z",
	"-Z",
	"-A",
	"-P",
	"/x",
	"-d",
	"-h",
	"-V",
	"--help",
	"--version",
	"--format=json",
	"--format=",
	"--format",
	"text",
	"--objects",
	"--leaks",
	"--leaks=error",
	"--leaks=x",
	"--brief",
	"--no-state",
	"--no-peers",
	"--hang=5s",
	"--hang=",
	"--hang=1e99",
	"--hang=-1",
	"--deadlock=error",
	"--record=f",
	"--replay=f",
	"--no-seccomp",
	"--seccomp-bpf",
	"--list-classes",
	"--list-classes=ipc",
	"--argv0=x",
	"--trace=ipc",
	"--signal=usr1",
	"--",
	"true",
	"-",
	"",
	"--wait-note=1s",
	"--color=always",
	"--nosuch",
	"-\377",
	"--ring=1M",
	"--why",
	"--yield",
	"--explain",
	"--explain=semop",
};

size_t fuzz_make(uint8_t *data, size_t room)
{
	size_t len = 0;

	for (uint64_t n = fuzz_random(8); n--;) {
		const char *word = words[fuzz_random(ARRAY_LEN(words))];

		memcpy(data + len, word, strlen(word) + 1);
		len += strlen(word) + 1;
	}
	return fuzz_random(3) ? len : fuzz_mutate(data, len, room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), *at = text, *argv[ARGS_MAX + 2] = { (char[]){ "ipctrace" } };
	struct options options = { 0 };
	char error[ERROR_LEN];
	struct buf help = { 0 };
	int argc = 1;

	if (!text)
		err(1, "malloc");
	memcpy(text, data, len);
	text[len] = '\0';
	for (; at < text + len && argc <= ARGS_MAX; at += strlen(at) + 1)
		argv[argc++] = at;
	memset(error, 'x', sizeof(error));
	if (options_parse(&options, argc, argv, error, sizeof(error)) == 0) {
		n_taken++;
		options_help(&help, &options);
	} else {
		n_refused++;
		input_check_error(error, sizeof(error));
	}
	options_finish(&options);
	buf_finish(&help);
	free(text);
	return 0;
}

void fuzz_judge(unsigned long rounds)
{
	if (n_taken < rounds / 20 || n_refused < rounds / 20)
		errx(1, "%lu taken, %lu refused", n_taken, n_refused);
}
