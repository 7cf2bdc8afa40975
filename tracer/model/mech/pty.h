#ifndef MODEL_MECH_PTY_H
#define MODEL_MECH_PTY_H

#include <stddef.h>

/* Beside the access bits of a holding: which side of the pair it is. */
enum { PTY_MASTER = 01, PTY_SLAVE = 02 };

/* The side that a descriptor is, by its link "/dev/ptmx" or "/dev/pts/3"; link may be NULL. */
unsigned pty_side(const char *link);

#endif
