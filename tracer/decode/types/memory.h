#ifndef DECODE_TYPES_MEMORY_H
#define DECODE_TYPES_MEMORY_H

#include "decode/spec.h"

/* mmap's flags: a number in four bits, flags, a huge page's size; memfd_create's flags. */
extern const struct type type_map_flags, type_memfd_flags;

/* mmap2's offset, in pages: shown in bytes. */
extern const struct type type_page_offset;

/* Member slot.len of the struct that i386's first mmap takes, shown as slot.elem. */
extern const struct type type_old_mmap_arg;

/* The address of a byte for each page of the siblings address and length; bit 0: resident. */
extern const struct type type_mincore_vec;

/* A memory policy with its flags in one number. */
extern const struct type type_mempolicy;

/*
 * The address of a mask of slot.len - 1 bits, of which the kernel reads whole words.
 * Source: mm/mempolicy.c get_nodes().
 */
extern const struct type type_nodemask;

/* The node of a page, or what is wrong with it: -ENOENT. */
extern const struct type type_page_status;

#endif
