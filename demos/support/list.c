/*
 * Every demo with one line. Usage: list [--variants]
 * The names come from the build, the rest from the demos beside this program: NAME --summary, and
 * with --variants NAME --variants, one line per command that can be run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo_names.h"

#define NUM_DEMOS (sizeof(demo_names) / sizeof(demo_names[0]))

struct line {
	int row;
	const char *name;
	char summary[200];
};

/* Open the output of `DIR/NAME OPTION`. The names are our own, so the shell cannot misread them. */
static FILE *ask(const char *dir, const char *name, const char *option)
{
	char command[600];

	if (setenv("DEMO_DIR", dir, 1))
		return NULL;
	snprintf(command, sizeof(command), "exec \"$DEMO_DIR\"/%s %s", name, option);
	return popen(command, "re");
}

static int read_line(const char *dir, const char *name, struct line *ret_line)
{
	FILE *answer = ask(dir, name, "--summary");
	int num_fields;

	if (!answer)
		return -1;
	ret_line->name = name;
	num_fields = fscanf(answer, "%d %199[^\n]", &ret_line->row, ret_line->summary);
	return pclose(answer) == 0 && num_fields == 2 ? 0 : -1;
}

static int copy_variants(const char *dir, const char *name)
{
	FILE *answer = ask(dir, name, "--variants");
	char text[300];

	if (!answer)
		return -1;
	while (fgets(text, sizeof(text), answer))
		fputs(text, stdout);
	return pclose(answer) == 0 ? 0 : -1;
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *left = a, *right = b;

	return left->row != right->row ? left->row - right->row : strcmp(left->name, right->name);
}

int main(int argc, char **argv)
{
	static struct line lines[NUM_DEMOS];
	int is_variants = argc == 2 && !strcmp(argv[1], "--variants");
	char dir[500];
	ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	if (argc > 1 && !is_variants) {
		printf("list: every demo with one line; --variants: every command that can be "
		       "run\n");
		return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
	}
	if (len < 0) {
		perror("list: /proc/self/exe");
		return 1;
	}
	dir[len] = '\0';
	slash = strrchr(dir, '/');
	*slash = '\0';
	for (size_t i = 0; i < NUM_DEMOS; i++) {
		if (read_line(dir, demo_names[i], &lines[i])) {
			fprintf(stderr, "list: %s/%s does not answer\n", dir, demo_names[i]);
			return 1;
		}
	}
	qsort(lines, NUM_DEMOS, sizeof(lines[0]), compare_lines);
	for (size_t i = 0; i < NUM_DEMOS; i++) {
		if (is_variants && copy_variants(dir, lines[i].name))
			return 1;
		if (!is_variants)
			printf("%-16s %s\n", lines[i].name, lines[i].summary);
	}
	return fflush(stdout) ? 1 : 0;
}
