#ifndef ANALYSIS_WAITS_H
#define ANALYSIS_WAITS_H

#include "analysis/finding.h"
#include "model/blocked.h"

enum { WAITS_MAX = 4096 }; /* more are not judged */

/* A process, or a thread of it, that could end a wait. */
struct wait_party {
	pid_t pid;
	pid_t tid; /* only this thread of it; 0 = any */
	const struct object *object; /* by which it could, of several; NULL: the wait's */
	int fd; /* through which it has the object; -1 = none, or not known */
	uint32_t share; /* any of those with the same number can do its part; 0: only itself */
	enum certainty certainty;
	bool is_alive; /* false: it has ended, and what it had with it */
	const char *comm; /* "?" = not known */
};

/* One blocked thread and what it waits for. All in the arena of waits_find(). */
struct wait {
	struct blocked blocked;
	const char *comm;
	const char *words; /* "waits for space in pipe:1" */
	const char
		*sentence; /* "left[12] waits for space in pipe:1, which right[13] has to read" */
	const char *verb; /* what a party has to do with it: "read"; NULL: the words say it */
	struct wait_party *parties;
	size_t n_parties;
	size_t n_more; /* that are not known by name */
	int number; /* of a semaphore in its set; -1 = none */
	bool has_holders; /* the parties have what it waits for, as one has a lock */
	bool needs_all; /* all of the parties have to act, as holders of locks do; else any one */
	bool is_open; /* what we do not see can end it as well: another process, time, a signal */
	bool is_anyones; /* any process might end it, for the object is found by a name or an id */
	enum certainty certainty; /* of the statement that only the parties can end it */
	unsigned depth; /* set by waits_chain(): how many are before it in the chain */
	bool is_stuck; /* set by waits_judge(): none of those who could end it ever will */
};

struct waits {
	struct wait *items; /* the longest first */
	size_t n;
	size_t n_threads; /* that live, blocked or not */
};

/* Say for every blocked thread what it waits for. */
void waits_find(struct model *model, struct arena *arena, struct waits *ret_waits);

/*
 * Find the circles, and waits that can never end. A wait is stuck unless somebody can be seen, or
 * cannot be excluded, who ends it: an untraced process, a thread that is not blocked, a time
 * limit. So a deadlock that is said to be one is one as far as the model knows; one that
 * was concluded has INFERRED.
 */
void waits_judge(const struct model *model, struct waits *waits, struct arena *arena,
		 struct findings *findings);

/* Is everything that is traced blocked, since before_ns or longer? */
bool waits_are_all(const struct waits *waits, uint64_t before_ns);

#endif
