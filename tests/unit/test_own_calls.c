/* What ipctrace cannot do any more once everything is set up: calls that are made by a process of its rights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "capture/own_calls.h"

enum {
	NOBODY = 0,
	EVERYBODY = CALLS_OF_OUTPUT,
	LOOKERS = CALLS_OF_LOOKING,
	ASKERS = CALLS_OF_OBJECTS,
	TRACERS = CALLS_OF_TRACING,
	MAKERS = CALLS_OF_FILES,
};

/* Each of these does no harm where it may be made. Strings are none: their address is 0. */
struct attempt {
	const char *what;
	unsigned by; /* who may make it: any of CALLS_OF_* */
	long nr;
	long args[6];
};

#define CALL(call) #call, NOBODY, SYS_##call

static const struct attempt attempts[] = {
	/* other programs, processes and threads */
	{ CALL(execve) },
	{ CALL(execveat), { -1 } },
	{ CALL(clone), { CLONE_THREAD } },
	{ CALL(clone3) },
	{ CALL(unshare) },
	{ "setns: network", NOBODY, SYS_setns, { -1, CLONE_NEWNET } },
	{ "setns: any", NOBODY, SYS_setns, { -1, 0 } },
	{ "setns: IPC", ASKERS, SYS_setns, { -1, CLONE_NEWIPC } },
	{ CALL(process_vm_writev), { -1 } },
	{ "process_vm_readv", LOOKERS, SYS_process_vm_readv, { -1 } },
	{ "ptrace", TRACERS, SYS_ptrace, { -1, -1 } },
	{ "wait4", EVERYBODY, SYS_wait4, { -1, 0, -1 } },
	{ "kill: another", TRACERS, SYS_kill, { 1, 1000 } },
	{ "tgkill: another", NOBODY, SYS_tgkill, { 1, 1, 1000 } },
	{ "pidfd_send_signal: a signal", TRACERS, SYS_pidfd_send_signal, { -1, SIGTERM } },
	{ "pidfd_send_signal: is it there?", LOOKERS | TRACERS, SYS_pidfd_send_signal, { -1, 0 } },
	{ "pidfd_getfd", LOOKERS, SYS_pidfd_getfd, { -1 } },
	{ "prlimit64: another's", NOBODY, SYS_prlimit64, { 1, -1 } },
	{ "prlimit64: ours", EVERYBODY, SYS_prlimit64, { 0, -1 } },

	/* memory */
	{ "mmap: of code", NOBODY, SYS_mmap, { 0, 0, PROT_READ | PROT_EXEC } },
	{ "mmap: of data", EVERYBODY, SYS_mmap, { 0, 0, PROT_READ | PROT_WRITE } },
	{ "mprotect: to code", NOBODY, SYS_mprotect, { 1, 1, PROT_EXEC } },
	{ "mprotect: to data", EVERYBODY, SYS_mprotect, { 1, 1, PROT_READ } },
	{ CALL(memfd_create) },
	{ CALL(userfaultfd), { -1 } },

	/* files */
	{ "openat: to read", LOOKERS | MAKERS, SYS_openat, { -1, 0, O_RDONLY | O_CLOEXEC } },
	{ "openat: a path", LOOKERS | MAKERS, SYS_openat, { -1, 0, O_PATH | O_DIRECTORY } },
	{ "openat: to write", MAKERS, SYS_openat, { -1, 0, O_WRONLY } },
	{ "openat: both", MAKERS, SYS_openat, { -1, 0, O_RDWR } },
	{ "openat: to create", MAKERS, SYS_openat, { -1, 0, O_CREAT } },
	{ "openat: without a name", MAKERS, SYS_openat, { -1, 0, O_TMPFILE | O_RDWR } },
	{ "openat: to make empty", MAKERS, SYS_openat, { -1, 0, O_TRUNC } },
	{ "openat2", LOOKERS, SYS_openat2, { -1 } },
	{ "setfsuid", MAKERS, SYS_setfsuid, { -1 } },
	{ CALL(unlinkat), { -1 } },
	{ CALL(renameat2), { -1 } },
	{ CALL(mkdirat), { -1 } },
	{ CALL(mknodat), { -1 } },
	{ CALL(linkat), { -1 } },
	{ CALL(symlinkat) },
	{ CALL(fchmodat), { -1 } },
	{ CALL(fchownat), { -1 } },
	{ CALL(truncate) },
	{ CALL(setxattr) },
	{ "fcntl: to lock", NOBODY, SYS_fcntl, { -1, F_SETLK } },
	{ "fcntl: a copy", EVERYBODY, SYS_fcntl, { -1, F_DUPFD_CLOEXEC } },
	{ "ioctl: to type", NOBODY, SYS_ioctl, { -1, TIOCSTI } },
	{ "ioctl: what is there", ASKERS, SYS_ioctl, { -1, FIONREAD } },

	/* the network, and objects */
	{ "socket: TCP", NOBODY, SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "socket: TCP6", NOBODY, SYS_socket, { AF_INET6, SOCK_STREAM | SOCK_CLOEXEC } },
	{ "socket: unix", NOBODY, SYS_socket, { AF_UNIX, SOCK_DGRAM } },
	{ "socket: raw", NOBODY, SYS_socket, { AF_INET, SOCK_RAW, 1 } },
	{ "socket: routes", NOBODY, SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_ROUTE } },
	{ "socket: sockets", ASKERS, SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG } },
	{ "socket: UDP", ASKERS, SYS_socket, { AF_INET, SOCK_DGRAM | SOCK_CLOEXEC } },
	{ CALL(connect), { -1 } },
	{ CALL(listen), { -1 } },
	{ CALL(accept4), { -1 } },
	{ CALL(sendmsg), { -1 } },
	{ "sendto: somebody", NOBODY, SYS_sendto, { -1, 0, 0, 0, 1, 16 } },
	{ "sendto: the other end", ASKERS, SYS_sendto, { -1 } },
	{ "setsockopt: to be heard", NOBODY, SYS_setsockopt, { -1, SOL_SOCKET, SO_BROADCAST } },
	{ "setsockopt: how long", ASKERS, SYS_setsockopt, { -1, SOL_SOCKET, SO_RCVTIMEO } },
	{ CALL(msgsnd), { -1 } },
	{ CALL(msgrcv), { -1, 0, -1 } },
	{ CALL(semop), { -1 } },
	{ CALL(shmat), { -1 } },
	{ "msgctl: to remove", NOBODY, SYS_msgctl, { -1, IPC_RMID } },
	{ "semctl: to remove", NOBODY, SYS_semctl, { -1, 0, IPC_RMID } },
	{ "semctl: to change", NOBODY, SYS_semctl, { -1, 0, SETVAL } },
	{ "shmctl: to remove", NOBODY, SYS_shmctl, { -1, IPC_RMID } },
	{ "msgctl: how it is", ASKERS, SYS_msgctl, { -1, MSG_STAT_ANY } },
	{ "semctl: how it is", ASKERS, SYS_semctl, { -1, 0, GETVAL } },
	{ "shmctl: how it is", ASKERS, SYS_shmctl, { -1, SHM_STAT_ANY } },
	{ "mq_open: to send", NOBODY, SYS_mq_open, { 0, O_WRONLY } },
	{ "mq_open: to ask", ASKERS, SYS_mq_open, { 0, O_RDONLY | O_NONBLOCK } },
	{ CALL(mq_unlink) },
	{ "mq_getsetattr: to change", NOBODY, SYS_mq_getsetattr, { -1, 1 } },
	{ CALL(mq_timedreceive), { -1 } },

	/* the machine, and what we are */
	{ CALL(mount) },
	{ CALL(umount2) },
	{ CALL(chroot) },
	{ CALL(pivot_root) },
	{ CALL(init_module) },
	{ CALL(finit_module), { -1 } },
	{ CALL(delete_module) },
	{ CALL(bpf), { -1 } },
	{ CALL(perf_event_open), { 0, -1, -1, -1, -1 } },
	{ CALL(io_uring_setup) },
	{ CALL(keyctl), { -1 } },
	{ CALL(reboot) },
	{ CALL(sethostname), { 0, -1 } },
	{ CALL(setuid), { -1 } },
	{ CALL(setresuid), { -1, -1, -1 } },
	{ CALL(setgid), { -1 } },
	{ CALL(capset) },
	{ "prctl", NOBODY, SYS_prctl, { PR_SET_DUMPABLE, -1 } },
	{ "getpid", EVERYBODY, SYS_getpid },
	{ "madvise", EVERYBODY, SYS_madvise, { 1 } },
	{ "ftruncate", EVERYBODY, SYS_ftruncate, { -1 } },
#ifdef __x86_64__
	{ "open: to write", MAKERS, SYS_open, { 0, O_WRONLY } },
	{ "open: to read", LOOKERS | MAKERS, SYS_open, { 0, O_RDONLY } },
	{ "of x32: getpid", NOBODY, 0x40000000 | SYS_getpid },
#endif
};

/* What came of them, in memory that a child shares with us: before it gave up its rights, and then. */
struct outcome {
	int before, after; /* errno, 0: it was done */
};

static int make(const struct attempt *attempt)
{
	const long *args = attempt->args;
	long got = syscall(attempt->nr, args[0], args[1], args[2], args[3], args[4], args[5]);

	return got < 0 ? errno : 0;
}

static void attempt_all(unsigned calls, struct outcome *outcomes)
{
	const struct own_rights rights = { .calls = calls };

	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		outcomes[i].before = make(&attempts[i]);
	own_rights_keep(&rights);
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
		outcomes[i].after = make(&attempts[i]);
}

static void check(unsigned calls)
{
	const size_t len = ARRAY_LEN(attempts) * sizeof(struct outcome);
	struct outcome *outcomes =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, n_refused = 0;
	pid_t pid;

	assert_true(outcomes != MAP_FAILED);
	pid = fork();
	if (pid == 0) {
		attempt_all(calls, outcomes);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		bool is_refused = outcomes[i].after == ENOSYS;

		if (outcomes[i].before == ENOSYS)
			continue; /* by the kernel, which has none */
		if (is_refused == ((attempts[i].by & calls) != 0))
			fail_msg("%s: %s", attempts[i].what, strerror(outcomes[i].after));
		n_refused += is_refused;
	}
	assert_in_range(n_refused, 50, ARRAY_LEN(attempts));
	munmap(outcomes, len);
}

static void only_what_is_needed_can_be_called(void **state)
{
	(void)state;
#ifdef IPCTRACE_SANITIZED
	skip();
#endif
	check(CALLS_OF_OUTPUT);
	check(CALLS_OF_OUTPUT | CALLS_OF_LOOKING | CALLS_OF_OBJECTS);
	check(CALLS_OF_OUTPUT | CALLS_OF_LOOKING | CALLS_OF_TRACING);
	check(CALLS_OF_OUTPUT | CALLS_OF_LOOKING | CALLS_OF_OBJECTS | CALLS_OF_TRACING |
	      CALLS_OF_FILES);
}

/* How a child ends that sends itself a signal with all other rights gone. */
static void who_has_given_up_everything_can_still_end_by_a_signal(void **state)
{
	const struct own_rights rights = { .calls = CALLS_OF_OUTPUT };
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		own_rights_keep(&rights);
		raise(SIGTERM);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_needed_can_be_called),
		cmocka_unit_test(who_has_given_up_everything_can_still_end_by_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
