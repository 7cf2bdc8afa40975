#include "analysis/leaks.h"

#include "analysis/leaks_lock.h"
#include "analysis/leaks_unused.h"
#include "analysis/shell.h"

static const char *path_of(const struct object *object)
{
	return object->lasting.n_known ? object->lasting.names[0].path : object->label;
}

/* What an rm with no more than the name would take for an option. */
static const char *no_option(const char *path, struct arena *arena)
{
	return path[0] == '-' ? arena_printf(arena, "./%s", path) : path;
}

/* Is it in a directory that ipctrace, too, finds by its path? Of some the place is not known. */
static bool is_elsewhere(const struct file_name *name)
{
	return name->dir_ino && !name->is_here;
}

static const char *command_for_file(const struct object *object, struct arena *arena)
{
	const struct lasting *lasting = &object->lasting;
	const char **words = arena_array(arena, const char *, lasting->n_known + 1);
	size_t n = 0;

	for (unsigned i = 0; i < lasting->n_known; i++) {
		if (!is_elsewhere(&lasting->names[i]))
			words[n++] = no_option(lasting->names[i].path, arena);
	}
	if (!lasting->n_known && object->label && object->label[0] == '/')
		words[n++] = object->label;
	return n ? shell_command(arena, "rm", words, n) : NULL;
}

static const char *command_for_queue(const struct object *object, struct arena *arena)
{
	static const char mount[] = "mkdir -p /dev/mqueue && mount -t mqueue mqueue /dev/mqueue";
	const char *path, *command;

	if (!object->label || object->label[0] != '/')
		return NULL;
	path = arena_printf(arena, "/dev/mqueue%s", object->label);
	command = shell_command(arena, "rm", &path, 1);
	return object->lasting.through < 0 ? arena_printf(arena, "%s; %s", mount, command)
					   : command;
}

/* In the namespace of a process that is there. */
static const char *through(const struct object *object, struct arena *arena, const char *command)
{
	pid_t pid = object->lasting.through;

	if (pid <= 0 || !command)
		return command;
	if (object->key.mech != MECH_POSIX_MQ)
		return arena_printf(arena, "nsenter -t %d -i %s", pid, command);
	/* Its own mounts show its queues, if any do. */
	return arena_printf(arena, "nsenter -t %d -i -m %s", pid, command);
}

static const char *command_for(const struct object *object, struct arena *arena)
{
	unsigned long long id = object->key.a;

	switch ((enum mech)object->key.mech) {
	case MECH_SYSV_MSG:
		return through(object, arena, arena_printf(arena, "ipcrm -q %llu", id));
	case MECH_SYSV_SEM:
		return through(object, arena, arena_printf(arena, "ipcrm -s %llu", id));
	case MECH_SYSV_SHM:
		return through(object, arena, arena_printf(arena, "ipcrm -m %llu", id));
	case MECH_POSIX_MQ:
		return through(object, arena, command_for_queue(object, arena));
	default:
		return command_for_file(object, arena);
	}
}

/* What it is known by: where that is known by where it is now. */
static const char *words_for(const struct object *object, struct arena *arena)
{
	const char *path = path_of(object);
	unsigned n = object->lasting.n_known ? object->lasting.n_names - 1 : 0;

	if (!path)
		return "";
	return n ? arena_printf(arena, " %s (and %u more name%s)", path, n, n == 1 ? "" : "s")
		 : arena_printf(arena, " %s", path);
}

static const char *comm_of(const struct process *process)
{
	return process && process->comm[0] ? process->comm : "?";
}

/* Somebody who may remove it yet: it is too early to call it forgotten. */
static const struct process *find_living(const struct model *model, const struct object *object)
{
	const struct process *process = model_process(model, object->lasting.maker);

	for (size_t i = 0; !(process && process->is_alive) && i < object->n_users; i++)
		process = model_process(model, object->users[i].tgid);
	return process && process->is_alive ? process : NULL;
}

static const char *doubts_about(const struct object *object)
{
	const struct lasting *lasting = &object->lasting;

	if (lasting->answer == LEFT_THERE)
		return "";
	if (lasting->n_known && is_elsewhere(&lasting->names[0]))
		return "; its path is in another mount namespace, where nobody looked for it";
	return lasting->answer == LEFT_UNKNOWN ? "; that it is still there could not be seen"
					       : "; nobody looked for it in the end";
}

static void add_leak(const struct model *model, const struct object *object, uint64_t begin_ns,
		     struct arena *arena, struct findings *findings)
{
	const struct lasting *lasting = &object->lasting;
	const struct process *living = find_living(model, object);
	bool is_inferred = lasting->is_inferred || lasting->answer != LEFT_THERE;
	uint64_t after_ns = lasting->made_ns > begin_ns ? lasting->made_ns - begin_ns : 0;
	struct finding *finding;

	finding = finding_add(
		findings, arena, FINDING_LEFT, is_inferred ? INFERRED : CERTAIN,
		arena_printf(arena, "%s%s%s%s, made by %s[%d] with %s %.3f s after the start%s%s",
			     object_short_name(object), words_for(object, arena),
			     object->identity[0] ? " " : "", object->identity,
			     comm_of(model_process(model, lasting->maker)), lasting->maker,
			     lasting->call, (double)after_ns / 1e9, doubts_about(object),
			     !living ? ""
				     : arena_printf(arena,
						    "; %s[%d], which still runs, may remove it",
						    comm_of(living), living->tgid)));
	finding->object = object;
	finding->since_ns = lasting->made_ns;
	finding->is_counted = !living;
	finding->stack = lasting->stack;
	finding->command = command_for(object, arena);
	if (finding->command)
		finding->hint = arena_printf(arena, "remove it with: %s", finding->command);
}

void leaks_find(const struct model *model, struct arena *arena, uint64_t begin_ns,
		struct findings *findings)
{
	const struct object *object = NULL;

	while ((object = model_next_object(model, object))) {
		if (object->lasting.n_names)
			add_leak(model, object, begin_ns, arena, findings);
	}
	leaks_find_locks(model, arena, begin_ns, findings);
	leaks_find_unused(model, arena, begin_ns, findings);
}
