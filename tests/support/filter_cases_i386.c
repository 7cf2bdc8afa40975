/* The same as a 32-bit program. */
#include "filter_cases.c"
