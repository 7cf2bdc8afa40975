/* Whose the locks of a file are: those of flock(2) belong to an open file, not to a process. */
#include "capture/facts_locks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/facts_fd.h"
#include "capture/facts_holders.h"
#include "capture/facts_text.h"
#include "capture/proc.h"

enum { KCMP_FILE = 0, LOCKERS_MAX = 64, INFO_MAX_LEN = 16384 };

/* A descriptor by which a process has locks. */
struct locker {
	pid_t pid;
	int fd;
	uint64_t id; /* of the open file: 0 for that which is asked about */
	struct buf lines;
};

struct lockers {
	struct locker items[LOCKERS_MAX];
	unsigned n;
	uint64_t last_id;
};

static bool is_same_file(pid_t pid, int fd, pid_t other, int other_fd)
{
	if (pid == other && fd == other_fd)
		return true;
	return syscall(SYS_kcmp, pid, other, KCMP_FILE, fd, other_fd) == 0;
}

static uint64_t id_of(struct lockers *lockers, const struct tracee *tracee, int asked,
		      const struct locker *locker)
{
	if (is_same_file(tracee->tid, asked, locker->pid, locker->fd))
		return 0;
	for (unsigned i = 0; i < lockers->n; i++) {
		const struct locker *other = &lockers->items[i];

		if (other->id && is_same_file(other->pid, other->fd, locker->pid, locker->fd))
			return other->id;
	}
	return ++lockers->last_id;
}

/* Note the descriptor if it has locks: false if there is no room for it. */
static bool note(struct lockers *lockers, const struct tracee *tracee, int asked,
		 const struct fact *holder)
{
	struct locker locker = { .pid = (pid_t)holder->value[0], .fd = (int)holder->value[1] };
	char name[32], text[INFO_MAX_LEN];
	ssize_t n;

	snprintf(name, sizeof(name), "fdinfo/%d", locker.fd);
	n = proc_read(locker.pid, name, text, sizeof(text));
	if (n > 0)
		facts_text_fd_locks(text, (size_t)n, holder->dev, holder->ino, &locker.lines);
	if (!locker.lines.len || lockers->n == LOCKERS_MAX) {
		bool is_lost = locker.lines.len > 0;

		buf_finish(&locker.lines);
		return !is_lost;
	}
	locker.id = id_of(lockers, tracee, asked, &locker);
	lockers->items[lockers->n++] = locker;
	return true;
}

static void add_facts(const struct lockers *lockers, struct event *ev, int fd)
{
	for (uint64_t id = 0; id <= lockers->last_id; id++) {
		for (unsigned i = 0; i < lockers->n; i++) {
			const struct locker *locker = &lockers->items[i];
			struct fact *fact;

			if (locker->id != id)
				continue;
			fact = event_add_fact(ev, FACT_LOCK_FD, fd, locker->lines.data,
					      locker->lines.len);
			fact->id = id;
			fact->value[0] = locker->pid;
			fact->value[1] = locker->fd;
		}
	}
}

int facts_locks_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev, int fd)
{
	struct lockers *lockers;
	struct fd_entry *entry;
	const struct fact *list;
	struct fact *head;
	int64_t n_holders = 0, n_unreadable;
	bool is_cut = false;
	uint64_t dev, ino;
	int err = facts_fd_look(cache, tracee, fd, &entry);

	if (err < 0)
		return err;
	if (entry->fact.value[0] == FD_CLOSED)
		return -EBADF;
	dev = entry->fact.dev;
	ino = entry->fact.ino;
	if (!event_fact(ev, FACT_HOLDERS, (int64_t)ino))
		err = facts_holders_ask(cache, ev, ino);
	if (err < 0)
		return err;
	lockers = calloc(1, sizeof(*lockers));
	if (!lockers)
		return -ENOMEM;
	for (uint32_t i = 0; i < ev->n_facts; i++) {
		struct fact holder = ev->facts[i];

		if (holder.kind != FACT_HOLDER || holder.subject != (int64_t)ino)
			continue;
		n_holders++;
		if (holder.dev == dev && !note(lockers, tracee, fd, &holder))
			is_cut = true;
	}
	list = event_fact(ev, FACT_HOLDERS, (int64_t)ino);
	is_cut |= list->value[0] > n_holders;
	n_unreadable = list->value[1];
	head = event_add_fact(ev, FACT_LOCK_FDS, fd, NULL, 0);
	head->value[0] = lockers->n;
	head->value[1] = n_unreadable;
	head->value[2] = (int64_t)facts_holders_walked_ns(cache);
	head->value[3] = is_cut;
	add_facts(lockers, ev, fd);
	for (unsigned i = 0; i < lockers->n; i++)
		buf_finish(&lockers->items[i].lines);
	free(lockers);
	return 0;
}
