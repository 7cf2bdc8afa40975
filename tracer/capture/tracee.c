#include "capture/tracee.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *allocate(size_t len)
{
	void *p = calloc(1, len);

	if (!p)
		abort();
	return p;
}

static void fd_entry_destroy(struct fd_table *files, struct fd_entry *entry)
{
	HASH_DEL(files->entries, entry);
	if (entry->next) {
		entry->next->previous = entry->previous;
		entry->previous->next = entry->next;
	}
	free(entry->link);
	free(entry);
}

void fd_table_clear(struct fd_table *files)
{
	struct fd_entry *entry, *next;

	HASH_ITER (hh, files->entries, entry, next)
		fd_entry_destroy(files, entry);
}

static void fd_table_release(struct fd_table *files)
{
	if (!files || --files->n_users)
		return;
	fd_table_clear(files);
	free(files);
}

struct fd_entry *fd_table_find(struct fd_table *files, int fd)
{
	struct fd_entry *entry;

	HASH_FIND_INT(files->entries, &fd, entry);
	return entry;
}

struct fd_entry *fd_table_get(struct fd_table *files, int fd)
{
	struct fd_entry *entry = fd_table_find(files, fd);

	if (entry)
		return entry;
	entry = allocate(sizeof(*entry));
	entry->fd = fd;
	entry->files = files;
	HASH_ADD_INT(files->entries, fd, entry);
	return entry;
}

void fd_table_forget(struct fd_table *files, int fd)
{
	struct fd_entry *entry;

	HASH_FIND_INT(files->entries, &fd, entry);
	if (entry)
		fd_entry_destroy(files, entry);
}

struct tracee *tracee_find(struct tracee_table *table, pid_t tid)
{
	struct tracee *tracee;

	HASH_FIND_INT(table->by_tid, &tid, tracee);
	return tracee;
}

struct tracee *tracee_add(struct tracee_table *table, pid_t tid, pid_t tgid, struct fd_table *files)
{
	struct tracee *tracee = allocate(sizeof(*tracee));

	tracee->tid = tid;
	tracee->tgid = tgid;
	tracee->state = TRACEE_RUNNING;
	tracee->pidfd = -1;
	tracee->maps_fd = -1;
	tracee->files = files ? files : allocate(sizeof(*files));
	tracee->files->n_users++;
	HASH_ADD_INT(table->by_tid, tid, tracee);
	return tracee;
}

void tracee_forget_image(struct tracee *tracee)
{
	if (tracee->maps_fd >= 0)
		close(tracee->maps_fd);
	if (tracee->pidfd >= 0)
		close(tracee->pidfd);
	tracee->maps_fd = -1;
	tracee->pidfd = -1;
	tracee->ipc_ns = 0;
}

void tracee_drop_doubted(struct tracee *tracee)
{
	if (!tracee->doubted)
		return;
	event_finish(tracee->doubted);
	free(tracee->doubted);
	tracee->doubted = NULL;
}

void tracee_remove(struct tracee_table *table, struct tracee *tracee)
{
	HASH_DEL(table->by_tid, tracee);
	tracee_lock_pipe(table, tracee, 0);
	tracee_forget_image(tracee);
	tracee_drop_doubted(tracee);
	fd_table_release(tracee->files);
	free(tracee);
}

void tracee_lock_pipe(struct tracee_table *table, struct tracee *tracee, uint64_t ino)
{
	table->n_locking -= tracee->locked_pipe != 0;
	table->n_locking += ino != 0;
	tracee->locked_pipe = ino;
}

void tracee_rename(struct tracee_table *table, struct tracee *tracee, pid_t tid)
{
	HASH_DEL(table->by_tid, tracee);
	tracee->tid = tid;
	HASH_ADD_INT(table->by_tid, tid, tracee);
}

size_t tracee_count(const struct tracee_table *table)
{
	return HASH_COUNT(table->by_tid);
}

void tracee_table_finish(struct tracee_table *table)
{
	struct tracee *tracee, *next;

	HASH_ITER (hh, table->by_tid, tracee, next)
		tracee_remove(table, tracee);
}

void tracee_share_files(struct tracee *tracee, struct fd_table *files)
{
	if (tracee->files == files)
		return;
	files->n_users++;
	fd_table_release(tracee->files);
	tracee->files = files;
}

void tracee_unshare_files(struct tracee *tracee)
{
	struct fd_table *files = allocate(sizeof(*files));

	tracee_share_files(tracee, files);
}

void tracee_inherit_files(struct tracee *child, const struct tracee *parent)
{
	struct fd_entry *entry, *next;

	if (parent->files == child->files || parent->files->n_users != 1)
		return;
	HASH_ITER (hh, parent->files->entries, entry, next) {
		struct fd_entry *copy;

		if (!entry->is_known || entry->is_volatile)
			continue;
		copy = fd_table_get(child->files, entry->fd);
		copy->fact = entry->fact;
		copy->link = strdup(entry->link);
		if (!copy->link)
			abort();
		copy->is_known = true;
		if (!entry->next)
			continue;
		/* Beside its parent's, as the same open file is not asked about twice. */
		copy->previous = entry;
		copy->next = entry->next;
		entry->next->previous = copy;
		entry->next = copy;
	}
}
