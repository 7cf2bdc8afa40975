#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * A bump allocator for what lives as long as one event or one call. Memory is kept over
 * arena_reset(), so the steady state allocates nothing. Running out of memory aborts: there is
 * nothing sensible to do then, and no caller has to check.
 */
struct arena_block;

struct arena {
	struct arena_block *first; /* all blocks, oldest first */
	struct arena_block *current;
	size_t used; /* bytes used of current */
};

/* A zeroed struct arena is ready to use. */
void arena_finish(struct arena *arena);

/* Forget all allocations; the first blocks are kept, up to 64 KiB of them. */
void arena_reset(struct arena *arena);

/* len zeroed bytes, aligned for any type; len 0 gives a valid unique pointer. */
void *arena_alloc(struct arena *arena, size_t len);

/* A copy of len bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const void *data, size_t len);

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define arena_new(arena, type)      ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, n) ((type *)arena_alloc((arena), sizeof(type) * (n)))

#endif
