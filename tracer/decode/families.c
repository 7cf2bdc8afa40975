#include "decode/families.h"

#include <stdlib.h>
#include <string.h>

/* One line per file in specs/. */
#define FAMILIES(X)                                                                                \
	X(rw)                                                                                      \
	X(desc)                                                                                    \
	X(fcntl)                                                                                   \
	X(ioctl)                                                                                   \
	X(waiting)                                                                                 \
	X(notify)                                                                                  \
	X(file)                                                                                    \
	X(signals)                                                                                 \
	X(socket)                                                                                  \
	X(process)                                                                                 \
	X(identity)                                                                                \
	X(sched)                                                                                   \
	X(prctl)                                                                                   \
	X(seccomp)                                                                                 \
	X(ptrace)                                                                                  \
	X(timers)                                                                                  \
	X(sysv)                                                                                    \
	X(mq)                                                                                      \
	X(futex)                                                                                   \
	X(memory)                                                                                  \
	X(pidfd)                                                                                   \
	X(namespace)                                                                               \
	X(io_uring)                                                                                \
	X(clock)                                                                                   \
	X(xattr)                                                                                   \
	X(system)                                                                                  \
	X(mount)                                                                                   \
	X(security)                                                                                \
	X(misc)

#define DECLARE(name) extern const struct spec_family family_##name;
#define MEMBER(name)  &family_##name,

FAMILIES(DECLARE)

static const struct spec_family *const families[] = { FAMILIES(MEMBER) };

const struct spec_family *const *families_all(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(families);
	return families;
}

const struct call_spec *families_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		for (size_t j = 0; j < families[i]->n; j++) {
			if (strcmp(families[i]->specs[j].name, name) == 0)
				return &families[i]->specs[j];
		}
	}
	return NULL;
}
