#ifndef MODEL_MECH_SIGNAL_QUEUE_H
#define MODEL_MECH_SIGNAL_QUEUE_H

#include "model/mech.h"

/*
 * Signals from where they are sent to where they are taken. The kernel keeps those that are pending
 * for each process, and for each thread. A standard one that is pending already is not kept a second
 * time: it is merged into the first. Real-time ones wait in a row. What is taken says who has sent
 * it, so that a match is certain if only one of his sends can be it.
 *
 * The queue of a process, of a thread, and what a process sends to groups are objects that no call
 * names: their messages alone are shown.
 */

/* A signal that somebody got: by its delivery, by waiting for it, or from a signalfd. */
struct signal_got {
	int sig, code; /* si_code */
	pid_t pid; /* si_pid, in the numbers of who got it */
	uint64_t value; /* si_value */
	bool is_told; /* else only sig is known */
	uint64_t since_ns; /* it was taken between then and now */
};

/* si_* of the siginfo_t at addr, as ev has it and in its layout; false if it was not read. */
bool signal_read(const struct event *ev, uint64_t addr, struct signal_got *ret_got);

/* As struct ipc_mech has it. to: the process of a call that says it by a descriptor, else 0. */
void signal_begin(const struct mech_call *m, struct flight *flight, pid_t to);

/* A call that sends is over, with or without success; to as above. */
void signal_sent(struct mech_call *m, pid_t to);

/* The process has ended, as ev says: its parent is sent SIGCHLD. */
void signal_child_ended(struct model *model, const struct process *process, const struct event *ev);

/* A call of m's process failed with EPIPE: the thread is sent SIGPIPE. */
void signal_write_failed(struct mech_call *m);

/* Thread tid is gone, and with it its process if is_last: what was pending for them is, too. */
void signal_end_queues(struct model *model, pid_t tgid, pid_t tid, bool is_last);

/* --- for takes --- */

/* Is the sender of a signal with that si_code named by the kernel, and there is no value? */
bool signal_is_plain(int code);

bool signal_is_realtime(int sig);

/* What tells signals of one number apart, besides who sent them if they are plain. */
uint64_t signal_tag(int code, pid_t pid, uint64_t value);

/* The queue of a process (tid 0) or thread, or what process tgid has sent to groups. */
struct object *signal_make_queue(struct model *model, const struct event *ev, pid_t tgid, pid_t tid,
				 bool is_group);

/* What there is of one signal; NULL, as *ret_object is, if the queue was never made. */
struct ledger *signal_find_queue(struct model *model, pid_t tgid, pid_t tid, bool is_group, int sig,
				 struct object **ret_object);

/*
 * Is what is pending there taken by one thread, so that we see it taken in order? Of several one
 * may have taken another that we have not heard of yet.
 */
bool signal_is_in_order(const struct process *process, pid_t tid);

#endif
