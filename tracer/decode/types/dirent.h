#ifndef DECODE_TYPES_DIRENT_H
#define DECODE_TYPES_DIRENT_H

#include "decode/spec.h"

/*
 * The address of directory entries, as many bytes as the call returned: how many entries they
 * are, or with -v all of them. struct linux_dirent and linux_dirent64.
 */
extern const struct type type_dirents, type_dirents64;

#endif
