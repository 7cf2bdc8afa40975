#ifndef RENDER_TEXT_TIME_H
#define RENDER_TEXT_TIME_H

#include <stdint.h>

#include "base/buf.h"

/* ns as "41 us", "1.9 ms", "12 s": two digits or whole units. */
void text_time(struct buf *out, uint64_t ns);

#endif
