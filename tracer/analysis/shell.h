#ifndef ANALYSIS_SHELL_H
#define ANALYSIS_SHELL_H

#include <stddef.h>

#include "base/arena.h"

/*
 * A command line for any POSIX shell that runs command, words of ours, with n more words as its
 * last arguments. These may hold any bytes; the line is printable ASCII. In the arena.
 */
const char *shell_command(struct arena *arena, const char *command, const char *const *words,
			  size_t n);

#endif
