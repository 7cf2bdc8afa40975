#ifndef DECODE_TYPES_STAT_H
#define DECODE_TYPES_STAT_H

#include "decode/spec.h"

/* struct stat: of the tracee's word size; i386's two others. Abbreviated as strace does. */
extern const struct type type_stat, type_stat64, type_old_stat;

extern const struct type type_statx, type_statfs, type_statfs64;

/* A device number, in the 32 bits that system calls use: makedev(0x1, 0x3). */
extern const struct type type_dev;

/* statx's flags: how to synchronise, then others. */
extern const struct type type_statx_flags;

#endif
