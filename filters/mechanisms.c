#include "filters/mechanisms.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/array.h"

struct member {
	const char *call;
	struct condition condition;
};

#define ALWAYS                                                                                     \
	{                                                                                          \
		.kind = IF_ALWAYS                                                                  \
	}
#define ON_FD(i, kinds_)                                                                           \
	{                                                                                          \
		.kind = IF_FD, .arg = (i), .arg2 = (i), .kinds = (kinds_)                          \
	}
#define ON_FDS(i, j)                                                                               \
	{                                                                                          \
		.kind = IF_FD, .arg = (i), .arg2 = (j)                                             \
	}
#define ON_BITS(i, mask_, value_)                                                                  \
	{                                                                                          \
		.kind = IF_BITS, .arg = (i), .arg2 = (i), .mask = (mask_), .value = (value_)       \
	}
#define ON_ANY_BIT(i, mask_)                                                                       \
	{                                                                                          \
		.kind = IF_ANY_BIT, .arg = (i), .arg2 = (i), .mask = (mask_)                       \
	}
#define ON_ONE_OF(i, mask_)                                                                        \
	{                                                                                          \
		.kind = IF_ONE_OF, .arg = (i), .arg2 = (i), .mask = (mask_)                        \
	}
#define ON_MEM_BITS(i, offset, mask_)                                                              \
	{                                                                                          \
		.kind = IF_MEM_BITS, .arg = (i), .arg2 = (i), .mask = (mask_), .value = (offset)   \
	}
#define ON_SHARED(i, j)                                                                            \
	{                                                                                          \
		.kind = IF_SHARED, .arg = (i), .arg2 = (j)                                         \
	}
#define ON_PATH(i, places_)                                                                        \
	{                                                                                          \
		.kind = IF_PATH, .arg = (i), .arg2 = (i), .places = (places_)                      \
	}
#define ON_PATHS(i, j, places_)                                                                    \
	{                                                                                          \
		.kind = IF_PATH, .arg = (i), .arg2 = (j), .places = (places_)                      \
	}
/* A path that is opened: nothing of ours can be opened as a directory. */
#define ON_OPEN(i, flags, places_)                                                                 \
	{                                                                                          \
		.kind = IF_PATH, .arg = (i), .arg2 = (i), .not_arg = (flags),                      \
		.not_mask = O_DIRECTORY, .places = (places_)                                       \
	}

/*
 * fcntl but for F_GETFD, F_SETFD and F_GETFL, which are about the caller's own descriptor and not
 * about the object behind it; programs make them by the thousand.
 */
#define ON_FCNTL                                                                                   \
	{                                                                                          \
		.kind = IF_FD_COMMAND, .arg = 0, .arg2 = 1, .value = F_GETFD, .mask = F_GETFL      \
	}

/* What one does with any descriptor; in each mechanism that has descriptors, on those kinds. */
static const struct member fd_members[] = {
	{ "read", ON_FD(0, 0) },      { "write", ON_FD(0, 0) },
	{ "readv", ON_FD(0, 0) },     { "writev", ON_FD(0, 0) },
	{ "pread64", ON_FD(0, 0) },   { "pwrite64", ON_FD(0, 0) },
	{ "preadv", ON_FD(0, 0) },    { "pwritev", ON_FD(0, 0) },
	{ "preadv2", ON_FD(0, 0) },   { "pwritev2", ON_FD(0, 0) },
	{ "sendfile", ON_FDS(0, 1) }, { "sendfile64", ON_FDS(0, 1) },
	{ "splice", ON_FDS(0, 2) },   { "tee", ON_FDS(0, 1) },
	{ "vmsplice", ON_FD(0, 0) },  { "copy_file_range", ON_FDS(0, 2) },
	{ "close", ON_FD(0, 0) },     { "close_range", ALWAYS },
	{ "dup", ON_FD(0, 0) },       { "dup2", ON_FDS(0, 1) },
	{ "dup3", ON_FDS(0, 1) },     { "fcntl", ON_FCNTL },
	{ "fcntl64", ON_FCNTL },      { "ioctl", ON_FD(0, 0) },
};

/* What one does with any socket. */
static const struct member socket_members[] = {
	{ "bind", ON_FD(0, 0) },        { "listen", ON_FD(0, 0) },
	{ "accept", ON_FD(0, 0) },      { "accept4", ON_FD(0, 0) },
	{ "connect", ON_FD(0, 0) },     { "getsockname", ON_FD(0, 0) },
	{ "getpeername", ON_FD(0, 0) }, { "sendto", ON_FD(0, 0) },
	{ "recvfrom", ON_FD(0, 0) },    { "sendmsg", ON_FD(0, 0) },
	{ "recvmsg", ON_FD(0, 0) },     { "sendmmsg", ON_FD(0, 0) },
	{ "recvmmsg", ON_FD(0, 0) },    { "recvmmsg_time64", ON_FD(0, 0) },
	{ "shutdown", ON_FD(0, 0) },    { "setsockopt", ON_FD(0, 0) },
	{ "getsockopt", ON_FD(0, 0) },
};

static const struct member pipe_members[] = {
	{ "pipe", ALWAYS },
	{ "pipe2", ALWAYS },
};

static const struct member fifo_members[] = {
	{ "mknod", ON_BITS(1, S_IFMT, S_IFIFO) },
	{ "mknodat", ON_BITS(2, S_IFMT, S_IFIFO) },
	{ "open", ON_OPEN(0, 1, PLACE_FIFO) },
	{ "openat", ON_OPEN(1, 2, PLACE_FIFO) },
	{ "openat2", ON_PATH(1, PLACE_FIFO) },
	{ "creat", ON_PATH(0, PLACE_FIFO) },
	{ "unlink", ON_PATH(0, PLACE_FIFO) },
	{ "unlinkat", ON_PATH(1, PLACE_FIFO) },
	{ "rename", ON_PATHS(0, 1, PLACE_FIFO | PLACE_DIR) },
	{ "renameat", ON_PATHS(1, 3, PLACE_FIFO | PLACE_DIR) },
	{ "renameat2", ON_PATHS(1, 3, PLACE_FIFO | PLACE_DIR) },
	{ "link", ON_PATHS(0, 1, PLACE_FIFO) },
	{ "linkat", ON_PATHS(1, 3, PLACE_FIFO) },
};

/* i386's ipc() multiplexes: ipc/syscall.c; the number's upper half is a version. */
static const struct member sysv_msg_members[] = {
	{ "msgget", ALWAYS },
	{ "msgsnd", ALWAYS },
	{ "msgrcv", ALWAYS },
	{ "msgctl", ALWAYS },
	{ "ipc", ON_ONE_OF(0, 1ull << 11 | 1ull << 12 | 1ull << 13 | 1ull << 14) },
};

static const struct member sysv_sem_members[] = {
	{ "semget", ALWAYS },
	{ "semop", ALWAYS },
	{ "semctl", ALWAYS },
	{ "semtimedop", ALWAYS },
	{ "semtimedop_time64", ALWAYS },
	{ "ipc", ON_ONE_OF(0, 1ull << 1 | 1ull << 2 | 1ull << 3 | 1ull << 4) },
};

static const struct member sysv_shm_members[] = {
	{ "shmget", ALWAYS },
	{ "shmat", ALWAYS },
	{ "shmdt", ALWAYS },
	{ "shmctl", ALWAYS },
	{ "ipc", ON_ONE_OF(0, 1ull << 21 | 1ull << 22 | 1ull << 23 | 1ull << 24) },
};

static const struct member posix_mq_members[] = {
	{ "mq_open", ALWAYS },
	{ "mq_unlink", ALWAYS },
	{ "mq_timedsend", ALWAYS },
	{ "mq_timedsend_time64", ALWAYS },
	{ "mq_timedreceive", ALWAYS },
	{ "mq_timedreceive_time64", ALWAYS },
	{ "mq_notify", ALWAYS },
	{ "mq_getsetattr", ALWAYS },
	{ "open", ON_OPEN(0, 1, PLACE_MQUEUE) },
	{ "openat", ON_OPEN(1, 2, PLACE_MQUEUE) },
	{ "openat2", ON_PATH(1, PLACE_MQUEUE) },
	{ "creat", ON_PATH(0, PLACE_MQUEUE) },
	{ "unlink", ON_PATH(0, PLACE_MQUEUE) },
	{ "unlinkat", ON_PATH(1, PLACE_MQUEUE) },
};

static const struct member futex_members[] = {
	{ "futex", ALWAYS },
	{ "futex_time64", ALWAYS },
	{ "futex_waitv", ALWAYS },
	{ "futex_wait", ALWAYS },
	{ "futex_wake", ALWAYS },
	{ "futex_requeue", ALWAYS },
	/* set_robust_list is what libc does at every start, not a message to anybody. */
	{ "get_robust_list", ALWAYS },
	{ "restart_syscall", ALWAYS }, /* may go on with a wait that a stop interrupted */
};

static const struct member eventfd_members[] = {
	{ "eventfd", ALWAYS },
	{ "eventfd2", ALWAYS },
};

static const struct member signalfd_members[] = {
	{ "signalfd", ALWAYS },
	{ "signalfd4", ALWAYS },
};

static const struct member timerfd_members[] = {
	{ "timerfd_create", ALWAYS },    { "timerfd_settime", ALWAYS },
	{ "timerfd_settime64", ALWAYS }, { "timerfd_gettime", ALWAYS },
	{ "timerfd_gettime64", ALWAYS },
};

static const struct member epoll_members[] = {
	{ "epoll_create", ALWAYS },  { "epoll_create1", ALWAYS }, { "epoll_ctl", ALWAYS },
	{ "epoll_ctl_old", ALWAYS }, { "epoll_wait", ALWAYS },    { "epoll_wait_old", ALWAYS },
	{ "epoll_pwait", ALWAYS },   { "epoll_pwait2", ALWAYS },
};

static const struct member poll_members[] = {
	{ "poll", ALWAYS },       { "ppoll", ALWAYS },           { "ppoll_time64", ALWAYS },
	{ "select", ALWAYS },     { "pselect6", ALWAYS },        { "pselect6_time64", ALWAYS },
	{ "_newselect", ALWAYS }, { "restart_syscall", ALWAYS },
};

static const struct member inotify_members[] = {
	{ "inotify_init", ALWAYS },
	{ "inotify_init1", ALWAYS },
	{ "inotify_add_watch", ALWAYS },
	{ "inotify_rm_watch", ALWAYS },
	{ "fcntl", ON_BITS(1, 0xffffffff, F_NOTIFY) },
	{ "fcntl64", ON_BITS(1, 0xffffffff, F_NOTIFY) },
};

static const struct member fanotify_members[] = {
	{ "fanotify_init", ALWAYS },
	{ "fanotify_mark", ALWAYS },
};

#define SOCKETS_OF(families, kinds_)                                                               \
	{ "socket", ON_ONE_OF(0, (families)) }, { "socketpair", ON_ONE_OF(0, (families)) },        \
	{                                                                                          \
		"socketcall",                                                                      \
		{                                                                                  \
			.kind = IF_SOCKETCALL, .mask = (families), .kinds = (kinds_)               \
		}                                                                                  \
	}

static const struct member unix_members[] = {
	{ "unlink", ON_PATH(0, PLACE_SOCKET) },
	{ "unlinkat", ON_PATH(1, PLACE_SOCKET) },
	{ "rename", ON_PATHS(0, 1, PLACE_SOCKET | PLACE_DIR) },
	{ "renameat", ON_PATHS(1, 3, PLACE_SOCKET | PLACE_DIR) },
	{ "renameat2", ON_PATHS(1, 3, PLACE_SOCKET | PLACE_DIR) },
	{ "link", ON_PATHS(0, 1, PLACE_SOCKET) },
	{ "linkat", ON_PATHS(1, 3, PLACE_SOCKET) },
	SOCKETS_OF(1ull << AF_UNIX, FD_BIT(FD_UNIX)),
};

static const struct member inet_members[] = {
	SOCKETS_OF(1ull << AF_INET | 1ull << AF_INET6, FD_BIT(FD_INET)),
};

static const struct member netlink_members[] = {
	SOCKETS_OF(1ull << AF_NETLINK, FD_BIT(FD_NETLINK)),
};

static const struct member any_socket_members[] = {
	{ "socket", ALWAYS },      { "socketpair", ALWAYS },      { "socketcall", ALWAYS },
	{ "bind", ALWAYS },        { "listen", ALWAYS },          { "accept", ALWAYS },
	{ "accept4", ALWAYS },     { "connect", ALWAYS },         { "getsockname", ALWAYS },
	{ "getpeername", ALWAYS }, { "sendto", ALWAYS },          { "recvfrom", ALWAYS },
	{ "sendmsg", ALWAYS },     { "recvmsg", ALWAYS },         { "sendmmsg", ALWAYS },
	{ "recvmmsg", ALWAYS },    { "recvmmsg_time64", ALWAYS }, { "shutdown", ALWAYS },
	{ "setsockopt", ALWAYS },  { "getsockopt", ALWAYS },
};

/* F_GETLK, F_SETLK, F_SETLKW and their 64-bit and open file description forms. */
#define LOCK_COMMANDS                                                                              \
	(1ull << 5 | 1ull << 6 | 1ull << 7 | 1ull << 12 | 1ull << 13 | 1ull << 14 | 1ull << 36 |   \
	 1ull << 37 | 1ull << 38)

/* Record locks, and leases: F_SETLEASE and F_GETLEASE differ in bit 0. fcntl.h, linux/fcntl.h */
static const struct member locks_members[] = {
	{ "flock", ALWAYS },
	{ "fcntl", ON_ONE_OF(1, LOCK_COMMANDS) },
	{ "fcntl", ON_BITS(1, 0xfffffffe, F_SETLEASE) },
	{ "fcntl64", ON_ONE_OF(1, LOCK_COMMANDS) },
	{ "fcntl64", ON_BITS(1, 0xfffffffe, F_SETLEASE) },
};

/* MAP_SHARED_VALIDATE has MAP_SHARED's bit, too; MAP_PRIVATE has not. */
static const struct member shared_mem_members[] = {
	{ "mmap", ON_BITS(3, MAP_SHARED, MAP_SHARED) },
	{ "mmap2", ON_BITS(3, MAP_SHARED, MAP_SHARED) },
	{ "old_mmap", ON_MEM_BITS(0, 12, MAP_SHARED) }, /* struct mmap_arg_struct.flags */
	{ "munmap", ON_SHARED(0, 1) },
	{ "mremap", ON_SHARED(0, 1) },
	{ "msync", ON_SHARED(0, 1) },
	{ "remap_file_pages", ON_SHARED(0, 1) },
	{ "ftruncate", ON_FD(0, FD_BIT(FD_SHM)) },
	{ "ftruncate64", ON_FD(0, FD_BIT(FD_SHM)) },
	{ "fallocate", ON_FD(0, FD_BIT(FD_SHM)) },
	{ "open", ON_OPEN(0, 1, PLACE_SHM) },
	{ "openat", ON_OPEN(1, 2, PLACE_SHM) },
	{ "openat2", ON_PATH(1, PLACE_SHM) },
	{ "creat", ON_PATH(0, PLACE_SHM) },
	{ "unlink", ON_PATH(0, PLACE_SHM) },
	{ "unlinkat", ON_PATH(1, PLACE_SHM) },
	{ "rename", ON_PATHS(0, 1, PLACE_SHM) },
	{ "renameat", ON_PATHS(1, 3, PLACE_SHM) },
	{ "renameat2", ON_PATHS(1, 3, PLACE_SHM) },
	{ "link", ON_PATHS(0, 1, PLACE_SHM) },
	{ "linkat", ON_PATHS(1, 3, PLACE_SHM) },
};

static const struct member memfd_members[] = {
	{ "memfd_create", ALWAYS },
	{ "memfd_secret", ALWAYS },
	{ "ftruncate", ON_FD(0, FD_BIT(FD_MEMFD)) },
	{ "ftruncate64", ON_FD(0, FD_BIT(FD_MEMFD)) },
	{ "fallocate", ON_FD(0, FD_BIT(FD_MEMFD)) },
};

static const struct member pty_members[] = {
	{ "open", ON_OPEN(0, 1, PLACE_PTY) },
	{ "openat", ON_OPEN(1, 2, PLACE_PTY) },
	{ "openat2", ON_PATH(1, PLACE_PTY) },
	{ "vhangup", ALWAYS },
};

static const struct member process_vm_members[] = {
	{ "process_vm_readv", ALWAYS },
	{ "process_vm_writev", ALWAYS },
	{ "process_madvise", ALWAYS },
	{ "process_mrelease", ALWAYS },
	{ "kcmp", ALWAYS },
};

static const struct member pidfd_members[] = {
	{ "pidfd_open", ALWAYS },
	{ "pidfd_getfd", ALWAYS },
	{ "pidfd_send_signal", ALWAYS },
	{ "process_madvise", ALWAYS },
	{ "process_mrelease", ALWAYS },
	{ "waitid", ON_BITS(0, 0xffffffff, 3) }, /* P_PIDFD */
	{ "clone", ON_ANY_BIT(0, CLONE_PIDFD) },
	{ "clone3", ON_MEM_BITS(0, 0, CLONE_PIDFD) },
};

/* What sends signals, waits for them or decides about them; not what a handler's return does. */
static const struct member signals_members[] = {
	{ "kill", ALWAYS },
	{ "tkill", ALWAYS },
	{ "tgkill", ALWAYS },
	{ "rt_sigqueueinfo", ALWAYS },
	{ "rt_tgsigqueueinfo", ALWAYS },
	{ "pidfd_send_signal", ALWAYS },
	{ "rt_sigaction", ALWAYS },
	{ "rt_sigprocmask", ALWAYS },
	{ "rt_sigsuspend", ALWAYS },
	{ "rt_sigpending", ALWAYS },
	{ "rt_sigtimedwait", ALWAYS },
	{ "rt_sigtimedwait_time64", ALWAYS },
	{ "pause", ALWAYS },
	{ "alarm", ALWAYS },
	{ "setitimer", ALWAYS },
	{ "getitimer", ALWAYS },
	{ "timer_create", ALWAYS },
	{ "timer_settime", ALWAYS },
	{ "timer_settime64", ALWAYS },
	{ "timer_gettime", ALWAYS },
	{ "timer_gettime64", ALWAYS },
	{ "timer_getoverrun", ALWAYS },
	{ "timer_delete", ALWAYS },
	{ "signal", ALWAYS },
	{ "sigaction", ALWAYS },
	{ "sigprocmask", ALWAYS },
	{ "sigsuspend", ALWAYS },
	{ "sigpending", ALWAYS },
	{ "sgetmask", ALWAYS },
	{ "ssetmask", ALWAYS },
};

static const struct member wait_members[] = {
	{ "fork", ALWAYS },  { "vfork", ALWAYS },  { "clone", ALWAYS },   { "clone3", ALWAYS },
	{ "wait4", ALWAYS }, { "waitid", ALWAYS }, { "waitpid", ALWAYS },
};

static const struct member ptrace_members[] = {
	{ "ptrace", ALWAYS },
};

static const struct member io_uring_members[] = {
	{ "io_uring_setup", ALWAYS },
	{ "io_uring_enter", ALWAYS },
	{ "io_uring_register", ALWAYS },
};

static const struct member userfaultfd_members[] = {
	{ "userfaultfd", ALWAYS },
};

#define CLONE_NEW_ALL                                                                              \
	(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID |              \
	 CLONE_NEWUSER | CLONE_NEWUTS)

static const struct member namespaces_members[] = {
	{ "unshare", ALWAYS },
	{ "setns", ALWAYS },
	{ "listns", ALWAYS },
	{ "clone", ON_ANY_BIT(0, CLONE_NEW_ALL) },
	{ "clone3", ON_MEM_BITS(0, 0, CLONE_NEW_ALL) },
};

#define SOCKET_KINDS (FD_BIT(FD_UNIX) | FD_BIT(FD_INET) | FD_BIT(FD_NETLINK) | FD_BIT(FD_SOCKET))

#define MEMBERS(table) table##_members, ARRAY_LEN(table##_members)

static const struct {
	const struct member *members;
	size_t n;
	uint64_t kinds; /* of descriptors: fd_members, on these, are members as well */
	bool is_socket; /* and socket_members */
} mechanisms[MECHANISM_KINDS] = {
	[MECHANISM_PIPE] = { MEMBERS(pipe), FD_BIT(FD_PIPE), false },
	[MECHANISM_FIFO] = { MEMBERS(fifo), FD_BIT(FD_FIFO), false },
	[MECHANISM_SYSV_MSG] = { MEMBERS(sysv_msg), 0, false },
	[MECHANISM_SYSV_SEM] = { MEMBERS(sysv_sem), 0, false },
	[MECHANISM_SYSV_SHM] = { MEMBERS(sysv_shm), 0, false },
	[MECHANISM_POSIX_MQ] = { MEMBERS(posix_mq), FD_BIT(FD_MQUEUE), false },
	[MECHANISM_FUTEX] = { MEMBERS(futex), 0, false },
	[MECHANISM_EVENTFD] = { MEMBERS(eventfd), FD_BIT(FD_EVENTFD), false },
	[MECHANISM_SIGNALFD] = { MEMBERS(signalfd), FD_BIT(FD_SIGNALFD), false },
	[MECHANISM_TIMERFD] = { MEMBERS(timerfd), FD_BIT(FD_TIMERFD), false },
	[MECHANISM_EPOLL] = { MEMBERS(epoll), FD_BIT(FD_EPOLL), false },
	[MECHANISM_POLL] = { MEMBERS(poll), 0, false },
	[MECHANISM_INOTIFY] = { MEMBERS(inotify), FD_BIT(FD_INOTIFY), false },
	[MECHANISM_FANOTIFY] = { MEMBERS(fanotify), FD_BIT(FD_FANOTIFY), false },
	[MECHANISM_UNIX] = { MEMBERS(unix), FD_BIT(FD_UNIX), true },
	[MECHANISM_INET] = { MEMBERS(inet), FD_BIT(FD_INET), true },
	[MECHANISM_NETLINK] = { MEMBERS(netlink), FD_BIT(FD_NETLINK), true },
	[MECHANISM_SOCKET] = { MEMBERS(any_socket), SOCKET_KINDS, false },
	[MECHANISM_LOCKS] = { MEMBERS(locks), 0, false },
	[MECHANISM_SHARED_MEM] = { MEMBERS(shared_mem), FD_BIT(FD_SHM), false },
	[MECHANISM_MEMFD] = { MEMBERS(memfd), FD_BIT(FD_MEMFD), false },
	[MECHANISM_PTY] = { MEMBERS(pty), FD_BIT(FD_PTY), false },
	[MECHANISM_PROCESS_VM] = { MEMBERS(process_vm), 0, false },
	[MECHANISM_PIDFD] = { MEMBERS(pidfd), FD_BIT(FD_PIDFD), false },
	[MECHANISM_SIGNALS] = { MEMBERS(signals), 0, false },
	[MECHANISM_WAIT] = { MEMBERS(wait), 0, false },
	[MECHANISM_PTRACE] = { MEMBERS(ptrace), 0, false },
	[MECHANISM_IO_URING] = { MEMBERS(io_uring), FD_BIT(FD_IO_URING), false },
	[MECHANISM_USERFAULTFD] = { MEMBERS(userfaultfd), FD_BIT(FD_USERFAULTFD), false },
	[MECHANISM_NAMESPACES] = { MEMBERS(namespaces), 0, false },
};

/* kinds != 0: instead of the conditions' own. */
static void add_members(const struct member *members, size_t n, uint64_t kinds, const char *call,
			struct rule *rule)
{
	for (size_t i = 0; i < n; i++) {
		struct condition condition = members[i].condition;

		if (strcmp(members[i].call, call) != 0)
			continue;
		if (kinds && (condition.kind == IF_FD || condition.kind == IF_FD_COMMAND))
			condition.kinds = kinds;
		rule_add(rule, &condition);
	}
}

void mechanisms_rule(uint64_t which, const char *call, struct rule *rule)
{
	uint64_t kinds = 0, socket_kinds = 0;

	for (size_t i = 0; i < MECHANISM_KINDS; i++) {
		if (!(which & MECHANISM_BIT(i)))
			continue;
		add_members(mechanisms[i].members, mechanisms[i].n, 0, call, rule);
		kinds |= mechanisms[i].kinds;
		if (mechanisms[i].is_socket)
			socket_kinds |= mechanisms[i].kinds;
	}
	if (kinds)
		add_members(fd_members, ARRAY_LEN(fd_members), kinds, call, rule);
	if (socket_kinds)
		add_members(socket_members, ARRAY_LEN(socket_members), socket_kinds, call, rule);
}
