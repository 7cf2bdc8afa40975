#ifndef MODEL_OBJECT_H
#define MODEL_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hash.h"
#include "decode/spec.h"
#include "event/event.h"

/*
 * Identity of an object in the kernel, the same in all processes:
 *   pipes, FIFOs, sockets, queues, files   a = device, b = inode
 *   eventfd and other anonymous files      a = 0, b = FACT_FD's id
 *   System V                               a = id, b = ipc namespace (0: not known)
 *   futex, private                         a = tgid, b = address
 *   futex, shared                          a = device, b = inode, c = offset
 *   futex in a System V segment            a = ipc namespace, b = id, c = offset
 */
struct ipc_key {
	uint32_t mech; /* enum mech */
	uint32_t pad; /* which kind of key, where mech has several; it is hashed as bytes */
	uint64_t a, b, c;
};

struct process;
struct object;
struct ledger;
struct seen;
struct flight;
struct inherited;

/* One descriptor through which a process holds an object. */
struct holding {
	struct process *process;
	struct object *object;
	int fd;
	unsigned access; /* 0400 read, 0200 write */
	bool is_older; /* was there before we looked */
	bool is_listed; /* while a list of them replaces what we believed */
	pid_t opener; /* the process that has made this descriptor, or which it copies; 0: not seen */
	const char *opened_by; /* by that call: static */
	uint64_t opened_ns;
	struct inherited *inherited; /* what was executed since; NULL: nothing, or not followed */
	struct holding *next; /* of the same object */
	UT_hash_handle hh; /* by fd, in its process */
};

/* A thread that is in a call on an object: it may be blocked there. */
struct waiter {
	pid_t tid, tgid;
	enum ipc_op op;
	uint64_t raw[6]; /* the call's arguments */
	uint64_t since_ns;
	struct object *object; /* NULL: none */
	struct waiter *next, *previous;
};

/* A process that has used an object, dead or alive. */
struct user {
	pid_t tgid;
	uint64_t n_sends, n_receives;
	uint64_t last_ns; /* when its last successful call on it returned */
};

/* A name in the file system. */
struct file_name {
	uint64_t dir_dev, dir_ino; /* of the directory; 0: only the path is known */
	bool is_here; /* path means it for ipctrace, too */
	char *path; /* absolute; as the program wrote it where the directory is not known */
};

/* A descriptor through which somebody had locks when it was looked for them. */
struct left_lock {
	pid_t pid;
	int fd;
	char comm[32];
	char *lines; /* as FACT_LOCKS has them */
};

/* How an object came to be that stays until its names, or its id, are removed. */
struct lasting {
	unsigned n_names; /* left; 0: it is no such object, or not made by a traced process */
	bool is_inferred; /* maybe it was there before */
	pid_t maker;
	const char *call; /* static */
	uint64_t made_ns;
	struct event *stack; /* frames of that call; NULL: not known */
	struct file_name *names; /* those of the n_names that are known */
	unsigned n_known;
	uint64_t file_dev, file_ino; /* of the path that a unix socket was bound to, 0: not known */
	uint64_t ipc_ns; /* in which a queue has its name, 0: not known */
	enum left_answer answer; /* of the look in the end */
	pid_t through; /* and where it is, as FACT_LEFT has it */
	struct left_lock
		*locks; /* of a file on which maker was the last to take one: n_names is 0 */
	unsigned n_locks;
};

struct object {
	struct ipc_key key;
	char name_buf[24]; /* see object_short_name() */
	const char *prefix;
	struct object_table *table;
	char *label; /* what people know it by: path, "key 0x5f01", "@name"; NULL = none */
	char identity[64]; /* the kernel's: "inode 4242" */
	unsigned number; /* of its kind, from 1; 0 until it is named */
	pid_t creator; /* tgid; 0 = not known, it is older */
	uint64_t birth_ns; /* when it was first seen */
	uint64_t last_used; /* the number of the event that was last about it */
	bool is_kept; /* while it is decided what to forget */
	bool is_older; /* than the trace, or than our looking */
	bool is_shown; /* it has appeared in output */
	bool is_removed;
	unsigned
		n_passed; /* descriptors of it that were sent by a socket, and not seen to arrive */
	uint64_t removed_ns; /* when that was seen */
	uint64_t n_sends, n_receives, bytes_sent, bytes_received;
	struct lasting lasting;
	struct holding *holdings;
	struct waiter *waiters;
	struct user *users; /* in order of first use */
	size_t n_users, cap_users;
	size_t sweep_users_at; /* as soon as there are so many */
	uint64_t n_users_forgotten; /* dead ones that are not in the list any more */
	struct seen *seen; /* its state as it was seen last */
	size_t n_seen, cap_seen;
	void *data; /* of its mechanism, freed with free() */
	uint64_t n_messages; /* that were given a number */
	struct ledger *ledgers; /* who put in what; one for each part that has one */
	struct flight *flights; /* sends and receives that are under way */
	struct object *next; /* in order of appearance */
	struct object *next_named; /* in the order in which names were asked for */
	UT_hash_handle hh;
};

struct object_name;

struct object_table {
	struct object *by_key;
	struct object_name *by_name;
	struct object *first, *last;
	struct object *first_named, *last_named;
	unsigned counts[MECH_KINDS];
	size_t n;
	uint64_t n_forgotten;
};

/* The object of a key; NULL if it was never met. */
struct object *object_find(const struct object_table *table, const struct ipc_key *key);

/* The same, made if need be; *ret_is_new says so. prefix names its kind: "pipe". */
struct object *object_get(struct object_table *table, const struct ipc_key *key, const char *prefix,
			  bool *ret_is_new);

/*
 * Its short name, "pipe:1": stable and never reused. Numbers are given in the order in which names
 * are asked for, so that objects which nobody is shown take none.
 */
const char *object_short_name(const struct object *object);

/* Give it the name with this number, as it had in another model; not if it has one. */
void object_give_number(struct object *object, unsigned number);

/* The object that got its name after previous did; NULL: the first, or that was the last. */
const struct object *object_next_named(const struct object_table *table,
				       const struct object *previous);

/* It is gone for good: a later object may have the same key. It stays in the list. */
void object_retire(struct object_table *table, struct object *object);

/* Replace the label by a copy of len bytes. */
void object_set_label(struct object *object, const char *label, size_t len);

/*
 * Let object be found by name, which is that of addresses: unique at a time. The latest one of a
 * name counts.
 */
void object_name(struct object_table *table, const char *name, struct object *object);
struct object *object_named(const struct object_table *table, const char *name);

/* The user entry of a process, made if need be; valid until the next one is. */
struct user *object_user(struct object *object, pid_t tgid);

/* Enter and leave the list of those in a call on object. */
void waiter_enter(struct waiter *waiter, struct object *object);
void waiter_leave(struct waiter *waiter);

/* Free all that are not is_kept, and the names that they had; the flag is taken from the rest. */
void object_table_forget(struct object_table *table);

void object_table_finish(struct object_table *table);

#endif
