#ifndef BASE_ALLOW_H
#define BASE_ALLOW_H

#include <stddef.h>

/*
 * From now on the calling thread, and what it forks, may make only the n system calls whose
 * numbers (__NR_*, of the architecture that this is built for) are given, the most frequent ones
 * first. Any other fails with ENOSYS, or kills the process if is_deadly, as does a call by the
 * numbers of another architecture. Gives up the possibility to gain privileges by execve.
 * Returns 0, -EINVAL if there are more numbers than one program of seccomp(2) can jump over, or
 * -errno: -ENOSYS or -EINVAL where the kernel has no filters.
 * Built for sanitizers, whose runtimes make calls of their own, it checks but does not filter.
 * Source: seccomp(2).
 */
int allow_only(const int *numbers, size_t n, int is_deadly);

#endif
