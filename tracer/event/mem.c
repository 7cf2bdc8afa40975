#include "event/mem.h"

#include <errno.h>
#include <string.h>

enum { PAGE_LEN = 4096, STRING_CHUNK = 256 };

/* The bytes that the event holds from addr on, the longest prefix of them; NULL if none. */
static const char *recorded(const struct event *ev, uint64_t addr, size_t *ret_len)
{
	const char *best = NULL;
	size_t best_len = 0;

	for (uint32_t i = 0; i < ev->n_ranges; i++) {
		const struct event_range *range = &ev->ranges[i];
		uint64_t offset = addr - range->addr;

		if (addr < range->addr || offset >= range->len)
			continue;
		if (range->len - offset > best_len) {
			best = ev->bytes.data + range->data + offset;
			best_len = range->len - offset;
		}
	}
	*ret_len = best_len;
	return best;
}

ssize_t mem_read(const struct mem *mem, uint64_t addr, void *buf, size_t len)
{
	const char *known;
	size_t known_len;

	if (!len)
		return 0;
	known = recorded(mem->ev, addr, &known_len);
	if (known_len < len && mem->live) {
		void *room = event_reserve_range(mem->ev, addr, len);
		ssize_t n = mem->live->read(mem->live->data, mem->ev, addr, room, len);

		event_trim_range(mem->ev, n > 0 ? (size_t)n : 0);
		known = recorded(mem->ev, addr, &known_len);
	}
	if (!known_len)
		return -EFAULT;
	if (known_len > len)
		known_len = len;
	memcpy(buf, known, known_len);
	return (ssize_t)known_len;
}

int mem_read_all(const struct mem *mem, uint64_t addr, void *buf, size_t len)
{
	ssize_t n = mem_read(mem, addr, buf, len);

	return n == (ssize_t)len ? 0 : -EFAULT;
}

ssize_t mem_read_string(const struct mem *mem, uint64_t addr, char *buf, size_t len,
			bool *ret_is_whole)
{
	size_t done = 0;

	*ret_is_whole = false;
	while (done < len) {
		size_t chunk = PAGE_LEN - (addr + done) % PAGE_LEN;
		const char *nul;
		ssize_t n;

		if (chunk > STRING_CHUNK)
			chunk = STRING_CHUNK;
		if (chunk > len - done)
			chunk = len - done;
		n = mem_read(mem, addr + done, buf + done, chunk);
		if (n <= 0)
			break;
		nul = memchr(buf + done, '\0', (size_t)n);
		if (nul) {
			*ret_is_whole = true;
			return nul - buf;
		}
		done += (size_t)n;
	}
	return done || !len ? (ssize_t)done : -EFAULT;
}

const struct fact *mem_fact(const struct mem *mem, enum fact_kind kind, int64_t subject)
{
	const struct fact *fact = event_fact(mem->ev, kind, subject);

	if (fact || !mem->live)
		return fact;
	if (mem->live->ask(mem->live->data, mem->ev, kind, subject) < 0)
		return NULL;
	return event_fact(mem->ev, kind, subject);
}
