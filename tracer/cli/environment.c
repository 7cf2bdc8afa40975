#include "cli/environment.h"

#include <stdlib.h>
#include <string.h>

static size_t count(char *const *strings)
{
	size_t n = 0;

	while (strings && strings[n])
		n++;
	return n;
}

static char **copy(char *const *strings, size_t room)
{
	size_t n = count(strings);
	char **result = calloc(n + room + 1, sizeof(*result));

	if (!result)
		abort();
	if (n)
		memcpy(result, strings, n * sizeof(*result));
	return result;
}

static void change(char **envp, const char *item)
{
	size_t name_len = strcspn(item, "=");
	size_t to = 0;

	for (size_t from = 0; envp[from]; from++) {
		if (strncmp(envp[from], item, name_len) != 0 || envp[from][name_len] != '=')
			envp[to++] = envp[from];
	}
	if (item[name_len] == '=')
		envp[to++] = (char *)item;
	envp[to] = NULL;
}

void environment_make(struct environment *env, char **base, const char *const *changes, size_t n)
{
	env->envp = copy(base, n);
	for (size_t i = 0; i < n; i++)
		change(env->envp, changes[i]);
}

char *const *environment_argv(struct environment *env, char *const *argv, const char *argv0)
{
	if (!argv || !argv0)
		return argv;
	env->argv = copy(argv, 0);
	env->argv[0] = (char *)argv0;
	return env->argv;
}

void environment_finish(struct environment *env)
{
	free(env->envp);
	free(env->argv);
}
