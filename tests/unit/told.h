#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "tests/unit/story.h"

/* What a person is told of a story's waits; the text is in report, emptied before. */

/* What is wrong with them. */
const char *told_findings(struct story *story, struct buf *report);

/* Every wait that there is now. */
const char *told_waits(struct story *story, struct buf *report);

#endif
