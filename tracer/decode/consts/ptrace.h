#ifndef DECODE_CONSTS_PTRACE_H
#define DECODE_CONSTS_PTRACE_H

#include "decode/spec.h"

extern const struct const_set set_ptrace_requests;
extern const struct const_set set_ptrace_options;
extern const struct const_set set_ptrace_events;
extern const struct const_set set_note_types;
extern const struct const_set set_user_registers;
extern const struct const_set set_user_registers32;

#endif
