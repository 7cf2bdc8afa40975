#ifndef DECODE_TYPES_FILE_TIME_H
#define DECODE_TYPES_FILE_TIME_H

#include "decode/spec.h"

/* struct utimbuf, and the address of two struct timeval or timespec, as utimes takes them. */
extern const struct type type_utimbuf, type_two_timevals, type_two_timespecs;
extern const struct type type_two_timespecs64;

/* Local date and time as strace writes it, or NULL for 0.0 and what is no time. */
const char *file_time_comment(struct arena *arena, int64_t sec, uint64_t nsec);

#endif
