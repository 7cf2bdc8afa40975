#include "support/demo.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Far above what any variant takes (milliseconds), for machines that are slow or that trace. */
#define DEADLINE_S 10

static char role[32];
static const char *argument;
static bool is_staying;

static void put_line(int fd, const char *format, va_list args)
{
	char line[1024];
	int len = 0;

	if (role[0])
		len = snprintf(line, sizeof(line), "%s: ", role);
	len += vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(fd, line, len) != len && fd == STDOUT_FILENO)
		die(__FILE__, __LINE__, "write to stdout", errno);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(STDOUT_FILENO, format, args);
	va_end(args);
}

union sigval sent_value(int number)
{
	union sigval value;

	memset(&value, 0, sizeof(value));
	value.sival_int = number;
	return value;
}

double now_s(void)
{
	struct timespec now;

	check(clock_gettime(CLOCK_MONOTONIC, &now));
	return now.tv_sec + now.tv_nsec / 1e9;
}

void skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(STDOUT_FILENO, format, args);
	va_end(args);
	own_remove_all();
	exit(77);
}

void set_role(const char *name)
{
	snprintf(role, sizeof(role), "%s", name);
	check(prctl(PR_SET_NAME, name));
}

void die(const char *file, int line, const char *what, int error)
{
	dprintf(STDERR_FILENO, "%s: %s:%d: %s%s%s\n", program_invocation_short_name, file, line,
		what, error ? ": " : "", error ? strerror(error) : "");
	own_remove_all();
	_exit(1);
}

long check_result(long result, const char *call, const char *file, int line)
{
	if (result == -1)
		die(file, line, call, errno);
	return result;
}

void *check_pointer(void *pointer, const char *call, const char *file, int line)
{
	if (!pointer || pointer == MAP_FAILED)
		die(file, line, call, errno);
	return pointer;
}

const char *demo_arg(void)
{
	return argument;
}

void stay_if_asked(void)
{
	siginfo_t ended;

	if (!is_staying)
		return;
	say("now look at us: ipctrace --why -p %d; Ctrl-C ends it", getpid());
	check(retry(waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT)));
}

static void print_help(const struct demo *demo)
{
	const char *name = program_invocation_short_name;
	const struct variant *v;

	printf("%s: %s.\n", name, demo->summary);
	printf("Variants (--variants explains them):");
	for (v = demo->variants; v->run; v++) {
		if (v->option && v->arg)
			printf(" --%s %s", v->option, v->arg);
		else if (v->option)
			printf(" --%s", v->option);
	}
	printf("%s\n", v - demo->variants == 1 ? " none" : "");
	printf("With --stay in front a demo of a hang stays in it.\n");
	printf("Watch it: ipctrace -e ipc build/demos/%s%s\n", name,
	       v - demo->variants == 1 ? "" : " [VARIANT]");
}

/* One line per variant that can be run as it is: the command, a tab, what it shows. */
static void print_variants(const struct demo *demo)
{
	for (const struct variant *v = demo->variants; v->run; v++) {
		if (!v->arg)
			printf("%s%s%s\t%s\n", program_invocation_short_name,
			       v->option ? " --" : "", v->option ? v->option : "", v->summary);
	}
}

static const struct variant *find_variant(const struct demo *demo, int argc, char **argv)
{
	for (const struct variant *v = demo->variants; v->run; v++) {
		if (argc == 1 && !v->option)
			return v;
		if (argc == (v->arg ? 3 : 2) && v->option && !strncmp(argv[1], "--", 2) &&
		    !strcmp(argv[1] + 2, v->option))
			return v;
	}
	return NULL;
}

/*
 * Signals that whoever started us ignores (nohup, sh &, services) or blocks are inherited. Undo
 * that, but read what there is to undo first: 62 calls of sigaction would drown every trace.
 */
static void reset_signals(void)
{
	FILE *status = check_ptr(fopen("/proc/self/status", "re"));
	unsigned long long blocked = 0, ignored = 0;
	char text[200];
	sigset_t none;

	while (fgets(text, sizeof(text), status)) {
		sscanf(text, "SigBlk: %llx", &blocked);
		sscanf(text, "SigIgn: %llx", &ignored);
	}
	fclose(status);
	for (int sig = 1; sig <= 64; sig++) {
		if (ignored >> (sig - 1) & 1)
			signal(sig, SIG_DFL);
	}
	if (blocked) {
		sigemptyset(&none);
		check(sigprocmask(SIG_SETMASK, &none, NULL));
	}
}

int demo_main(const struct demo *demo, int argc, char **argv)
{
	const struct variant *variant;

	is_staying = argc > 1 && !strcmp(argv[1], "--stay");
	if (is_staying) {
		argv++;
		argc--;
	}
	variant = find_variant(demo, argc, argv);

	if (!variant) {
		if (argc == 2 && !strcmp(argv[1], "--help"))
			print_help(demo);
		else if (argc == 2 && !strcmp(argv[1], "--variants"))
			print_variants(demo);
		else if (argc == 2 && !strcmp(argv[1], "--summary"))
			printf("%d\t%s\n", demo->row, demo->summary);
		else
			fprintf(stderr, "%s: unknown variant; --help lists them\n",
				program_invocation_short_name);
		if (fflush(stdout))
			return 1;
		return argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "--variants") ||
				     !strcmp(argv[1], "--summary"))
			       ? 0
			       : 2;
	}
	argument = variant->arg ? argv[2] : NULL;
	reset_signals();
	if (!is_staying)
		alarm(DEADLINE_S); /* SIGALRM ends a demo that hangs; own.c then removes what it made */
	variant->run();
	return 0;
}
