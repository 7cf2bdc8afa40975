#ifndef DECODE_CONSTS_PRCTL_H
#define DECODE_CONSTS_PRCTL_H

#include "decode/spec.h"

extern const struct const_set set_prctl_options;
extern const struct const_set set_dump_modes;
extern const struct const_set set_secure_bits;
extern const struct const_set set_tsc_modes;
extern const struct const_set set_mce_operations;
extern const struct const_set set_mce_policies;
extern const struct const_set set_mm_options;
extern const struct const_set set_ambient_operations;
extern const struct const_set set_speculations;
extern const struct const_set set_speculation_modes;
extern const struct const_set set_vma_options;
extern const struct const_set set_seccomp_modes;
extern const struct const_set set_seccomp_operations;
extern const struct const_set set_seccomp_flags;
extern const struct const_set set_seccomp_actions;
extern const struct const_set set_dispatch_modes;
extern const struct const_set set_core_operations;
extern const struct const_set set_pid_scopes;
extern const struct const_set set_arch_options;

#endif
