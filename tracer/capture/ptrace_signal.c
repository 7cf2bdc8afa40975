#include "capture/ptrace_signal.h"

#include <stdint.h>

#include "capture/proc.h"

/* Did the kernel itself send it, or a process that the receiver's namespace has no number for? */
static bool is_from_outside(const siginfo_t *info)
{
	switch (info->si_code) {
	case SI_TIMER:
	case SI_SIGIO:
	case SI_ASYNCIO:
		return false;
	default:
		return info->si_code > 0 || info->si_pid == 0;
	}
}

bool signal_is_for_nobody(struct tracee *tracee, const siginfo_t *info)
{
	struct proc_status status;
	uint64_t bit;

	if (info->si_signo < 1 || info->si_signo > 64 || is_from_outside(info))
		return false;
	if (tracee->n_pid_levels == 1 && tracee->tgid != 1)
		return false;
	if (proc_status(tracee->tgid, &status) < 0 || !status.n_inner)
		return false;
	tracee->n_pid_levels = status.n_inner;
	bit = UINT64_C(1) << (info->si_signo - 1);
	return status.inner[status.n_inner - 1] == 1 && !((status.caught | status.ignored) & bit);
}
