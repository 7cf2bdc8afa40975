#ifndef STACK_HELPER_H
#define STACK_HELPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stack/protocol.h"

/*
 * The process that unwinds, seen from the tracer. It is forked by another one, which does nothing
 * else and was itself forked at start-up, so that a new one can be had when the tracer has threads
 * and has given its privileges up. Neither is a child of the tracer: its waits do not see them.
 * Both end with it, however it ends.
 */
struct helper {
	int spawner; /* socket to the process that forks */
	int fd; /* socket to the helper, -1: there is none */
	int pidfd;
	pid_t pid;
	int cpu; /* that it was told to run on */
	uint64_t order_used_ns; /* its processor time when it got the last order */
	uint8_t *area; /* AREA_LEN bytes that all of them have */
};

/* 0 or -errno. To be called while there is one thread. */
int helper_create(struct helper *helper);

/* Ends both processes and waits for it, not for ever. A zeroed helper is none. */
void helper_destroy(struct helper *helper);

/* See to it that there is a helper: 0 or -errno. */
int helper_ensure(struct helper *helper);

/* Kill it, as it is dead already, does not answer or says what makes no sense. */
void helper_kill(struct helper *helper);

/* To it: 0 or -EPIPE. */
int helper_order(struct helper *helper, const struct order *order);
int helper_answer(const struct helper *helper, int64_t result);

/*
 * One message from it: its length, at most len, more being cut off; -EPIPE when it is dead;
 * -ETIMEDOUT when it says nothing for 1.5 s, or for 10 s if it is a processor that it waits for.
 */
ssize_t helper_receive(const struct helper *helper, void *message, size_t len);

#endif
