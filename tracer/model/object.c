#include "model/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

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
	object->number = ++table->counts[key->mech];
	snprintf(object->name, sizeof(object->name), "%.12s:%u", prefix, object->number);
	HASH_ADD(hh, table->by_key, key, sizeof(object->key), object);
	if (table->last)
		table->last->next = object;
	else
		table->first = object;
	table->last = object;
	return object;
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

void object_table_finish(struct object_table *table)
{
	struct object *next;

	HASH_CLEAR(hh, table->by_key);
	for (struct object *object = table->first; object; object = next) {
		next = object->next;
		free(object->label);
		free(object->users);
		free(object->data);
		free(object);
	}
	memset(table, 0, sizeof(*table));
}
