#ifndef MODEL_MECH_H
#define MODEL_MECH_H

#include "model/handle.h"
#include "model/ledger.h"
#include "model/model.h"

/*
 * What the model knows of one mechanism: one file in mech/, one line in mechs.c. Everything is a
 * pure function of events and of the model.
 */

/* A stop at which questions can be asked with mem_fact(mem, ...). */
struct mech_ask {
	const struct mem *mem;
	const struct call_spec *spec;
	struct handle handle;
	bool is_exit;
	bool has_state, has_peers; /* what is wanted */
	const struct object *object; /* NULL if the model has not met it yet */
	const struct process *process; /* of the caller; NULL likewise */
	struct model *model;
};

/* A call that is over, or blocked, and one object that it is about. */
struct mech_call {
	struct model *model;
	struct arena *arena; /* the call's: for texts */
	const struct call *call;
	const struct event *enter; /* with the facts of before; NULL if it was not seen */
	const struct event *ev; /* with the facts of after */
	struct process *process;
	struct object *object; /* NULL for mechanisms without objects */
	struct handle handle;
	bool is_over; /* else it is blocked */
	bool is_success; /* over, without error */
	struct annotation *annotation;
	struct touch *touch; /* the object's; NULL if there is none */
	struct flight *flight; /* of a send or receive that is over; NULL: its entry was not seen */
};

struct ipc_mech {
	enum mech mech;
	const char *prefix; /* of names: "pipe" */
	uint64_t fd_kinds; /* bits 1 << enum fd_kind that are objects of this mechanism */

	/* Ask for state (has_state) and for who is at the other end (has_peers). May be NULL. */
	void (*ask)(const struct mech_ask *ask);

	/*
	 * The object that a handle which is no descriptor means: false if there is none (yet).
	 * For OP_CREATE at exit the return value has it. Descriptors are identified by the model.
	 */
	bool (*identify)(const struct mech_call *m, struct ipc_key *ret_key);

	/*
	 * The call did something: fill m->touch and the peers, keep the books. With is_over false
	 * say who it waits for.
	 */
	void (*apply)(struct mech_call *m);

	/*
	 * Objects that the object's data points to: keep(data, each), NULL included. May be NULL
	 * if there are none.
	 */
	void (*refer)(const struct object *object, void (*keep)(void *data, struct object *object),
		      void *data);

	/* Is it in use by other means than descriptors and blocked calls? May be NULL: it is not. */
	bool (*is_used)(const struct model *model, const struct object *object);

	/*
	 * A call that sends or receives was entered: whose ledger the flight is about, how much it
	 * asks for and what it is like, where that is not as its row says. May be NULL.
	 */
	void (*begin)(const struct mech_call *m, struct flight *flight);

	/* The object was met for the first time: label and kernel identity. May be NULL. */
	void (*describe)(struct object *object, const struct fact *fact, const char *fact_text);
};

/* NULL for mechanisms that have no file. */
const struct ipc_mech *mech_find(enum mech mech);
const struct ipc_mech *mech_of_fd_kind(enum fd_kind kind);

/* --- for mechanisms --- */

/* The object's FACT of that kind before and after the call, NULL if it was not asked for. */
const struct fact *mech_before(const struct mech_call *m, enum fact_kind kind, int64_t subject);
const struct fact *mech_after(const struct mech_call *m, enum fact_kind kind, int64_t subject);

/*
 * Add a quantity of value[index] of a fact before and after, either of which may be missing; a
 * limit < 0 is none. Units and name as in struct quantity.
 */
void mech_add_quantity(struct mech_call *m, const char *name, const char *unit,
		       const struct fact *before, const struct fact *after, unsigned index,
		       int64_t limit);

/* Append a peer; comm and text are not copied. */
struct peer *mech_add_peer(struct mech_call *m, enum peer_direction direction,
			   enum certainty certainty, pid_t pid, int fd);

/*
 * The same of whom the caller means by number, as model_pid_of() has it: UNKNOWN, and without a
 * pid, where that cannot be found out. Never more certain than certainty.
 */
struct peer *mech_add_named(struct mech_call *m, enum peer_direction direction,
			    enum certainty certainty, pid_t number, int fd);

/*
 * The same of a child that the kernel has told the caller of: as long as it is not waited for, its
 * number is nobody else's, even when it has ended.
 */
struct peer *mech_add_named_child(struct mech_call *m, pid_t number);

/*
 * Append the other holders of object that have one of the access bits (0400, 0200), each process
 * once: traced ones as seen, others by the FACT_HOLDER facts of the event. The caller's own
 * process comes only if there is nobody else. None at all: one UNKNOWN peer with why as text, or
 * nothing if why is NULL. Returns how many.
 */
unsigned mech_add_holders(struct mech_call *m, const struct object *object, unsigned access,
			  enum peer_direction direction, const char *why);

/* When its holders were looked for, were there processes whose descriptors could not be listed? */
bool mech_is_unreadable(const struct mech_call *m, const struct object *object);

/*
 * Is the question about a call that has begun before, so that what was learned at the time may be
 * true no more? Then everything is asked anew.
 */
bool mech_is_late(const struct mech_ask *ask);

/* A fact about the call as it is blocked: the latest; NULL if it was never asked for. */
const struct fact *mech_latest(const struct mech_call *m, enum fact_kind kind, int64_t subject,
			       const struct event **ret_ev);

/* At a stop: ask for holders of the inode unless a traced process other than ours has it. */
void mech_ask_holders(const struct mech_ask *ask, unsigned access);

/*
 * The same for another object than the handle's: the inode ino, object NULL if not met yet. Says
 * whether a holder is known now.
 */
bool mech_ask_inode_holders(const struct mech_ask *ask, const struct object *object, uint64_t ino,
			    unsigned access);

/* The object that a key of another mechanism or handle stands for, made if need be. */
struct object *model_object(struct model *model, const struct ipc_key *key, const struct event *ev,
			    bool *ret_is_new);
struct object *model_find_object(struct model *model, const struct ipc_key *key);
void model_retire_object(struct model *model, struct object *object);

/* Let object be found by a name that is unique at a time, and find it. The latest one counts. */
void model_name_object(struct model *model, const char *name, struct object *object);
struct object *model_named_object(struct model *model, const char *name);

struct process *model_get_process(struct model *model, pid_t tgid);

/* The living traced children of a process, one after the other: start with NULL. */
const struct process *model_next_child(const struct model *model, pid_t parent,
				       const struct process *previous);

/* The object whose name in the file system a FACT_NAME or FACT_PATH is about, or NULL. */
const struct object *model_named_file(const struct model *model, const struct fact *name);

/* The key of what a FACT_FD or FACT_HOLDING is about; false if it is no IPC object. */
bool model_fd_key(const struct fact *fact, struct ipc_key *ret_key);

/* Are all calls traced that make, pass and close descriptors? See model_options. */
bool model_follows_descriptors(const struct model *model);

/* Is the state of objects asked for? See model_options. */
bool model_has_state(const struct model *model);

/* Are details wanted? See model_options. */
bool model_has_details(const struct model *model);

/* The process of a thread, dead or alive; 0 if the thread was never met. */
pid_t model_process_of(const struct model *model, pid_t tid);

/* Whom a number means, in our numbers. */
struct named {
	pid_t tid; /* 0: not known */
	pid_t tgid; /* its process, 0: never met */
	enum certainty certainty; /* UNKNOWN: tid is 0 */
};

/*
 * The thread or process that caller means by a number, which is one of its own PID namespace.
 * caller NULL: one of ours.
 */
struct named model_pid_of(const struct model *model, const struct process *caller, pid_t number);

/* Are there sends to object, or receives, that are not seen? Then no match is certain. */
bool model_misses_messages(const struct model *model, const struct object *object);
void model_note_unseen_messages(struct model *model);

/* When the last thread was attached to: calls that began before may be unseen. 0: none was. */
uint64_t model_attached_ns(const struct model *model);

/* The command name of a process, in the model's memory, or NULL. */
const char *model_comm(struct model *model, pid_t tgid);

#endif
