#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * What a capture engine saw: plain, self-contained data. All that decoding, model and analysis
 * will ever know about a moment is in here, so a recorded event gives the same output as a live
 * one.
 */
enum event_kind {
	EVENT_NONE,
	EVENT_ATTACHED, /* tid is traced from now on; it existed before the trace */
	EVENT_CREATED, /* tid was born; other = the creating tid (0 unknown); code: PTRACE_EVENT_* */
	EVENT_ENTER, /* syscall-enter-stop: arch, nr, args, ip, sp; code of restart_syscall: 1 + */
	/* the nr that it resumes, 0 if that is not known */
	EVENT_EXIT, /* syscall-exit-stop: as EVENT_ENTER, and ret, is_error; code: exit_kind */
	EVENT_SIGNAL, /* signal-delivery-stop: sig; the siginfo in ranges at address 0 */
	EVENT_GROUP_STOP, /* tid is stopped by sig */
	EVENT_EXEC, /* the process tid has executed a new program; other = the tid that called */
	EVENT_SUPERSEDED, /* tid is gone: another thread, other, of its process called execve */
	EVENT_EXITED, /* tid is gone; code = exit code */
	EVENT_KILLED, /* tid is gone; sig, is_core */
	EVENT_DETACHED, /* tid is no longer traced; it lives on */
	EVENT_BLOCKED, /* tid is still in its call, code = ms since it entered */
	EVENT_NOTE, /* the engine has to say something: text at address 0 of ranges */
	EVENT_RENAMED, /* the process tid calls itself otherwise: a FACT_COMM */
	EVENT_HANG, /* the same, when it has taken so long that something may be wrong */
	EVENT_SNAPSHOT, /* code: enum snapshot_step */
	EVENT_AWAKE, /* tid is in its call, but has not slept there all the time since that was told */
	EVENT_KNOWN, /* what was known when this was recorded; the events before are not there */
	EVENT_LOOKED, /* in the end somebody looked whether what was made is still there: FACT_LEFT */
	EVENT_KINDS
};

/* What an EVENT_EXIT tells of its call. */
enum exit_kind {
	EXIT_RETURNED,
	EXIT_REFUSED, /* a seccomp filter of the program's prevented the call; ret is nr, no result */
	EXIT_UNSEEN, /* no exit-stop: a vsyscall, or the next entry came instead; ret is 0 */
};

/* Processes that nobody stops are looked at: events between the first and the last step. */
enum snapshot_step {
	SNAPSHOT_BEGIN,
	SNAPSHOT_PEERS, /* some were looked at; those they wait for, if any are new, follow */
	SNAPSHOT_END, /* all calls that are open now were open at one and the same moment */
	SNAPSHOT_ASKED, /* no step: while tracing somebody asked who waits for whom */
	SNAPSHOT_STATE, /* no step: the same, and which objects there are */
	SNAPSHOT_HANGS, /* nor is this: after an EVENT_HANG or several, when what is blocked was */
	/* looked at again: it has slept from before they were asked about until now */
};

/*
 * Where the path of a FACT_NAME is: in argument arg; or, if len is not 0, in the len bytes at addr,
 * relative to the working directory, as in the address of a unix socket.
 */
enum { NAME_ADDRESS_MAX = 108 };

struct name_at {
	int arg;
	uint64_t addr;
	size_t len;
};

/* The subject of such a fact, and back. Lengths are cut off at NAME_ADDRESS_MAX. */
int64_t fact_name_in(uint64_t addr, size_t len);
struct name_at fact_name_at(int64_t subject);

/* What an fd refers to, told from what its /proc/PID/fd link and stat say. */
enum fd_kind {
	FD_UNKNOWN, /* could not be read */
	FD_CLOSED, /* no such fd */
	FD_FILE, /* regular file that is no shared memory */
	FD_DIR,
	FD_BLOCK,
	FD_CHAR, /* character device other than a terminal */
	FD_TTY, /* terminal that is no pseudo-terminal, or the one ipctrace runs on */
	FD_ANON, /* anon_inode of a kind that is not listed here */
	FD_LAST_PLAIN = FD_ANON,
	/* From here on: objects of inter-process communication. */
	FD_PIPE,
	FD_FIFO,
	FD_UNIX,
	FD_INET,
	FD_NETLINK,
	FD_SOCKET, /* of a family that is not listed here, or not known yet */
	FD_MQUEUE,
	FD_SHM, /* a file on /dev/shm */
	FD_MEMFD,
	FD_EVENTFD,
	FD_SIGNALFD,
	FD_TIMERFD,
	FD_EPOLL,
	FD_INOTIFY,
	FD_FANOTIFY,
	FD_PIDFD,
	FD_PTY,
	FD_IO_URING,
	FD_USERFAULTFD,
	FD_KINDS
};

/*
 * An answer from outside the tracee's memory. One flat shape for all kinds, so that recording
 * knows none of them:
 *
 *   kind            subject    dev, ino          id               value[]                   text
 *   FACT_FD         fd         of the file       identity where   [0] enum fd_kind          the link
 *                                                the inode is     [1] mode bits of lstat
 *                                                none: below          (0400 read, 0200 write)
 *                                                                 [2] socket family [3] type
 *                                                                 [4] protocol
 *   FACT_FD_KIND    fd         of the file       -                [0] enum fd_kind, found    -
 *                                                                 out as cheaply as can be
 *   FACT_PATH       arg index  of the file       -                [0] st_mode, -errno       -
 *                                                                 [3] links to the file
 *   FACT_FDINFO     fd         -                 -                -                         fdinfo
 *   FACT_COMM       tid        -                 -                [0] tgid                  comm
 *   FACT_MAPPING    an address of the file       of a System V    [0] start, [1] end        its name
 *                                                segment: its     [2] offset in the file
 *                                                IPC namespace    [3] MAPPING_* bits
 *   FACT_SEM_NSEMS  semid      -                 -                [0] semaphores of the set -
 *
 * State of objects at that moment:
 *   FACT_PIPE       fd         -                 -                [0] bytes in it [1] capacity
 *   FACT_SOCKET     fd         -, its inode      the peer's       [0] bytes to read         own and
 *                                                inode, 0 =       [1] bytes not taken yet   peer's name
 *                                                unknown          [2] enum of TCP_* state   "A -> B"
 *                                                                 [3] peer: bytes to read
 *                                                                 [4] pending connections
 *                                                                 [5] backlog; or peer pid
 *   FACT_QUEUE      fd         -                 -                [0] bytes to read: of a    -
 *                                                                 socket, without the rest
 *   FACT_NOT_TAKEN  fd         -                 -                [1] as FACT_SOCKET has it  -
 *   FACT_PEER_QUEUE fd         -                 -                [3] as FACT_SOCKET has it: -
 *                                                                 of a connection whose ends
 *                                                                 are known
 *   FACT_UNIX_QUEUE inode      -                 -                [3] as FACT_SOCKET has it:  -
 *                                                                 of the unix socket with
 *                                                                 that inode
 *   FACT_RECEIVER   address of -                 inode of the     [0] bytes of memory that   -
 *                   a sockaddr                   UDP socket that      its queue takes, -1
 *                   in memory,                   gets a datagram  [1] is the address one of
 *                   0: the peer                  of args[0], 0:       this machine
 *                                                none here
 *   FACT_MSG        msqid      -                 key              [0] messages [1] bytes
 *                                                                 [2] limit, bytes
 *                                                                 [3] last sender
 *                                                                 [4] last receiver
 *   FACT_SEM        semid      -                 key              [0] semaphores            binary: 4
 *                                                                                           int32 each
 *                                                                                           (value, ncnt,
 *                                                                                           zcnt, pid)
 *   FACT_SHM        shmid      -                 key              [0] attachments [1] bytes
 *                                                                 [2] creator [3] last pid
 *                                                                 [4] mode
 *   FACT_MQ         fd         -                 -                [0] messages [1] their limit
 *                                                                 [2] bytes each
 *                                                                 [3] pid to notify
 *   FACT_LOCKS      fd         -                 -                -                         its lines of
 *                                                                                           /proc/locks
 *   FACT_SIGNALS    pid        -                 -                [0] pending [1] blocked   comm
 *                                                                 [2] ignored [3] caught
 *
 *   FACT_FILE       fd         -                 -                [0] bytes of the file     -
 *                                                                 [1] seals of a memfd, -1
 *                                                                 [2] its names
 *   FACT_QUEUED     fd         -                 -                [0] bytes that a read     -
 *                                                                 would get, by FIONREAD
 *   FACT_MQ_NAME    arg index  of the queue      -                [0] 0, or -ENOENT         -
 *   FACT_IPC_NS     tid        of its namespace  -                -                         -
 *                              of System V ids
 *
 * Who has what:
 *   FACT_SHARED_FILES pid      -                 -                -                         -
 *     (of a process that was born: it has its creator's table of descriptors, no copy of it)
 *   FACT_FDS        pid        -                 -                [0] how many, -errno      -
 *   FACT_HOLDING    pid        as FACT_FD        as FACT_FD       [0]..[4] as FACT_FD       the link
 *                                                                 [5] the fd
 *     (asking for FACT_FDS adds one of these for each descriptor of the process)
 *   FACT_HOLDERS    inode      -                 -                [0] how many              -
 *                                                                 [1] processes not readable
 *   FACT_HOLDER     inode      -                 -                [0] pid [1] fd            comm
 *                                                                 [2] mode bits
 *     (asking for FACT_HOLDERS adds one of these for each descriptor of it on the machine)
 *   FACT_PROCESS    tid        -                 -                [0] tgid, 0: there is     comm
 *                                                                 no such thread
 *   FACT_CHILDREN   pid        -                 -                [0] how many              -
 *   FACT_CHILD      pid        -                 -                [0] the child's pid       comm
 *     (asking for FACT_CHILDREN adds one of these for each, at most 64)
 *   FACT_LIMITS     fd         -                 -                [0] ms that a receive of   -
 *                                                                 the socket waits, 0: for
 *                                                                 ever; [1] a send
 *
 *   FACT_PID_NS     tid        its inode, 0 if   -                [0] tid's number in it    -
 *                              it is not known
 *     (asking adds one for each PID namespace below ours that the thread is in, its own first;
 *     none: it numbers processes as we do)
 *   FACT_LOCK_FDS   fd         -                 -                [0] how many of these      -
 *                                                                 [1] processes not readable
 *                                                                 [2] when they were looked
 *                                                                 for, CLOCK_MONOTONIC ns
 *                                                                 [3] are there more
 *   FACT_LOCK_FD    fd         -                 of the open      [0] pid [1] its fd         the locks
 *                                                file: 0 fd's,                              as FACT_LOCKS
 *                                                others from 1                              has them
 *     (asking for FACT_LOCK_FDS adds one of these for each descriptor of the same file on the machine
 *     by which somebody has locks of it)
 *   FACT_SYSTEM_TIME tid      -                 -                [0] ns, see below       -
 *     (at an EVENT_EXIT, if the engine is told to: what the system time of the process, its ended
 *     children included, has grown by since the entry, as wait4(2) tells in its rusage)
 *
 * What an EVENT_KNOWN tells, of objects whose struct ipc_key is (subject, dev, ino, id), subject being
 * mech | pad << 32. A key of 0 tells of all objects of that mech: [0] numbers given so far.
 *   FACT_OBJECT     mech, pad  a, b              c               [0] number [1] creator   identity,
 *                                                                [2] birth_ns             "\n", and
 *                                                                [3] KNOWN_* bits         the label
 *                                                                [4] type, of a socket
 *                                                                [5] its protocol
 *   FACT_LASTING    mech, pad  a, b              c               [0] names left           call, "\n",
 *                                                                [1] maker [2] made_ns    and the
 *                                                                [3] is_inferred          unused
 *   FACT_LASTING_NAME mech, pad  a, b            c               [0] dev, [1] inode of    the path
 *     (one for each name that is known)                          the directory
 *                                                                [2] as FACT_NAME has it
 *                                                                [3] dev, [4] inode of a
 *                                                                socket's path
 *   FACT_COUNTERS   mech, pad  a, b              c               messages [0] numbered    -
 *                                                                [1] sent [2] received
 *                                                                bytes [3] sent
 *                                                                [4] received
 *   FACT_LEDGER     mech, pad  a, b              c               [0] part [1] bits        binary: the
 *     (behind the objects; see known_ledger.c)                   [2] debt [3] doubt_ns    messages in it,
 *                                                                                         int64 each
 *
 * What would outlive the traced processes:
 *   FACT_NAME       where the  of the file that  inode of the     [0] st_mode, -errno       where it
 *                   path is,   has the name, no  directory that   [1] dev of the directory  is, from
 *                   see below  link followed     has it, 0: not   [2] 1: text is there for  the root on
 *                                                asked            ipctrace too, else 0
 *                                                                 [3] links to the file
 *   FACT_LEFT       mech, pad  a, b of its key   c               [0] enum left_kind       the path,
 *     (of EVENT_LOOKED: question and answer)                     [1] dev of the file, id  or name
 *                                                                [2] inode of the file
 *                                                                [3] IPC namespace, 0 ours
 *                                                                [4] enum left_answer
 *                                                                [5] a process in another
 *                                                                namespace; -1: a queue
 *                                                                that no file here shows
 *   FACT_LEFT_LOCK  mech, pad  a, b of its key   c               [0] pid [1] fd           its locks, as
 *     (one for each descriptor through which somebody has                                FACT_LOCKS has
 *     locks of a LEFT_LOCK; a FACT_COMM for each process)                                them
 *
 * FACT_FD's id: for eventfds the kernel's eventfd-id, for other anonymous files a number that
 * stands for the open file description, for terminals their device number.
 */
enum fact_kind {
	FACT_NONE,
	FACT_FD,
	FACT_PATH,
	FACT_FDINFO,
	FACT_COMM,
	FACT_MAPPING,
	FACT_SEM_NSEMS,
	FACT_PIPE,
	FACT_SOCKET,
	FACT_MSG,
	FACT_SEM,
	FACT_SHM,
	FACT_MQ,
	FACT_LOCKS,
	FACT_SIGNALS,
	FACT_FDS,
	FACT_HOLDING,
	FACT_HOLDERS,
	FACT_HOLDER,
	FACT_FD_KIND,
	FACT_FILE,
	FACT_QUEUED,
	FACT_MQ_NAME,
	FACT_QUEUE,
	FACT_NOT_TAKEN,
	FACT_PEER_QUEUE,
	FACT_IPC_NS,
	FACT_PROCESS,
	FACT_CHILDREN,
	FACT_CHILD,
	FACT_OBJECT,
	FACT_LASTING,
	FACT_SHARED_FILES,
	FACT_RECEIVER,
	FACT_UNIX_QUEUE,
	FACT_LIMITS,
	FACT_PID_NS,
	FACT_LOCK_FDS,
	FACT_LOCK_FD,
	FACT_SYSTEM_TIME,
	FACT_NAME,
	FACT_LASTING_NAME,
	FACT_LEFT,
	FACT_COUNTERS,
	FACT_LEDGER,
	FACT_LEFT_LOCK,
	FACT_KINDS
};

/* In the mode bits of a FACT_HOLDING that a model tells: it has seen the descriptor being made. */
enum { HOLDING_SEEN = 1 << 16 };

enum known_bits {
	KNOWN_SHOWN = 1,
	KNOWN_REMOVED = 2,
	KNOWN_LABEL = 4, /* there is one */
	KNOWN_SEEN = 8, /* it is no older than the trace */
};

enum left_kind { LEFT_FILE, LEFT_MSG, LEFT_SEM, LEFT_SHM, LEFT_QUEUE, LEFT_LOCK };

enum left_answer {
	LEFT_UNASKED,
	LEFT_THERE,
	LEFT_GONE,
	LEFT_UNKNOWN, /* it could not be found out */
};

enum mapping_bits { MAPPING_READ = 1, MAPPING_WRITE = 2, MAPPING_EXEC = 4, MAPPING_SHARED = 8 };

struct fact {
	uint16_t kind;
	int64_t subject;
	uint64_t dev, ino, id;
	int64_t value[6];
	uint32_t text, text_len; /* offset and bytes in event.bytes */
};

/* Bytes that were read from the tracee: [addr, addr + len), kept at bytes.data + data. */
struct event_range {
	uint64_t addr;
	uint32_t len;
	uint32_t data;
};

/*
 * One frame of a stack: text offsets point into event.bytes, length 0 = not known. ip 0: from here
 * on the stack could not be unwound.
 */
struct event_frame {
	uint64_t ip;
	uint64_t offset; /* of ip from the symbol, or from the start of the module */
	uint32_t module, module_len;
	uint32_t symbol, symbol_len;
};

struct event {
	enum event_kind kind;
	uint32_t arch; /* AUDIT_ARCH_*; x32 is AUDIT_ARCH_X86_64 with nr's __X32_SYSCALL_BIT */
	pid_t tid, tgid, other;
	int sig, code;
	bool is_core, is_error;
	bool is_blind; /* an exit whose entry was not seen; an entry that was, like all, only found */
	uint64_t nr;
	uint64_t args[6];
	int64_t ret; /* as the kernel returned it, -errno if is_error */
	uint64_t ip, sp;
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint64_t real_ns; /* CLOCK_REALTIME */
	uint32_t lag_ns; /* reserved: 0 */
	uint32_t n_ranges, n_facts, n_frames;
	size_t cap_ranges, cap_facts, cap_frames;
	struct event_range *ranges;
	struct fact *facts;
	struct event_frame *frames;
	struct outgrown *outgrown; /* where facts were before there were so many */
	struct buf bytes;
};

/* Make the event empty and of no kind, keeping its memory. */
void event_clear(struct event *ev);
void event_finish(struct event *ev);

/* 4 or 8: bytes of a long and of a pointer in the tracee that made the call. */
unsigned event_word_len(const struct event *ev);

/* Append a copy of what was read at addr. Source: the tracee; len at most UINT32_MAX. */
void event_add_range(struct event *ev, uint64_t addr, const void *data, size_t len);

/*
 * Room for a range of len bytes that the caller is about to read: returns where to put the
 * bytes. event_trim_range() then says how many there were; 0 removes the range.
 */
void *event_reserve_range(struct event *ev, uint64_t addr, size_t len);
void event_trim_range(struct event *ev, size_t len);

/*
 * Append a fact; text is copied. What is written through the pointer returned has to be written
 * before the next one is added; it can be read until the event is cleared.
 */
struct fact *event_add_fact(struct event *ev, enum fact_kind kind, int64_t subject,
			    const char *text, size_t text_len);

/* The fact of that kind and subject, or NULL. */
const struct fact *event_fact(const struct event *ev, enum fact_kind kind, int64_t subject);

/* The fact's text: not NUL-terminated, fact->text_len bytes. */
const char *event_fact_text(const struct event *ev, const struct fact *fact);

/* What a FACT_FD, FACT_FD_KIND or FACT_HOLDING says that it is; FD_UNKNOWN if that is no kind. */
enum fd_kind fact_fd_kind(const struct fact *fact);

struct event_frame *event_add_frame(struct event *ev, const char *module, const char *symbol);

/* An event that has nothing but the frames of src; NULL: there are none. To be freed by its owner. */
struct event *event_stack(const struct event *src);
void event_stack_free(struct event *stack);

/* Append copies of the frames of another event. */
void event_add_stack(struct event *ev, const struct event *stack);

/* Copy everything of src into dst, whose memory is reused. */
void event_copy(struct event *dst, const struct event *src);

#endif
