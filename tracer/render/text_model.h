#ifndef RENDER_TEXT_MODEL_H
#define RENDER_TEXT_MODEL_H

#include "base/buf.h"
#include "model/model.h"

/*
 * What the default face writes behind a result: {pipe:1 5 -> 0/65536 B} <- pipe[812] fd 4.
 * Nothing if there is nothing to say.
 */
void text_annotation(struct buf *out, const struct annotation *annotation);

/* "pipe[812] fd 4", with the marks of certainty. */
void text_peer(struct buf *out, const struct peer *peer);

/* An object and its holders: a line, and an indented one for each process. */
void text_object(struct buf *out, const struct object *object);

#endif
