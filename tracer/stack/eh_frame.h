#ifndef STACK_EH_FRAME_H
#define STACK_EH_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "stack/elf_image.h"

/*
 * Index the FDEs of an .eh_frame section: len bytes at data, vaddr in the program. Returns the
 * number of entries, *ret_entries is malloc()ed and sorted by start. What makes no sense is
 * skipped. Source: Linux Standard Base, "Exception Frames".
 */
size_t eh_frame_index(const uint8_t *data, size_t len, uint64_t vaddr,
		      struct elf_unwind_entry **ret_entries);

#endif
