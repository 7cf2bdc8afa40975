#ifndef MODEL_MECH_SOCK_H
#define MODEL_MECH_SOCK_H

#include <sys/socket.h>

#include "model/message.h"

/*
 * What all sockets have in common. The ledger of connections is that of the socket which sends,
 * for a connection may be written to before its other end has been accepted; the ledger of
 * datagrams is that of the socket which receives.
 */
enum { SOCK_NAME_MAX = 128, SOCK_ACCESS = 0600 };

/* An object's data. Names are "" where there is none. */
struct sock {
	struct object *peer; /* the other end, or NULL; of datagrams where they go by default */
	int type; /* SOCK_STREAM...; 0: not known */
	int protocol;
	int backlog; /* that listen(2) was called with */
	bool is_listening, is_accepted;
	bool is_write_shut, is_read_shut; /* by shutdown(2), as far as it was seen */
	bool is_filtered; /* it may drop what comes: another size of buffer, a filter */
	bool may_share; /* its address with others: SO_REUSEADDR or SO_REUSEPORT */
	bool is_abortive; /* SO_LINGER of no time: close(2) resets the connection */
	char own[SOCK_NAME_MAX], other[SOCK_NAME_MAX];
};

struct sock_message;

struct sock *sock_of(struct object *object);

/* Does it have one other end that gets all that is sent? So do those of unknown type. */
bool sock_is_connection(const struct sock *sock);

/* What mechanisms of sockets have as their functions. */
void sock_ask(const struct mech_ask *ask);
void sock_apply(struct mech_call *m);
void sock_begin(const struct mech_call *m, struct flight *flight);
void sock_describe(struct object *object, const struct fact *fact, const char *text);
void sock_refer(const struct object *object, void (*keep)(void *data, struct object *object),
		void *data);

/* The socket that has this address, for one like object; NULL: no traced process has it. */
struct object *sock_at(struct mech_call *m, const char *address);

/* Does a name mean one socket only? Paths mean one in each directory that they start from. */
bool sock_is_only_name(const struct object *object, const char *name);

/* The other socket with that inode, of the kind of the call's, made if need be. */
struct object *sock_of_inode(struct mech_call *m, uint64_t ino);

/* Learn from the facts of before and after: names and the other end. */
void sock_learn(struct mech_call *m);

/* Make the label what people know the object by, from its names. */
void sock_set_label(struct mech_call *m);

/* The object has this name now: other sockets can send to it, or find it. */
void sock_set_name(struct mech_call *m, const char *name);

/* Both are ends of one connection. */
void sock_pair(struct object *a, struct object *b);

/*
 * Add the holders of the other end, object: exactly, or why there is none. With object NULL or
 * held by nobody: who is in the pending connection's way, or made the other end.
 */
void sock_add_peers(struct mech_call *m, struct object *object, enum peer_direction direction);

/* Peers from number from on that were certain are inferred, for that reason if there is one. */
void sock_infer_peers(struct mech_call *m, unsigned from, const char *text);

/* --- where datagrams go: sock_datagram.c --- */

/* At the stop of a send: ask who gets it, and for that one's queue. */
void sock_ask_receiver(const struct mech_ask *ask);

/*
 * Who gets a datagram that goes to address, NULL: to where its socket is connected. NULL if that is
 * not known. *ret_why_nobody is the reason; *ret_is_certain: not by names alone.
 */
struct object *sock_receiver(struct mech_call *m, const char *address, bool *ret_is_certain,
			     const char **ret_why_nobody);

/* Add what the queue of the receiver takes, as far as the kernel says. */
void sock_add_receiver_queue(struct mech_call *m, const struct object *receiver);

/* What makes and ends connections: it succeeded, or connect(2) did not. */
void sock_succeeded(struct mech_call *m);
void sock_not_connected(struct mech_call *m);

/* Sends and receives that are over, and those that are blocked. */
void sock_sent(struct mech_call *m);
void sock_received(struct mech_call *m);
void sock_blocked(struct mech_call *m);

/* The state of the call's socket; NULL if it was not asked for. */
const struct fact *sock_before(const struct mech_call *m);
const struct fact *sock_after(const struct mech_call *m);

/* Add a quantity of state, unless its number was not to be had. */
void sock_quantity(struct mech_call *m, const char *name, const char *unit, unsigned index,
		   int64_t limit);

/* What an error says of the other end, as a note. */
void sock_note_error(struct mech_call *m);

/* Another word behind the state, "a, b". */
void sock_note(struct mech_call *m, const char *note);

/* --- what a call says of messages: sock_message.c --- */

struct sock_message {
	const char *address; /* where to, or where from; NULL: not said */
	uint64_t len;
	unsigned n_fds; /* descriptors that come along */
	pid_t pid; /* of its credentials; 0: none */
	int flags; /* msg_flags */
};

enum { SOCK_MESSAGES_MAX = 32 };

/*
 * The messages that a call is about: 1 but for sendmmsg and recvmmsg. *ret_is_cut: there were
 * more of them. Lengths count only if the call succeeded.
 */
unsigned sock_messages(const struct mech_call *m, struct sock_message messages[SOCK_MESSAGES_MAX],
		       bool *ret_is_cut);

/* The flags argument of a send or receive. */
int sock_flags(const struct call *call);

/*
 * The text of a decoded struct sockaddr, as FACT_SOCKET has it: "/path", "@name", "1.2.3.4:5",
 * "[::1]:5"; a number for netlink. NULL if it is none, or unnamed.
 */
const char *sock_address(struct arena *arena, const struct value *value);

/* The FACT_NAME of the file that bind has made; NULL if it has made none. */
const struct fact *sock_bound_name(const struct mech_call *m);

/* Copy a name so that it is text: a NUL becomes an @, those at its end go. */
void sock_copy_name(char ret_name[SOCK_NAME_MAX], const char *name, size_t len);

#endif
