/*
 * Makes random system calls with random arguments, while another thread rewrites the memory that they
 * point to, for tests of what a tracer survives.
 *
 *   random_calls_static SEED MILLISECONDS
 *
 * One process after the other does it for a while and is killed. It can harm nobody: it is nobody, has
 * no capabilities, and is alone in its namespaces, where the only file system is a small one of its own.
 * What is left are calls that act on the machine as a whole: those are never made. Exit status 77:
 * such namespaces cannot be had here.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED    77
#define NOBODY     65534
#define LAST_CALL  469
#define PAGE       4096ul
#define PAGES      256ul
#define KEPT       192ul
#define ROUND_MS   2000
#define IDLE_MS    150
#define TICK_US    3000
#define X32        0x40000000
#define NUM(array) (sizeof(array) / sizeof((array)[0]))

/* The whole machine's, of no namespace: time, power, helpers of the kernel; or ways to new rights. */
static const int forbidden[] = {
	SYS_reboot,       SYS_kexec_load,    SYS_kexec_file_load, SYS_init_module,
	SYS_finit_module, SYS_delete_module, SYS_swapon,          SYS_swapoff,
	SYS_sync,         SYS_vhangup,       SYS_settimeofday,    SYS_clock_settime,
	SYS_adjtimex,     SYS_acct,          SYS_clock_adjtime,   SYS_request_key,
	SYS_syslog,       SYS_quotactl,      SYS_quotactl_fd,     SYS_iopl,
	SYS_ioperm,       SYS_mount,         SYS_umount2,         SYS_pivot_root,
	SYS_unshare,      SYS_setns,         SYS_move_mount,      SYS_open_tree,
	SYS_fsopen,       SYS_fsmount,       SYS_fspick,          SYS_mount_setattr,
	SYS_bpf,          SYS_clone3,
};
static const int forbidden_i386[] = {
	88,  283, 128, 350, 129, 87,  115, 36,  111, 79,  264, 124, 51,
	343, 287, 103, 131, 443, 110, 101, 21,  52,  22,  217, 310, 346,
	429, 428, 430, 432, 433, 442, 357, 435, 25,  404, 405,
};

/*
 * The calls that IPC is made of, so that they get further than EBADF. One letter an argument:
 * f descriptor, p memory, a memory that may go, v vector, m message header, n length, c count, o flags, i small number,
 * P process, S signal, s path, d System V id or key, t time or NULL, F family of sockets, * anything.
 */
static const struct known {
	int nr;
	const char *args;
} known_calls[] = {
	{ SYS_read, "fpn" },
	{ SYS_write, "fpn" },
	{ SYS_readv, "fvc" },
	{ SYS_writev, "fvc" },
	{ SYS_pread64, "fpnn" },
	{ SYS_preadv2, "fvcnno" },
	{ SYS_pwritev2, "fvcnno" },
	{ SYS_vmsplice, "fvco" },
	{ SYS_splice, "ftftno" },
	{ SYS_tee, "ffno" },
	{ SYS_sendfile, "fftn" },
	{ SYS_copy_file_range, "ftftno" },
	{ SYS_pipe2, "po" },
	{ SYS_socketpair, "Fiip" },
	{ SYS_socket, "Fii" },
	{ SYS_bind, "fpn" },
	{ SYS_connect, "fpn" },
	{ SYS_listen, "fi" },
	{ SYS_accept4, "fppo" },
	{ SYS_sendto, "fpnopn" },
	{ SYS_recvfrom, "fpnopp" },
	{ SYS_sendmsg, "fmo" },
	{ SYS_recvmsg, "fmo" },
	{ SYS_sendmmsg, "fmco" },
	{ SYS_recvmmsg, "fmcot" },
	{ SYS_getsockopt, "fiipp" },
	{ SYS_setsockopt, "fiipn" },
	{ SYS_shutdown, "fi" },
	{ SYS_getpeername, "fpp" },
	{ SYS_msgget, "do" },
	{ SYS_msgsnd, "dpno" },
	{ SYS_msgrcv, "dpnio" },
	{ SYS_msgctl, "dip" },
	{ SYS_semget, "dio" },
	{ SYS_semop, "dpi" },
	{ SYS_semtimedop, "dpit" },
	{ SYS_semctl, "diip" },
	{ SYS_shmget, "dno" },
	{ SYS_shmat, "dao" },
	{ SYS_shmctl, "dip" },
	{ SYS_mq_open, "soop" },
	{ SYS_mq_timedsend, "fpnit" },
	{ SYS_mq_timedreceive, "fpnpt" },
	{ SYS_mq_notify, "fp" },
	{ SYS_mq_getsetattr, "fpp" },
	{ SYS_mq_unlink, "s" },
	{ SYS_futex, "piitpi" },
	{ SYS_futex_waitv, "pcoti" },
	{ SYS_set_robust_list, "pn" },
	{ SYS_eventfd2, "io" },
	{ SYS_epoll_create1, "o" },
	{ SYS_epoll_ctl, "fifp" },
	{ SYS_epoll_wait, "fpci" },
	{ SYS_epoll_pwait2, "fpctpi" },
	{ SYS_poll, "pci" },
	{ SYS_ppoll, "pctpi" },
	{ SYS_select, "nppppt" },
	{ SYS_pselect6, "nppptp" },
	{ SYS_signalfd4, "fpio" },
	{ SYS_timerfd_create, "io" },
	{ SYS_timerfd_settime, "fopp" },
	{ SYS_timer_create, "ipp" },
	{ SYS_inotify_init1, "o" },
	{ SYS_inotify_add_watch, "fso" },
	{ SYS_memfd_create, "so" },
	{ SYS_kill, "PS" },
	{ SYS_tgkill, "PPS" },
	{ SYS_rt_sigqueueinfo, "PSp" },
	{ SYS_pidfd_open, "Po" },
	{ SYS_pidfd_getfd, "ffi" },
	{ SYS_pidfd_send_signal, "fSpi" },
	{ SYS_rt_sigaction, "Sppi" },
	{ SYS_rt_sigprocmask, "ippi" },
	{ SYS_rt_sigtimedwait, "pptn" },
	{ SYS_wait4, "Ppop" },
	{ SYS_waitid, "iPpop" },
	{ SYS_process_vm_readv, "Pvcvci" },
	{ SYS_process_vm_writev, "Pvcvci" },
	{ SYS_ptrace, "iPpp" },
	{ SYS_kcmp, "PPiff" },
	{ SYS_openat, "fsoo" },
	{ SYS_mknodat, "fsoi" },
	{ SYS_fcntl, "fip" },
	{ SYS_ioctl, "fip" },
	{ SYS_flock, "fi" },
	{ SYS_dup3, "ffo" },
	{ SYS_close, "f" },
	{ SYS_close_range, "ffo" },
	{ SYS_mmap, "anoofn" },
	{ SYS_mprotect, "ano" },
	{ SYS_munmap, "an" },
	{ SYS_mremap, "annop" },
	{ SYS_io_uring_setup, "cp" },
	{ SYS_io_uring_enter, "fccopn" },
	{ SYS_io_uring_register, "fipc" },
	{ SYS_io_setup, "cp" },
	{ SYS_io_submit, "pcv" },
	{ SYS_fork, "" },
	{ SYS_vfork, "" },
	{ SYS_clone, "opppp" },
	{ SYS_prctl, "ipppp" },
	{ SYS_seccomp, "iop" },
	{ SYS_landlock_create_ruleset, "pno" },
	{ SYS_execveat, "fsvvo" },
	{ SYS_name_to_handle_at, "fsppo" },
};

static const char *const names[] = { "file", "fifo", "dir", "/dir/socket", "queue", "", "nowhere" };
static const int families[] = { AF_UNIX, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
static const uint64_t odd[] = {
	0,
	(uint64_t)-1,
	INT32_MAX,
	1ul << 31,
	UINT32_MAX,
	1ul << 32,
	1ul << 40,
	INT64_MAX,
	1ul << 63,
	0xffffffff81000000,
	0x7fffffffe000,
	0x800000000000,
	(uint64_t)AT_FDCWD,
};

struct chaos {
	uint64_t state; /* of the random numbers */
	char *memory; /* PAGES of it, some unreadable; those beyond KEPT may be unmapped */
};

/* xorshift64* */
static uint64_t any(struct chaos *c)
{
	c->state ^= c->state >> 12;
	c->state ^= c->state << 25;
	c->state ^= c->state >> 27;
	return c->state * 0x2545f4914f6cdd1d;
}

static uint64_t below(struct chaos *c, uint64_t limit)
{
	return (any(c) >> 16) % limit;
}

static uint64_t pointer(struct chaos *c)
{
	uint64_t at = below(c, PAGES) * PAGE;

	if (below(c, 8) == 0)
		return odd[below(c, NUM(odd))];
	if (below(c, 4) == 0)
		at += PAGE - below(c, 64); /* across the end */
	else if (below(c, 2))
		at += below(c, PAGE) & ~7ul;
	return (uint64_t)(uintptr_t)c->memory + at;
}

static uint64_t flags(struct chaos *c)
{
	uint64_t set = 0;

	for (uint64_t n = below(c, 4); n; n--)
		set |= 1ul << below(c, below(c, 8) ? 20 : 64);
	return set;
}

static uint64_t word(struct chaos *c)
{
	switch (below(c, 6)) {
	case 0:
		return odd[below(c, NUM(odd))];
	case 1:
		return flags(c);
	case 2:
		return any(c);
	case 3:
		return pointer(c);
	default:
		return below(c, 64);
	}
}

/* A message header whose parts are all there: name, vector, control data that passes descriptors. */
static void put_header(struct chaos *c, char *page)
{
	struct iovec *vector = (struct iovec *)(page + 1024);
	struct cmsghdr *control = (struct cmsghdr *)(page + 2048);
	struct sockaddr_un *address = (struct sockaddr_un *)(page + 3072);
	struct msghdr *header = (struct msghdr *)page;

	*control = (struct cmsghdr){ CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(control), (int[]){ (int)below(c, 20), (int)below(c, 20) },
	       2 * sizeof(int));
	address->sun_family = (sa_family_t)families[below(c, NUM(families))];
	strcpy(address->sun_path, names[below(c, NUM(names))]);
	for (int i = 0; i < 4; i++)
		vector[i] = (struct iovec){ (void *)(uintptr_t)pointer(c), below(c, 512) };
	*header = (struct msghdr){ .msg_name = address,
				   .msg_namelen = sizeof(*address),
				   .msg_iov = vector,
				   .msg_iovlen = below(c, 4),
				   .msg_control = control,
				   .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
}

static void fill(struct chaos *c, char *page, uint64_t kind)
{
	uint64_t *words = (uint64_t *)page;

	for (size_t i = 0; i < PAGE / 8; i++) {
		if (kind == 0) /* a vector: address, length */
			words[i] = i % 2 ? below(c, 300) : pointer(c);
		else if (kind == 1) /* small numbers: lists of descriptors, operations, times */
			words[i] = below(c, 8) ? below(c, 24) | below(c, 24) << 32 : 0;
		else
			words[i] = word(c);
	}
	if (kind == 2)
		put_header(c, page);
	else if (kind == 3)
		memset(page + 64, (int)below(c, 256), below(c, PAGE - 64));
	else if (kind == 4)
		strcpy(page, names[below(c, NUM(names))]);
}

/* Below 4 GiB, so that 32-bit calls reach it. */
static void make_memory(struct chaos *c)
{
	char *base = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (base == MAP_FAILED)
		_exit(1);
	c->memory = base;
	for (uint64_t i = 0; i < PAGES; i++)
		fill(c, base + i * PAGE, i % 6);
	for (uint64_t i = 15; i < PAGES; i += 16)
		mprotect(base + i * PAGE, PAGE, i % 32 == 15 ? PROT_NONE : PROT_READ);
}

/* The other thread: what a call's arguments point to is another thing by the time somebody looks. */
static void *rewrite(void *data)
{
	struct chaos c = *(struct chaos *)data;

	c.state ^= 0x9e3779b97f4a7c15;
	setpriority(PRIO_PROCESS, 0, 15); /* it never sleeps */
	for (;;) {
		uint64_t page = below(&c, KEPT);

		if (page % 16 == 15)
			continue;
		*(volatile uint64_t *)(c.memory + page * PAGE + (below(&c, PAGE) & ~7ul)) =
			word(&c);
	}
	return NULL;
}

static void open_objects(void)
{
	struct sockaddr_un address = { AF_UNIX, "/dir/socket" };
	int fds[2];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	(void)!pipe2(fds, O_NONBLOCK);
	(void)!pipe2(fds, 0);
	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	(void)!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	(void)!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	eventfd(3, EFD_SEMAPHORE);
	epoll_create1(0);
	timerfd_create(CLOCK_MONOTONIC, 0);
	signalfd(-1, &set, 0);
	memfd_create("memory", 0);
	open("file", O_RDWR | O_CREAT, 0600);
	open("fifo", O_RDWR | O_NONBLOCK);
	open("dir", O_PATH);
	syscall(SYS_inotify_init1, 0);
	syscall(SYS_pidfd_open, getpid(), 0);
	syscall(SYS_mq_open, "queue", O_RDWR | O_CREAT | O_NONBLOCK, 0600, NULL);
	fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	unlink(address.sun_path);
	(void)!bind(fds[0], (struct sockaddr *)&address, sizeof(address));
	(void)!listen(fds[0], 4);
}

static uint64_t argument(struct chaos *c, char kind)
{
	static const int harmless[] = { 0, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD, SIGCONT, 34, 50 };
	static const pid_t special[] = { 0, -1, 1, 2, INT32_MAX };

	if (below(c, 24) == 0)
		return word(c);
	switch (kind) {
	case 'f':
		return below(c, 40);
	case 'p':
		return pointer(c);
	case 'a':
		return (uint64_t)(uintptr_t)c->memory + (KEPT + below(c, PAGES - KEPT)) * PAGE;
	case 'v': /* a page that fill() made one */
		return (uint64_t)(uintptr_t)c->memory + below(c, PAGES / 6) * 6 * PAGE;
	case 'm':
		return (uint64_t)(uintptr_t)c->memory + (below(c, PAGES / 6) * 6 + 2) * PAGE;
	case 's':
		return (uint64_t)(uintptr_t)c->memory + (below(c, PAGES / 6) * 6 + 4) * PAGE;
	case 'n':
		return below(c, below(c, 4) ? 100 : 100000);
	case 'c':
		return below(c, below(c, 8) ? 8 : 5000);
	case 'o':
		return flags(c);
	case 'i':
		return below(c, 44);
	case 'S': /* seldom one that ends it */
		return below(c, 8) ? (uint64_t)harmless[below(c, NUM(harmless))] : below(c, 65);
	case 'd':
		return below(c, 4);
	case 't':
		return below(c, 2) ? 0 : pointer(c);
	case 'F':
		return (uint64_t)families[below(c, NUM(families))];
	case 'P':
		return below(c, 2) ? (uint64_t)getpid() : (uint64_t)special[below(c, NUM(special))];
	default:
		return word(c);
	}
}

static int is_in(const int *list, size_t len, int nr)
{
	for (size_t i = 0; i < len; i++) {
		if (list[i] == nr)
			return 1;
	}
	return 0;
}

/* By int 0x80, which takes numbers and words of 32 bits. */
static void call_i386(struct chaos *c)
{
	int nr = (int)below(c, LAST_CALL + 1);
	long ret = nr;

	if (is_in(forbidden_i386, NUM(forbidden_i386), nr))
		return;
	__asm__ volatile("int $0x80"
			 : "+a"(ret)
			 : "b"(word(c)), "c"(word(c)), "d"(word(c)), "S"(word(c)), "D"(word(c))
			 : "r8", "r9", "r10", "r11", "memory");
}

static void make_call(struct chaos *c)
{
	const struct known *known = &known_calls[below(c, NUM(known_calls))];
	const char *kinds = known->args;
	int nr = known->nr;
	uint64_t args[6];

	if (below(c, 16) == 0) {
		call_i386(c);
		return;
	}
	if (below(c, 3) == 0) {
		nr = (int)below(c, LAST_CALL + 1);
		kinds = "";
	}
	if (is_in(forbidden, NUM(forbidden), nr))
		return;
	for (int i = 0; i < 6; i++) {
		args[i] = argument(c, *kinds ? *kinds : '*');
		kinds += *kinds != 0;
	}
	if (nr == SYS_socket || nr == SYS_socketpair) /* others are not bound to namespaces */
		args[0] = (uint64_t)families[below(c, NUM(families))];
	if (nr == SYS_clone)
		args[0] &= ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWNS);
	if ((nr == SYS_exit || nr == SYS_exit_group) && below(c, 8))
		return;
	if (below(c, 64) == 0)
		nr |= X32;
	if (syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]) == 0)
		c->state += (uint64_t)syscall(SYS_gettid); /* a child goes its own way */
}

static void do_nothing(int sig)
{
	(void)sig;
}

/* All but those that say that it has crashed, or stop it. */
static void handle_signals(void)
{
	static const int others[] = { SIGILL,  SIGABRT, SIGFPE,  SIGKILL, SIGSEGV, SIGBUS,
				      SIGTRAP, SIGSYS,  SIGCHLD, SIGSTOP, SIGTSTP };
	struct sigaction action = { .sa_handler = do_nothing };

	for (int sig = 1; sig < NSIG; sig++) {
		if (!is_in(others, NUM(others), sig))
			sigaction(sig, &action, NULL);
	}
}

/* Until it is killed, or has killed itself. */
static void work(uint64_t seed, volatile uint64_t *n_calls)
{
	struct itimerval often = { { 0, TICK_US }, { 0, TICK_US } };
	struct chaos c = { .state = seed | 1 };
	pthread_t other;

	prctl(PR_SET_DUMPABLE, 1);
	make_memory(&c);
	open_objects();
	if (pthread_create(&other, NULL, rewrite, &c))
		_exit(1);
	handle_signals();
	setitimer(ITIMER_REAL, &often, NULL); /* ends what blocks */
	for (;; ++*n_calls)
		make_call(&c);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Until it has ended, makes no calls any more, or it is enough. */
static void watch(pid_t pid, const volatile uint64_t *n_calls)
{
	struct pollfd ended = { (int)syscall(SYS_pidfd_open, pid, 0), POLLIN, 0 };
	int64_t end = now_ms() + ROUND_MS;
	uint64_t before;

	do
		before = *n_calls;
	while (poll(&ended, 1, IDLE_MS) <= 0 && *n_calls != before && now_ms() < end);
	close(ended.fd);
}

/* Init of the PID namespace: who is left after a round dies, and all with us. */
static int supervise(uint64_t seed, int64_t milliseconds)
{
	volatile uint64_t *n_calls =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t end = now_ms() + milliseconds;

	if (n_calls == MAP_FAILED)
		err(1, "mmap");

	while (now_ms() < end) {
		pid_t pid = fork();

		seed = seed * 6364136223846793005 + 1442695040888963407;
		if (pid == 0)
			work(seed, n_calls);
		if (pid < 0)
			err(1, "fork");
		watch(pid, n_calls);
		kill(-1, SIGKILL);
		while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
			;
	}
	return 0;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(SKIPPED);
	close(fd);
}

/* A user namespace of one user, who is nobody, and all others below it. */
static void enter_namespaces(void)
{
	int spaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS |
		     CLONE_NEWCGROUP;
	uid_t uid = getuid() ? getuid() : NOBODY;
	gid_t gid = getuid() ? getgid() : NOBODY;
	char text[32];

	if ((uid != getuid() && setgroups(0, NULL)) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		exit(SKIPPED);
	prctl(PR_SET_DUMPABLE, 1); /* else the files of /proc/self are root's */
	if (unshare(CLONE_NEWUSER))
		exit(SKIPPED);
	put("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "0 %u 1", uid);
	put("/proc/self/uid_map", text);
	snprintf(text, sizeof(text), "0 %u 1", gid);
	put("/proc/self/gid_map", text);
	if (unshare(spaces))
		exit(SKIPPED);
}

static void enter_empty_root(void)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("chaos", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,nr_inodes=200") ||
	    chdir("/tmp") || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
	    chdir("/"))
		exit(SKIPPED);
	if (mkdir("dir", 0700) || mkfifo("fifo", 0600))
		err(1, "files");
}

static void limit(int resource, rlim_t most)
{
	struct rlimit limit = { most, most };

	if (setrlimit(resource, &limit))
		err(1, "setrlimit");
}

static void give_up_rights(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	limit(RLIMIT_AS, 192ul << 20);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 1ul << 20);
	limit(RLIMIT_MEMLOCK, 64ul << 10);
	limit(RLIMIT_NOFILE, 64);
	limit(RLIMIT_NPROC, 24);
	limit(RLIMIT_SIGPENDING, 256);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_capset, &header, none))
		err(1, "capabilities");
	prctl(PR_SET_DUMPABLE,
	      0); /* who supervises is out of reach; who works becomes dumpable again */
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc != 3)
		errx(2, "usage: random_calls_static SEED MILLISECONDS");
	enter_namespaces();
	pid = fork();
	if (pid < 0)
		exit(SKIPPED);
	if (pid == 0) {
		enter_empty_root();
		setsid();
		close_range(0, ~0u, 0);
		give_up_rights();
		_exit(supervise(strtoull(argv[1], NULL, 10), atoll(argv[2])));
	}
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
