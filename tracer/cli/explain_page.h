#ifndef CLI_EXPLAIN_PAGE_H
#define CLI_EXPLAIN_PAGE_H

#include "base/buf.h"

/*
 * Append the page of docs/mechanisms that name is the name of, or else the first one in their
 * order that lists the call name; which others do is said at its end. -ENOENT if there is none:
 * a line for the user, without a newline, is in out then.
 */
int explain_page(struct buf *out, const char *name);

#endif
