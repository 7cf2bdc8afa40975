#ifndef CAPTURE_PTRACE_MACHINE_H
#define CAPTURE_PTRACE_MACHINE_H

#include <stdbool.h>

#include "capture/ptrace_stop.h"

struct tracee;

/*
 * What the stops of one tracee mean, one after the other: a state and an event give the next state
 * and what is to be done. Nothing is asked and nothing is done here, so that any sequence of stops
 * can be tried without a tracee.
 *
 * The state is in struct tracee: state, is_filtered, is_in_call, is_call_kept, has_changed_arg,
 * is_installing, is_at_entry, is_leaving, is_dead.
 */

/* What PTRACE_GET_SYSCALL_INFO says at a syscall-stop or seccomp-stop. */
enum call_op {
	CALL_OP_NONE, /* it is neither, or the tracee was killed meanwhile */
	CALL_OP_ENTRY,
	CALL_OP_EXIT,
	CALL_OP_FILTER, /* our seccomp program has stopped it, which is an entry, too */
	CALL_OP_VSYSCALL, /* the same, in the vsyscall page: no exit-stop will follow */
	CALL_OP_FOREIGN, /* a seccomp program of its own has, which expects no tracer */
};

enum machine_act {
	ACT_NONE, /* it goes on */
	ACT_HOLD, /* it stays where it is: nobody has told of its birth yet */
	ACT_LEAVE, /* it is to be let go, or forgotten if it has ended */
	ACT_DEATH,
	ACT_EXEC,
	ACT_ENTRY, /* of a call; machine_keep() if its exit is wanted */
	ACT_ENTRY_ONLY, /* the same, but that is all that will be seen of it */
	ACT_EXIT, /* of a call whose entry was seen */
	ACT_BLIND_EXIT, /* of one whose entry was not */
	ACT_REFUSE, /* its call is to fail as if nobody traced it */
	ACT_SIGNAL,
	ACT_GROUP_STOP,
	ACT_BIRTH, /* of a child or thread of it */
	ACT_INTERRUPT, /* by us; or it was born; or its group-stop is over */
};

struct machine_step {
	enum machine_act act;
	bool closes_call; /* first: a call that was kept is over, its exit was not seen */
};

/*
 * The tracee has stopped or ended; op counts for STOP_SYSCALL and STOP_SECCOMP. Afterwards
 * is_call_kept still says whether the exit of ACT_EXIT is wanted; machine_restart() is due unless
 * it holds, leaves or is dead.
 */
struct machine_step machine_stop(struct tracee *tracee, struct stop stop, enum call_op op);

/* The exit of the call that it has just entered is wanted. */
void machine_keep(struct tracee *tracee);

/* Is it in a call whose exit-stop is wanted? */
bool machine_wants_exit(const struct tracee *tracee);

/* How it goes on from that stop; it does so from now on. */
enum stop_restart machine_restart(struct tracee *tracee, struct stop stop);

#endif
