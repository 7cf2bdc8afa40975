#include "cli/left_behind.h"

#include "analysis/leaks.h"
#include "base/clock.h"
#include "capture/left.h"
#include "cli/why.h"
#include "model/left.h"

bool left_behind_look(const struct session *session, struct event *ev)
{
	const struct options *options = session->options;

	if (!session->model || options->replay || why_is_snapshot(options) ||
	    !(options->has_leaks || options->record))
		return false;
	*ev = (struct event){ .kind = EVENT_LOOKED,
			      .time_ns = clock_ns(CLOCK_MONOTONIC),
			      .real_ns = clock_ns(CLOCK_REALTIME) };
	model_ask_left(session->model, ev);
	left_answer(ev);
	return ev->n_facts;
}

void left_behind_show(struct session *session)
{
	struct findings findings = { 0 };
	struct arena arena = { 0 };

	if (session->model)
		leaks_find(session->model, &arena, session->begin_ns, &findings);
	for (size_t i = 0; i < findings.n; i++) {
		session->renderer->impl->finding(session->renderer, &findings.items[i]);
		session->has_leak |= findings.items[i].is_counted;
	}
	arena_finish(&arena);
}
