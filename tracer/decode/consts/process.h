#ifndef DECODE_CONSTS_PROCESS_H
#define DECODE_CONSTS_PROCESS_H

#include "decode/spec.h"

extern const struct const_set set_clone_flags;
extern const struct const_set set_clone3_flags;
extern const struct const_set set_wait_options;
extern const struct const_set set_wait_ids;
extern const struct const_set set_resources;
extern const struct const_set set_priorities;
extern const struct const_set set_usages;
extern const struct const_set set_sched_policies;
extern const struct const_set set_sched_flags;
extern const struct const_set set_capabilities;
extern const struct const_set set_capability_versions;
extern const struct const_set set_personalities;
extern const struct const_set set_personality_flags;

#endif
