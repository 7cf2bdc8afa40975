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

static bool is_fault(const siginfo_t *info)
{
	return info->si_code > 0 && (info->si_signo == SIGSEGV || info->si_signo == SIGBUS ||
				     info->si_signo == SIGILL || info->si_signo == SIGFPE);
}

/* Is it of the first process of a PID namespace? Then ret_status says more. */
static bool is_of_first(struct tracee *tracee, struct proc_status *ret_status)
{
	if (tracee->n_pid_levels == 1 && tracee->tgid != 1)
		return false;
	if (proc_status(tracee->tgid, ret_status) < 0 || !ret_status->n_inner)
		return false;
	tracee->n_pid_levels = ret_status->n_inner;
	return ret_status->inner[ret_status->n_inner - 1] == 1;
}

enum signal_fate signal_fate(struct tracee *tracee, const siginfo_t *info)
{
	bool is_deadly = is_fault(info);
	struct proc_status status;
	uint64_t bit;

	if (info->si_signo < 1 || info->si_signo > 64 || (!is_deadly && is_from_outside(info)))
		return SIGNAL_COUNTS;
	if (!is_of_first(tracee, &status))
		return SIGNAL_COUNTS;
	bit = UINT64_C(1) << (info->si_signo - 1);
	if (is_deadly)
		return status.caught & bit ? SIGNAL_COUNTS : SIGNAL_IS_DEADLY;
	return (status.caught | status.ignored) & bit ? SIGNAL_COUNTS : SIGNAL_IS_FOR_NOBODY;
}
