#include "cli/hang.h"

#include <stdlib.h>

#include "analysis/chain.h"
#include "base/array.h"

/* The same threads in the same waits: the same finding. */
static uint64_t identity_of(const struct finding *finding)
{
	uint64_t id = finding->since_ns * 31 + finding->kind;

	for (size_t i = 0; i < finding->n_tids; i++)
		id += (uint64_t)finding->tids[i] * 0x9e3779b97f4a7c15u;
	return id;
}

static bool is_told(const struct hang *hang, uint64_t id)
{
	for (size_t i = 0; i < hang->n_told; i++) {
		if (hang->told[i] == id)
			return true;
	}
	return false;
}

static void tell(struct hang *hang, struct renderer *renderer, const struct finding *finding)
{
	uint64_t id = identity_of(finding);

	hang->has_deadlock |= finding->kind == FINDING_DEADLOCK || finding->certainty == CERTAIN;
	if (!is_told(hang, id)) {
		hang->told =
			array_grow(hang->told, hang->n_told, &hang->cap_told, sizeof(*hang->told));
		hang->told[hang->n_told++] = id;
	}
	renderer->impl->finding(renderer, finding);
}

static uint64_t latest(const struct waits *waits)
{
	uint64_t since_ns = 0;

	for (size_t i = 0; i < waits->n; i++) {
		if (waits->items[i].blocked.since_ns > since_ns)
			since_ns = waits->items[i].blocked.since_ns;
	}
	return since_ns;
}

void hang_note(struct hang *hang, const struct event *ev)
{
	uint64_t before_ns = ev->time_ns - (uint64_t)ev->code * 1000000;

	hang->noted_ns = ev->time_ns;
	if (before_ns > hang->before_ns)
		hang->before_ns = before_ns;
}

bool hang_look(struct hang *hang, struct model *model, struct renderer *renderer)
{
	uint64_t before_ns = hang->before_ns, now_ns = hang->noted_ns;
	struct findings findings = { 0 };
	struct arena arena = { 0 };
	struct waits waits;
	bool has_to_list;
	size_t n_told = hang->n_told;

	if (!now_ns)
		return false;
	hang->noted_ns = hang->before_ns = 0;
	waits_find(model, &arena, &waits);
	waits_judge(model, &waits, &arena, &findings);
	has_to_list = (hang->is_list_wanted || waits_are_all(&waits, before_ns)) &&
		      latest(&waits) > hang->all_told_ns;
	if (has_to_list) {
		hang->all_told_ns = latest(&waits);
		renderer->impl->waits(renderer, &waits, now_ns);
	}
	for (size_t i = 0; i < findings.n; i++) {
		const struct finding *finding = &findings.items[i];

		if (finding->since_ns <= before_ns && !is_told(hang, identity_of(finding)))
			tell(hang, renderer, finding);
	}
	arena_finish(&arena);
	return has_to_list || hang->n_told != n_told;
}

static bool is_waited_for(const struct waits *waits, const struct object *object)
{
	for (size_t i = 0; i < waits->n; i++) {
		const struct wait *wait = &waits->items[i];

		if (wait->blocked.object == object)
			return true;
		for (size_t j = 0; j < wait->n_parties; j++) {
			if (wait->parties[j].object == object)
				return true;
		}
	}
	return false;
}

/* What the names mean that the waits are told with. */
static void show_objects(const struct model *model, const struct waits *waits,
			 struct renderer *renderer)
{
	const struct object *object = NULL;

	while ((object = model_next_object(model, object))) {
		if (is_waited_for(waits, object))
			renderer->impl->object(renderer, object);
	}
}

void hang_show(struct hang *hang, struct model *model, struct renderer *renderer, uint64_t now_ns,
	       bool has_objects)
{
	struct findings findings = { 0 };
	struct arena arena = { 0 };
	struct waits waits;

	waits_find(model, &arena, &waits);
	waits_judge(model, &waits, &arena, &findings);
	waits_chain(model, &waits, &arena);
	renderer->impl->waits(renderer, &waits, now_ns);
	if (has_objects)
		show_objects(model, &waits, renderer);
	for (size_t i = 0; i < findings.n; i++)
		tell(hang, renderer, &findings.items[i]);
	arena_finish(&arena);
}

void hang_finish(struct hang *hang)
{
	free(hang->told);
}
