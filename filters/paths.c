#include "filters/paths.h"

#include <linux/audit.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum {
	PATH_LEN_MAX = 4096,
	POLLED_MAX = 1024, /* descriptors of one poll that are looked at */
	SELECTED_MAX = 65536, /* and of one select */
	ARGS = 6,
};

/* Where the arguments of a call are paths and descriptors, as bits. */
struct places {
	uint8_t fds, paths;
	uint8_t polled; /* 1: an array of struct pollfd; 2: sets as select has them */
};

enum { POLLED_ARRAY = 1, POLLED_SETS = 2 };

#define A0 1
#define A1 2
#define A2 4
#define A3 8
#define A4 16

/*
 * Strace's choice, which is not all that there is: calls that make a descriptor are on no path, of
 * rename it is the first one that counts, of symlink the second, of epoll_ctl the target.
 */
static const struct row {
	struct places places;
	const char *calls;
} rows[] = {
	{ { .paths = A0 },
	  " open stat lstat stat64 lstat64 oldstat oldlstat access execve truncate truncate64 "
	  "getcwd chdir "
	  "rename mkdir rmdir creat unlink readlink chmod chown chown32 lchown lchown32 utime "
	  "utimes mknod "
	  "uselib statfs statfs64 chroot acct umount umount2 swapon swapoff setxattr lsetxattr "
	  "getxattr "
	  "lgetxattr listxattr llistxattr removexattr lremovexattr " },
	{ { .paths = A1 }, " symlink quotactl " },
	{ { .paths = A0 | A1 }, " link pivot_root mount " },
	{ { .fds = A0 },
	  " read write close fstat fstat64 oldfstat lseek _llseek ioctl pread64 pwrite64 readv "
	  "writev dup "
	  "connect sendto recvfrom sendmsg recvmsg send recv shutdown bind listen getsockname "
	  "getpeername "
	  "setsockopt getsockopt fcntl fcntl64 flock fsync fdatasync ftruncate ftruncate64 "
	  "getdents getdents64 "
	  "readdir fchdir fchmod fchown fchown32 fstatfs fstatfs64 getpmsg putpmsg readahead "
	  "fsetxattr "
	  "fgetxattr flistxattr fremovexattr fadvise64 fadvise64_64 epoll_wait epoll_pwait "
	  "epoll_pwait2 "
	  "inotify_rm_watch sync_file_range vmsplice fallocate preadv pwritev preadv2 pwritev2 "
	  "recvmmsg "
	  "recvmmsg_time64 sendmmsg open_by_handle_at syncfs setns finit_module pidfd_send_signal "
	  "pidfd_getfd process_madvise quotactl_fd process_mrelease cachestat " },
	{ { .fds = A2 }, " epoll_ctl " },
	{ { .fds = A4 }, " mmap mmap2 " },
	{ { .fds = A0 | A1 }, " dup2 dup3 sendfile sendfile64 tee kexec_file_load " },
	{ { .fds = A0 | A2 }, " splice copy_file_range " },
	{ { .fds = A0, .paths = A1 },
	  " openat openat2 inotify_add_watch mkdirat mknodat fchownat futimesat newfstatat "
	  "fstatat64 unlinkat "
	  "readlinkat fchmodat fchmodat2 faccessat faccessat2 utimensat utimensat_time64 "
	  "name_to_handle_at "
	  "execveat statx open_tree open_tree_attr fspick mount_setattr setxattrat getxattrat "
	  "listxattrat "
	  "removexattrat file_getattr file_setattr " },
	{ { .fds = A0 | A2, .paths = A1 | A3 }, " renameat renameat2 linkat move_mount " },
	{ { .fds = A1, .paths = A2 }, " symlinkat " },
	{ { .fds = A3, .paths = A4 }, " fanotify_mark " },
	{ { .polled = POLLED_ARRAY }, " poll ppoll ppoll_time64 " },
	{ { .polled = POLLED_SETS }, " select _newselect pselect6 pselect6_time64 " },
};

struct path_set {
	char **paths;
	size_t n, cap;
	struct places places[ARCH_KINDS][SYSCALL_NR_MAX];
};

static struct places find_places(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (const char *at = rows[i].calls; (at = strstr(at, name)); at += len) {
			if (at[-1] == ' ' && at[len] == ' ')
				return rows[i].places;
		}
	}
	return (struct places){ 0 };
}

struct path_set *path_set_create(const struct call_names *names)
{
	struct path_set *set = calloc(1, sizeof(*set));

	if (!set)
		abort();
	for (unsigned arch = 0; arch < ARCH_KINDS; arch++) {
		for (unsigned nr = 0; nr < SYSCALL_NR_MAX; nr++) {
			if (names->name[arch][nr])
				set->places[arch][nr] = find_places(names->name[arch][nr]);
		}
	}
	return set;
}

void path_set_destroy(struct path_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++)
		free(set->paths[i]);
	free(set->paths);
	free(set);
}

void path_set_add(struct path_set *set, const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		abort();
	set->paths = array_grow(set->paths, set->n, &set->cap, sizeof(*set->paths));
	set->paths[set->n++] = copy;
}

/* --- one call --- */

static bool has_path(const struct path_set *set, const char *text, size_t len)
{
	for (size_t i = 0; i < set->n; i++) {
		if (strlen(set->paths[i]) == len && memcmp(set->paths[i], text, len) == 0)
			return true;
	}
	return false;
}

static bool is_path(const struct path_set *set, const struct mem *mem, uint64_t addr)
{
	char path[PATH_LEN_MAX];
	bool is_whole = false;
	ssize_t len = mem_read_string(mem, addr, path, sizeof(path), &is_whole);

	return len >= 0 && is_whole && has_path(set, path, (size_t)len);
}

static bool is_fd(const struct path_set *set, const struct mem *mem, uint64_t arg)
{
	static const char deleted[] = " (deleted)";
	size_t tail = sizeof(deleted) - 1;
	int32_t fd = (int32_t)(uint32_t)arg;
	const struct fact *fact;
	const char *link;
	size_t len;

	if (fd < 0)
		return false;
	fact = mem_fact(mem, FACT_FD, fd);
	if (!fact || fact_fd_kind(fact) == FD_UNKNOWN)
		return true;
	link = event_fact_text(mem->ev, fact);
	len = fact->text_len;
	if (len >= tail && memcmp(link + len - tail, deleted, tail) == 0)
		len -= tail;
	return fact_fd_kind(fact) != FD_CLOSED && has_path(set, link, len);
}

/* What is not readable of the array, the call cannot read either. */
static bool is_polled(const struct path_set *set, const struct mem *mem, uint64_t addr, uint32_t n)
{
	struct pollfd fds[POLLED_MAX];
	uint32_t most = n < POLLED_MAX ? n : POLLED_MAX;
	ssize_t len = mem_read(mem, addr, fds, most * sizeof(*fds));
	size_t n_read = len > 0 ? (size_t)len / sizeof(*fds) : 0;

	for (size_t i = 0; i < n_read; i++) {
		if (is_fd(set, mem, (uint32_t)fds[i].fd))
			return true;
	}
	return n > POLLED_MAX && n_read == POLLED_MAX;
}

/* Sets are words of the caller's, in which the order of bytes is that of bits. */
static bool is_in_set(const struct path_set *set, const struct mem *mem, uint64_t addr, uint32_t n,
		      unsigned word_len)
{
	uint8_t bits[SELECTED_MAX / 8];
	uint32_t most = n < SELECTED_MAX ? n : SELECTED_MAX;
	size_t len = (most + word_len * 8 - 1) / (word_len * 8) * word_len;

	if (!addr || mem_read_all(mem, addr, bits, len) < 0)
		return false;
	for (uint32_t fd = 0; fd < most; fd++) {
		if ((bits[fd / 8] >> fd % 8 & 1) && is_fd(set, mem, fd))
			return true;
	}
	return n > SELECTED_MAX;
}

static bool is_selected(const struct path_set *set, const struct event *ev, const struct mem *mem,
			const uint64_t *args)
{
	uint32_t n = (uint32_t)args[0];

	for (unsigned i = 1; i <= 3 && (int32_t)n > 0; i++) {
		if (is_in_set(set, mem, args[i], n, event_word_len(ev)))
			return true;
	}
	return false;
}

/*
 * i386 has calls whose arguments are words in memory: mmap (90) and select (82) of old, and what
 * socketcall (102) is given. Source: arch/x86/kernel/sys_ia32.c, fs/select.c, net/socket.c.
 */
static struct places load_args(const struct path_set *set, const struct event *ev,
			       const struct mem *mem, uint64_t *args)
{
	enum { OLD_SELECT = 82, OLD_MMAP = 90, SOCKETCALL = 102, OLD_MMAP_LEN = 6, SELECT_LEN = 5 };
	enum { CALL_SOCKET = 1, CALL_ACCEPT = 5, CALL_SOCKETPAIR = 8, CALL_ACCEPT4 = 18 };
	uint64_t nr = ev->nr, call = ev->args[0];
	int arch = names_arch(ev->arch, &nr);
	uint32_t words[ARGS] = { 0 };
	bool is_socket = arch == ARCH_I386 && nr == SOCKETCALL;
	unsigned n = nr == OLD_SELECT ? SELECT_LEN : OLD_MMAP_LEN;

	memcpy(args, ev->args, ARGS * sizeof(*args));
	if (arch < 0 || nr >= SYSCALL_NR_MAX)
		return (struct places){ 0 };
	if (!is_socket && (arch != ARCH_I386 || (nr != OLD_MMAP && nr != OLD_SELECT)))
		return set->places[arch][nr];
	if (mem_read_all(mem, ev->args[is_socket], words, (is_socket ? 1 : n) * sizeof(*words)) < 0)
		return (struct places){ 0 };
	for (unsigned i = 0; i < ARGS; i++)
		args[i] = words[i];
	if (!is_socket)
		return set->places[arch][nr];
	return (struct places){ .fds = call == CALL_SOCKET || call == CALL_ACCEPT ||
						       call == CALL_SOCKETPAIR ||
						       call == CALL_ACCEPT4
					       ? 0
					       : A0 };
}

bool path_set_matches(const struct path_set *set, const struct event *ev, const struct mem *mem)
{
	uint64_t args[ARGS];
	struct places places = load_args(set, ev, mem, args);

	for (unsigned i = 0; i < ARGS; i++) {
		if ((places.paths >> i & 1) && is_path(set, mem, args[i]))
			return true;
		if ((places.fds >> i & 1) && is_fd(set, mem, args[i]))
			return true;
	}
	if (places.polled == POLLED_ARRAY)
		return is_polled(set, mem, args[0], (uint32_t)args[1]);
	return places.polled == POLLED_SETS && is_selected(set, ev, mem, args);
}
