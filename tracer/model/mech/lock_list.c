/* The kernel's list of the locks of a file: /proc/locks, and the same lines in /proc/PID/fdinfo. */
#include "model/mech/lock_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { LINE_MAX_LEN = 160 };

static const char *const family_names[] = {
	[LOCK_OF_PROCESS] = "POSIX", [LOCK_OF_FILE] = "OFD", [LOCK_FLOCK] = "flock"
};

/* "1: -> POSIX  ADVISORY  WRITE 812 fe:00:4242 0 EOF" */
static bool parse_lock(const char *line, struct lock *ret_lock)
{
	char family[16], mode[16], last[32];
	long long first;
	int pid, n = 0;

	memset(ret_lock, 0, sizeof(*ret_lock));
	if (sscanf(line, "%*d: %n", &n) < 0 || !n)
		return false;
	line += n;
	while (strncmp(line, "->", 2) == 0) {
		ret_lock->is_waiter = true;
		line += 2 + strspn(line + 2, " ");
	}
	if (sscanf(line, "%15s %*s %15s %d %*s %lld %31s", family, mode, &pid, &first, last) != 5)
		return false;
	ret_lock->family = strcmp(family, "POSIX") == 0    ? LOCK_OF_PROCESS
			   : strcmp(family, "OFDLCK") == 0 ? LOCK_OF_FILE
			   : strcmp(family, "FLOCK") == 0  ? LOCK_FLOCK
							   : LOCK_OTHER;
	ret_lock->is_write = strcmp(mode, "WRITE") == 0;
	ret_lock->pid = pid;
	ret_lock->first = first;
	ret_lock->last = strcmp(last, "EOF") == 0 ? RANGE_END : strtoll(last, NULL, 10);
	return true;
}

bool lock_next(const struct event *ev, const struct fact *fact, size_t *at, struct lock *ret_lock)
{
	const char *text = fact ? event_fact_text(ev, fact) : NULL;

	while (text && *at < fact->text_len) {
		const char *line = text + *at;
		const char *newline = memchr(line, '\n', fact->text_len - *at);
		size_t len = newline ? (size_t)(newline - line) : fact->text_len - *at;
		char copy[LINE_MAX_LEN];

		*at += len + 1;
		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		if (parse_lock(copy, ret_lock))
			return true;
	}
	return false;
}

static bool do_overlap(const struct lock *a, const struct lock *b)
{
	return (a->last == RANGE_END || b->first <= a->last) &&
	       (b->last == RANGE_END || a->first <= b->last);
}

/* flock's locks and those of ranges do not see each other. */
bool lock_is_in_conflict(const struct lock *own, const struct lock *other)
{
	if ((own->family == LOCK_FLOCK) != (other->family == LOCK_FLOCK) ||
	    other->family == LOCK_OTHER || !(own->is_write || other->is_write))
		return false;
	if (own->family == LOCK_OF_PROCESS && other->family == LOCK_OF_PROCESS &&
	    own->pid == other->pid)
		return false;
	return do_overlap(own, other);
}

bool lock_is_same(const struct lock *a, const struct lock *b)
{
	return a->family == b->family && a->is_write == b->is_write && a->pid == b->pid &&
	       a->first == b->first && a->last == b->last;
}

const char *lock_family_name(enum lock_family family)
{
	return family < ARRAY_LEN(family_names) ? family_names[family] : NULL;
}

const char *lock_kind_text(struct arena *arena, const struct lock *lock)
{
	const char *family = lock_family_name(lock->family);

	return arena_printf(arena, "%s%s%s", family ? family : "", family ? " " : "",
			    lock->is_write ? "write" : "read");
}

const char *lock_range_text(struct arena *arena, const struct lock *lock)
{
	if (!lock->first && lock->last == RANGE_END)
		return "";
	if (lock->last == RANGE_END)
		return arena_printf(arena, "[%lld..)", (long long)lock->first);
	return arena_printf(arena, "[%lld..%lld)", (long long)lock->first,
			    (long long)lock->last + 1);
}

const char *lock_text(struct arena *arena, const char *verb, const struct lock *lock)
{
	const char *range = lock_range_text(arena, lock);

	return arena_printf(arena, "%s %s lock%s%s", verb, lock_kind_text(arena, lock),
			    *range ? " " : "", range);
}
