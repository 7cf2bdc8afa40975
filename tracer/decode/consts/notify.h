#ifndef DECODE_CONSTS_NOTIFY_H
#define DECODE_CONSTS_NOTIFY_H

#include "decode/spec.h"

/* linux/inotify.h, linux/fanotify.h */
extern const struct const_set set_inotify_events, set_inotify_init;
extern const struct const_set set_fanotify_events, set_fanotify_class, set_fanotify_init;
extern const struct const_set set_fanotify_mark, set_fanotify_event_flags;

#endif
