/* The few places where registers are touched; one block per machine. */
#include "capture/ptrace_regs.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#ifdef __x86_64__

void regs_fail_call(pid_t tid, int error)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs) < 0)
		return;
	regs.orig_rax = (unsigned long long)-1;
	regs.rax = (unsigned long long)-error;
	ptrace(PTRACE_SETREGS, tid, 0, &regs);
}

void regs_set_arg0(pid_t tid, uint32_t arch, uint64_t value)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs) < 0)
		return;
	if (arch == AUDIT_ARCH_I386)
		regs.rbx = value;
	else
		regs.rdi = value;
	ptrace(PTRACE_SETREGS, tid, 0, &regs);
}

bool regs_call(pid_t tid, uint32_t arch, uint64_t *ret_nr, uint64_t *ret_args)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs) < 0 || regs.orig_rax == (unsigned long long)-1)
		return false;
	*ret_nr = regs.orig_rax;
	if (arch == AUDIT_ARCH_I386) {
		uint64_t args[] = { regs.rbx, regs.rcx, regs.rdx, regs.rsi, regs.rdi, regs.rbp };

		memcpy(ret_args, args, sizeof(args));
	} else {
		uint64_t args[] = { regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9 };

		memcpy(ret_args, args, sizeof(args));
	}
	return true;
}

int regs_for_unwinding(pid_t tid, uint64_t *ret_registers)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tid, 0, &regs) < 0)
		return -errno;
	uint64_t registers[] = { regs.rax, regs.rdx, regs.rcx, regs.rbx, regs.rsi, regs.rdi,
				 regs.rbp, regs.rsp, regs.r8,  regs.r9,  regs.r10, regs.r11,
				 regs.r12, regs.r13, regs.r14, regs.r15, regs.rip };

	memcpy(ret_registers, registers, sizeof(registers));
	return 0;
}

bool regs_is_vsyscall(uint64_t ip)
{
	return (ip & ~0xfffull) == 0xffffffffff600000ull;
}

#else
#error "this machine's registers are not known yet"
#endif
