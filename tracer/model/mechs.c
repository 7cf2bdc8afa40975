#include "model/mech.h"

/* One line per file in mech/. */
#define MECHS(X)                                                                                   \
	X(pipe)                                                                                    \
	X(fifo)                                                                                    \
	X(sysv_msg)                                                                                \
	X(sysv_sem)                                                                                \
	X(sysv_shm)                                                                                \
	X(futex)                                                                                   \
	X(signal)                                                                                  \
	X(wait)                                                                                    \
	X(process_vm)                                                                              \
	X(unix_socket)                                                                             \
	X(inet)                                                                                    \
	X(netlink)                                                                                 \
	X(socket)                                                                                  \
	X(eventfd)                                                                                 \
	X(posix_mq)                                                                                \
	X(path)                                                                                    \
	X(lock)                                                                                    \
	X(shared_mem)                                                                              \
	X(memfd)                                                                                   \
	X(timerfd)                                                                                 \
	X(signalfd)                                                                                \
	X(poll)                                                                                    \
	X(epoll)                                                                                   \
	X(inotify)                                                                                 \
	X(fanotify)                                                                                \
	X(userfaultfd)                                                                             \
	X(pidfd)                                                                                   \
	X(pty)                                                                                     \
	X(io_uring)                                                                                \
	X(ptrace)

#define DECLARE(name) extern const struct ipc_mech mech_##name;
#define MEMBER(name)  &mech_##name,

MECHS(DECLARE)

static const struct ipc_mech *const mechs[] = { MECHS(MEMBER) };

const struct ipc_mech *mech_find(enum mech mech)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		if (mechs[i]->mech == mech)
			return mechs[i];
	}
	return NULL;
}

const struct ipc_mech *mech_of_fd_kind(enum fd_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		if (mechs[i]->fd_kinds >> kind & 1)
			return mechs[i];
	}
	return NULL;
}
