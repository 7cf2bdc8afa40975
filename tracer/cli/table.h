#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/session_core.h"

/* strace's -c and -C. Say on stderr which options have no effect. */
void table_say_useless(const struct options *options);

/* At the end: write the table, and say on stderr of how many calls the time is not known. */
void table_show(struct session *session);

#endif
