#ifndef CAPTURE_PTRACE_CALLS_H
#define CAPTURE_PTRACE_CALLS_H

#include "capture/ptrace_machine.h"
struct __ptrace_syscall_info;
struct engine;

/* What a syscall-stop or seccomp-stop is; *ret_info is set unless it is CALL_OP_NONE. */
enum call_op calls_ask(struct engine *engine, const struct tracee *tracee, struct stop stop,
		       struct __ptrace_syscall_info *ret_info);

/* Do what the machine says of such a stop. */
void calls_stop(struct engine *engine, struct tracee *tracee, struct machine_step step,
		const struct __ptrace_syscall_info *info);

/* Give a stopped tracee back the argument that we changed for the call that it has made. */
void calls_restore_arg(struct tracee *tracee);

#endif
