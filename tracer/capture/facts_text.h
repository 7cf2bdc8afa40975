#ifndef CAPTURE_FACTS_TEXT_H
#define CAPTURE_FACTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Parsers of the kernel's texts: pure functions, any bytes allowed. */

/*
 * The number behind "NAME:" at the start of a line, as in /proc/PID/fdinfo/N.
 * False, *ret_value untouched, if there is none.
 */
bool facts_text_number(const char *text, const char *name, int base, uint64_t *ret_value);

/*
 * Add to found the lines of /proc/locks, holders' and waiters', that are about that file; dev as
 * stat(2) has it. A last line that is cut short is left out.
 */
void facts_text_locks(const char *text, size_t len, uint64_t dev, uint64_t ino, struct buf *found);

/* The same of the lines "lock:" of /proc/PID/fdinfo/N, which are added without that word. */
void facts_text_fd_locks(const char *text, size_t len, uint64_t dev, uint64_t ino,
			 struct buf *found);

#endif
