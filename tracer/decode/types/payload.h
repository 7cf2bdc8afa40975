#ifndef DECODE_TYPES_PAYLOAD_H
#define DECODE_TYPES_PAYLOAD_H

#include "decode/spec.h"

/*
 * The address of slot.len bytes that go through the descriptor of argument 0: what they mean to
 * the kernel object behind it (an eventfd's number, signalfd_siginfo, expirations of a timerfd,
 * events of inotify and fanotify), plain bytes for all others and under --strace.
 */
extern const struct type type_payload;

#endif
