#include "model/mech.h"

/* One line per mechanism in mech/, and what its .mech is. */
#define MECHS(X)                                                                                   \
	X(pipe, MECH_PIPE)                                                                         \
	X(fifo, MECH_FIFO)                                                                         \
	X(sysv_msg, MECH_SYSV_MSG)                                                                 \
	X(sysv_sem, MECH_SYSV_SEM)                                                                 \
	X(sysv_shm, MECH_SYSV_SHM)                                                                 \
	X(futex, MECH_FUTEX)                                                                       \
	X(signal, MECH_SIGNAL)                                                                     \
	X(wait, MECH_WAIT)                                                                         \
	X(process_vm, MECH_PROCESS_VM)                                                             \
	X(unix_socket, MECH_UNIX)                                                                  \
	X(inet, MECH_INET)                                                                         \
	X(netlink, MECH_NETLINK)                                                                   \
	X(socket, MECH_SOCKET)                                                                     \
	X(eventfd, MECH_EVENTFD)                                                                   \
	X(posix_mq, MECH_POSIX_MQ)                                                                 \
	X(path, MECH_PATH)                                                                         \
	X(lock, MECH_LOCK)                                                                         \
	X(shared_mem, MECH_SHARED_MEM)                                                             \
	X(memfd, MECH_MEMFD)                                                                       \
	X(timerfd, MECH_TIMERFD)                                                                   \
	X(signalfd, MECH_SIGNALFD)                                                                 \
	X(poll, MECH_FD)                                                                           \
	X(epoll, MECH_EPOLL)                                                                       \
	X(inotify, MECH_INOTIFY)                                                                   \
	X(fanotify, MECH_FANOTIFY)                                                                 \
	X(userfaultfd, MECH_USERFAULTFD)                                                           \
	X(pidfd, MECH_PIDFD)                                                                       \
	X(pty, MECH_PTY)                                                                           \
	X(io_uring, MECH_IO_URING)                                                                 \
	X(ptrace, MECH_PTRACE)

#define DECLARE(name, mech) extern const struct ipc_mech mech_##name;
#define MEMBER(name, mech)  [mech] = &mech_##name,

MECHS(DECLARE)

static const struct ipc_mech *const mechs[MECH_KINDS] = { MECHS(MEMBER) };

const struct ipc_mech *mech_find(enum mech mech)
{
	return (unsigned)mech < MECH_KINDS ? mechs[mech] : NULL;
}

const struct ipc_mech *mech_of_fd_kind(enum fd_kind kind)
{
	for (size_t i = 0; kind > FD_LAST_PLAIN && i < ARRAY_LEN(mechs); i++) {
		if (mechs[i] && mechs[i]->fd_kinds >> kind & 1)
			return mechs[i];
	}
	return NULL;
}
