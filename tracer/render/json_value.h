#ifndef RENDER_JSON_VALUE_H
#define RENDER_JSON_VALUE_H

#include "decode/value.h"
#include "render/json_write.h"

/*
 * Write value as the schema's "value" (docs/json.md): null if it is not known, else an object
 * with its "type". All that the tree holds is written, whatever text would leave out.
 */
void json_value(struct json *json, const struct value *value);

/* Bytes of an object's id at the start of the name that a value has for it: "pipe:1" of "pipe:1 r". */
size_t json_object_id_len(const char *name);

/* A member's name; n_same others of the object have the same: "name#2" is the second of them. */
void json_unique_key(struct json *json, const char *name, unsigned n_same);

#endif
