/*
 * The patterns of --explain. A sentence is printed only if everything in {} is known, so that a
 * pattern with numbers can be followed by one without. What a sentence claims must be true of all
 * calls that its row lets through.
 */
#include "analysis/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/array.h"

enum outcome { DONE, BLOCKED, FAILED };

/* What the result of a successful call must be. */
enum result { ANY, POSITIVE, ZERO };

struct pattern {
	enum mech mech;
	enum ipc_op op;
	enum outcome outcome;
	int error; /* of FAILED */
	enum result result; /* of DONE */
	const char *calls; /* " name name "; NULL: any */
	const char *text;
};

#define READS  " read readv "
#define WRITES " write writev "

static const struct pattern patterns[] = {
	/* pipe(7) */
	{ MECH_PIPE, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a pipe: what is written to its write end comes out of its read end in the same "
	  "order, whichever processes have the two ends." },
	{ MECH_PIPE, OP_SEND, DONE, 0, POSITIVE, WRITES,
	  "{call} only copies bytes into the buffer of {obj} and returns; whether they are read is "
	  "not its concern. {after} of {limit} bytes were in it afterwards." },
	{ MECH_PIPE, OP_RECV, DONE, 0, POSITIVE, READS,
	  "{call} took {ret} bytes out of {obj}. Unless it was made with O_DIRECT, a pipe does not "
	  "remember where a write ended: one read may get parts of several writes, or a part of "
	  "one." },
	{ MECH_PIPE, OP_RECV, DONE, 0, ZERO, " read ",
	  "read returned 0, the end of file: {obj} is empty and nobody has its write end open." },
	{ MECH_PIPE, OP_SEND, BLOCKED, 0, ANY, WRITES,
	  "There is not enough room in {obj} for all that is to be written: {call} sleeps until "
	  "somebody reads." },
	{ MECH_PIPE, OP_RECV, BLOCKED, 0, ANY, READS,
	  "{obj} is empty: {call} sleeps until somebody writes, or until nobody has the write end "
	  "open any more." },
	{ MECH_PIPE, OP_SEND, FAILED, EPIPE, ANY, WRITES,
	  "Nobody has the read end of {obj} open: what is written could never be read. The writer "
	  "gets SIGPIPE, and EPIPE if it survives that." },
	{ MECH_PIPE, OP_SEND, FAILED, EAGAIN, ANY, WRITES,
	  "There is not enough room in {obj}, and O_NONBLOCK is set: {call} fails with EAGAIN "
	  "where "
	  "it would sleep." },
	{ MECH_PIPE, OP_RECV, FAILED, EAGAIN, ANY, READS,
	  "{obj} is empty, but somebody could still write, and O_NONBLOCK is set: {call} fails "
	  "with "
	  "EAGAIN where it would sleep." },
	/* fifo(7) */
	{ MECH_FIFO, OP_CREATE, DONE, 0, ANY, " mknod mknodat ",
	  "{obj} is a FIFO: a pipe that processes find by the name of a file. The file holds no "
	  "data, and stays until it is removed." },
	{ MECH_FIFO, OP_OPEN, BLOCKED, 0, ANY, NULL,
	  "Opening a FIFO to read sleeps until somebody opens it to write, and the other way "
	  "round." },
	{ MECH_FIFO, OP_OPEN, FAILED, ENXIO, ANY, NULL,
	  "Nobody has the FIFO open to read. To open it to write with O_NONBLOCK fails with ENXIO "
	  "then, instead of waiting for a reader." },
	{ MECH_FIFO, OP_SEND, DONE, 0, POSITIVE, WRITES,
	  "{call} copies bytes into the buffer of {obj}: {after} of {limit} bytes were in it "
	  "afterwards. They are in memory only, not in the file." },
	{ MECH_FIFO, OP_RECV, DONE, 0, POSITIVE, READS,
	  "{call} took {ret} bytes out of {obj}; what one read gets need not be what one write "
	  "put in." },
	{ MECH_FIFO, OP_RECV, DONE, 0, ZERO, " read ",
	  "read returned 0: {obj} is empty and nobody has it open to write. Unlike a pipe, it can "
	  "be "
	  "opened to write again, and then there is more to read." },
	{ MECH_FIFO, OP_SEND, FAILED, EPIPE, ANY, WRITES,
	  "Nobody has {obj} open to read: the writer gets SIGPIPE, and EPIPE if it survives "
	  "that." },
	/* sysvipc(7) */
	{ MECH_SYSV_MSG, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a queue of the system, not of a process: it stays, with what is in it, until "
	  "somebody removes it with IPC_RMID." },
	{ MECH_SYSV_MSG, OP_SEND, DONE, 0, ANY, NULL,
	  "A message goes into {obj} with its length and its type, by which receivers can "
	  "choose." },
	{ MECH_SYSV_MSG, OP_RECV, DONE, 0, ANY, NULL,
	  "{call} got one message of {ret} bytes from {obj}. Which one, its type argument decides: "
	  "0 the oldest, n the oldest of type n (with MSG_EXCEPT of any other), -n the one of the "
	  "lowest type up to n." },
	{ MECH_SYSV_MSG, OP_SEND, BLOCKED, 0, ANY, NULL,
	  "{obj} has no room for the message: {call} sleeps until somebody receives, or the queue "
	  "is "
	  "removed." },
	{ MECH_SYSV_MSG, OP_RECV, BLOCKED, 0, ANY, NULL,
	  "In {obj} is no message that the type argument of {call} lets through: it sleeps until "
	  "one "
	  "is sent, or the queue is removed." },
	{ MECH_SYSV_MSG, OP_SEND, FAILED, EAGAIN, ANY, NULL,
	  "{obj} has no room for the message, and IPC_NOWAIT is set: {call} fails with EAGAIN "
	  "where it would sleep." },
	{ MECH_SYSV_MSG, OP_RECV, FAILED, ENOMSG, ANY, NULL,
	  "In {obj} is no message of the wanted type, and IPC_NOWAIT is set: {call} fails with "
	  "ENOMSG "
	  "where it would sleep." },
	{ MECH_SYSV_MSG, OP_RECV, FAILED, E2BIG, ANY, NULL,
	  "The message is longer than the buffer, and stays in {obj}. With MSG_NOERROR it would be "
	  "cut off and taken." },
	{ MECH_SYSV_MSG, OP_RECV, FAILED, EIDRM, ANY, NULL,
	  "{obj} was removed while {call} slept on it: EIDRM." },
	{ MECH_SYSV_MSG, OP_SEND, FAILED, EIDRM, ANY, NULL,
	  "{obj} was removed while {call} slept on it: EIDRM." },
	{ MECH_SYSV_SEM, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a set of semaphores of the system, not of a process: it stays until somebody "
	  "removes it with IPC_RMID." },
	{ MECH_SYSV_SEM, OP_WAIT, DONE, 0, ANY, NULL,
	  "All operations of one {call} are done together or not at all: a negative one takes from "
	  "a "
	  "semaphore, a positive one adds to it, 0 waits for the value 0." },
	{ MECH_SYSV_SEM, OP_WAIT, BLOCKED, 0, ANY, NULL,
	  "Not all operations of {call} can be done now: it sleeps, having done none of them, "
	  "until "
	  "the semaphores of {obj} let it do all." },
	{ MECH_SYSV_SEM, OP_WAIT, FAILED, EAGAIN, ANY, NULL,
	  "The operations could not be done, and {call} was not to wait any longer: IPC_NOWAIT is "
	  "set, or its time limit is over. None of them was done." },
	{ MECH_SYSV_SEM, OP_WAIT, FAILED, EIDRM, ANY, NULL,
	  "{obj} was removed while {call} slept on it: EIDRM." },
	{ MECH_SYSV_SHM, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is memory of the system that processes can attach with shmat. It stays until it "
	  "is "
	  "removed with IPC_RMID and nobody has it attached." },
	{ MECH_SYSV_SHM, OP_MAP, DONE, 0, ANY, " shmat ",
	  "From here on {obj} is at this address of the process, at which others may have it "
	  "elsewhere. What they store there no system call and no tracer sees." },
	/* mq_overview(7) */
	{ MECH_POSIX_MQ, OP_OPEN, DONE, 0, ANY, NULL,
	  "{obj} is a message queue with a name. It stays, with what is in it, until mq_unlink "
	  "removes the name and nobody has it open." },
	{ MECH_POSIX_MQ, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a message queue with a name. It stays, with what is in it, until mq_unlink "
	  "removes the name and nobody has it open." },
	{ MECH_POSIX_MQ, OP_SEND, DONE, 0, ANY, NULL,
	  "Receivers get the messages of {obj} by their priority, the oldest of the highest "
	  "first." },
	{ MECH_POSIX_MQ, OP_RECV, DONE, 0, ANY, NULL,
	  "{call} took the oldest message of the highest priority out of {obj}: {ret} bytes." },
	{ MECH_POSIX_MQ, OP_SEND, BLOCKED, 0, ANY, NULL,
	  "{obj} has as many messages as it may have: {call} sleeps until one is received." },
	{ MECH_POSIX_MQ, OP_RECV, BLOCKED, 0, ANY, NULL,
	  "{obj} is empty: {call} sleeps until a message is sent." },
	{ MECH_POSIX_MQ, OP_SEND, FAILED, EAGAIN, ANY, NULL,
	  "{obj} is full, and was opened with O_NONBLOCK: {call} fails with EAGAIN where it would "
	  "sleep." },
	{ MECH_POSIX_MQ, OP_RECV, FAILED, EAGAIN, ANY, NULL,
	  "{obj} is empty, and was opened with O_NONBLOCK: {call} fails with EAGAIN where it would "
	  "sleep." },
	/* futex(2) */
	{ MECH_FUTEX, OP_WAIT, BLOCKED, 0, ANY, NULL,
	  "The word {obj} had the value that {call} was told to expect, so the thread sleeps until "
	  "another one wakes it, as an unlock does when somebody waits." },
	{ MECH_FUTEX, OP_WAIT, FAILED, EAGAIN, ANY, " futex ",
	  "The word {obj} had changed before the thread could sleep on it: EAGAIN. The library "
	  "looks "
	  "at it again; this is no error." },
	{ MECH_FUTEX, OP_WAIT, FAILED, ETIMEDOUT, ANY, NULL,
	  "Nobody woke the thread that slept on {obj} within its time limit." },
	{ MECH_FUTEX, OP_WAKE, DONE, 0, ZERO, " futex ",
	  "No thread slept on {obj}: there was nobody to wake." },
	{ MECH_FUTEX, OP_WAKE, DONE, 0, POSITIVE, " futex ",
	  "A futex is a word in memory. Only who has to wait or to wake calls the kernel, so locks "
	  "that nobody waits for make no system calls." },
	/* eventfd(2), signalfd(2), timerfd_create(2), epoll(7), inotify(7) */
	{ MECH_EVENTFD, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a counter in the kernel with a descriptor: writing adds to it, reading takes "
	  "from it, and while it is 0 there is nothing to read." },
	{ MECH_EVENTFD, OP_RECV, BLOCKED, 0, ANY, READS,
	  "The counter of {obj} is 0: {call} sleeps until somebody writes to it." },
	{ MECH_EVENTFD, OP_RECV, FAILED, EAGAIN, ANY, READS,
	  "The counter of {obj} is 0, and O_NONBLOCK is set: {call} fails with EAGAIN where it "
	  "would "
	  "sleep." },
	{ MECH_EVENTFD, OP_SEND, BLOCKED, 0, ANY, WRITES,
	  "The counter of {obj} would become too large: {call} sleeps until somebody reads it." },
	{ MECH_SIGNALFD, OP_RECV, DONE, 0, POSITIVE, READS,
	  "Signals that are blocked can be read from {obj} like data: 128 bytes for each, and no "
	  "handler runs." },
	{ MECH_SIGNALFD, OP_RECV, BLOCKED, 0, ANY, READS,
	  "No signal of the set of {obj} is pending: {call} sleeps until one comes." },
	{ MECH_TIMERFD, OP_RECV, BLOCKED, 0, ANY, READS,
	  "{obj} has not expired since it was read last: {call} sleeps until it does." },
	{ MECH_TIMERFD, OP_RECV, DONE, 0, POSITIVE, READS,
	  "Reading {obj} gives the number of times that it has expired since it was set or read." },
	{ MECH_EPOLL, OP_WAIT, DONE, 0, ZERO, NULL,
	  "Within the time that {call} was to wait, none of the descriptors that {obj} watches "
	  "became "
	  "ready." },
	{ MECH_EPOLL, OP_WAIT, DONE, 0, POSITIVE, NULL,
	  "{call} says which descriptors of {obj} are ready ({ret} events); reading and writing "
	  "them "
	  "is still to be done." },
	{ MECH_EPOLL, OP_WAIT, BLOCKED, 0, ANY, NULL,
	  "None of the descriptors that {obj} watches is ready: {call} sleeps until one is, or its "
	  "time is over." },
	{ MECH_INOTIFY, OP_RECV, BLOCKED, 0, ANY, READS,
	  "Nothing has happened to what {obj} watches: {call} sleeps until something does." },
	{ MECH_INOTIFY, OP_RECV, DONE, 0, POSITIVE, READS,
	  "{obj} tells that something happened to a file, but not who did it." },
	/* unix(7), tcp(7), udp(7), netlink(7) */
	{ MECH_UNIX, OP_CREATE, DONE, 0, ANY, " socketpair ",
	  "A pair of sockets is connected from the start: what is sent into one is received from "
	  "the "
	  "other, in both directions." },
	{ MECH_UNIX, OP_ACCEPT, BLOCKED, 0, ANY, NULL,
	  "No connection to {obj} is pending: {call} sleeps until a client connects." },
	{ MECH_INET, OP_ACCEPT, BLOCKED, 0, ANY, NULL,
	  "No connection to {obj} is pending: {call} sleeps until a client connects." },
	{ MECH_UNIX, OP_ACCEPT, DONE, 0, ANY, NULL,
	  "Each connection has a socket of its own, which {call} returns; the socket that listens "
	  "goes on listening." },
	{ MECH_INET, OP_ACCEPT, DONE, 0, ANY, NULL,
	  "Each connection has a socket of its own, which {call} returns; the socket that listens "
	  "goes on listening." },
	{ MECH_UNIX, OP_RECV, BLOCKED, 0, ANY, NULL,
	  "Nothing has come for {obj}, or not all that {call} was told to wait for: it sleeps." },
	{ MECH_INET, OP_RECV, BLOCKED, 0, ANY, NULL,
	  "Nothing has come for {obj}, or not all that {call} was told to wait for: it sleeps." },
	{ MECH_UNIX, OP_CONNECT, FAILED, ECONNREFUSED, ANY, NULL,
	  "No socket that takes connections is behind that name, perhaps not yet or not any "
	  "more." },
	{ MECH_INET, OP_CONNECT, FAILED, ECONNREFUSED, ANY, NULL,
	  "The connection was refused at the other end: as a rule because nobody listens at that "
	  "port." },
	{ MECH_UNIX, OP_SEND, FAILED, EPIPE, ANY, NULL,
	  "Nobody can receive what would be sent: the other end is closed, or one side was shut "
	  "down. A stream's writer gets SIGPIPE, too, unless it asked not to (MSG_NOSIGNAL)." },
	{ MECH_INET, OP_SEND, FAILED, EPIPE, ANY, NULL,
	  "The connection is closed, or shut down on this side: nothing can be sent any more." },
	{ MECH_INET, OP_RECV, FAILED, ECONNRESET, ANY, NULL,
	  "The other end has ended the connection at once, with a reset." },
	{ MECH_UNIX, OP_SEND, DONE, 0, POSITIVE, " write send sendto sendmsg ",
	  "{call} puts the bytes into the queue of the socket at the other end and returns; "
	  "whether "
	  "they are received is not its concern." },
	{ MECH_INET, OP_SEND, DONE, 0, POSITIVE, " write send sendto sendmsg ",
	  "{call} hands the bytes to the kernel and returns; when they are sent, and whether they "
	  "are received, is not its concern." },
	/* flock(2), fcntl_locking(2) */
	{ MECH_LOCK, OP_CONTROL, BLOCKED, 0, ANY, NULL,
	  "Somebody else has a lock in the way of this one: {call} sleeps until that is given "
	  "up." },
	{ MECH_LOCK, OP_CONTROL, FAILED, EDEADLK, ANY, NULL,
	  "Whoever has the lock waits for one of ours: the kernel refuses to close the circle." },
	{ MECH_LOCK, OP_CONTROL, FAILED, EAGAIN, ANY, NULL,
	  "Somebody else has a lock in the way of this one, and {call} was not to wait." },
	/* signal(7), wait(2) */
	{ MECH_SIGNAL, OP_SEND, DONE, 0, ANY, " kill tkill tgkill ",
	  "A signal is a note without contents: {call} leaves it with the receiver and returns. "
	  "What "
	  "happens is up to the receiver, once it runs." },
	{ MECH_SIGNAL, OP_RECV, BLOCKED, 0, ANY, " rt_sigtimedwait ",
	  "No signal of the set is pending: the thread sleeps until one comes or its time is "
	  "over." },
	{ MECH_SIGNAL, OP_WAIT, BLOCKED, 0, ANY, " pause rt_sigsuspend ",
	  "The thread sleeps until a signal comes that has a handler or ends the process." },
	{ MECH_WAIT, OP_WAIT, BLOCKED, 0, ANY, NULL,
	  "{call} sleeps until a child that it waits for changes its state; to end is one." },
	{ MECH_WAIT, OP_WAIT, FAILED, ECHILD, ANY, NULL,
	  "The process has no child (left) that {call} could wait for." },
	{ MECH_WAIT, OP_WAIT, DONE, 0, POSITIVE, " wait4 ",
	  "The kernel keeps what there is to tell of a child that has ended, a zombie, until its "
	  "parent asks for it." },
	/* shared memory */
	{ MECH_MEMFD, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a file in memory without a name in any directory: it is shared by passing the "
	  "descriptor on, and gone when nobody has or maps it." },
	{ MECH_SHARED_MEM, OP_MAP, DONE, 0, ANY, " mmap mmap2 ",
	  "{obj} is in the memory of this process from here on: what those who map it store there "
	  "no "
	  "system call and no tracer sees." },
	{ MECH_PROCESS_VM, OP_RECV, DONE, 0, POSITIVE, NULL,
	  "{call} copied {ret} bytes out of the memory of another process, which took no part in "
	  "it." },
	{ MECH_PROCESS_VM, OP_SEND, DONE, 0, POSITIVE, NULL,
	  "{call} copied {ret} bytes into the memory of another process, which took no part in "
	  "it." },
	{ MECH_PIPE, OP_TRANSFER, DONE, 0, POSITIVE, " splice ",
	  "splice moved {ret} bytes from one descriptor to the other inside the kernel: they were "
	  "not in the memory of the process." },
	{ MECH_PIPE, OP_TRANSFER, DONE, 0, POSITIVE, " tee ",
	  "tee copied {ret} bytes from one pipe into the other, without taking them out of the "
	  "first." },
	{ MECH_PTY, OP_SEND, DONE, 0, POSITIVE, WRITES,
	  "What is written to one side of {obj}, a pseudo-terminal, comes out of the other side as "
	  "the settings of the terminal make it: echoed, in whole lines, with line ends changed." },
	{ MECH_NETLINK, OP_SEND, DONE, 0, POSITIVE, NULL,
	  "A netlink message goes to the kernel, or to whoever has the port that it is sent to. "
	  "An answer is a message of its own." },
	{ MECH_PTRACE, OP_CONTROL, DONE, 0, ANY, NULL,
	  "With ptrace one process watches and steers another one, which stops for it. Nobody can "
	  "have two tracers." },
	{ MECH_IO_URING, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} is a pair of queues in memory that the process shares with the kernel: what it "
	  "asks "
	  "for there is done without a system call of its own that a tracer would see." },
	{ MECH_PIDFD, OP_CREATE, DONE, 0, ANY, NULL,
	  "{obj} stands for a process as long as it is open: unlike its number, it can never come "
	  "to "
	  "mean another one." },
};

_Static_assert(ARRAY_LEN(patterns) <= 256, "more patterns than bits in struct explain");

static bool is_named(const char *calls, const char *name)
{
	const char *at = calls;
	size_t len = strlen(name);

	while (at && (at = strstr(at, name))) {
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
		at++;
	}
	return !calls;
}

struct facts {
	const struct call *call;
	const struct touch *touch; /* NULL: there is no object */
	enum mech mech;
	enum outcome outcome;
};

static bool is_match(const struct pattern *pattern, const struct facts *facts)
{
	const struct call *call = facts->call;

	if (pattern->mech != facts->mech || pattern->op != call->spec->ipc.op ||
	    pattern->outcome != facts->outcome || !is_named(pattern->calls, call->name))
		return false;
	if (facts->outcome == FAILED)
		return call->ret == -pattern->error;
	if (facts->outcome == BLOCKED || pattern->result == ANY)
		return true;
	/* To read nothing into no buffer says nothing. */
	if (pattern->result == ZERO)
		return call->ret == 0 && (call->spec->ipc.op != OP_RECV || call->raw[2]);
	return call->ret > 0;
}

/* Is the operation, which the call's name does not tell, one that the sentences are about? */
static bool is_plain_operation(const struct facts *facts)
{
	enum { WAIT = 0, WAKE = 1, WAIT_BITSET = 9, CMD_MASK = 0x7f };
	static const uint32_t locks[] = { F_SETLK, F_SETLKW, 13, 14, F_OFD_SETLK, F_OFD_SETLKW };
	const struct call *call = facts->call;
	uint32_t operation = (uint32_t)call->raw[1];

	if (facts->mech == MECH_SIGNAL && call->spec->ipc.op == OP_SEND)
		return call->raw[strcmp(call->name, "tgkill") == 0 ? 2 : 1]; /* 0 only asks */
	if (facts->mech == MECH_FUTEX && strcmp(call->name, "futex") == 0)
		return (operation & CMD_MASK) == WAIT || (operation & CMD_MASK) == WAKE ||
		       (operation & CMD_MASK) == WAIT_BITSET;
	if (facts->mech != MECH_LOCK || strncmp(call->name, "fcntl", 5) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(locks); i++) {
		if (operation == locks[i])
			return true;
	}
	return false;
}

/* The value of {name}; NULL if it is not known. */
static const char *value_of(const struct facts *facts, const char *name, size_t len,
			    struct arena *arena)
{
	const struct quantity *main =
		facts->touch && facts->touch->n_quantities ? &facts->touch->quantities[0] : NULL;

	if (len == 4 && memcmp(name, "call", len) == 0)
		return facts->call->name;
	if (len == 3 && memcmp(name, "ret", len) == 0)
		return arena_printf(arena, "%lld", (long long)facts->call->ret);
	if (len == 3 && memcmp(name, "obj", len) == 0)
		return facts->touch ? object_short_name(facts->touch->object) : NULL;
	if (!main)
		return NULL;
	if (len == 6 && memcmp(name, "before", len) == 0 && main->has_before)
		return arena_printf(arena, "%lld", (long long)main->before);
	if (len == 5 && memcmp(name, "after", len) == 0 && main->has_after)
		return arena_printf(arena, "%lld", (long long)main->after);
	if (len == 5 && memcmp(name, "limit", len) == 0 && main->has_limit)
		return arena_printf(arena, "%lld", (long long)main->limit);
	return NULL;
}

/* The text with everything in {} replaced; NULL if something is not known. */
static const char *fill_in(const char *text, const struct facts *facts, struct arena *arena)
{
	const char *result = "", *open;

	while ((open = strchr(text, '{'))) {
		const char *close = strchr(open, '}');
		const char *value = value_of(facts, open + 1, (size_t)(close - open - 1), arena);

		if (!value)
			return NULL;
		result = arena_printf(arena, "%s%.*s%s", result, (int)(open - text), text, value);
		text = close + 1;
	}
	return arena_printf(arena, "%s%s", result, text);
}

const char *explain_call(struct explain *explain, const struct call *call, const struct event *ev,
			 const struct annotation *annotation, struct arena *arena)
{
	const struct touch *touch =
		annotation && annotation->n_touches ? annotation->touches : NULL;
	struct facts facts = {
		.call = call,
		.touch = touch,
		.mech = touch ? (enum mech)touch->object->key.mech
			      : (enum mech)call->spec->ipc.mech,
	};

	if (ev->kind == EVENT_BLOCKED)
		facts.outcome = BLOCKED;
	else if (ev->kind == EVENT_EXIT)
		facts.outcome = call->is_error ? FAILED : DONE;
	else
		return NULL;
	for (unsigned i = 0; is_plain_operation(&facts) && i < ARRAY_LEN(patterns); i++) {
		const char *text;

		if (!is_match(&patterns[i], &facts))
			continue;
		if (explain->told[i / 64] >> i % 64 & 1)
			return NULL;
		text = fill_in(patterns[i].text, &facts, arena);
		if (!text)
			continue;
		explain->told[i / 64] |= 1ull << i % 64;
		return text;
	}
	return NULL;
}

const char *explain_pattern(unsigned i, enum mech *ret_mech)
{
	if (i >= ARRAY_LEN(patterns))
		return NULL;
	*ret_mech = patterns[i].mech;
	return patterns[i].text;
}
