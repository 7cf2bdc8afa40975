#include "stack/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "base/hash.h"

enum { PAGE_LEN = 4096, PAGES_MAX = 1024, RED_ZONE = 128 };

struct page {
	uint64_t addr;
	bool is_stable;
	uint8_t data[PAGE_LEN];
	UT_hash_handle hh;
};

static void drop(struct pages *pages, struct page *page)
{
	HASH_DEL(pages->pages, page);
	pages->n_pages--;
	free(page);
}

static void drop_all(struct pages *pages, bool is_stable_too)
{
	struct page *page, *next;

	HASH_ITER (hh, pages->pages, page, next) {
		if (is_stable_too || !page->is_stable)
			drop(pages, page);
	}
}

void pages_finish(struct pages *pages)
{
	if (!pages)
		return;
	drop_all(pages, true);
	free(pages->stack);
	memset(pages, 0, sizeof(*pages));
}

void pages_begin(struct pages *pages, pid_t tid, uint64_t sp)
{
	enum { PARTS = PAGES_STACK_LEN / PAGE_LEN };
	uint64_t addr = sp < RED_ZONE ? 0 : (sp - RED_ZONE) & ~7ull;
	struct iovec local, remote[PARTS + 1];
	size_t done = 0;
	ssize_t n;

	drop_all(pages, false);
	if (!pages->stack)
		pages->stack = malloc(PAGES_STACK_LEN);
	if (!pages->stack)
		abort();
	/* By pages, since a part that cannot be read in full is not read at all. */
	for (unsigned i = 0; i <= PARTS; i++) {
		size_t len = PAGE_LEN - (addr + done) % PAGE_LEN;

		if (len > PAGES_STACK_LEN - done)
			len = PAGES_STACK_LEN - done;
		remote[i] = (struct iovec){ (void *)(uintptr_t)(addr + done), len };
		done += len;
	}
	local = (struct iovec){ pages->stack, PAGES_STACK_LEN };
	n = process_vm_readv(tid, &local, 1, remote, PARTS + 1, 0);
	pages->stack_addr = addr;
	pages->stack_len = n > 0 ? (size_t)n : 0;
}

static struct page *fetch(struct pages *pages, pid_t tid, uint64_t addr, bool is_stable)
{
	struct page *page;
	struct iovec local, remote;

	HASH_FIND(hh, pages->pages, &addr, sizeof(addr), page);
	if (page)
		return page;
	if (pages->n_pages >= PAGES_MAX)
		drop_all(pages, true);
	page = malloc(sizeof(*page));
	if (!page)
		abort();
	local = (struct iovec){ page->data, PAGE_LEN };
	remote = (struct iovec){ (void *)(uintptr_t)addr, PAGE_LEN };
	if (process_vm_readv(tid, &local, 1, &remote, 1, 0) != PAGE_LEN) {
		free(page);
		return NULL;
	}
	page->addr = addr;
	page->is_stable = is_stable;
	HASH_ADD(hh, pages->pages, addr, sizeof(page->addr), page);
	pages->n_pages++;
	return page;
}

int pages_read(struct pages *pages, pid_t tid, uint64_t addr, void *buf, size_t len, bool is_stable)
{
	uint8_t *to = buf;

	if (addr >= pages->stack_addr && addr - pages->stack_addr < pages->stack_len &&
	    pages->stack_len - (addr - pages->stack_addr) >= len) {
		memcpy(buf, pages->stack + (addr - pages->stack_addr), len);
		return 0;
	}
	while (len) {
		size_t offset = addr % PAGE_LEN;
		size_t part = len < PAGE_LEN - offset ? len : PAGE_LEN - offset;
		struct page *page = fetch(pages, tid, addr - offset, is_stable);

		if (!page)
			return -EFAULT;
		memcpy(to, page->data + offset, part);
		to += part;
		addr += part;
		len -= part;
	}
	return 0;
}
