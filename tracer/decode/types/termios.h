#ifndef DECODE_TYPES_TERMIOS_H
#define DECODE_TYPES_TERMIOS_H

#include "decode/spec.h"

/* asm-generic/termbits.h, asm-generic/termios.h */
extern const struct type type_termio, type_termios, type_termios2, type_winsize;

/* TIOCM_* bits in an int. */
extern const struct const_set set_modem_lines;

#endif
