#include "analysis/finding.h"

#include <string.h>

struct finding *finding_add(struct findings *findings, struct arena *arena, enum finding_kind kind,
			    enum certainty certainty, const char *text)
{
	struct finding *finding;

	if (findings->n == findings->cap) {
		size_t cap = findings->cap ? findings->cap * 2 : 4;
		struct finding *items = arena_array(arena, struct finding, cap);

		if (findings->n)
			memcpy(items, findings->items, findings->n * sizeof(*items));
		findings->items = items;
		findings->cap = cap;
	}
	finding = &findings->items[findings->n++];
	*finding = (struct finding){ .kind = kind, .certainty = certainty, .text = text };
	return finding;
}

const char *finding_kind_name(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_DEADLOCK:
		return "deadlock";
	case FINDING_ENDLESS:
		return "endless-wait";
	case FINDING_LEFT:
		return "left-behind";
	case FINDING_UNUSED:
		return "unused-descriptor";
	}
	return "finding";
}

const char *certainty_name(enum certainty certainty)
{
	switch (certainty) {
	case CERTAIN:
		return "exact";
	case INFERRED:
		return "inferred";
	case UNKNOWN:
		return "unknown";
	}
	return "unknown";
}
