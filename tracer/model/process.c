#include "model/process.h"

#include <stdlib.h>
#include <string.h>

#include "model/inherited.h"

struct process *process_find(const struct process_table *table, pid_t tgid)
{
	struct process *process;

	HASH_FIND_INT(table->by_tgid, &tgid, process);
	return process;
}

struct process *process_get(struct process_table *table, pid_t tgid)
{
	struct process *process = process_find(table, tgid);

	if (process)
		return process;
	process = calloc(1, sizeof(*process));
	if (!process)
		abort();
	process->tgid = tgid;
	process->is_alive = true;
	process->next_sharing = process;
	HASH_ADD_INT(table->by_tgid, tgid, process);
	return process;
}

struct holding *process_holding(const struct process *process, int fd)
{
	struct holding *holding;

	HASH_FIND_INT(process->by_fd, &fd, holding);
	return holding;
}

static void holding_destroy(struct holding *holding)
{
	struct holding **link = &holding->object->holdings;

	while (*link != holding)
		link = &(*link)->next;
	*link = holding->next;
	HASH_DEL(holding->process->by_fd, holding);
	inherited_drop(holding->inherited);
	free(holding);
}

static void drop_own(struct process *process, int fd)
{
	struct holding *holding = process_holding(process, fd);

	if (holding)
		holding_destroy(holding);
}

void process_drop(struct process *process, int fd)
{
	struct process *each = process;

	do {
		drop_own(each, fd);
		each = each->next_sharing;
	} while (each != process);
}

static void hold_own(struct process *process, int fd, struct object *object, unsigned access,
		     bool is_older)
{
	struct holding *holding = process_holding(process, fd);

	if (holding && holding->object == object) {
		holding->access = access;
		holding->is_listed = true;
		return;
	}
	if (holding)
		holding_destroy(holding);
	holding = calloc(1, sizeof(*holding));
	if (!holding)
		abort();
	holding->process = process;
	holding->object = object;
	holding->fd = fd;
	holding->access = access;
	holding->is_older = is_older;
	holding->is_listed = true;
	holding->next = object->holdings;
	object->holdings = holding;
	HASH_ADD_INT(process->by_fd, fd, holding);
}

void process_hold(struct process *process, int fd, struct object *object, unsigned access,
		  bool is_older)
{
	struct process *each = process;

	do {
		hold_own(each, fd, object, access, is_older);
		each = each->next_sharing;
	} while (each != process);
}

static void drop_own_range(struct process *process, unsigned from, unsigned to)
{
	struct holding *holding, *next;

	HASH_ITER (hh, process->by_fd, holding, next) {
		if ((unsigned)holding->fd >= from && (unsigned)holding->fd <= to)
			holding_destroy(holding);
	}
}

void process_drop_range(struct process *process, unsigned from, unsigned to)
{
	struct process *each = process;

	do {
		drop_own_range(each, from, to);
		each = each->next_sharing;
	} while (each != process);
}

void process_unshare(struct process *process)
{
	struct process *before = process;

	while (before->next_sharing != process)
		before = before->next_sharing;
	before->next_sharing = process->next_sharing;
	process->next_sharing = process;
}

void process_share(struct process *child, struct process *parent)
{
	process_unshare(child);
	child->next_sharing = parent->next_sharing;
	parent->next_sharing = child;
}

void process_drop_all(struct process *process)
{
	struct holding *holding, *next;

	process_unshare(process);
	HASH_ITER (hh, process->by_fd, holding, next)
		holding_destroy(holding);
}

void process_inherit(struct process *child, const struct process *parent)
{
	struct holding *holding, *next;

	HASH_ITER (hh, parent->by_fd, holding, next) {
		struct holding *copy;

		process_hold(child, holding->fd, holding->object, holding->access,
			     holding->is_older);
		copy = process_holding(child, holding->fd);
		copy->opener = holding->opener;
		copy->opened_by = holding->opened_by;
		copy->opened_ns = holding->opened_ns;
		copy->inherited = inherited_share(holding->inherited);
	}
}

void process_begin_list(struct process *process)
{
	struct holding *holding, *next;

	HASH_ITER (hh, process->by_fd, holding, next)
		holding->is_listed = false;
}

void process_end_list(struct process *process)
{
	struct holding *holding, *next;

	HASH_ITER (hh, process->by_fd, holding, next) {
		if (!holding->is_listed)
			process_drop(process, holding->fd);
	}
}

void process_forget(struct process_table *table, struct process *process)
{
	process_drop_all(process);
	HASH_DEL(table->by_tgid, process);
	free(process->inner.items);
	free(process);
}

void process_table_finish(struct process_table *table)
{
	struct process *process, *next;

	HASH_ITER (hh, table->by_tgid, process, next)
		process_forget(table, process);
}
