#include "tests/unit/told.h"

#include "analysis/waits.h"
#include "render/text_finding.h"

const char *told_findings(struct story *story, struct buf *report)
{
	struct findings found = { 0 };
	struct arena arena = { 0 };
	struct waits waits;

	waits_find(story->model, &arena, &waits);
	waits_judge(story->model, &waits, &arena, &found);
	buf_clear(report);
	for (size_t i = 0; i < found.n; i++)
		text_finding(report, &found.items[i]);
	arena_finish(&arena);
	return buf_string(report);
}

const char *told_waits(struct story *story, struct buf *report)
{
	struct arena arena = { 0 };
	struct waits waits;

	waits_find(story->model, &arena, &waits);
	buf_clear(report);
	text_waits(report, &waits, 0);
	arena_finish(&arena);
	return buf_string(report);
}
