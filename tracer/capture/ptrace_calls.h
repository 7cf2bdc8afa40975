#ifndef CAPTURE_PTRACE_CALLS_H
#define CAPTURE_PTRACE_CALLS_H

struct engine;
struct tracee;

/* A tracee is at the entry or exit of a call: PTRACE_GET_SYSCALL_INFO knows which. */
void calls_syscall_stop(struct engine *engine, struct tracee *tracee);

/* A seccomp program said RET_TRACE: ours, which means an entry, or one of the tracee's own. */
void calls_seccomp_stop(struct engine *engine, struct tracee *tracee);

/* Give a stopped tracee back the argument that we changed for the call that it has made. */
void calls_restore_arg(struct tracee *tracee);

#endif
