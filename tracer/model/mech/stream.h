#ifndef MODEL_MECH_STREAM_H
#define MODEL_MECH_STREAM_H

#include "model/mech.h"

/*
 * The ledger of an object: what was put into it and not taken out yet, oldest first, by who put
 * it there. So a receiver is told who has sent exactly that. Two ways to use it: as bytes, where
 * takes and puts may differ in length, or as messages, where one take is one put.
 *
 * A receiver's return can be seen before that of the sender who woke it: what was taken by then
 * is a debt that the next put pays.
 */
struct segment {
	pid_t pid;
	int fd;
	uint64_t len; /* bytes that were not taken yet */
	const struct object *from; /* messages: the object that it was sent from, or NULL */
	bool is_racing; /* another's put overlapped: which of them came first is not known */
};

/* Who put something last, and when that call was seen to be over. */
struct put {
	pid_t pid;
	uint64_t exit_ns;
};

/* Grows up to a bound; where that is exceeded it is no longer exact. */
struct stream {
	unsigned first, n, cap;
	uint64_t debt; /* bytes, or messages, taken before their put was seen */
	bool is_inexact; /* others than traced processes may put too */
	struct put last, last_other; /* the latest put, and the latest of another process */
	struct segment segments[];
};

/* The ledger of object, made if need be; valid until something is put. */
struct stream *stream_of(struct object *object);

/* Objects that the ledger names; see struct ipc_mech. */
void stream_refer(const struct object *object, void (*keep)(void *data, struct object *object),
		  void *data);

/* The call has put len bytes into object's ledger, by fd of its process. */
void stream_put(struct mech_call *m, struct object *object, int fd, uint64_t len);

/*
 * Take len bytes out of object's ledger, or only look if is_peek. Who put them become PEER_FROM
 * peers of the call. False, and no peers, if that cannot be told exactly.
 */
bool stream_take(struct mech_call *m, struct object *object, uint64_t len, bool is_peek);

/*
 * The peers of the call from number from on are the holders of object, one of which has put what
 * was received: unless there is but one, the caller included, it is not certain which.
 */
void stream_doubt(struct mech_call *m, const struct object *object, unsigned access, unsigned from);

/* The call has put a message into object's ledger; whether it races is found out here. */
void stream_put_message(struct mech_call *m, struct object *object, const struct segment *message);

/*
 * Take the oldest message, of which len bytes were received, at most all. False: the ledger does
 * not know it. What it says is exact only while object's ledger is.
 */
bool stream_take_message(struct object *object, uint64_t len, bool is_peek,
			 struct segment *ret_message);

#endif
