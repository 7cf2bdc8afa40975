#ifndef CLI_TIMEZONE_H
#define CLI_TIMEZONE_H

#include <stddef.h>

/*
 * The rule of local time here as POSIX writes it, "CET-1CEST,M3.5.0,M10.5.0/3", which needs no
 * files on another machine: of $TZ, else of /etc/localtime. "UTC0" if it cannot be found out.
 * Source: environ(7), tzfile(5).
 */
void timezone_of_here(char *ret_rule, size_t len);

/* From now on local time is that of rule, which comes from a file: nonsense is ignored. */
void timezone_use(const char *rule);

#endif
