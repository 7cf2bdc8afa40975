#ifndef STACK_UNWINDER_H
#define STACK_UNWINDER_H

#include "stack/asking.h"

/*
 * What the helper does: unwinds, with libunwind, what it is ordered to, and tells the frames.
 * Everything that comes from a tracee is taken apart here and nowhere else. Kept per process:
 * mappings, unwind tables and what libunwind made of them; per file: names. Does not return;
 * exits when the tracer closes its end.
 */
_Noreturn void unwinder_run(const struct asking *asking);

#endif
