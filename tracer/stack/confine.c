#include "stack/confine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/allow.h"
#include "base/array.h"
#include "base/privileges.h"

enum { MEMORY_MAX = 1 << 30 };

static const int allowed[] = {
	__NR_recvfrom,       __NR_sendto,       __NR_clock_gettime,
	__NR_mmap,           __NR_munmap,       __NR_brk,
	__NR_mremap,         __NR_madvise,      __NR_futex,
	__NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_restart_syscall,
	__NR_exit,           __NR_exit_group,
};

/* Faults are not to be blocked: a sanitizer has handlers for them. */
static void block_signals(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		sigdelset(&set, faults[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static int limit(int what, rlim_t max)
{
	struct rlimit rlimit;

	if (getrlimit(what, &rlimit) < 0)
		return -errno;
	if (rlimit.rlim_max > max)
		rlimit.rlim_max = max;
	if (rlimit.rlim_cur > rlimit.rlim_max)
		rlimit.rlim_cur = rlimit.rlim_max;
	return setrlimit(what, &rlimit) < 0 ? -errno : 0;
}

/* Sanitizers need much of what is taken away here: room in which to note what is valid, and stderr. */
#ifdef IPCTRACE_SANITIZED
enum { KEEPS_STDERR = 1 };
static int limit_memory(void)
{
	return 0;
}
#else
enum { KEEPS_STDERR = 0 };
static int limit_memory(void)
{
	return limit(RLIMIT_AS, MEMORY_MAX);
}
#endif

static int keep_only(int kept)
{
	if (dup2(kept, STDIN_FILENO) < 0)
		return -errno;
	if (KEEPS_STDERR) {
		close(STDOUT_FILENO);
		return syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0) < 0 ? -errno : 0;
	}
	if (syscall(SYS_close_range, STDIN_FILENO + 1, ~0u, 0) == 0)
		return 0;
	/* Linux before 5.9 */
	for (long fd = sysconf(_SC_OPEN_MAX); fd > STDIN_FILENO; fd--)
		close((int)fd);
	return 0;
}

int confine_begin(int kept)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int error;

	setsid();
	block_signals();
	sigaction(SIGCHLD, &ignore, NULL); /* whoever it forks leaves no zombie */
	privileges_drop(0);
	error = keep_only(kept);
	if (!error)
		error = limit(RLIMIT_CORE, 0);
	return error ? error : limit_memory();
}

int confine_calls(void)
{
	return allow_only(allowed, ARRAY_LEN(allowed), 0);
}
