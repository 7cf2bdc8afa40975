#ifndef MODEL_PROCESS_H
#define MODEL_PROCESS_H

#include "model/object.h"

/* The numbers of a thread in PID namespaces below ours; for a process those of its leader. */
struct inner_id {
	uint64_t ns; /* inode, 0: not known */
	pid_t id;
};

struct inner_ids {
	unsigned n; /* 0: it is in our namespace */
	struct inner_id *items; /* its own namespace first */
};

/* A process of the traced set, and the descriptors of IPC objects that it has. */
struct process {
	pid_t tgid, ppid;
	char comm[32]; /* "" = not known */
	bool is_alive;
	bool is_older; /* than the trace */
	bool is_kept; /* while it is decided whom to forget */
	bool is_seeded; /* its descriptors were listed once */
	/* CLONE_FILES: a ring of those who have one table; each has the holdings of all. */
	struct process *next_sharing; /* itself: nobody else */
	unsigned n_threads;
	uint64_t birth_ns, exec_ns; /* 0: not seen */
	uint64_t death; /* the number of its death: 1 for the first of all */
	uint64_t close_ns; /* when it last closed something, 0: never */
	uint64_t
		shared_ns; /* when it last gave descriptors to a child, or by a message; 0: never */
	uint64_t handled_ns; /* changed what signals do; UINT64_MAX: is about to */
	struct holding *by_fd;
	struct inner_ids inner;
	UT_hash_handle hh;
};

struct process_table {
	struct process *by_tgid;
	uint64_t n_deaths;
};

struct process *process_find(const struct process_table *table, pid_t tgid);
struct process *process_get(struct process_table *table, pid_t tgid);

/* fd refers to object now, whatever it was before. */
void process_hold(struct process *process, int fd, struct object *object, unsigned access,
		  bool is_older);

/* What fd refers to, or NULL if it is no IPC object or not known. */
struct holding *process_holding(const struct process *process, int fd);

/* fd is closed; from..to: all of a range. */
void process_drop(struct process *process, int fd);
void process_drop_range(struct process *process, unsigned from, unsigned to);
void process_drop_all(struct process *process); /* of itself only: it shares no more */

/* child has the table of parent, not a copy: call it after process_inherit(). And the end of that. */
void process_share(struct process *child, struct process *parent);
void process_unshare(struct process *process);

/* What is held from the one to the other replaces all that was held before. */
void process_begin_list(struct process *process);
void process_end_list(struct process *process);

/* What fork does: child gets a copy of every descriptor of parent. */
void process_inherit(struct process *child, const struct process *parent);

/* It has ended and is of no interest any more. */
void process_forget(struct process_table *table, struct process *process);
void process_table_finish(struct process_table *table);

#endif
