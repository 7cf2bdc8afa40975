#ifndef RENDER_TEXT_FINDING_H
#define RENDER_TEXT_FINDING_H

#include "analysis/waits.h"
#include "base/buf.h"

/* "=== deadlock: ...", and a line with the hint if there is one. */
void text_finding(struct buf *out, const struct finding *finding);

/* "=== " and the text of an EVENT_NOTE. */
void text_note(struct buf *out, const struct event *ev);

/* A line for each wait under one that counts them. */
void text_waits(struct buf *out, const struct waits *waits, uint64_t now_ns);

#endif
