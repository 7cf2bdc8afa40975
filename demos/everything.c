/* One process that touches every mechanism once: what a trace of each looks like, side by side. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[256];

static void transfer(const char *what, int write_fd, int read_fd)
{
	write_all(write_fd, "12345678", 8);
	read_all(read_fd, buffer, 8);
	expect(!memcmp(buffer, "12345678", 8));
	say("%s", what);
	check(close(write_fd));
	if (read_fd != write_fd)
		check(close(read_fd));
}

static void pipes_and_sockets(void)
{
	const char *path = own_path("fifo");
	int fds[2], fd;

	check(pipe2(fds, O_CLOEXEC));
	transfer("pipe", fds[1], fds[0]);
	check(mkfifo(path, 0600));
	fd = check(open(path, O_RDWR | O_CLOEXEC));
	check(unlink(path));
	transfer("FIFO", fd, fd);
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	transfer("socket pair", fds[0], fds[1]);
	check(pipe2(fds, O_CLOEXEC));
	fd = check(dup(fds[1]));
	check(close(fds[1]));
	transfer("pipe through a duplicate", fd, fds[0]);
}

static void network_and_terminal(void)
{
	int fds[2], fd, master;

	tcp_pair(fds);
	transfer("TCP", fds[0], fds[1]);
	master = check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	check(unlockpt(master));
	fd = check(open(check_ptr(ptsname(master)), O_RDWR | O_NOCTTY | O_CLOEXEC));
	transfer("pseudo-terminal", fd, master);
}

static void system_v(void)
{
	struct {
		long type;
		char text[8];
	} message = { 1, "message" };
	struct sembuf up = { 0, +1, 0 }, down = { 0, -1, 0 };
	int queue = own_msg(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
	int set = own_sem(semget(IPC_PRIVATE, 1, IPC_CREAT | 0600));
	int segment = own_shm(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));

	check(msgsnd(queue, &message, sizeof(message.text), 0));
	expect(check(msgrcv(queue, &message, sizeof(message.text), 0, 0)) == 8);
	check(msgctl(queue, IPC_RMID, NULL));
	say("System V message queue");
	check(semop(set, &up, 1));
	check(semop(set, &down, 1));
	check(semctl(set, 0, IPC_RMID));
	say("System V semaphore");
	check(shmdt(check_ptr(shmat(segment, NULL, 0))));
	check(shmctl(segment, IPC_RMID, NULL));
	say("System V shared memory");
}

static void posix(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	const char *name = own_name(OWN_MQ, unique_name("all"));
	mqd_t queue = check(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	sem_t *semaphore;
	int fd;

	check(mq_send(queue, "message", 8, 3));
	expect(check(mq_receive(queue, buffer, 8, NULL)) == 8);
	check(mq_close(queue));
	check(mq_unlink(name));
	say("POSIX message queue");
	own_begin(); /* see posix-sem.c */
	own_name(OWN_SEM_NAME, name);
	semaphore = check_ptr(sem_open(name, O_CREAT | O_EXCL, 0600, 1));
	own_end();
	check(sem_wait(semaphore));
	check(sem_close(semaphore));
	check(sem_unlink(name));
	say("POSIX semaphore, nobody waiting: no call for the wait itself");
	own_name(OWN_SHM_NAME, name);
	fd = check(shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600));
	check(ftruncate(fd, 4096));
	check(munmap(check_ptr(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0)), 4096));
	check(close(fd));
	check(shm_unlink(name));
	say("POSIX shared memory");
}

static void descriptors(void)
{
	const struct itimerspec in_1_ms = { .it_value.tv_nsec = 1000000 };
	struct epoll_event event = { .events = EPOLLIN };
	uint64_t count = 1;
	sigset_t set;
	int fd, epoll_fd;

	fd = check(eventfd(0, EFD_CLOEXEC));
	epoll_fd = check(epoll_create1(EPOLL_CLOEXEC));
	check(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event));
	write_all(fd, &count, sizeof(count));
	expect(check(retry(epoll_wait(epoll_fd, &event, 1, -1))) == 1);
	check(close(epoll_fd));
	read_all(fd, &count, sizeof(count));
	check(close(fd));
	say("eventfd, and epoll to wait for it");
	fd = check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	check(timerfd_settime(fd, 0, &in_1_ms, NULL));
	expect(check(retry(poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, -1))) == 1);
	read_all(fd, &count, sizeof(count));
	check(close(fd));
	say("timerfd, and poll to wait for it");
	check(sigemptyset(&set));
	check(sigaddset(&set, SIGUSR1));
	check(sigprocmask(SIG_BLOCK, &set, NULL));
	fd = check(signalfd(-1, &set, SFD_CLOEXEC));
	check(kill(getpid(), SIGUSR1));
	read_all(fd, buffer, sizeof(struct signalfd_siginfo));
	check(close(fd));
	say("a signal, read from a signalfd");
	fd = check(inotify_init1(IN_CLOEXEC));
	check(inotify_add_watch(fd, own_dir(), IN_CREATE));
	check(close(check(open(own_path("file"), O_CREAT | O_EXCL | O_WRONLY, 0600))));
	check(read(fd, buffer, sizeof(buffer)));
	check(close(fd));
	say("inotify");
}

static void memory_and_locks(void)
{
	struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct iovec local = { buffer, 8 }, remote = { buffer + 8, 8 };
	uint32_t *word = check_ptr(
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	int fd = check(memfd_create("all", MFD_CLOEXEC | MFD_ALLOW_SEALING));

	check(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0));
	check(munmap(word, 4096));
	say("futex in shared memory");
	check(flock(fd, LOCK_EX));
	check(fcntl(fd, F_SETLK, &whole_file));
	check(fcntl(fd, F_OFD_SETLK, &(struct flock){ .l_type = F_UNLCK }));
	check(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	check(close(fd));
	say("memfd, locked and sealed");
	expect(check(process_vm_readv(getpid(), &local, 1, &remote, 1, 0)) == 8);
	say("process_vm_readv of my own memory");
}

static void nothing(void)
{
}

static void processes(void)
{
	pid_t child = spawn("child", nothing);
	int fd = check(syscall(SYS_pidfd_open, child, 0));

	check(retry(waitid(P_PIDFD, fd, &(siginfo_t){ 0 }, WEXITED)));
	check(close(fd));
	say("a child, its pidfd, its end");
}

static void everything(void)
{
	pipes_and_sockets();
	network_and_terminal();
	system_v();
	posix();
	descriptors();
	memory_and_locks();
	processes();
	own_remove_all();
}

static const struct variant variants[] = {
	{ NULL, everything, "each mechanism once, in one process" },
	{ 0 },
};

static const struct demo demo = { 32, "every mechanism once", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
