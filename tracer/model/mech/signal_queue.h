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

/* Thread tid of m's process got it: what sent it becomes a match. m->call may be NULL. */
void signal_taken(struct mech_call *m, pid_t tid, const struct signal_got *got);

/* The process has ended, as ev says: its parent is sent SIGCHLD. */
void signal_child_ended(struct model *model, const struct process *process, const struct event *ev);

/* A call of m's process failed with EPIPE: the thread is sent SIGPIPE. */
void signal_write_failed(struct mech_call *m);

/* Thread tid is gone, and with it its process if is_last: what was pending for them is, too. */
void signal_end_queues(struct model *model, pid_t tgid, pid_t tid, bool is_last);

#endif
