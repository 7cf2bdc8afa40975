/* The few places where registers are touched; one block per machine. */
#include "capture/ptrace_regs.h"

#include <linux/audit.h>
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

bool regs_is_vsyscall(uint64_t ip)
{
	return (ip & ~0xfffull) == 0xffffffffff600000ull;
}

#else
#error "this machine's registers are not known yet"
#endif
