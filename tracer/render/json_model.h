#ifndef RENDER_JSON_MODEL_H
#define RENDER_JSON_MODEL_H

#include "model/model.h"
#include "render/json_write.h"

/* The members "touched", "peers" and "more_peers"; annotation may be NULL: empty ones. */
void json_annotation(struct json *json, const struct annotation *annotation);

/* The members of an object's record. */
void json_object_members(struct json *json, const struct object *object);

#endif
