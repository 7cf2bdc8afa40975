#ifndef ANALYSIS_FINDING_H
#define ANALYSIS_FINDING_H

#include "model/model.h"

/* What an analysis has to tell a person, in plain words. */
enum finding_kind {
	FINDING_DEADLOCK, /* a circle of waits */
	FINDING_ENDLESS, /* a wait that nobody is left to end */
	FINDING_LEFT, /* an object that outlives those who made it */
	FINDING_UNUSED, /* a descriptor that was inherited for nothing */
};

struct finding {
	enum finding_kind kind;
	enum certainty certainty;
	const char *text; /* the sentence; words of tracees are in it as they are */
	const char *hint; /* what to do about it; NULL = nothing known */
	const char *command; /* of a shell, that does it; NULL = none */
	const struct event *stack; /* frames of the call that it is about; NULL = not known */
	bool is_counted; /* FINDING_LEFT: an error for those who want none left */
	const struct object *object; /* that it is about; NULL: none, or several */
	const pid_t *tids; /* threads that it is about */
	size_t n_tids;
	uint64_t since_ns; /* when the last of its waits began, or the object was made */
};

struct findings {
	struct finding *items; /* in the arena it was made with */
	size_t n, cap;
};

/* Append one. */
struct finding *finding_add(struct findings *findings, struct arena *arena, enum finding_kind kind,
			    enum certainty certainty, const char *text);

/* "deadlock", "endless-wait", "left-behind", "unused-descriptor" */
const char *finding_kind_name(enum finding_kind kind);

/* "exact", "inferred", "unknown": different words, so that they are never mixed up. */
const char *certainty_name(enum certainty certainty);

#endif
