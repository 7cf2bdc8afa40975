/* The same calls as a 32-bit program makes them. */
#include "blocked.c"
