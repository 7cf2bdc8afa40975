#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first is small: each of ten thousand threads has an arena. */
enum { BLOCK_FIRST = 2 * 1024, BLOCK_MIN = 16 * 1024, KEPT_LEN = 64 * 1024, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *next;
	size_t capacity;
	_Alignas(ALIGNMENT) unsigned char data[];
};

static struct arena_block *block_create(size_t capacity)
{
	struct arena_block *block = malloc(sizeof(*block) + capacity);

	if (!block)
		abort();
	block->next = NULL;
	block->capacity = capacity;
	return block;
}

void arena_finish(struct arena *arena)
{
	struct arena_block *next;

	if (!arena)
		return;
	for (struct arena_block *block = arena->first; block; block = next) {
		next = block->next;
		free(block);
	}
	memset(arena, 0, sizeof(*arena));
}

/* Free what lies behind the first KEPT_LEN bytes: there are many arenas. */
static void trim(struct arena *arena)
{
	struct arena_block **link = &arena->first;
	size_t len = 0;

	while (*link) {
		struct arena_block *block = *link;

		len += block->capacity;
		if (len <= KEPT_LEN) {
			link = &block->next;
		} else {
			*link = block->next;
			free(block);
		}
	}
}

void arena_reset(struct arena *arena)
{
	trim(arena);
	arena->current = arena->first;
	arena->used = 0;
}

/* Make current a block that has len bytes free: a kept one where one fits, else a new one. */
static void advance(struct arena *arena, size_t len)
{
	struct arena_block **link = arena->current ? &arena->current->next : &arena->first;

	if (!*link || (*link)->capacity < len) {
		size_t least = arena->first ? BLOCK_MIN : BLOCK_FIRST;
		struct arena_block *block = block_create(len > least ? len : least);

		block->next = *link;
		*link = block;
	}
	arena->current = *link;
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t len)
{
	size_t rounded;
	void *p;

	if (len > SIZE_MAX / 4)
		abort();
	rounded = (len + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
	if (!arena->current || arena->current->capacity - arena->used < rounded)
		advance(arena, rounded);
	p = arena->current->data + arena->used;
	arena->used += rounded;
	memset(p, 0, rounded);
	return p;
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
	char *p = arena_alloc(arena, len + 1);

	if (len)
		memcpy(p, data, len);
	return p;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	int len;
	char *p;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		abort();
	p = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(p, (size_t)len + 1, format, args);
	va_end(args);
	return p;
}
