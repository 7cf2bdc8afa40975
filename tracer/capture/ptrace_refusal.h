#ifndef CAPTURE_PTRACE_REFUSAL_H
#define CAPTURE_PTRACE_REFUSAL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Why PTRACE_SEIZE of pid failed with err (-errno), and what to do about it: one line, without a
 * newline. The causes are looked for in the order in which the kernel would refuse.
 */
void refusal_explain(pid_t pid, int err, char *error, size_t len);

/* The same of a child of our own that was to execute a command. */
void refusal_explain_command(pid_t pid, int err, char *error, size_t len);

#endif
