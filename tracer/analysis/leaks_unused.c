#include "analysis/leaks_unused.h"

#include "model/inherited.h"

static const char *access_word(unsigned access)
{
	switch (access & 0600) {
	case 0400:
		return " r";
	case 0200:
		return " w";
	default:
		return "";
	}
}

static const char *count_words(const struct unused *unused, struct arena *arena)
{
	if (unused->n == 1)
		return "";
	return arena_printf(arena, "; nor did %u more program%s", unused->n - 1,
			    unused->n == 2 ? "" : "s");
}

static void add_unused(const struct model *model, const struct unused *unused, uint64_t begin_ns,
		       struct arena *arena, struct findings *findings)
{
	const struct object *object = unused->object;
	const struct process *opener = model_process(model, unused->key.opener);
	uint64_t opened_ns = unused->key.opened_ns;
	double after = opened_ns > begin_ns ? (double)(opened_ns - begin_ns) / 1e9 : 0;
	const char *text = arena_printf(
		arena,
		"%s[%d] has got fd %d by execve and did not use it: %s%s%s%s%s%s, opened by %s[%d] "
		"with %s %.3f s after the start%s",
		unused->comm[0] ? unused->comm : "?", unused->tgid, unused->fd,
		object_short_name(object), access_word(unused->key.access),
		object->label ? " " : "", object->label ? object->label : "",
		object->identity[0] ? " " : "", object->identity,
		opener && opener->comm[0] ? opener->comm : "?", unused->key.opener, unused->call,
		after, count_words(unused, arena));
	struct finding *finding = finding_add(findings, arena, FINDING_UNUSED, CERTAIN, text);

	finding->object = object;
	finding->since_ns = unused->exec_ns;
	finding->hint = "open it with O_CLOEXEC or its like, or close it before execve";
}

void leaks_find_unused(const struct model *model, struct arena *arena, uint64_t begin_ns,
		       struct findings *findings)
{
	const struct unused *unused = NULL;

	while ((unused = model_next_unused(model, unused)))
		add_unused(model, unused, begin_ns, arena, findings);
}
