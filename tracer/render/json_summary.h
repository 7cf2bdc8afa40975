#ifndef RENDER_JSON_SUMMARY_H
#define RENDER_JSON_SUMMARY_H

#include "analysis/summary.h"
#include "render/json_write.h"

/* The members of a record "summary": one row. */
void json_summary_members(struct json *json, const struct summary_row *row);

#endif
