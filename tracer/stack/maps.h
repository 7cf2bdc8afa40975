#ifndef STACK_MAPS_H
#define STACK_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* The mappings of a process, in order of address. A zeroed struct maps is ready to use. */
struct mapping {
	uint64_t start, end, offset; /* offset: of start in the file */
	uint64_t dev, ino; /* 0: no file */
	uint32_t path; /* offset of its text in maps.text; "" for none */
	bool is_exec, is_writable;
};

struct maps {
	struct mapping *items;
	size_t n, capacity;
	struct buf text; /* paths, each with its NUL */
};

/* Append the text of /proc/PID/maps: 0 or -errno. */
int maps_read(pid_t pid, struct buf *text);

/*
 * Take that text apart, replacing what was there.
 * Paths are as in the text, but that a newline's \012 is one again; " (deleted)" stays.
 */
void maps_parse(struct maps *maps, struct buf *text);
void maps_finish(struct maps *maps);

/* The mapping that addr lies in, or NULL. */
const struct mapping *maps_find(const struct maps *maps, uint64_t addr);

static inline const char *mapping_path(const struct maps *maps, const struct mapping *mapping)
{
	return maps->text.data + mapping->path;
}

/* Are the mappings of files that both hold the same, code and all? */
bool maps_same_files(const struct maps *a, const struct maps *b);

#endif
