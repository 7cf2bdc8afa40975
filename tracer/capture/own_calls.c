#include "capture/own_calls.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/allow.h"
#include "base/array.h"
#include "base/privileges.h"

#define OUTPUT  CALLS_OF_OUTPUT
#define LOOKING CALLS_OF_LOOKING
#define OBJECTS CALLS_OF_OBJECTS
#define STACKS  CALLS_OF_STACKS
#define TRACING CALLS_OF_TRACING
#define FILES   CALLS_OF_FILES

/* Conditions on an int argument: it is the value; it has none of those bits. */
#define IS(arg, value)  (arg), UINT32_MAX, (uint32_t)(value)
#define NO(arg, bits)   (arg), (uint32_t)(bits), 0
#define WRITING         (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))
#define SOCKET_FLAGS    (SOCK_CLOEXEC | SOCK_NONBLOCK)
#define PROCMAP_REQUEST ('f' << 8 | 17) /* PROCMAP_QUERY without the length of its struct */

/*
 * Those that are made most often first: a kernel before 5.11 goes through them in order each time.
 * openat2's flags are in memory, where no filter can look at them.
 */
static const struct {
	unsigned use; /* any of these makes them needed */
	struct allowed call;
} known[] = {
	{ TRACING, { SYS_ptrace } },
	{ OUTPUT, { SYS_wait4 } },
	{ LOOKING, { SYS_process_vm_readv } },
	{ OUTPUT, { SYS_read } },
	{ OUTPUT, { SYS_write } },
	{ LOOKING, { SYS_openat, { { NO(2, WRITING) } } } },
	{ OUTPUT, { SYS_close } },
	{ LOOKING, { SYS_pread64 } },
	{ LOOKING, { SYS_kcmp } },
	{ LOOKING, { SYS_pidfd_getfd } },
	{ OBJECTS, { SYS_ioctl, { { IS(1, FIONREAD) } } } },
	{ OBJECTS, { SYS_ioctl, { { IS(1, SIOCOUTQ) } } } },
	{ LOOKING, { SYS_ioctl, { { 1, 0xffff, PROCMAP_REQUEST } } } },
	{ LOOKING, { SYS_ioctl, { { IS(1, NS_GET_PARENT) } } } },
	{ OUTPUT, { SYS_ioctl, { { IS(1, TCGETS) } } } },
	/* to nobody but who it is connected to */
	{ OBJECTS | STACKS, { SYS_sendto, { { IS(5, 0) } } } },
	{ OBJECTS | STACKS, { SYS_recvfrom } },
	{ LOOKING, { SYS_getsockopt } },
	{ LOOKING, { SYS_getsockname } },
	{ LOOKING, { SYS_getpeername } },

	/* signals and time */
	{ OUTPUT, { SYS_rt_sigprocmask } },
	{ OUTPUT, { SYS_rt_sigaction } },
	{ OUTPUT, { SYS_rt_sigreturn } },
	{ OUTPUT, { SYS_rt_sigtimedwait } },
	{ OUTPUT, { SYS_sigaltstack } },
	{ OUTPUT, { SYS_restart_syscall } },
	{ OUTPUT, { SYS_clock_gettime } },
	{ OUTPUT, { SYS_clock_nanosleep } },
	{ OUTPUT, { SYS_nanosleep } },
	{ OUTPUT, { SYS_gettimeofday } },
	{ TRACING, { SYS_kill } },
	{ TRACING | STACKS, { SYS_pidfd_send_signal } },
	{ LOOKING, { SYS_pidfd_send_signal, { { IS(1, 0) } } } },
	{ LOOKING, { SYS_pidfd_open } },

	/* memory, none of it to be executed */
	{ OUTPUT, { SYS_brk } },
	{ OUTPUT, { SYS_mmap, { { NO(2, PROT_EXEC) } } } },
	{ OUTPUT, { SYS_mprotect, { { NO(2, PROT_EXEC) } } } },
	{ OUTPUT, { SYS_munmap } },
	{ OUTPUT, { SYS_mremap } },
	{ OUTPUT, { SYS_madvise } },
	{ OUTPUT, { SYS_futex } },
	{ OUTPUT, { SYS_sched_yield } },

	/* files */
	{ OUTPUT, { SYS_writev } },
	{ OUTPUT, { SYS_lseek } },
	{ OUTPUT, { SYS_ftruncate } },
	{ OUTPUT, { SYS_fstat } },
	{ OUTPUT, { SYS_newfstatat } },
	{ OUTPUT, { SYS_statx } },
	{ OUTPUT, { SYS_ppoll } },
	{ OUTPUT, { SYS_fcntl, { { IS(1, F_GETFD) } } } },
	{ OUTPUT, { SYS_fcntl, { { IS(1, F_SETFD) } } } },
	{ OUTPUT, { SYS_fcntl, { { IS(1, F_GETFL) } } } },
	{ OUTPUT, { SYS_fcntl, { { IS(1, F_DUPFD_CLOEXEC) } } } },
	{ OBJECTS, { SYS_fcntl, { { IS(1, F_GETPIPE_SZ) } } } },
	{ OBJECTS, { SYS_fcntl, { { IS(1, F_GET_SEALS) } } } },
	{ LOOKING, { SYS_openat2 } },
	{ LOOKING, { SYS_getdents64 } },
	{ LOOKING, { SYS_readlinkat } },
	{ LOOKING, { SYS_statfs } },
	{ LOOKING, { SYS_fstatfs } },
	{ LOOKING, { SYS_faccessat } },
	{ LOOKING, { SYS_getxattr } },
	{ FILES, { SYS_openat } },
	{ FILES, { SYS_setfsuid } },
	{ FILES, { SYS_setfsgid } },
#ifdef __x86_64__
	{ OUTPUT, { SYS_stat } },
	{ OUTPUT, { SYS_lstat } },
	{ OUTPUT, { SYS_poll } },
	{ OUTPUT, { SYS_time } },
	{ LOOKING, { SYS_open, { { NO(1, WRITING) } } } },
	{ LOOKING, { SYS_readlink } },
	{ LOOKING, { SYS_access } },
	{ FILES, { SYS_open } },
#endif

	/* the process that unwinds: a new one, on our processor, for how long, and its end */
	{ STACKS, { SYS_recvmsg } },
	{ STACKS, { SYS_getcpu } },
	{ STACKS, { SYS_sched_setaffinity } },
	{ STACKS, { SYS_clock_getres } },

	/* objects */
	{ OBJECTS, { SYS_msgctl, { { IS(1, MSG_STAT_ANY) } } } },
	{ OBJECTS, { SYS_shmctl, { { IS(1, SHM_STAT_ANY) } } } },
	{ OBJECTS, { SYS_semctl, { { IS(2, SEM_STAT_ANY) } } } },
	{ OBJECTS, { SYS_semctl, { { IS(2, GETVAL) } } } },
	{ OBJECTS, { SYS_semctl, { { IS(2, GETPID) } } } },
	{ OBJECTS, { SYS_semctl, { { IS(2, GETNCNT) } } } },
	{ OBJECTS, { SYS_semctl, { { IS(2, GETZCNT) } } } },
	{ OBJECTS, { SYS_setns, { { IS(1, CLONE_NEWIPC) } } } },
	{ OBJECTS, { SYS_mq_open, { { NO(1, WRITING) } } } },
	{ OBJECTS, { SYS_mq_getsetattr, { { IS(1, 0) } } } },
	{ OBJECTS, { SYS_socket, { { IS(0, AF_NETLINK) }, { IS(2, NETLINK_SOCK_DIAG) } } } },
	{ OBJECTS, { SYS_setsockopt, { { IS(1, SOL_SOCKET) }, { IS(2, SO_RCVTIMEO) } } } },
	/* Is that an address of ours? It can be bound to. No such socket is connected or sent from. */
	{ OBJECTS,
	  { SYS_socket, { { IS(0, AF_INET) }, { 1, (uint32_t)~SOCKET_FLAGS, SOCK_DGRAM } } } },
	{ OBJECTS,
	  { SYS_socket, { { IS(0, AF_INET6) }, { 1, (uint32_t)~SOCKET_FLAGS, SOCK_DGRAM } } } },
	{ OBJECTS, { SYS_bind } },

	/* of the C library, and the end */
	{ OUTPUT, { SYS_getpid } },
	{ OUTPUT, { SYS_gettid } },
	{ OUTPUT, { SYS_getuid } },
	{ OUTPUT, { SYS_geteuid } },
	{ OUTPUT, { SYS_getgid } },
	{ OUTPUT, { SYS_getegid } },
	{ OUTPUT, { SYS_uname } },
	{ OUTPUT, { SYS_getrandom } },
	{ OUTPUT, { SYS_sched_getaffinity } },
	{ OUTPUT, { SYS_sysinfo } },
	{ OUTPUT, { SYS_rseq } },
	{ OUTPUT, { SYS_set_robust_list } },
	{ OUTPUT, { SYS_prlimit64, { { IS(0, 0) } } } }, /* ours */
	{ OUTPUT, { SYS_exit } },
	{ OUTPUT, { SYS_exit_group } },
};

enum { OURS = 3, CALLS_MAX = ARRAY_LEN(known) + OURS };

static void allow_calls(unsigned uses)
{
	const pid_t pid = getpid();
	/* To signal oneself, as raise(3) does. */
	const struct allowed ours[OURS] = {
		{ SYS_tgkill, { { IS(0, pid) } } },
		{ SYS_tkill, { { IS(0, pid) } } },
		{ SYS_kill, { { IS(0, pid) } } },
	};
	struct allowed calls[CALLS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (known[i].use & uses)
			calls[n++] = known[i].call;
	}
	for (size_t i = 0; i < OURS; i++)
		calls[n++] = ours[i];
	allow_only_where(calls, n, false);
}

void own_rights_keep(const struct own_rights *rights)
{
	privileges_drop(rights->privileges);
	if (rights->calls)
		allow_calls(rights->calls);
}
