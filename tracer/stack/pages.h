#ifndef STACK_PAGES_H
#define STACK_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Memory of a stopped process, read by pages. Pages of read-only mappings of files (code, unwind
 * tables) are kept from one stack to the next, others are read anew. A zeroed struct is ready.
 */
struct page;

enum { PAGES_STACK_LEN = 32 * 1024 };

struct pages {
	struct page *pages;
	unsigned n_pages;
	uint64_t stack_addr;
	size_t stack_len;
	uint8_t *stack; /* the top of the stack, read in one go */
};

/* Begin with a new stack: forget what may have changed, read what is at and above sp. */
void pages_begin(struct pages *pages, pid_t tid, uint64_t sp);

/* len bytes at addr of thread tid's memory: 0 or -EFAULT. is_stable: they do not change. */
int pages_read(struct pages *pages, pid_t tid, uint64_t addr, void *buf, size_t len,
	       bool is_stable);

void pages_finish(struct pages *pages);

#endif
