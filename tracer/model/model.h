#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"
#include "event/event.h"
#include "event/mem.h"
#include "model/object.h"
#include "model/process.h"

/*
 * Objects, who holds them, what calls do to them. The model does no I/O: at a stop it asks
 * questions, whose answers become part of the event; later it learns from events alone.
 */
struct model;

struct model_options {
	bool has_state; /* ask for the state of objects before and after calls */
	bool has_peers; /* ask for holders outside the traced set */
	/* Every call that makes, passes or closes a descriptor is traced: what is held is known. */
	bool follows_descriptors;
	bool follows_removals; /* the same of calls that remove names and ids */
	bool follows_uses; /* of descriptors, too: remember those that nobody uses */
	bool has_details; /* fill in the details of touches and peers: somebody prints them */
	uint64_t follows_messages; /* the same of calls that send and receive, by 1 << enum mech */
};

/* How sure a statement is. */
enum certainty {
	CERTAIN, /* seen */
	INFERRED, /* concluded from what was seen: ~ */
	UNKNOWN, /* could not be found out: ?, with the reason */
};

enum peer_direction {
	PEER_TO, /* -> it may get what was sent */
	PEER_FROM, /* <- what was received comes from it */
	PEER_WAITS_FOR, /* it has to act before the call goes on */
};

/* A process at the other end. */
struct peer {
	enum peer_direction direction;
	enum certainty certainty;
	pid_t pid; /* 0: none known */
	pid_t tid; /* the thread of it, where that matters; else 0 */
	pid_t inner_pid; /* how the caller calls it in its PID namespace, 0: by pid, or not at all */
	int fd; /* its descriptor, -1 where there is none */
	bool is_older; /* its end is older than the trace */
	bool is_gone; /* it has ended, which the model does not know by itself */
	const struct object *object; /* that it has to do with, of several; NULL: the call's */
	bool is_holder; /* PEER_WAITS_FOR: it has what is waited for, as one has a lock */
	uint32_t
		share; /* of locks: those with the same number have one together, and any of them */
	/* can give it up; 0: it has its own */
	const struct value *details; /* a struct of what text says in words; NULL = none */
	const char *comm; /* NULL: not known */
	const char *text; /* what it is doing, or why it is unknown; NULL = nothing to say */
};

/*
 * A message, or a part of one, that a call sent or received. Units are bytes, but for counters and
 * semaphores what they count.
 */
struct match {
	const struct object *object; /* whose messages are numbered so */
	bool is_sent; /* by this call; else received */
	enum certainty certainty; /* CERTAIN or INFERRED */
	uint64_t number; /* from 1 */
	uint64_t first, end, len; /* [first, end) of len; len UINT64_MAX: not known yet */
	pid_t pid, tid; /* who sent it */
	int fd; /* by that descriptor, -1: none */
	uint64_t sent_ns; /* when the send was entered; 0: not seen */
	uint64_t latency_ns; /* received: from then to the return of the receive */
	uint64_t held_ns; /* received: from the return of the send; 0: the receive returned first */
	uint64_t n_merged; /* received: how many more, sent later, are no messages of their own */
};

/* One number of an object's state. Units are words: "B", "msgs". */
struct quantity {
	const char *name; /* "" for the main one */
	const char *unit; /* "" = none */
	int64_t before, after, limit;
	bool has_before, has_after, has_limit;
	bool is_unsigned; /* the numbers are uint64_t: an eventfd's counter */
	const char *words; /* what text adds of the details: "2 wait"; NULL = nothing */
};

enum { TOUCH_QUANTITIES = 6, TOUCHES_MAX = 4, PEERS_MAX = 8 };

/* What a call did to one object. */
struct touch {
	const struct object *object;
	bool is_new; /* its first appearance: shown with its kernel identity */
	bool is_created; /* this call made it */
	const char *part; /* "[0]", "[0..64)"; NULL = the whole */
	struct quantity quantities[TOUCH_QUANTITIES];
	unsigned n_quantities;
	const char *note; /* further words: "removed"; NULL = none */
	struct value *details; /* a struct: state that is more than numbers; NULL = none */
};

/* What the model has to say about a call, in the call's arena. */
struct annotation {
	unsigned n_touches;
	unsigned n_peers;
	unsigned n_more_peers; /* that did not fit */
	bool is_open; /* PEER_WAITS_FOR: others than these may end the wait, too */
	uint64_t
		looked_ns; /* when those who have the open files were looked for; 0: they were not */
	struct match *matches; /* in the call's arena */
	unsigned n_matches, cap_matches;
	/* Last: they are large, and nothing else is made 0 for each call. */
	struct touch touches[TOUCHES_MAX];
	struct peer peers[PEERS_MAX];
};

struct model *model_create(const struct model_options *options);
void model_destroy(struct model *model);

/* What was recorded knows no more than that: take from the model's options what known has not. */
void model_know_less(struct model *model, const struct model_options *known);

/* While the tracee is stopped at mem->ev (of any kind), ask what model_apply() will want to know. */
void model_gather(struct model *model, const struct call_spec *spec, const struct mem *mem);

/*
 * Learn from an event; call is what the decoder made of it (or NULL). Puts object names into the
 * values of call. Returns what there is to say about the call when it is over or blocked
 * (EVENT_EXIT, EVENT_BLOCKED, an unfinished call's end), or about a signal; else NULL. Valid until
 * the next event of the same thread.
 */
const struct annotation *model_apply(struct model *model, const struct event *ev,
				     struct call *call);

/* Is every holder of a descriptor known, traced or not? */
bool model_knows_holders(const struct model *model);

/* Is every removal of a name or an id seen that a traced process does? */
bool model_knows_removals(const struct model *model);

/*
 * Descriptors that were inherited across execve for nothing, in the order of the first execve: start
 * with NULL; NULL at the end. And how often there were more than could be remembered.
 */
struct unused;
const struct unused *model_next_unused(const struct model *model, const struct unused *previous);
uint64_t model_unused_left_out(const struct model *model);

/* All objects in order of appearance: start with NULL; NULL at the end. */
const struct object *model_next_object(const struct model *model, const struct object *previous);

/* How many objects that were gone are not in that list any more, so that memory is bounded. */
uint64_t model_forgotten(const struct model *model);

/* The process, the latest of the dead included; NULL = never met, or forgotten. */
const struct process *model_process(const struct model *model, pid_t tgid);

#endif
