/* What a shell does for `printf ... | grep th`: pipe, fork, dup2, exec. */
#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fds[2]; /* from the first program to the second */
static int out_fds[2]; /* from the second to us, where a shell would leave its own stdout */

/* Put `fd` in the place of stdin or stdout and close all that the program must not inherit. */
static void become(int fd, int standard_fd, char *const argv[])
{
	check(dup2(fd, standard_fd));
	check(close(fds[0]));
	check(close(fds[1]));
	check(execvp(argv[0], argv));
}

static void printf_words(void)
{
	char *argv[] = { "printf", "one\\ntwo\\nthree\\nfourth\\n", NULL };

	check(close(out_fds[0]));
	check(close(out_fds[1]));
	become(fds[1], STDOUT_FILENO, argv);
}

static void grep_th(void)
{
	char *argv[] = { "grep", "th", NULL };

	check(dup2(out_fds[1], STDOUT_FILENO));
	check(close(out_fds[0]));
	check(close(out_fds[1]));
	become(fds[0], STDIN_FILENO, argv);
}

static void yes_for_ever(void)
{
	char *argv[] = { "yes", NULL };

	become(fds[1], STDOUT_FILENO, argv);
}

static void cat_to_null(void)
{
	char *argv[] = { "cat", NULL };

	check(dup2(fds[0], STDIN_FILENO)); /* the mistake: fds[1] goes to cat as well */
	check(execvp(argv[0], argv));
}

static void pipeline(void)
{
	char text[100];
	size_t len = 0;
	ssize_t part;
	pid_t first, second;

	check(pipe(fds));
	check(pipe(out_fds));
	first = spawn("printf", printf_words);
	second = spawn("grep", grep_th);
	check(close(fds[0])); /* the shell keeps no end, or grep would never see the end */
	check(close(fds[1]));
	check(close(out_fds[1]));
	while ((part = check(read(out_fds[0], text + len, sizeof(text) - len))) > 0)
		len += part;
	check(close(out_fds[0]));
	reap(first);
	reap(second);
	expect(len == 13 && !memcmp(text, "three\nfourth\n", len));
	say("printf one two three fourth | grep th: three, fourth");
}

static void sigpipe(void)
{
	char text[4];
	pid_t first;

	check(pipe(fds));
	first = spawn("yes", yes_for_ever);
	check(close(fds[1]));
	read_all(fds[0], text, sizeof(text));
	expect(!memcmp(text, "y\ny\n", 4));
	check(close(fds[0]));
	reap_killed(first, SIGPIPE);
	say("yes | head -n 2: the reader had enough and left, yes was killed by SIGPIPE");
}

static void no_eof(void)
{
	pid_t second;

	check(pipe(fds));
	second = spawn("cat", cat_to_null);
	check(close(fds[0]));
	check(close(fds[1]));
	await_blocked(second, SYS_read);
	say("cat inherited the write end of its own stdin and waits for ever");
	stay_if_asked();
	kill_and_reap(second);
}

static const struct variant variants[] = {
	{ NULL, pipeline, "printf | grep: pipe, fork, dup2, exec" },
	{ "sigpipe", sigpipe, "yes | head: the writer is killed when its reader has left" },
	{ "no-eof", no_eof, "an end not closed before exec: no end of file" },
	{ 0 },
};

static const struct demo demo = { 6, "what a shell does for a pipeline", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
