/* The same as a 32-bit program. */
#include "engine_cases.c"
