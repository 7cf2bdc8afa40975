#ifndef MODEL_MODEL_CORE_H
#define MODEL_MODEL_CORE_H

#include <stddef.h>
#include <string.h>

#include "model/inherited.h"
#include "model/mech.h"

/* What the files of the model share; mechanisms use mech.h. */
enum { FLIGHTS_MAX = 2 }; /* of one call: splice(2) has two */

/* What has to be remembered of a thread from the entry of its call to its end. */
struct thread {
	pid_t tid, tgid; /* tgid 0: not known */
	bool has_enter;
	struct event enter;
	bool has_late; /* late was asked in the call that it is in */
	struct event late; /* what was asked again because the call lasts */
	struct waiter waiter;
	struct flight flights[FLIGHTS_MAX];
	struct call *call; /* the decoder's, that it is in; NULL: none */
	bool is_blocked; /* the engine has said so */
	struct inner_ids inner;
	struct annotation annotation;
	struct arena arena; /* of the annotation of a signal */
	uint64_t last_ns; /* when it was last seen at a stop before it went on */
	UT_hash_handle hh;
};

struct model {
	struct model_options options;
	struct object_table objects;
	struct process_table processes;
	struct inheritances inheritances; /* with follows_uses */
	struct thread *threads;
	struct thread *departed; /* the one that was removed last, or NULL */
	uint64_t n_events; /* applied so far */
	size_t sweep_objects_at; /* as soon as there are so many; 0: not set yet */
	uint64_t sweep_processes_at; /* as soon as so many have ended */
	bool has_unseen_messages;
	uint64_t attached_ns; /* when the last thread was attached to, 0: none */
};

/* Nothing to say: what the lists had in them stays where it is, and counts no more. */
static inline void annotation_clear(struct annotation *annotation)
{
	memset(annotation, 0, offsetof(struct annotation, touches));
}

/* Is there nothing, as far as was seen, through which anybody could still use object? */
bool model_is_over(const struct model *model, const struct object *object);

/*
 * What ev, the birth of a thread, says of its numbers in PID namespaces; and the facts that say it
 * again. See pid_ns.c
 */
void model_learn_inner(struct inner_ids *inner, const struct event *ev);
void model_tell_inner(const struct inner_ids *inner, pid_t tid, struct event *ev);

/* Forget objects and processes that are gone, when too many have come together. See sweep.c */
void model_sweep(struct model *model);

/* Forget users of object that have ended, if it has very many: all but the latest. */
void model_sweep_users(const struct model *model, struct object *object);

/*
 * fd of process is what fact, a FACT_FD or FACT_HOLDING, says: find or make the object, and note
 * who has it. text is the link's, or NULL. NULL if it is no IPC object.
 */
struct object *model_learn_fd(struct model *model, struct process *process, int fd,
			      const struct fact *fact, const char *text, const struct event *ev,
			      bool is_older);

/* Name the descriptors in a call's values, and learn them. */
void model_walk_call(struct model *model, struct process *process, const struct event *ev,
		     struct call *call);

/* The mechanism of a handle: of its descriptor, or as the row says; NULL for none. */
const struct ipc_mech *model_handle_mech(const struct call_spec *spec, const struct handle *handle);

/* The object of m's handle, made if need be; NULL for none (yet). */
struct object *model_handle_object(struct mech_call *m, const struct ipc_mech *mech);

/* At entry: from now on the thread may be blocked on the first object of its call. */
void model_note_entry(struct model *model, struct thread *thread, const struct event *ev,
		      const struct call *call);

/* At entry: the sends and receives of the call are under way. */
void model_begin_flights(struct thread *thread, const struct mech_call *m,
			 const struct handle *handles, unsigned n);

/* The call is over, or will never be (is_abandoned). */
void model_end_flights(struct thread *thread, bool is_abandoned);

/* The call succeeded: has it made or removed what outlives its users? After the mechanism. */
void model_note_lasting(struct mech_call *m);

/* The call is over or blocked: let the mechanisms say what it did to which objects. */
void model_apply_call(struct model *model, struct thread *thread, const struct event *ev,
		      struct call *call);

#endif
