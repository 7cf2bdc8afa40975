#include "capture/abi.h"

#include <linux/audit.h>
#include <sys/syscall.h>

enum { X32_BIT = 0x40000000 };

/* arch/x86/entry/syscalls/syscall_32.tbl */
static enum abi_effect i386_effect(uint64_t nr)
{
	switch (nr) {
	case 0:
		return ABI_RESTART;
	case 1:
	case 252:
		return ABI_NORETURN;
	case 6:
		return ABI_CLOSE;
	case 11:
	case 358:
		return ABI_EXECVE;
	case 26:
		return ABI_PTRACE;
	case 63:
	case 330:
		return ABI_DUP2;
	case 120:
		return ABI_CLONE;
	case 119:
	case 173:
		return ABI_SIGRETURN;
	case 172:
		return ABI_PRCTL;
	case 187:
	case 239:
		return ABI_SENDFILE;
	case 310:
		return ABI_UNSHARE;
	case 313:
		return ABI_SPLICE;
	case 346:
		return ABI_SETNS;
	case 354:
		return ABI_SECCOMP;
	case 435:
		return ABI_CLONE3;
	case 436:
		return ABI_CLOSE_RANGE;
	default:
		return ABI_NONE;
	}
}

static enum abi_effect native_effect(uint64_t nr)
{
	switch (nr) {
	case SYS_close:
		return ABI_CLOSE;
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		return ABI_DUP2;
	case SYS_close_range:
		return ABI_CLOSE_RANGE;
	case SYS_unshare:
		return ABI_UNSHARE;
	case SYS_setns:
		return ABI_SETNS;
	case SYS_seccomp:
		return ABI_SECCOMP;
	case SYS_prctl:
		return ABI_PRCTL;
	case SYS_execve:
	case SYS_execveat:
		return ABI_EXECVE;
	case SYS_exit:
	case SYS_exit_group:
		return ABI_NORETURN;
	case SYS_rt_sigreturn:
		return ABI_SIGRETURN;
	case SYS_restart_syscall:
		return ABI_RESTART;
	case SYS_ptrace:
		return ABI_PTRACE;
	case SYS_clone:
		return ABI_CLONE;
	case SYS_clone3:
		return ABI_CLONE3;
	case SYS_splice:
		return ABI_SPLICE;
	case SYS_sendfile:
		return ABI_SENDFILE;
	default:
		return ABI_NONE;
	}
}

enum abi_effect abi_effect(uint32_t arch, uint64_t nr)
{
	if (arch == AUDIT_ARCH_I386)
		return i386_effect(nr);
	return native_effect(nr & ~(uint64_t)X32_BIT);
}
