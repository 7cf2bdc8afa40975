#ifndef CAPTURE_PTRACE_REGS_H
#define CAPTURE_PTRACE_REGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* include/linux/errno.h: the call goes on by restart_syscall. */
enum { ERESTART_RESTARTBLOCK = 516 };

/* At a seccomp stop: do not run the call, let it return -error. */
void regs_fail_call(pid_t tid, int error);

/* Set the register of the first argument, as it was or is to be for the call. */
void regs_set_arg0(pid_t tid, uint32_t arch, uint64_t value);

/*
 * At an exit-stop: number and arguments of the call that returns, as far as they are still in the
 * registers. Returns whether they are: a sigreturn has put others there.
 */
bool regs_call(pid_t tid, uint32_t arch, uint64_t *ret_nr, uint64_t *ret_args);

/*
 * What a stack is unwound from: the registers that DWARF counts first, in that order; on x86-64 17:
 * rax rdx rcx rbx rsi rdi rbp rsp r8..r15 rip. 0 or -errno.
 * Source: System V ABI, AMD64 supplement, "DWARF Register Number Mapping".
 */
int regs_for_unwinding(pid_t tid, uint64_t *ret_registers);

/* Is ip in the page of the legacy vsyscalls, which have no exit-stop? */
bool regs_is_vsyscall(uint64_t ip);

#endif
