#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include <stddef.h>

/* The environment and argument list of a launched command. */
struct environment {
	char **envp;
	char **argv; /* NULL unless argv[0] was replaced */
};

/* base, changed by n items in order: VAR=VALUE sets, VAR removes. Strings are not copied. */
void environment_make(struct environment *env, char **base, const char *const *changes, size_t n);

/* argv itself, or with another argv[0]. */
char *const *environment_argv(struct environment *env, char *const *argv, const char *argv0);

void environment_finish(struct environment *env);

#endif
