#ifndef BASE_ALLOW_H
#define BASE_ALLOW_H

#include <stddef.h>
#include <stdint.h>

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

enum { ALLOWED_CONDITIONS = 3 };

/*
 * A call that may be made where the lower 32 bits of each argument that is named here, under mask,
 * are value. The conditions end with the first whose mask is 0: with none it may be made at all.
 */
struct allowed {
	int number;
	struct {
		uint32_t arg; /* 0 to 5 */
		uint32_t mask, value;
	} where[ALLOWED_CONDITIONS];
};

/* The same for calls with conditions. Of several entries with the same number one has to hold. */
int allow_only_where(const struct allowed *calls, size_t n, int is_deadly);

#endif
