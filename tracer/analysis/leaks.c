#include "analysis/leaks.h"

#include <string.h>

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* A word of a shell command as $'...', in which every byte can be said in ASCII. */
static const char *quoted_bytes(const char *word, struct arena *arena)
{
	const char *text = "$'";

	for (; *word; word++) {
		bool is_plain = *word >= ' ' && *word <= '~' && *word != '\'' && *word != '\\';

		text = is_plain ? arena_printf(arena, "%s%c", text, *word)
				: arena_printf(arena, "%s\\%03o", text, (unsigned char)*word);
	}
	return arena_printf(arena, "%s'", text);
}

/* A word of a shell command: in quotes unless nothing in it needs them. */
static const char *quoted(const char *word, struct arena *arena)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./-+:@%,";

	if (word[0] == '-')
		word = arena_printf(arena, "./%s", word);
	if (strspn(word, plain) == strlen(word))
		return word;
	if (!is_printable(word) || strchr(word, '\'') || strchr(word, '\\'))
		return quoted_bytes(word, arena);
	return arena_printf(arena, "'%s'", word);
}

static const char *command_for_file(const struct object *object, struct arena *arena)
{
	const char *path = object->lasting.path ? object->lasting.path : object->label;

	if (!path || !*path)
		return NULL;
	if (path[0] == '/')
		return arena_printf(arena, "remove it with: rm %s", quoted(path, arena));
	return arena_printf(arena, "remove it with: rm %s, in the directory that the maker was in",
			    quoted(path, arena));
}

static const char *command_for(const struct object *object, struct arena *arena)
{
	unsigned long long id = object->key.a;

	switch ((enum mech)object->key.mech) {
	case MECH_SYSV_MSG:
		return arena_printf(arena, "remove it with: ipcrm -q %llu", id);
	case MECH_SYSV_SEM:
		return arena_printf(arena, "remove it with: ipcrm -s %llu", id);
	case MECH_SYSV_SHM:
		return arena_printf(arena, "remove it with: ipcrm -m %llu", id);
	case MECH_POSIX_MQ:
		if (!object->label || object->label[0] != '/')
			return NULL;
		return arena_printf(
			arena, "remove it with: rm %s, where mqueue is mounted",
			quoted(arena_printf(arena, "/dev/mqueue%s", object->label), arena));
	default:
		return command_for_file(object, arena);
	}
}

static void add_leak(const struct model *model, const struct object *object, uint64_t begin_ns,
		     struct arena *arena, struct findings *findings)
{
	const struct lasting *lasting = &object->lasting;
	const struct process *maker = model_process(model, lasting->maker);
	bool is_inferred = lasting->is_inferred || !model_knows_removals(model);
	uint64_t after_ns = lasting->made_ns > begin_ns ? lasting->made_ns - begin_ns : 0;
	struct finding *finding;

	finding = finding_add(
		findings, arena, FINDING_LEFT, is_inferred ? INFERRED : CERTAIN,
		arena_printf(arena, "%s%s%s%s%s, made by %s[%d] with %s %.3f s after the start",
			     object_short_name(object), object->label ? " " : "",
			     object->label ? object->label : "", object->identity[0] ? " " : "",
			     object->identity, maker && maker->comm[0] ? maker->comm : "?",
			     lasting->maker, lasting->call, (double)after_ns / 1e9));
	finding->object = object;
	finding->since_ns = lasting->made_ns;
	finding->hint = command_for(object, arena);
}

void leaks_find(const struct model *model, struct arena *arena, uint64_t begin_ns,
		struct findings *findings)
{
	const struct object *object = NULL;

	while ((object = model_next_object(model, object))) {
		if (object->lasting.n_names)
			add_leak(model, object, begin_ns, arena, findings);
	}
}
