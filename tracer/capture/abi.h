#ifndef CAPTURE_ABI_H
#define CAPTURE_ABI_H

#include <stdint.h>

/*
 * What the engine itself has to know about calls: which of them change what a descriptor number
 * means, or how the call has to be resumed. Everything else about calls is the decoder's.
 */
enum abi_effect {
	ABI_NONE,
	ABI_CLOSE, /* args[0] is closed */
	ABI_DUP2, /* args[1] is replaced */
	ABI_CLOSE_RANGE, /* many are closed, the table may become private */
	ABI_UNSHARE, /* the descriptor table may become private, namespaces others */
	ABI_SETNS, /* it enters another namespace */
	ABI_SECCOMP, /* the tracee may install a filter of its own */
	ABI_PRCTL, /* the same, among much else */
	ABI_EXECVE,
	ABI_NORETURN, /* no exit-stop will come: exit, exit_group */
	ABI_SIGRETURN,
	ABI_PTRACE,
	ABI_RESTART, /* restart_syscall: goes on with the call that was interrupted */
	ABI_CLONE, /* flags in args[0] */
	ABI_CLONE3, /* flags in memory, args[0] points to them */
	ABI_SPLICE, /* from args[0] to args[2]; may sleep with a pipe locked */
	ABI_SENDFILE, /* to args[0] from args[1]; the same */
};

enum abi_effect abi_effect(uint32_t arch, uint64_t nr);

#endif
