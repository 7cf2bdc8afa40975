#include "stack/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { PAGE_LEN = 4096, PAGES_MAX = 1024, AHEAD = 8 /* pages that are asked for at once */ };

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
	memset(pages, 0, sizeof(*pages));
}

void pages_begin(struct pages *pages, const uint8_t *stack, uint64_t addr, size_t len)
{
	drop_all(pages, false);
	pages->stack = stack;
	pages->stack_addr = addr;
	pages->stack_len = len;
}

static struct page *find(const struct pages *pages, uint64_t addr)
{
	struct page *page;

	HASH_FIND(hh, pages->pages, &addr, sizeof(addr), page);
	return page;
}

static void add(struct pages *pages, uint64_t addr, const uint8_t *bytes, bool is_stable)
{
	struct page *page = malloc(sizeof(*page));

	if (!page)
		abort();
	page->addr = addr;
	page->is_stable = is_stable;
	memcpy(page->data, bytes, PAGE_LEN);
	HASH_ADD(hh, pages->pages, addr, sizeof(page->addr), page);
	pages->n_pages++;
}

/* Where one page of tables is looked at, those behind it often are next. */
static struct page *fetch(struct pages *pages, const struct asking *asking, uint64_t addr,
			  uint64_t stable_end)
{
	struct page *page = find(pages, addr);
	size_t len = PAGE_LEN;
	const uint8_t *bytes;
	ssize_t n;

	if (page)
		return page;
	while (len < AHEAD * PAGE_LEN && addr + len < stable_end && !find(pages, addr + len))
		len += PAGE_LEN;
	if (pages->n_pages >= PAGES_MAX)
		drop_all(pages, true);
	n = asking_memory(asking, addr, len, &bytes);
	for (ssize_t at = 0; at + PAGE_LEN <= n; at += PAGE_LEN)
		add(pages, addr + (uint64_t)at, bytes + at, addr + (uint64_t)at < stable_end);
	return find(pages, addr);
}

int pages_read(struct pages *pages, const struct asking *asking, uint64_t addr, void *buf,
	       size_t len, uint64_t stable_end)
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
		struct page *page = fetch(pages, asking, addr - offset, stable_end);

		if (!page)
			return -EFAULT;
		memcpy(to, page->data + offset, part);
		to += part;
		addr += part;
		len -= part;
	}
	return 0;
}
