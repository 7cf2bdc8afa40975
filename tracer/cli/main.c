#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/explain_page.h"
#include "cli/list_classes.h"
#include "cli/session.h"

/*
 * What we open must not become a standard stream. The stand-ins cannot be written to, so that
 * what goes there is missed, and the command does not get them.
 */
static void fill_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void prepare_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGCHLD, &standard, NULL);
	/* These are the monitor thread's to take. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* End as the traced command did. */
static int die_of(int sig)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	struct rlimit no_core = { 0, 0 };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &no_core);
	sigaction(sig, &standard, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + sig;
}

static int print(struct buf *text)
{
	bool is_written =
		fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0;

	if (!is_written)
		perror("ipctrace: standard output");
	buf_finish(text);
	return is_written ? 0 : 1;
}

static int say_version(struct buf *text)
{
	buf_text(text, "ipctrace " IPCTRACE_VERSION "\n");
	return print(text);
}

static const char *hint_of(const char *error)
{
	static const struct {
		const char *beginning, *hint;
	} hints[] = {
		{ "invalid system call", "--list-classes shows the classes" },
		{ "invalid signal", "`kill -l` lists the signals" },
		{ "Invalid process id", "`ps ax` lists the processes" },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		if (strncmp(error, hints[i].beginning, strlen(hints[i].beginning)) == 0)
			return hints[i].hint;
	}
	return "--help shows what there is";
}

/* Wrong usage, in one line that says what to do, or in strace's two. */
static void say_wrong(const struct options *options, const char *program, const char *error)
{
	if (options->is_strace)
		fprintf(stderr, "%s: %s\nTry '%s -h' for more information.\n", program, error,
			program);
	else
		fprintf(stderr, "%s: %s; %s\n", program, error, hint_of(error));
}

static int explain(struct buf *text, const struct options *options)
{
	if (explain_page(text, options->topic) == 0)
		return print(text);
	fprintf(stderr, "%s: %s\n", options->program, buf_string(text));
	buf_finish(text);
	return 1;
}

int main(int argc, char **argv)
{
	struct launch_env launch_env;
	struct session_end end = { 1, 0 };
	struct options options;
	struct buf text = { 0 };
	char error[512] = "";

	fill_standard_streams();
	launch_env_save(&launch_env);
	if (options_parse(&options, argc, argv, error, sizeof(error)) < 0) {
		say_wrong(&options, argv[0], error);
		options_finish(&options);
		return 1;
	}
	switch (options.action) {
	case ACTION_HELP:
		options_help(&text, &options);
		end.code = print(&text);
		break;
	case ACTION_VERSION:
		end.code = say_version(&text);
		break;
	case ACTION_LIST_CLASSES:
		end.code = list_classes(&text, &options) < 0 ? 1 : 0;
		if (!end.code)
			end.code = print(&text);
		buf_finish(&text);
		break;
	case ACTION_EXPLAIN:
		end.code = explain(&text, &options);
		break;
	case ACTION_TRACE:
		prepare_signals();
		end = session_run(&options, &launch_env);
		break;
	}
	options_finish(&options);
	return end.signal ? die_of(end.signal) : end.code;
}
