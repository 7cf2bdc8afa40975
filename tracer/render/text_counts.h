#ifndef RENDER_TEXT_COUNTS_H
#define RENDER_TEXT_COUNTS_H

#include "analysis/call_counts.h"
#include "base/buf.h"

/*
 * strace's table of calls, one for each mode that calls were made in; nothing if there were none.
 * A time that is not known is shown as "?".
 */
void text_counts(struct buf *out, struct call_counts *counts, const struct counts_view *view);

#endif
