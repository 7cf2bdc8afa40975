#ifndef DECODE_TYPES_SIGEVENT_H
#define DECODE_TYPES_SIGEVENT_H

#include "decode/spec.h"

/* struct sigevent, in the tracee's own layout: timer_create(2), mq_notify(2). An aggregate. */
extern const struct type type_sigevent;

#endif
