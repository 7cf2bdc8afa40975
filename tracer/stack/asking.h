#ifndef STACK_ASKING_H
#define STACK_ASKING_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * The helper's questions to the tracer, about the thread whose stack it unwinds. An answer of
 * bytes is valid until the next question. When the tracer is gone none of them returns.
 */
struct asking {
	int fd;
	const uint8_t *area;
};

/* The text of /proc/PID/maps: 0 or -errno, text as far as it came. */
int asking_maps(const struct asking *asking, struct buf *text);

/* How many of the len bytes of memory at addr can be read, up to ANSWER_LEN; or -EFAULT. */
ssize_t asking_memory(const struct asking *asking, uint64_t addr, size_t len,
		      const uint8_t **ret_bytes);

/* The length of the file that a mapping is of, which asking_read() reads from then on; or -errno. */
int64_t asking_open(const struct asking *asking, size_t mapping);
ssize_t asking_read(const struct asking *asking, uint64_t offset, size_t len,
		    const uint8_t **ret_bytes);

#endif
