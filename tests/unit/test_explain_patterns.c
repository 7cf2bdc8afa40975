/* Each pattern of --explain, said of one call with that call's own names and numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analysis/explain.h"
#include "base/array.h"
#include "decode/families.h"

/* A call on the first object of its kind, in which were 5 of 64 before and 12 after. */
static const struct {
	enum mech mech;
	const char *prefix; /* of the object's name; NULL: there is none */
	enum ipc_op op;
	const char *call;
	enum event_kind kind;
	int64_t ret;
	const char *text;
	uint64_t raw[6];
} cases[] = {
	{ MECH_PIPE, "pipe", OP_CREATE, "pipe", EVENT_EXIT, 3,
	  "pipe:1 is a pipe: what is written to its write end comes out"
	  " of its read end in the same order, whichever processes have"
	  " the two ends." },
	{ MECH_PIPE, "pipe", OP_SEND, "write", EVENT_EXIT, 17,
	  "write only copies bytes into the buffer of pipe:1 and "
	  "returns; whether they are read is not its concern. 12 of 64 "
	  "bytes were in it afterwards." },
	{ MECH_PIPE, "pipe", OP_RECV, "read", EVENT_EXIT, 17,
	  "read took 17 bytes out of pipe:1. Unless it was made with "
	  "O_DIRECT, a pipe does not remember where a write ended: one "
	  "read may get parts of several writes, or a part of one." },
	{ MECH_PIPE, "pipe", OP_RECV, "read", EVENT_EXIT, 0,
	  "read returned 0, the end of file: pipe:1 is empty and nobody"
	  " has its write end open.",
	  .raw = { [2] = 100 } },
	{ MECH_PIPE, "pipe", OP_SEND, "write", EVENT_BLOCKED, 0,
	  "There is not enough room in pipe:1 for all that is to be "
	  "written: write sleeps until somebody reads." },
	{ MECH_PIPE, "pipe", OP_RECV, "read", EVENT_BLOCKED, 0,
	  "pipe:1 is empty: read sleeps until somebody writes, or until"
	  " nobody has the write end open any more." },
	{ MECH_PIPE, "pipe", OP_SEND, "write", EVENT_EXIT, -EPIPE,
	  "Nobody has the read end of pipe:1 open: what is written "
	  "could never be read. The writer gets SIGPIPE, and EPIPE if "
	  "it survives that." },
	{ MECH_PIPE, "pipe", OP_SEND, "write", EVENT_EXIT, -EAGAIN,
	  "There is not enough room in pipe:1, and O_NONBLOCK is set: "
	  "write fails with EAGAIN where it would sleep." },
	{ MECH_PIPE, "pipe", OP_RECV, "read", EVENT_EXIT, -EAGAIN,
	  "pipe:1 is empty, but somebody could still write, and "
	  "O_NONBLOCK is set: read fails with EAGAIN where it would "
	  "sleep." },
	{ MECH_FIFO, "fifo", OP_CREATE, "mknod", EVENT_EXIT, 3,
	  "fifo:1 is a FIFO: a pipe that processes find by the name of "
	  "a file. The file holds no data, and stays until it is "
	  "removed." },
	{ MECH_FIFO, "fifo", OP_OPEN, "openat", EVENT_BLOCKED, 0,
	  "Opening a FIFO to read sleeps until somebody opens it to "
	  "write, and the other way round." },
	{ MECH_FIFO, "fifo", OP_OPEN, "openat", EVENT_EXIT, -ENXIO,
	  "Nobody has the FIFO open to read. To open it to write with "
	  "O_NONBLOCK fails with ENXIO then, instead of waiting for a "
	  "reader." },
	{ MECH_FIFO, "fifo", OP_SEND, "write", EVENT_EXIT, 17,
	  "write copies bytes into the buffer of fifo:1: 12 of 64 bytes"
	  " were in it afterwards. They are in memory only, not in the "
	  "file." },
	{ MECH_FIFO, "fifo", OP_RECV, "read", EVENT_EXIT, 17,
	  "read took 17 bytes out of fifo:1; what one read gets need "
	  "not be what one write put in." },
	{ MECH_FIFO, "fifo", OP_RECV, "read", EVENT_EXIT, 0,
	  "read returned 0: fifo:1 is empty and nobody has it open to "
	  "write. Unlike a pipe, it can be opened to write again, and "
	  "then there is more to read.",
	  .raw = { [2] = 100 } },
	{ MECH_FIFO, "fifo", OP_SEND, "write", EVENT_EXIT, -EPIPE,
	  "Nobody has fifo:1 open to read: the writer gets SIGPIPE, and"
	  " EPIPE if it survives that." },
	{ MECH_SYSV_MSG, "msg", OP_CREATE, "msgget", EVENT_EXIT, 3,
	  "msg:1 is a queue of the system, not of a process: it stays, "
	  "with what is in it, until somebody removes it with IPC_RMID." },
	{ MECH_SYSV_MSG, "msg", OP_SEND, "msgsnd", EVENT_EXIT, 0,
	  "A message goes into msg:1 with its length and its type, by "
	  "which receivers can choose." },
	{ MECH_SYSV_MSG, "msg", OP_RECV, "msgrcv", EVENT_EXIT, 17,
	  "msgrcv got one message of 17 bytes from msg:1. Which one, "
	  "its type argument decides: 0 the oldest, n the oldest of "
	  "type n (with MSG_EXCEPT of any other), -n the one of the "
	  "lowest type up to n." },
	{ MECH_SYSV_MSG, "msg", OP_SEND, "msgsnd", EVENT_BLOCKED, 0,
	  "msg:1 has no room for the message: msgsnd sleeps until "
	  "somebody receives, or the queue is removed." },
	{ MECH_SYSV_MSG, "msg", OP_RECV, "msgrcv", EVENT_BLOCKED, 0,
	  "In msg:1 is no message that the type argument of msgrcv lets"
	  " through: it sleeps until one is sent, or the queue is "
	  "removed." },
	{ MECH_SYSV_MSG, "msg", OP_SEND, "msgsnd", EVENT_EXIT, -EAGAIN,
	  "msg:1 has no room for the message, and IPC_NOWAIT is set: "
	  "msgsnd fails with EAGAIN where it would sleep." },
	{ MECH_SYSV_MSG, "msg", OP_RECV, "msgrcv", EVENT_EXIT, -ENOMSG,
	  "In msg:1 is no message of the wanted type, and IPC_NOWAIT is"
	  " set: msgrcv fails with ENOMSG where it would sleep." },
	{ MECH_SYSV_MSG, "msg", OP_RECV, "msgrcv", EVENT_EXIT, -E2BIG,
	  "The message is longer than the buffer, and stays in msg:1. "
	  "With MSG_NOERROR it would be cut off and taken." },
	{ MECH_SYSV_MSG, "msg", OP_RECV, "msgrcv", EVENT_EXIT, -EIDRM,
	  "msg:1 was removed while msgrcv slept on it: EIDRM." },
	{ MECH_SYSV_MSG, "msg", OP_SEND, "msgsnd", EVENT_EXIT, -EIDRM,
	  "msg:1 was removed while msgsnd slept on it: EIDRM." },
	{ MECH_SYSV_SEM, "sem", OP_CREATE, "semget", EVENT_EXIT, 3,
	  "sem:1 is a set of semaphores of the system, not of a "
	  "process: it stays until somebody removes it with IPC_RMID." },
	{ MECH_SYSV_SEM, "sem", OP_WAIT, "semop", EVENT_EXIT, 0,
	  "All operations of one semop are done together or not at all:"
	  " a negative one takes from a semaphore, a positive one adds "
	  "to it, 0 waits for the value 0." },
	{ MECH_SYSV_SEM, "sem", OP_WAIT, "semop", EVENT_BLOCKED, 0,
	  "Not all operations of semop can be done now: it sleeps, "
	  "having done none of them, until the semaphores of sem:1 let "
	  "it do all." },
	{ MECH_SYSV_SEM, "sem", OP_WAIT, "semop", EVENT_EXIT, -EAGAIN,
	  "The operations could not be done, and semop was not to wait "
	  "any longer: IPC_NOWAIT is set, or its time limit is over. "
	  "None of them was done." },
	{ MECH_SYSV_SEM, "sem", OP_WAIT, "semop", EVENT_EXIT, -EIDRM,
	  "sem:1 was removed while semop slept on it: EIDRM." },
	{ MECH_SYSV_SHM, "shm", OP_CREATE, "shmget", EVENT_EXIT, 3,
	  "shm:1 is memory of the system that processes can attach with"
	  " shmat. It stays until it is removed with IPC_RMID and "
	  "nobody has it attached." },
	{ MECH_SYSV_SHM, "shm", OP_MAP, "shmat", EVENT_EXIT, 0,
	  "From here on shm:1 is at this address of the process, at "
	  "which others may have it elsewhere. What they store there no"
	  " system call and no tracer sees." },
	{ MECH_POSIX_MQ, "mq", OP_OPEN, "mq_open", EVENT_EXIT, 3,
	  "mq:1 is a message queue with a name. It stays, with what is "
	  "in it, until mq_unlink removes the name and nobody has it "
	  "open." },
	{ MECH_POSIX_MQ, "mq", OP_CREATE, "mq_open", EVENT_EXIT, 3,
	  "mq:1 is a message queue with a name. It stays, with what is "
	  "in it, until mq_unlink removes the name and nobody has it "
	  "open." },
	{ MECH_POSIX_MQ, "mq", OP_SEND, "mq_timedsend", EVENT_EXIT, 0,
	  "Receivers get the messages of mq:1 by their priority, the "
	  "oldest of the highest first." },
	{ MECH_POSIX_MQ, "mq", OP_RECV, "mq_timedreceive", EVENT_EXIT, 17,
	  "mq_timedreceive took the oldest message of the highest "
	  "priority out of mq:1: 17 bytes." },
	{ MECH_POSIX_MQ, "mq", OP_SEND, "mq_timedsend", EVENT_BLOCKED, 0,
	  "mq:1 has as many messages as it may have: mq_timedsend "
	  "sleeps until one is received." },
	{ MECH_POSIX_MQ, "mq", OP_RECV, "mq_timedreceive", EVENT_BLOCKED, 0,
	  "mq:1 is empty: mq_timedreceive sleeps until a message is "
	  "sent." },
	{ MECH_POSIX_MQ, "mq", OP_SEND, "mq_timedsend", EVENT_EXIT, -EAGAIN,
	  "mq:1 is full, and was opened with O_NONBLOCK: mq_timedsend "
	  "fails with EAGAIN where it would sleep." },
	{ MECH_POSIX_MQ, "mq", OP_RECV, "mq_timedreceive", EVENT_EXIT, -EAGAIN,
	  "mq:1 is empty, and was opened with O_NONBLOCK: "
	  "mq_timedreceive fails with EAGAIN where it would sleep." },
	{ MECH_FUTEX, "futex", OP_WAIT, "futex", EVENT_BLOCKED, 0,
	  "The word futex:1 had the value that futex was told to "
	  "expect, so the thread sleeps until another one wakes it, as "
	  "an unlock does when somebody waits." },
	{ MECH_FUTEX, "futex", OP_WAIT, "futex", EVENT_EXIT, -EAGAIN,
	  "The word futex:1 had changed before the thread could sleep "
	  "on it: EAGAIN. The library looks at it again; this is no "
	  "error." },
	{ MECH_FUTEX, "futex", OP_WAIT, "futex", EVENT_EXIT, -ETIMEDOUT,
	  "Nobody woke the thread that slept on futex:1 within its time"
	  " limit." },
	{ MECH_FUTEX, "futex", OP_WAKE, "futex", EVENT_EXIT, 0,
	  "No thread slept on futex:1: there was nobody to wake.", .raw = { [1] = 1 } },
	{ MECH_FUTEX, "futex", OP_WAKE, "futex", EVENT_EXIT, 17,
	  "A futex is a word in memory. Only who has to wait or to wake"
	  " calls the kernel, so locks that nobody waits for make no "
	  "system calls.",
	  .raw = { [1] = 1 } },
	{ MECH_EVENTFD, "eventfd", OP_CREATE, "eventfd", EVENT_EXIT, 3,
	  "eventfd:1 is a counter in the kernel with a descriptor: "
	  "writing adds to it, reading takes from it, and while it is 0"
	  " there is nothing to read." },
	{ MECH_EVENTFD, "eventfd", OP_RECV, "read", EVENT_BLOCKED, 0,
	  "The counter of eventfd:1 is 0: read sleeps until somebody "
	  "writes to it." },
	{ MECH_EVENTFD, "eventfd", OP_RECV, "read", EVENT_EXIT, -EAGAIN,
	  "The counter of eventfd:1 is 0, and O_NONBLOCK is set: read "
	  "fails with EAGAIN where it would sleep." },
	{ MECH_EVENTFD, "eventfd", OP_SEND, "write", EVENT_BLOCKED, 0,
	  "The counter of eventfd:1 would become too large: write "
	  "sleeps until somebody reads it." },
	{ MECH_SIGNALFD, "signalfd", OP_RECV, "read", EVENT_EXIT, 17,
	  "Signals that are blocked can be read from signalfd:1 like "
	  "data: 128 bytes for each, and no handler runs." },
	{ MECH_SIGNALFD, "signalfd", OP_RECV, "read", EVENT_BLOCKED, 0,
	  "No signal of the set of signalfd:1 is pending: read sleeps "
	  "until one comes." },
	{ MECH_TIMERFD, "timerfd", OP_RECV, "read", EVENT_BLOCKED, 0,
	  "timerfd:1 has not expired since it was read last: read "
	  "sleeps until it does." },
	{ MECH_TIMERFD, "timerfd", OP_RECV, "read", EVENT_EXIT, 17,
	  "Reading timerfd:1 gives the number of times that it has "
	  "expired since it was set or read." },
	{ MECH_EPOLL, "epoll", OP_WAIT, "epoll_wait", EVENT_EXIT, 0,
	  "Within the time that epoll_wait was to wait, none of the "
	  "descriptors that epoll:1 watches became ready." },
	{ MECH_EPOLL, "epoll", OP_WAIT, "epoll_wait", EVENT_EXIT, 17,
	  "epoll_wait says which descriptors of epoll:1 are ready (17 "
	  "events); reading and writing them is still to be done." },
	{ MECH_EPOLL, "epoll", OP_WAIT, "epoll_wait", EVENT_BLOCKED, 0,
	  "None of the descriptors that epoll:1 watches is ready: "
	  "epoll_wait sleeps until one is, or its time is over." },
	{ MECH_INOTIFY, "inotify", OP_RECV, "read", EVENT_BLOCKED, 0,
	  "Nothing has happened to what inotify:1 watches: read sleeps "
	  "until something does." },
	{ MECH_INOTIFY, "inotify", OP_RECV, "read", EVENT_EXIT, 17,
	  "inotify:1 tells that something happened to a file, but not "
	  "who did it." },
	{ MECH_UNIX, "unix", OP_CREATE, "socketpair", EVENT_EXIT, 3,
	  "A pair of sockets is connected from the start: what is sent "
	  "into one is received from the other, in both directions." },
	{ MECH_UNIX, "unix", OP_ACCEPT, "accept4", EVENT_BLOCKED, 0,
	  "No connection to unix:1 is pending: accept4 sleeps until a "
	  "client connects." },
	{ MECH_INET, "tcp", OP_ACCEPT, "accept4", EVENT_BLOCKED, 0,
	  "No connection to tcp:1 is pending: accept4 sleeps until a "
	  "client connects." },
	{ MECH_UNIX, "unix", OP_ACCEPT, "accept4", EVENT_EXIT, 3,
	  "Each connection has a socket of its own, which accept4 "
	  "returns; the socket that listens goes on listening." },
	{ MECH_INET, "tcp", OP_ACCEPT, "accept4", EVENT_EXIT, 3,
	  "Each connection has a socket of its own, which accept4 "
	  "returns; the socket that listens goes on listening." },
	{ MECH_UNIX, "unix", OP_RECV, "recvfrom", EVENT_BLOCKED, 0,
	  "Nothing has come for unix:1, or not all that recvfrom was "
	  "told to wait for: it sleeps." },
	{ MECH_INET, "tcp", OP_RECV, "recvfrom", EVENT_BLOCKED, 0,
	  "Nothing has come for tcp:1, or not all that recvfrom was "
	  "told to wait for: it sleeps." },
	{ MECH_UNIX, "unix", OP_CONNECT, "connect", EVENT_EXIT, -ECONNREFUSED,
	  "No socket that takes connections is behind that name, "
	  "perhaps not yet or not any more." },
	{ MECH_INET, "tcp", OP_CONNECT, "connect", EVENT_EXIT, -ECONNREFUSED,
	  "The connection was refused at the other end: as a rule "
	  "because nobody listens at that port." },
	{ MECH_UNIX, "unix", OP_SEND, "sendto", EVENT_EXIT, -EPIPE,
	  "Nobody can receive what would be sent: the other end is "
	  "closed, or one side was shut down. A stream's writer gets "
	  "SIGPIPE, too, unless it asked not to (MSG_NOSIGNAL)." },
	{ MECH_INET, "tcp", OP_SEND, "sendto", EVENT_EXIT, -EPIPE,
	  "The connection is closed, or shut down on this side: nothing"
	  " can be sent any more." },
	{ MECH_INET, "tcp", OP_RECV, "recvfrom", EVENT_EXIT, -ECONNRESET,
	  "The other end has ended the connection at once, with a "
	  "reset." },
	{ MECH_UNIX, "unix", OP_SEND, "write", EVENT_EXIT, 17,
	  "write puts the bytes into the queue of the socket at the "
	  "other end and returns; whether they are received is not its "
	  "concern." },
	{ MECH_INET, "tcp", OP_SEND, "write", EVENT_EXIT, 17,
	  "write hands the bytes to the kernel and returns; when they "
	  "are sent, and whether they are received, is not its concern." },
	{ MECH_LOCK, "lock", OP_CONTROL, "flock", EVENT_BLOCKED, 0,
	  "Somebody else has a lock in the way of this one: flock "
	  "sleeps until that is given up." },
	{ MECH_LOCK, "lock", OP_CONTROL, "flock", EVENT_EXIT, -EDEADLK,
	  "Whoever has the lock waits for one of ours: the kernel "
	  "refuses to close the circle." },
	{ MECH_LOCK, "lock", OP_CONTROL, "flock", EVENT_EXIT, -EAGAIN,
	  "Somebody else has a lock in the way of this one, and flock "
	  "was not to wait." },
	{ MECH_SIGNAL, NULL, OP_SEND, "kill", EVENT_EXIT, 0,
	  "A signal is a note without contents: kill leaves it with the"
	  " receiver and returns. What happens is up to the receiver, "
	  "once it runs.",
	  .raw = { [1] = 10 } },
	{ MECH_SIGNAL, NULL, OP_RECV, "rt_sigtimedwait", EVENT_BLOCKED, 0,
	  "No signal of the set is pending: the thread sleeps until one"
	  " comes or its time is over." },
	{ MECH_SIGNAL, NULL, OP_WAIT, "pause", EVENT_BLOCKED, 0,
	  "The thread sleeps until a signal comes that has a handler or"
	  " ends the process." },
	{ MECH_WAIT, NULL, OP_WAIT, "wait4", EVENT_BLOCKED, 0,
	  "wait4 sleeps until a child that it waits for changes its "
	  "state; to end is one." },
	{ MECH_WAIT, NULL, OP_WAIT, "wait4", EVENT_EXIT, -ECHILD,
	  "The process has no child (left) that wait4 could wait for." },
	{ MECH_WAIT, NULL, OP_WAIT, "wait4", EVENT_EXIT, 17,
	  "The kernel keeps what there is to tell of a child that has "
	  "ended, a zombie, until its parent asks for it." },
	{ MECH_MEMFD, "memfd", OP_CREATE, "memfd_create", EVENT_EXIT, 3,
	  "memfd:1 is a file in memory without a name in any directory:"
	  " it is shared by passing the descriptor on, and gone when "
	  "nobody has or maps it." },
	{ MECH_SHARED_MEM, "mem", OP_MAP, "mmap", EVENT_EXIT, 0,
	  "mem:1 is in the memory of this process from here on: what "
	  "those who map it store there no system call and no tracer "
	  "sees." },
	{ MECH_PROCESS_VM, NULL, OP_RECV, "process_vm_readv", EVENT_EXIT, 17,
	  "process_vm_readv copied 17 bytes out of the memory of "
	  "another process, which took no part in it." },
	{ MECH_PROCESS_VM, NULL, OP_SEND, "process_vm_writev", EVENT_EXIT, 17,
	  "process_vm_writev copied 17 bytes into the memory of another"
	  " process, which took no part in it." },
	{ MECH_PIPE, "pipe", OP_TRANSFER, "splice", EVENT_EXIT, 17,
	  "splice moved 17 bytes from one descriptor to the other "
	  "inside the kernel: they were not in the memory of the "
	  "process." },
	{ MECH_PIPE, "pipe", OP_TRANSFER, "tee", EVENT_EXIT, 17,
	  "tee copied 17 bytes from one pipe into the other, without "
	  "taking them out of the first." },
	{ MECH_PTY, "pty", OP_SEND, "write", EVENT_EXIT, 17,
	  "What is written to one side of pty:1, a pseudo-terminal, "
	  "comes out of the other side as the settings of the terminal "
	  "make it: echoed, in whole lines, with line ends changed." },
	{ MECH_NETLINK, "netlink", OP_SEND, "sendto", EVENT_EXIT, 17,
	  "A netlink message goes to the kernel, or to whoever has the "
	  "port that it is sent to. An answer is a message of its own." },
	{ MECH_PTRACE, NULL, OP_CONTROL, "ptrace", EVENT_EXIT, 0,
	  "With ptrace one process watches and steers another one, "
	  "which stops for it. Nobody can have two tracers." },
	{ MECH_IO_URING, "io_uring", OP_CREATE, "io_uring_setup", EVENT_EXIT, 3,
	  "io_uring:1 is a pair of queues in memory that the process "
	  "shares with the kernel: what it asks for there is done "
	  "without a system call of its own that a tracer would see." },
	{ MECH_PIDFD, "pidfd", OP_CREATE, "pidfd_open", EVENT_EXIT, 3,
	  "pidfd:1 stands for a process as long as it is open: unlike "
	  "its number, it can never come to mean another one." },
};

static const char *explained(size_t i, struct explain *explain, struct arena *arena)
{
	struct object_table table = { 0 };
	struct object object = { .key.mech = cases[i].mech,
				 .prefix = cases[i].prefix,
				 .table = &table };
	struct call_spec spec = *families_find(cases[i].call);
	struct call call = { .spec = &spec,
			     .name = cases[i].call,
			     .ret = cases[i].ret,
			     .is_error = cases[i].ret < 0 };
	struct event ev = { .kind = cases[i].kind };
	struct annotation annotation = { 0 };

	/* Some rows have another operation when their arguments are known. */
	spec.ipc.mech = cases[i].mech;
	spec.ipc.op = cases[i].op;
	memcpy(call.raw, cases[i].raw, sizeof(call.raw));
	annotation.n_touches = cases[i].prefix != NULL;
	annotation.touches[0].object = &object;
	annotation.touches[0].n_quantities = 1;
	annotation.touches[0].quantities[0] = (struct quantity){ .before = 5,
								 .after = 12,
								 .limit = 64,
								 .has_before = true,
								 .has_after = true,
								 .has_limit = true };
	return explain_call(explain, &call, &ev, &annotation, arena);
}

static void every_sentence_is_said_of_its_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct explain explain = { 0 };
		struct arena arena = { 0 };

		assert_string_equal(explained(i, &explain, &arena), cases[i].text);
		assert_null(explained(i, &explain, &arena));
		arena_finish(&arena);
	}
}

static void no_sentence_is_without_a_case(void **state)
{
	struct explain explain = { 0 };
	struct arena arena = { 0 };
	enum mech mech;
	const char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		explained(i, &explain, &arena);
	for (unsigned i = 0; (text = explain_pattern(i, &mech)); i++) {
		if (!(explain.told[i / 64] >> i % 64 & 1))
			fail_msg("nothing makes it say '%s'", text);
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sentence_is_said_of_its_call),
		cmocka_unit_test(no_sentence_is_without_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
