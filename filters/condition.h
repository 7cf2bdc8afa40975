#ifndef FILTERS_CONDITION_H
#define FILTERS_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"

/* What has to be so at a call's entry for it to be a member of a class. */
enum condition_kind {
	IF_ALWAYS,
	IF_FD, /* the descriptor args[arg] or args[arg2] is of one of kinds */
	IF_FD_COMMAND, /* the same of args[arg]; args[arg2], a command, is not value...mask */
	IF_BITS, /* (args[arg] & mask) == value */
	IF_ANY_BIT, /* (args[arg] & mask) != 0 */
	IF_ONE_OF, /* bit args[arg] of mask is set; of a number its low 16 bits count */
	IF_MEM_BITS, /* the 32-bit number at args[arg] + value has a bit of mask */
	IF_PATH, /* the path args[arg] or args[arg2] leads to one of places */
	IF_SHARED, /* the memory at args[arg], args[arg2] bytes, is a shared mapping */
	IF_SOCKETCALL /* i386's socketcall: of a family in mask, or on one of kinds */
};

/* Places that a path can lead to. */
enum place {
	PLACE_FIFO = 1 << 0,
	PLACE_SHM = 1 << 1, /* below /dev/shm/ */
	PLACE_PTY = 1 << 2, /* /dev/ptmx, /dev/pts/ */
	PLACE_MQUEUE = 1 << 3,
	PLACE_SOCKET = 1 << 4, /* the file that a unix socket was bound to */
	PLACE_DIR = 1 << 5, /* a directory, with all that is below it */
};

struct condition {
	uint8_t kind, arg, arg2; /* arg2 == arg where there is no second */
	uint8_t not_arg;
	uint32_t not_mask; /* and no bit of it in args[not_arg]; 0 = no such demand */
	uint32_t places;
	uint64_t kinds; /* 1 << enum fd_kind */
	uint64_t mask, value;
};

#define FD_BIT(kind) (1ull << (kind))

/* Every kind of descriptor that is an object of inter-process communication. */
#define FD_IPC_KINDS ((FD_BIT(FD_KINDS) - 1) & ~(FD_BIT(FD_LAST_PLAIN + 1) - 1))

bool condition_holds(const struct condition *condition, const struct event *ev,
		     const struct mem *mem);

/*
 * Make *into hold when either of them does, if one condition can say that; false, and nothing
 * changed, if not.
 */
bool condition_merge(struct condition *into, const struct condition *other);

/* A call's membership: on any of its conditions; on none of them if it is negated. */
struct rule {
	uint8_t n; /* 0: no member */
	bool is_negated;
	struct condition conditions[6];
};

/* Also on this condition. When it gets too complicated, always. */
void rule_add(struct rule *rule, const struct condition *condition);

bool rule_holds(const struct rule *rule, const struct event *ev, const struct mem *mem);

#endif
