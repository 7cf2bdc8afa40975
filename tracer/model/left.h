#ifndef MODEL_LEFT_H
#define MODEL_LEFT_H

#include "model/model.h"

/*
 * Put into ev, an EVENT_LOOKED, a FACT_LEFT for each name and id that would be left behind, as far
 * as these mean something outside of the processes that have made them. Applied to a model with
 * answers, the event corrects it.
 */
void model_ask_left(const struct model *model, struct event *ev);
void model_apply_left(struct model *model, const struct event *ev);

#endif
