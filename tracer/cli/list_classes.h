#ifndef CLI_LIST_CLASSES_H
#define CLI_LIST_CLASSES_H

#include "base/buf.h"
#include "cli/options.h"

/* The text of --list-classes [NAME]: 0, or -EINVAL after having said on stderr that NAME is none. */
int list_classes(struct buf *out, const struct options *options);

#endif
