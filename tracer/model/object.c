#define HASH_IS_LARGE
#include "model/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/file_names.h"
#include "model/ledger.h"

struct object_name {
	struct object *object;
	UT_hash_handle hh;
	char text[];
};

struct object *object_find(const struct object_table *table, const struct ipc_key *key)
{
	struct object *object;

	HASH_FIND(hh, table->by_key, key, sizeof(*key), object);
	return object;
}

struct object *object_get(struct object_table *table, const struct ipc_key *key, const char *prefix,
			  bool *ret_is_new)
{
	struct object *object = object_find(table, key);

	*ret_is_new = !object;
	if (object)
		return object;
	object = calloc(1, sizeof(*object));
	if (!object)
		abort();
	object->key = *key;
	object->prefix = prefix;
	object->table = table;
	HASH_ADD(hh, table->by_key, key, sizeof(object->key), object);
	if (table->last)
		table->last->next = object;
	else
		table->first = object;
	table->last = object;
	table->n++;
	return object;
}

void object_give_number(struct object *object, unsigned number)
{
	struct object_table *table = object->table;

	if (object->number)
		return;
	object->number = number;
	if (table->counts[object->key.mech] < number)
		table->counts[object->key.mech] = number;
	snprintf(object->name_buf, sizeof(object->name_buf), "%.12s:%u", object->prefix,
		 object->number);
	if (table->last_named)
		table->last_named->next_named = object;
	else
		table->first_named = object;
	table->last_named = object;
}

const char *object_short_name(const struct object *object)
{
	/* Naming is not a change that anybody can see. */
	if (!object->number)
		object_give_number((struct object *)object,
				   object->table->counts[object->key.mech] + 1);
	return object->name_buf;
}

const struct object *object_next_named(const struct object_table *table,
				       const struct object *previous)
{
	return previous ? previous->next_named : table->first_named;
}

void object_retire(struct object_table *table, struct object *object)
{
	if (object_find(table, &object->key) == object)
		HASH_DEL(table->by_key, object);
	object->is_removed = true;
}

void object_set_label(struct object *object, const char *label, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, label, len);
	copy[len] = '\0';
	free(object->label);
	object->label = copy;
}

static struct object_name *name_find(const struct object_table *table, const char *text)
{
	struct object_name *name;

	HASH_FIND_STR(table->by_name, text, name);
	return name;
}

void object_name(struct object_table *table, const char *text, struct object *object)
{
	struct object_name *name = name_find(table, text);
	size_t len = strlen(text);

	if (!name) {
		name = calloc(1, sizeof(*name) + len + 1);
		if (!name)
			abort();
		memcpy(name->text, text, len);
		HASH_ADD_KEYPTR(hh, table->by_name, name->text, len, name);
	}
	name->object = object;
}

struct object *object_named(const struct object_table *table, const char *text)
{
	struct object_name *name = name_find(table, text);

	return name ? name->object : NULL;
}

struct user *object_user(struct object *object, pid_t tgid)
{
	for (size_t i = 0; i < object->n_users; i++) {
		if (object->users[i].tgid == tgid)
			return &object->users[i];
	}
	object->users = array_grow(object->users, object->n_users, &object->cap_users,
				   sizeof(*object->users));
	object->users[object->n_users] = (struct user){ .tgid = tgid };
	return &object->users[object->n_users++];
}

void waiter_enter(struct waiter *waiter, struct object *object)
{
	waiter_leave(waiter);
	waiter->object = object;
	waiter->previous = NULL;
	waiter->next = object->waiters;
	if (waiter->next)
		waiter->next->previous = waiter;
	object->waiters = waiter;
}

void waiter_leave(struct waiter *waiter)
{
	if (!waiter->object)
		return;
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		waiter->object->waiters = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	waiter->object = NULL;
}

static void object_destroy(struct object *object)
{
	free(object->label);
	file_names_finish(&object->lasting);
	for (unsigned i = 0; i < object->lasting.n_locks; i++)
		free(object->lasting.locks[i].lines);
	free(object->lasting.locks);
	event_stack_free(object->lasting.stack);
	free(object->users);
	free(object->seen);
	free(object->data);
	ledger_destroy(object->ledgers);
	free(object);
}

static void forget_names(struct object_table *table)
{
	struct object_name *name, *next;

	HASH_ITER (hh, table->by_name, name, next) {
		if (name->object->is_kept)
			continue;
		HASH_DEL(table->by_name, name);
		free(name);
	}
}

/* The list of those that have names, without the others. */
static void relink_named(struct object_table *table)
{
	struct object **link = &table->first_named;

	table->last_named = NULL;
	for (struct object *object = *link; object; object = object->next_named) {
		if (!object->is_kept)
			continue;
		*link = object;
		link = &object->next_named;
		table->last_named = object;
	}
	*link = NULL;
}

void object_table_forget(struct object_table *table)
{
	struct object **link = &table->first;
	struct object *object;

	forget_names(table);
	relink_named(table);
	table->last = NULL;
	while ((object = *link)) {
		if (object->is_kept) {
			object->is_kept = false;
			table->last = object;
			link = &object->next;
			continue;
		}
		*link = object->next;
		if (object_find(table, &object->key) == object)
			HASH_DEL(table->by_key, object);
		object_destroy(object);
		table->n--;
		table->n_forgotten++;
	}
}

void object_table_finish(struct object_table *table)
{
	object_table_forget(table);
	memset(table, 0, sizeof(*table));
}
