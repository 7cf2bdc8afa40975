#include "capture/facts_anon.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { KCMP_FILE = 0, COMPARISONS_MAX = 4096 };

bool facts_anon_is_nameless(enum fd_kind kind)
{
	switch (kind) {
	case FD_SIGNALFD:
	case FD_TIMERFD:
	case FD_EPOLL:
	case FD_INOTIFY:
	case FD_FANOTIFY:
	case FD_IO_URING:
	case FD_USERFAULTFD:
		return true;
	default:
		return false;
	}
}

/* A living thread that uses the table. */
static pid_t user_of(struct facts_cache *cache, struct fd_table *files)
{
	struct tracee *tracee, *next;

	if (tracee_find(cache->tracees, files->last_user) &&
	    tracee_find(cache->tracees, files->last_user)->files == files)
		return files->last_user;
	HASH_ITER (hh, cache->tracees->by_tid, tracee, next) {
		if (tracee->files != files)
			continue;
		files->last_user = tracee->tid;
		return tracee->tid;
	}
	return 0;
}

static void link_behind(struct fd_entry *place, struct fd_entry *entry)
{
	if (entry->next) {
		entry->next->previous = entry->previous;
		entry->previous->next = entry->next;
	}
	entry->previous = place;
	entry->next = place->next;
	place->next->previous = entry;
	place->next = entry;
}

void facts_anon_identify(struct facts_cache *cache, pid_t tid, struct fd_entry *entry)
{
	struct fd_entry *other, *place = cache->anon.previous;
	uint64_t answered = 0;
	int n = 0;

	entry->fact.id = 0;
	for (other = cache->anon.next; other != &cache->anon && n < COMPARISONS_MAX;
	     other = other->next) {
		long order;
		pid_t user;

		if (other == entry || !other->is_known || other->is_volatile ||
		    other->fact.value[0] != entry->fact.value[0] || other->fact.id == answered)
			continue;
		user = user_of(cache, other->files);
		if (!user)
			continue;
		n++;
		order = syscall(SYS_kcmp, tid, user, KCMP_FILE, entry->fd, other->fd);
		if (order == 0) {
			entry->fact.id = other->fact.id;
			place = other;
			break;
		}
		if (order > 0)
			answered = other->fact.id;
	}
	if (!entry->fact.id)
		entry->fact.id = ++cache->last_anon_id;
	link_behind(place == entry ? cache->anon.previous : place, entry);
}
