#ifndef STACK_PAGES_H
#define STACK_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/asking.h"

/*
 * Memory of a stopped process, asked for by pages. Pages of read-only mappings of files (code, unwind
 * tables) are kept from one stack to the next, others are asked for anew. A zeroed struct is ready.
 */
struct page;

struct pages {
	struct page *pages;
	unsigned n_pages;
	uint64_t stack_addr;
	size_t stack_len;
	const uint8_t *stack; /* the top of the stack, which came with the order */
};

/* Begin with a new stack: forget what may have changed, and know len bytes from addr on. */
void pages_begin(struct pages *pages, const uint8_t *stack, uint64_t addr, size_t len);

/*
 * len bytes at addr: 0 or -EFAULT. stable_end: up to there memory that does not change goes on, 0
 * if it does at addr.
 */
int pages_read(struct pages *pages, const struct asking *asking, uint64_t addr, void *buf,
	       size_t len, uint64_t stable_end);

void pages_finish(struct pages *pages);

#endif
