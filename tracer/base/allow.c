#include "base/allow.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#else
#error "the AUDIT_ARCH_* of this machine is not known yet"
#endif

/* A jump is told in a byte. The rest: look at the architecture, load the number, two answers. */
enum { NUMBERS_MAX = 250, REST = 6 };

#define LOAD(member)                                                                               \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, member))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))

int allow_only(const int *numbers, size_t n, int is_deadly)
{
	const uint32_t refusal = is_deadly ? SECCOMP_RET_KILL_PROCESS
					   : SECCOMP_RET_ERRNO | (ENOSYS & SECCOMP_RET_DATA);
	struct sock_filter code[NUMBERS_MAX + REST];
	struct sock_fprog program = { 0, code };

	if (n > NUMBERS_MAX)
		return -EINVAL;
	code[program.len++] = (struct sock_filter)LOAD(arch);
	code[program.len++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0);
	code[program.len++] = (struct sock_filter)ANSWER(SECCOMP_RET_KILL_PROCESS);
	code[program.len++] = (struct sock_filter)LOAD(nr);
	/* Those of x32 have a bit that makes them equal to none. */
	for (size_t i = 0; i < n; i++)
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)numbers[i], (uint8_t)(n - i), 0);
	code[program.len++] = (struct sock_filter)ANSWER(refusal);
	code[program.len++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
#ifdef IPCTRACE_SANITIZED
	return 0;
#else
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
#endif
}
