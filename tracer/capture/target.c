#include "capture/target.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/proc.h"

void target_init(struct target *target, pid_t pid, bool wants_pidfd)
{
	target->pid = pid;
	target->pidfd = wants_pidfd ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	target->start_time = proc_start_time(pid);
}

void target_finish(struct target *target)
{
	if (target->pidfd >= 0)
		close(target->pidfd);
	target->pidfd = -1;
}

bool target_is_same(const struct target *target)
{
	if (target->pidfd >= 0 && syscall(SYS_pidfd_send_signal, target->pidfd, 0, NULL, 0) < 0 &&
	    errno == ESRCH)
		return false;
	if (!target->start_time)
		return target->pidfd >= 0; /* /proc does not show strangers' processes here */
	return proc_start_time(target->pid) == target->start_time;
}
