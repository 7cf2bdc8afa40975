#include "filters/classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "filters/mechanisms.h"
#include "filters/strace_classes.h"

#define STRACE(name_, bit, bare, meaning_)                                                         \
	{                                                                                          \
		.name = (name_), .meaning = (meaning_), .is_strace = true, .is_bare = (bare),      \
		.strace_classes = (bit)                                                            \
	}

#define IPC_CLASS(name_, bits, meaning_)                                                           \
	{                                                                                          \
		.name = (name_), .meaning = (meaning_), .is_mechanism = true, .mechanisms = (bits) \
	}

#define MECHANISM(name_, mechanism, meaning_)                                                      \
	IPC_CLASS(name_, MECHANISM_BIT(MECHANISM_##mechanism), meaning_)

#define SYSV                                                                                       \
	(MECHANISM_BIT(MECHANISM_SYSV_MSG) | MECHANISM_BIT(MECHANISM_SYSV_SEM) |                   \
	 MECHANISM_BIT(MECHANISM_SYSV_SHM))

/* By name; strace's ipc and ours never meet. */
static const struct call_class classes[] = {
	STRACE("%stat", IN_ALL_STAT, false, "all of %stat, %lstat and %fstat"),
	STRACE("%statfs", IN_ALL_STATFS, false, "all of %statfs and %fstatfs, and ustat"),
	STRACE("clock", IN_CLOCK, false, "read or set the time of day and other clocks"),
	STRACE("creds", IN_CREDS, false, "read or change user and group ids and capabilities"),
	STRACE("desc", IN_DESC, true, "take or return a file descriptor, but for sockets"),
	MECHANISM("epoll", EPOLL, "wait on many descriptors with epoll"),
	MECHANISM("eventfd", EVENTFD, "counters behind a descriptor"),
	MECHANISM("fanotify", FANOTIFY, "watch file systems, or decide what may be opened"),
	MECHANISM("fifo", FIFO, "named pipes: made, opened, removed, and data through them"),
	STRACE("file", IN_FILE, true, "take a file name"),
	STRACE("fstat", IN_FSTAT, false, "fstat, newfstatat, statx and their variants"),
	STRACE("fstatfs", IN_FSTATFS, false, "fstatfs and its variants"),
	MECHANISM("futex", FUTEX, "locks and condition variables between threads or processes"),
	MECHANISM("inet", INET, "sockets of IPv4 and IPv6"),
	MECHANISM("inotify", INOTIFY, "watch files and directories for changes"),
	MECHANISM("io-uring", IO_URING, "queues of calls shared with the kernel"),
	IPC_CLASS("ipc", MECHANISM_ALL, "every mechanism of inter-process communication"),
	STRACE("ipc", IN_SYSV_IPC, true, "System V queues, semaphores and shared memory"),
	MECHANISM("locks", LOCKS, "file locks: flock, record locks, leases"),
	STRACE("lstat", IN_LSTAT, false, "lstat and its variants"),
	MECHANISM("memfd", MEMFD, "memory behind a descriptor, without a name"),
	STRACE("memory", IN_MEMORY, true, "map, lock, protect and place memory"),
	MECHANISM("namespaces", NAMESPACES, "enter, leave and list namespaces"),
	MECHANISM("netlink", NETLINK, "sockets to the kernel's subsystems"),
	STRACE("network", IN_NETWORK, true, "sockets of any kind"),
	MECHANISM("pidfd", PIDFD, "processes behind a descriptor"),
	MECHANISM("pipe", PIPE, "pipes: made, and data through them"),
	MECHANISM("poll", POLL, "wait on many descriptors with poll or select"),
	MECHANISM("posix-mq", POSIX_MQ, "POSIX message queues"),
	STRACE("process", IN_PROCESS, true, "start, end, wait for and signal processes"),
	MECHANISM("process-vm", PROCESS_VM, "reach into another process's memory, or compare"),
	MECHANISM("ptrace", PTRACE, "control another process as a debugger does"),
	MECHANISM("pty", PTY, "pseudo-terminals: opened, and data through them"),
	STRACE("pure", IN_PURE, false, "ask for a process's own ids, which cannot fail"),
	MECHANISM("shared-mem", SHARED_MEM, "shared mappings, and files of /dev/shm"),
	STRACE("signal", IN_SIGNAL, true, "what strace counts to signals, with their returns"),
	MECHANISM("signalfd", SIGNALFD, "signals taken from a descriptor"),
	MECHANISM("signals", SIGNALS, "send signals, wait for them, decide about them"),
	MECHANISM("socket", SOCKET, "sockets of any family, and data through them"),
	STRACE("stat", IN_STAT, false, "stat and its variants"),
	STRACE("statfs", IN_STATFS, false, "statfs and its variants"),
	IPC_CLASS("sysv", SYSV, "System V queues, semaphores and shared memory"),
	MECHANISM("sysv-msg", SYSV_MSG, "System V message queues"),
	MECHANISM("sysv-sem", SYSV_SEM, "System V semaphores"),
	MECHANISM("sysv-shm", SYSV_SHM, "System V shared memory"),
	MECHANISM("timerfd", TIMERFD, "timers behind a descriptor"),
	MECHANISM("unix", UNIX, "sockets within the machine, with descriptors passed along"),
	MECHANISM("userfaultfd", USERFAULTFD, "page faults handled by another thread or process"),
	MECHANISM("wait", WAIT, "start processes and threads, and wait for their end"),
};

/* Strace's classes exist in both faces, but for ipc, which means more in ours. */
static bool is_in_face(const struct call_class *class, bool is_strace_face)
{
	if (is_strace_face)
		return class->is_strace;
	return class->is_mechanism || class->strace_classes != IN_SYSV_IPC;
}

const struct call_class *class_next(const struct call_class *previous, bool is_strace_face)
{
	const struct call_class *next = previous ? previous + 1 : classes;

	while (next < classes + ARRAY_LEN(classes) && !is_in_face(next, is_strace_face))
		next++;
	return next < classes + ARRAY_LEN(classes) ? next : NULL;
}

/* strace takes some of its classes without %; we take all that no call has the name of. */
static bool is_bare_name(const struct call_class *class, bool is_strace_face)
{
	if (class->is_bare || class->is_mechanism)
		return true;
	return !is_strace_face && syscall_number(names_audit_arch(ARCH_X86_64), class->name) < 0;
}

const struct call_class *class_named(const char *name, bool is_strace_face)
{
	const struct call_class *class = NULL;

	name += name[0] == '%';
	if (strcmp(name, "net") == 0)
		name = "network";
	while ((class = class_next(class, is_strace_face)))
		if (strcmp(class->name, name) == 0)
			break;
	return class;
}

const struct call_class *class_find(const char *name, bool is_strace_face)
{
	const struct call_class *class = class_named(name, is_strace_face);

	if (!class || name[0] == '%')
		return class;
	/* An alias needs its %. */
	if (strcmp(class->name, name) != 0 || !is_bare_name(class, is_strace_face))
		return NULL;
	return class;
}

void class_rule(const struct call_class *class, enum arch_index arch, const char *call,
		struct rule *rule)
{
	if (strace_classes_of(call) & class->strace_classes)
		rule_add(rule, &(struct condition){ .kind = IF_ALWAYS });
	if (arch == ARCH_I386 && strcmp(call, "mmap") == 0)
		call = "old_mmap";
	if (class->mechanisms)
		mechanisms_rule(class->mechanisms, call, rule);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t class_members(const struct call_class *class, uint32_t arch, struct arena *arena,
		     const char *const **ret_names)
{
	const char **names = arena_array(arena, const char *, SYSCALL_NR_MAX);
	uint64_t no_bit = 0;
	int index = names_arch(arch, &no_bit);
	size_t n = 0;

	for (uint64_t nr = 0; index >= 0 && nr < SYSCALL_NR_MAX; nr++) {
		const char *name = syscall_name(arena, arch, nr);
		struct rule rule = { 0 };

		if (name)
			class_rule(class, (enum arch_index)index, name, &rule);
		if (rule.n)
			names[n++] = name;
	}
	qsort(names, n, sizeof(*names), compare);
	*ret_names = names;
	return n;
}
