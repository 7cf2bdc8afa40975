#ifndef RENDER_JSON_H
#define RENDER_JSON_H

#include "render/render.h"

/* "v" of every record: docs/json.md says when it changes. */
enum { JSON_VERSION = 1 };

/*
 * The renderer of docs/json.md: one JSON object a line. Of options it heeds hides_exits and
 * hides_superseded: everything else is written always. model: whose processes and objects the
 * records name; NULL for neither. NULL only when out of memory.
 */
struct renderer *json_renderer_create(const struct render_options *options, const struct sink *sink,
				      const struct model *model);

#endif
