#ifndef MODEL_LEDGER_H
#define MODEL_LEDGER_H

#include <limits.h>

#include "model/object.h"

struct mech_call;

#define FLIGHT_ANY_PART UINT_MAX

enum { FLIGHT_MESSAGES = 32 }; /* of a call that sends or receives several, at most */

/*
 * The ledger of an object: every send has a number, and what it put in stays until a receive has
 * taken it out. So each byte, each message that is received is matched with the call that sent it.
 *
 * A send happens at some moment between its entry and its return, as both are seen. Calls that do
 * not overlap are in order; for those that do the ledger says so, and the match is INFERRED. A
 * receiver's return may be seen before that of the sender who woke it: sends that are under way,
 * flights, are known too.
 */

/* A call under way that puts into, or takes from, an object's ledger. */
struct flight {
	pid_t tid, tgid;
	int fd; /* -1: none */
	bool is_send, is_receive;
	unsigned send_part, receive_part; /* of the object, FLIGHT_ANY_PART: several */
	bool is_many; /* of more than one message */
	uint64_t enter_ns;
	uint64_t first_ns,
		last_ns; /* what it puts in may stand for what was put then; last 0: none */
	uint64_t len_max; /* bytes or units that it asks for; UINT64_MAX: not known */
	int64_t kind; /* of the message that it sends */
	uint64_t number; /* of its first message, 0 = has none yet */
	uint64_t early; /* bytes, or messages, that were taken before it returned */
	bool is_doubtful, is_any_kind, is_any_len; /* as those of what it puts in */
	uint64_t tag; /* likewise */
	const struct object *from; /* the socket that it sends from, or NULL */
	struct object *target; /* whose ledger it is; NULL: none */
	bool is_under_way; /* in the list of target */
	struct flight *next, *previous;
};

/* What one send put in. Units are bytes, or what an eventfd and a semaphore count. */
struct message {
	uint64_t number; /* per object, from 1 */
	pid_t pid, tid;
	int fd;
	uint64_t len, taken; /* units in all, and how many of them are gone */
	int64_t kind; /* type or priority: which of several queues it is in */
	uint64_t tag; /* what a receiver can tell it by, of signals */
	const struct object *from; /* the socket that it was sent from, or NULL */
	uint64_t enter_ns, exit_ns; /* of the send */
	uint64_t first_ns, last_ns; /* it was put in between */
	bool is_racing; /* it may have come before or after another one */
	bool is_doubtful; /* it may be another one that is in its place */
	bool is_any_kind, is_any_len; /* and that may be of another kind or sender, or length */
	bool is_marked; /* for a moment, by those who look for several */
};

/* Who put something in last, and when that call was seen to be over. */
struct put {
	pid_t tid;
	uint64_t exit_ns;
};

struct ledger {
	unsigned part; /* of the object: a semaphore's number; else 0 */
	struct ledger *next; /* of the same object */
	struct message *messages; /* a ring */
	unsigned first, n, cap;
	unsigned n_racing; /* of the n */
	uint64_t units; /* in the messages, not taken yet */
	uint64_t
		debt; /* units, or messages, that were taken and that nobody is known to have put */
	uint64_t doubt_ns; /* receivers that were under way then may have taken others' */
	struct put last, last_other; /* the latest put, and the latest of another thread */
	bool has_outsiders; /* others than traced processes may use it too */
	bool is_leaky; /* of what was put in some may have been dropped, until then */
	bool is_lost; /* what is in it is not known, until it is seen to be empty */
	/* Of signals: */
	uint64_t out_first_ns, out_ns; /* between which one was taken last, 0: none was */
	uint64_t n_left_out; /* that are not in it since they were merged into others */
};

/* The ledger of an object, or of a part of it, made if need be. */
struct ledger *ledger_of(struct object *object);
struct ledger *ledger_part(struct object *object, unsigned part);
/* The same, NULL if there is none yet. */
struct ledger *ledger_find(const struct object *object, unsigned part);
void ledger_destroy(struct ledger *ledger);

/* Objects that its ledgers name; see struct ipc_mech. */
void ledger_refer(const struct object *object, void (*keep)(void *data, struct object *object),
		  void *data);

/* Everything in it is gone, and what comes next is known. */
void ledger_clear(struct ledger *ledger);

/*
 * So many units (is_units) or messages are in it, as the kernel says at the end of this call. That
 * can be compared only while no other call is under way: an empty one is known again, another
 * number than ours means that something was missed.
 */
void ledger_check(const struct mech_call *m, const struct object *object, struct ledger *ledger,
		  bool is_units, int64_t number);

/* From here on it is not known what is in it. */
void ledger_lose(struct ledger *ledger);

/* The i-th oldest message; a new one, and the end of one. */
struct message *ledger_at(const struct ledger *ledger, unsigned i);
void ledger_append(struct ledger *ledger, const struct message *message);
void ledger_remove(struct ledger *ledger, unsigned i);

/* This one may be any of those that are like it: it was put in at any time that one of them was. */
void ledger_doubt(struct ledger *ledger, struct message *message, uint64_t first_ns,
		  uint64_t last_ns);

/* Begin and end being under way; a flight without target is never. */
void flight_begin(struct flight *flight);
void flight_end(struct flight *flight);

/* What was taken of a send by mistake, since it failed or put in less, was somebody else's. */
void flight_settle(struct flight *flight);

/* The call was never seen to return: what it has done is not known. */
void flight_abandon(struct flight *flight);

/*
 * Was there another thread's put, to the ledger of object, of which it is not known whether it came
 * before or after that of the flight?
 */
bool flight_is_racing(const struct ledger *ledger, const struct object *object,
		      const struct flight *flight);

/* What it puts in may be in the place of something that was put in between. */
void flight_doubt(struct flight *flight, uint64_t first_ns, uint64_t last_ns);

/* The number of its first message, given now if need be. */
uint64_t flight_number(struct flight *flight);

/* What it puts in, as far as that is known, without a number. */
struct message flight_message(const struct flight *flight);

/* The next thread but the call's that is sending to that ledger of object: start with NULL. */
struct flight *flights_sending(const struct mech_call *m, const struct object *object,
			       const struct ledger *ledger, struct flight *previous);

/* How many messages others than the call may be taking from that ledger of its object. */
unsigned flights_receiving(const struct mech_call *m, const struct ledger *ledger);

#endif
