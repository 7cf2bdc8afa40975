#ifndef DECODE_CONSTS_SIGINFO_H
#define DECODE_CONSTS_SIGINFO_H

#include "decode/spec.h"

/* What si_code means for a signal: its own codes and those that every signal can have. */
const char *siginfo_code_name(int signo, int code);

extern const struct const_set set_audit_archs;

#endif
