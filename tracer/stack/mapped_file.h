#ifndef STACK_MAPPED_FILE_H
#define STACK_MAPPED_FILE_H

#include <stdint.h>
#include <sys/types.h>

#include "stack/maps.h"

/*
 * Open, for pread(2), the file that mapping of process pid is of: as the process sees it, and only
 * if it is a regular file of a real file system, as the process could stall us with others.
 * Returns the descriptor, to be closed, and *ret_len, in bytes; or -errno.
 */
int mapped_file_open(pid_t pid, const struct maps *maps, const struct mapping *mapping,
		     int64_t *ret_len);

#endif
