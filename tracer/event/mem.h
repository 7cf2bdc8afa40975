#ifndef EVENT_MEM_H
#define EVENT_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "event/event.h"

/*
 * How a decoder asks. What an event already holds answers first; what it does not is asked of the
 * live tracee, where there is one, and appended to the event. Without one (after the tracee was
 * resumed, and in replay) a miss is -EFAULT. So the same questions get the same answers later.
 */
struct mem_source {
	/*
	 * Read up to len bytes at addr of the stopped tracee of ev into buf.
	 * Returns the bytes read, the readable prefix if the range is cut short, or -EFAULT,
	 * -ESRCH, -EPERM.
	 */
	ssize_t (*read)(void *data, const struct event *ev, uint64_t addr, void *buf, size_t len);

	/*
	 * Add to ev what can be read of n wanted ranges (their .data is ignored) of the stopped
	 * tracee, in one go if all of it can be. What cannot be read is left out.
	 */
	void (*prefetch)(void *data, struct event *ev, const struct event_range *wanted, size_t n);

	/*
	 * Find out about subject and add the fact to ev. 0, or -errno with nothing added.
	 */
	int (*ask)(void *data, struct event *ev, enum fact_kind kind, int64_t subject);
	void *data;
};

struct mem {
	struct event *ev;
	const struct mem_source *live; /* NULL: only what the event holds */
};

/*
 * Copy up to len bytes of tracee memory at addr to buf.
 * Returns how many of them could be read, always more than 0 unless len is 0, or -EFAULT.
 */
ssize_t mem_read(const struct mem *mem, uint64_t addr, void *buf, size_t len);

/* As mem_read(), but all of len bytes or nothing: 0 or -EFAULT. */
int mem_read_all(const struct mem *mem, uint64_t addr, void *buf, size_t len);

/*
 * Copy the NUL-terminated string at addr, at most len bytes of it, never asking for bytes of the
 * page behind the one that holds its end. Returns the length without the NUL; *ret_is_whole says
 * whether a NUL was found. -EFAULT if not even the first byte can be read.
 */
ssize_t mem_read_string(const struct mem *mem, uint64_t addr, char *buf, size_t len,
			bool *ret_is_whole);

/* A fact, asked for once and then remembered; NULL if it cannot be had. */
const struct fact *mem_fact(const struct mem *mem, enum fact_kind kind, int64_t subject);

#endif
