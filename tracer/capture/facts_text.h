#ifndef CAPTURE_FACTS_TEXT_H
#define CAPTURE_FACTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parsers of the kernel's texts: pure functions, any bytes allowed. */

/*
 * The number behind "NAME:" at the start of a line, as in /proc/PID/fdinfo/N.
 * False, *ret_value untouched, if there is none.
 */
bool facts_text_number(const char *text, const char *name, int base, uint64_t *ret_value);

#endif
