#include "model/file_names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMES_MAX = 16 };

struct file_name *file_names_add_path(struct lasting *lasting, const char *path, size_t len)
{
	struct file_name *name;

	lasting->n_names++;
	if (lasting->n_known == NAMES_MAX)
		return NULL;
	lasting->names = reallocarray(lasting->names, lasting->n_known + 1, sizeof(*name));
	if (!lasting->names)
		abort();
	name = &lasting->names[lasting->n_known++];
	*name = (struct file_name){ .path = strndup(path, len) };
	if (!name->path)
		abort();
	return name;
}

void file_names_add(struct lasting *lasting, const struct event *ev, const struct fact *fact)
{
	struct file_name *name =
		file_names_add_path(lasting, event_fact_text(ev, fact), fact->text_len);

	if (!name)
		return;
	name->dir_dev = (uint64_t)fact->value[1];
	name->dir_ino = fact->id;
	name->is_here = fact->value[2] != 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A place is told by its directory; where that is not known by the path. */
static bool is_name(const struct file_name *name, const struct fact *fact, const char *path)
{
	if (!name->dir_ino || !fact->id || path[0] != '/')
		return strcmp(name->path, path) == 0;
	return name->dir_ino == fact->id && name->dir_dev == (uint64_t)fact->value[1] &&
	       strcmp(last_part(name->path), last_part(path)) == 0;
}

static void forget(struct lasting *lasting, unsigned i)
{
	free(lasting->names[i].path);
	lasting->n_known--;
	memmove(&lasting->names[i], &lasting->names[i + 1],
		(lasting->n_known - i) * sizeof(lasting->names[0]));
}

static char *copy_text(const struct event *ev, const struct fact *fact)
{
	char *text = strndup(event_fact_text(ev, fact), fact->text_len);

	if (!text)
		abort();
	return text;
}

void file_names_drop(struct lasting *lasting, const struct event *ev, const struct fact *fact)
{
	char *path = fact ? copy_text(ev, fact) : NULL;
	unsigned i = 0;

	if (lasting->n_names)
		lasting->n_names--;
	while (path && i < lasting->n_known && !is_name(&lasting->names[i], fact, path))
		i++;
	free(path);
	if (i < lasting->n_known && path)
		forget(lasting, i);
	/* It was one that we did not know, or know otherwise. */
	while (lasting->n_known > lasting->n_names)
		forget(lasting, 0);
}

void file_names_drop_path(struct lasting *lasting, const char *path, size_t len)
{
	for (unsigned i = 0; i < lasting->n_known && lasting->n_names; i++) {
		if (strlen(lasting->names[i].path) != len ||
		    memcmp(lasting->names[i].path, path, len) != 0)
			continue;
		forget(lasting, i);
		lasting->n_names--;
		return;
	}
}

/* Is path below directory old? Then put new in its place. */
static bool move_below(struct file_name *name, const char *old, const char *new)
{
	size_t len = strlen(old);
	char *path;

	if (!len || !*new || strncmp(name->path, old, len) != 0 || name->path[len] != '/')
		return false;
	path = malloc(strlen(new) + strlen(name->path + len) + 1);
	if (!path)
		abort();
	strcpy(path, new);
	strcat(path, name->path + len);
	free(name->path);
	name->path = path;
	return true;
}

void file_names_move_below(struct lasting *lasting, const struct event *ev, const struct fact *from,
			   const struct fact *to, bool is_exchange)
{
	char *old = copy_text(ev, from), *new = copy_text(ev, to);

	for (unsigned i = 0; i < lasting->n_known; i++) {
		if (!move_below(&lasting->names[i], old, new) && is_exchange)
			move_below(&lasting->names[i], new, old);
	}
	free(old);
	free(new);
}

void file_names_finish(struct lasting *lasting)
{
	while (lasting->n_known)
		forget(lasting, lasting->n_known - 1);
	free(lasting->names);
	lasting->names = NULL;
}

/* The path of a socket is a file of its own. */
static struct object *socket_at(const struct object_table *table, const struct fact *name)
{
	struct object *object = table->first;

	while (object && (!object->lasting.n_names || object->lasting.file_ino != name->ino ||
			  object->lasting.file_dev != name->dev))
		object = object->next;
	return object;
}

struct object *file_names_object(const struct object_table *table, const struct fact *name)
{
	struct ipc_key key = { .mech = MECH_FIFO, .a = name->dev, .b = name->ino };
	struct object *object;

	if (name->value[0] < 0)
		return NULL;
	if (S_ISSOCK(name->value[0]))
		return socket_at(table, name);
	if (S_ISFIFO(name->value[0]))
		return object_find(table, &key);
	key.mech = MECH_SHARED_MEM;
	object = S_ISREG(name->value[0]) ? object_find(table, &key) : NULL;
	key.mech = MECH_POSIX_MQ;
	if (!object && S_ISREG(name->value[0]))
		object = object_find(table, &key);
	return object;
}
