#ifndef MODEL_MESSAGE_H
#define MODEL_MESSAGE_H

#include "model/ledger.h"
#include "model/mech.h"

/* What sends and receives do to ledgers, and which of them belong together. */

/*
 * The call has put like->len units into a ledger of object, by like->fd; or, if is_whole, a message
 * of that length. Says so in its annotation.
 */
void message_put(struct mech_call *m, struct object *object, struct ledger *ledger,
		 const struct message *like, bool is_whole);

/*
 * Take len units, or only look if is_peek: who has put them become PEER_FROM peers of the call, and
 * each part of a message a match. False, and nothing is added, if that cannot be told.
 */
bool message_take(struct mech_call *m, struct object *object, struct ledger *ledger, uint64_t len,
		  bool is_peek);

/*
 * The peers of the call from number from on are the holders of object, one of which has put what
 * was received: unless there is but one, the caller included, it is not certain which.
 */
void message_doubt_peers(struct mech_call *m, const struct object *object, unsigned access,
			 unsigned from);

/* What is known of a message that was received. */
struct message_wanted {
	uint64_t len;
	bool is_cut; /* it had len bytes or more */
	bool has_kind;
	int64_t kind;
	bool is_by_rank; /* the highest kind comes first */
	bool (*fits)(const struct object *from, const void *data); /* NULL: any sender does */
	const void *data;
};

/*
 * Take one message as a whole, or only look if is_peek. *ret_message says who sent it, which
 * is certain unless it is_doubtful; the caller adds match and peer. False: that cannot be told.
 */
bool message_receive(struct mech_call *m, struct object *object,
		     const struct message_wanted *wanted, bool is_peek,
		     struct message *ret_message);

/* The message that the call received as a whole becomes a match, its sender a peer. */
void message_found(struct mech_call *m, const struct object *object, const struct message *message);

/* A match of the call, in its annotation: it sent, or received, [first, end) of the message. */
void message_add_match(struct mech_call *m, const struct object *object,
		       const struct message *message, uint64_t first, uint64_t end, bool is_sent);

#endif
