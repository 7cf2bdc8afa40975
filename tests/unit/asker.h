#ifndef TESTS_ASKER_H
#define TESTS_ASKER_H

#include <stdint.h>
#include <sys/types.h>

#include "capture/facts.h"
#include "capture/facts_cache.h"
#include "capture/tracee.h"

/* Questions about real processes that nobody traces: this one and children of it. */
struct asker {
	struct tracee_table tracees;
	struct facts_cache cache;
	struct tracee *self;
	struct event ev; /* emptied before each question */
	int error; /* of the last one */
};

void asker_init(struct asker *asker);
void asker_finish(struct asker *asker);

/* Ask about tracee; NULL if there is no answer, the error is in asker->error. */
const struct fact *asker_ask(struct asker *asker, struct tracee *tracee, enum fact_kind kind,
			     int64_t subject);

/* The answer about this process; its absence fails the test. */
const struct fact *asker_get(struct asker *asker, enum fact_kind kind, int64_t subject);

/* Fail unless that is the text of fact. */
void assert_fact_text(const struct asker *asker, const struct fact *fact, const char *text,
		      size_t len);

/* A child that runs prepare(data), if any, and then waits for its end. */
struct child {
	pid_t pid;
	int control;
	int result; /* of prepare; -errno by custom */
};

void child_start(struct child *child, int (*prepare)(void *data), void *data);
void child_end(struct child *child);

#endif
