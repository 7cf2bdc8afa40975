#ifndef RENDER_TEXT_SUMMARY_H
#define RENDER_TEXT_SUMMARY_H

#include "analysis/summary.h"
#include "base/buf.h"

/* The tables of -c: objects and who uses them, pairs of processes, mechanisms. */
void text_summary(struct buf *out, struct summary *summary);

#endif
