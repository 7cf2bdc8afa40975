#ifndef RENDER_JSON_FINDING_H
#define RENDER_JSON_FINDING_H

#include "analysis/waits.h"
#include "render/json_write.h"

/* The member "stack": the frames of ev. */
void json_stack_member(struct json *json, const struct event *ev);

/* The members of the records "finding" and "wait". */
void json_finding_members(struct json *json, const struct finding *finding);
void json_wait_members(struct json *json, const struct wait *wait);

#endif
