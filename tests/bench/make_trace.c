/*
 * A trace of as many events as wanted, as ipctrace would record them, on standard output:
 *
 *   make_trace EVENTS [CHURN [WORKERS]]
 *
 * WORKERS processes (32) write and read pipes, send over unix sockets and System V queues, do V and
 * P on semaphores, wake each other by futexes and send signals. CHURN percent of the events (10) are
 * those of processes that live for a pipe and a queue of their own only. All from a counter: the
 * same arguments, the same bytes.
 */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event/trace_file.h"

enum {
	WORKERS = 32,
	WORKERS_MAX = 100 * 1000,
	PARENT = 1000,
	FIRST_SHORT =
		1000 * 1000, /* pids of those that live short, and reused as the kernel does */
	N_SHORT = 30000,
	READ_END = 3,
	WRITE_END = 4,
	SOCKET_FD = 5,
	CAPACITY = 65536,
	QUEUE_LIMIT = 16384,
	TEXT = 0x10000, /* where tracees have what they send */
	PLACE = 0x20000, /* and what is written for them */
	STEP_NS = 700,
};

struct maker {
	struct trace_writer *writer;
	struct event ev;
	uint64_t n_events, n_wanted;
	unsigned n_workers;
	uint64_t time_ns;
	uint64_t next_ino;
};

static void begin(struct maker *maker, enum event_kind kind, pid_t pid)
{
	event_clear(&maker->ev);
	maker->time_ns += STEP_NS;
	maker->ev.kind = kind;
	maker->ev.tid = maker->ev.tgid = pid;
	maker->ev.time_ns = maker->time_ns;
	maker->ev.real_ns = maker->time_ns + 1700000000000000000u;
	maker->ev.arch = AUDIT_ARCH_X86_64;
	maker->ev.ip = 0x7f1234567890;
	maker->ev.sp = 0x7ffd12345678;
}

static void put(struct maker *maker)
{
	if (trace_writer_add(maker->writer, &maker->ev) < 0) {
		perror("make_trace");
		exit(1);
	}
	maker->n_events++;
}

/* --- what calls are --- */

struct args {
	uint64_t v[6];
};

static void begin_call(struct maker *maker, enum event_kind kind, pid_t pid, uint64_t nr,
		       struct args args)
{
	begin(maker, kind, pid);
	maker->ev.nr = nr;
	memcpy(maker->ev.args, args.v, sizeof(args.v));
}

static void add_fd(struct maker *maker, int fd, enum fd_kind kind, uint64_t ino, unsigned access)
{
	struct fact *fact;
	char link[48];

	snprintf(link, sizeof(link), "%s:[%llu]", kind == FD_PIPE ? "pipe" : "socket",
		 (unsigned long long)ino);
	fact = event_add_fact(&maker->ev, FACT_FD, fd, link, strlen(link));
	fact->dev = kind == FD_PIPE ? 14 : 8;
	fact->ino = ino;
	fact->value[0] = kind;
	fact->value[1] = access;
	if (kind == FD_UNIX) {
		fact->value[2] = AF_UNIX;
		fact->value[3] = SOCK_STREAM;
	}
}

static void add_pipe_state(struct maker *maker, int fd, int64_t len)
{
	struct fact *fact = event_add_fact(&maker->ev, FACT_PIPE, fd, NULL, 0);

	fact->value[0] = len;
	fact->value[1] = CAPACITY;
}

static void add_queue_state(struct maker *maker, int id, int64_t n)
{
	struct fact *fact = event_add_fact(&maker->ev, FACT_MSG, id, NULL, 0);

	fact->value[0] = n;
	fact->value[1] = n * 8;
	fact->value[2] = QUEUE_LIMIT;
}

static void add_comm(struct maker *maker, pid_t pid, const char *comm)
{
	event_add_fact(&maker->ev, FACT_COMM, pid, comm, strlen(comm))->value[0] = pid;
}

/* --- what processes do --- */

/* One side of a pipe: text in at the entry of a write, out at the exit of a read. */
static void pipe_call(struct maker *maker, pid_t pid, uint64_t ino, bool is_write, int64_t len)
{
	int fd = is_write ? WRITE_END : READ_END;
	uint64_t nr = is_write ? SYS_write : SYS_read;
	struct args args = { { (uint64_t)fd, TEXT, is_write ? (uint64_t)len : 4096 } };
	char text[64] = "a message, as long as messages are";

	begin_call(maker, EVENT_ENTER, pid, nr, args);
	add_fd(maker, fd, FD_PIPE, ino, is_write ? 0200 : 0400);
	if (is_write)
		event_add_range(&maker->ev, TEXT, text, (size_t)len);
	add_pipe_state(maker, fd, is_write ? 0 : len);
	put(maker);
	begin_call(maker, EVENT_EXIT, pid, nr, args);
	maker->ev.ret = len;
	if (!is_write)
		event_add_range(&maker->ev, TEXT, text, (size_t)len);
	add_fd(maker, fd, FD_PIPE, ino, is_write ? 0200 : 0400);
	add_pipe_state(maker, fd, is_write ? len : 0);
	put(maker);
}

static void socket_call(struct maker *maker, pid_t pid, uint64_t ino, uint64_t peer, bool is_write)
{
	uint64_t nr = is_write ? SYS_sendto : SYS_recvfrom;
	struct args args = { { SOCKET_FD, TEXT, is_write ? 16 : 4096 } };

	for (int is_exit = 0; is_exit < 2; is_exit++) {
		struct fact *fact;

		begin_call(maker, is_exit ? EVENT_EXIT : EVENT_ENTER, pid, nr, args);
		maker->ev.ret = is_exit ? 16 : 0;
		if (is_exit != is_write)
			event_add_range(&maker->ev, TEXT, "sixteen bytes...", 16);
		add_fd(maker, SOCKET_FD, FD_UNIX, ino, 0600);
		fact = event_add_fact(&maker->ev, FACT_SOCKET, SOCKET_FD, NULL, 0);
		fact->ino = ino;
		fact->id = peer;
		fact->value[0] = !is_write && !is_exit ? 16 : 0;
		fact->value[1] = -1;
		fact->value[2] = 1; /* TCP_ESTABLISHED */
		fact->value[3] = is_write && is_exit ? 16 : 0;
		put(maker);
	}
}

static void queue_call(struct maker *maker, pid_t pid, int id, bool is_send)
{
	uint64_t nr = is_send ? SYS_msgsnd : SYS_msgrcv;
	struct args args = { { (uint64_t)id, TEXT, 8 } };

	for (int is_exit = 0; is_exit < 2; is_exit++) {
		begin_call(maker, is_exit ? EVENT_EXIT : EVENT_ENTER, pid, nr, args);
		maker->ev.ret = is_exit && !is_send ? 8 : 0;
		if (is_exit != is_send)
			event_add_range(&maker->ev, TEXT, "\1\0\0\0\0\0\0\0message", 16);
		add_queue_state(maker, id, is_exit == is_send);
		put(maker);
	}
}

static void semaphore_call(struct maker *maker, pid_t pid, int id, int change)
{
	struct sembuf operation = { 0, (short)change, 0 };
	struct args args = { { (uint64_t)id, PLACE, 1 } };

	for (int is_exit = 0; is_exit < 2; is_exit++) {
		int32_t state[4] = { is_exit == (change > 0), 0, 0, pid };

		begin_call(maker, is_exit ? EVENT_EXIT : EVENT_ENTER, pid, SYS_semop, args);
		if (!is_exit)
			event_add_range(&maker->ev, PLACE, &operation, sizeof(operation));
		event_add_fact(&maker->ev, FACT_SEM, id, (const char *)state, sizeof(state))
			->value[0] = 1;
		put(maker);
	}
}

static void add_mapping(struct maker *maker)
{
	struct fact *fact = event_add_fact(&maker->ev, FACT_MAPPING, PLACE, NULL, 0);

	fact->dev = 1;
	fact->ino = 77;
	fact->value[0] = PLACE;
	fact->value[1] = PLACE + 4096;
	fact->value[3] = MAPPING_READ | MAPPING_WRITE | MAPPING_SHARED;
}

/* One sleeps on a word of shared memory until the other wakes it. */
static void futex_calls(struct maker *maker, pid_t waker, pid_t sleeper)
{
	struct args wait = { { PLACE, FUTEX_WAIT, 0 } }, wake = { { PLACE, FUTEX_WAKE, 1 } };
	uint32_t word = 0;

	begin_call(maker, EVENT_ENTER, sleeper, SYS_futex, wait);
	event_add_range(&maker->ev, PLACE, &word, sizeof(word));
	add_mapping(maker);
	put(maker);
	begin_call(maker, EVENT_ENTER, waker, SYS_futex, wake);
	event_add_range(&maker->ev, PLACE, &word, sizeof(word));
	add_mapping(maker);
	put(maker);
	begin_call(maker, EVENT_EXIT, waker, SYS_futex, wake);
	maker->ev.ret = 1;
	put(maker);
	begin_call(maker, EVENT_EXIT, sleeper, SYS_futex, wait);
	put(maker);
}

static void send_signal(struct maker *maker, pid_t from, pid_t to)
{
	struct args args = { { (uint64_t)to, SIGUSR1 } };
	siginfo_t info;

	begin_call(maker, EVENT_ENTER, from, SYS_kill, args);
	put(maker);
	begin_call(maker, EVENT_EXIT, from, SYS_kill, args);
	put(maker);
	memset(&info, 0, sizeof(info));
	info.si_signo = SIGUSR1;
	info.si_pid = from;
	begin(maker, EVENT_SIGNAL, to);
	maker->ev.sig = SIGUSR1;
	event_add_range(&maker->ev, 0, &info, sizeof(info));
	put(maker);
}

/* --- lives --- */

static uint64_t pipe_of(unsigned worker)
{
	return 1000 + worker;
}

static uint64_t socket_of(unsigned worker)
{
	return 1000 + worker;
}

/* Worker and the next one talk, each a call in turn. */
static void work(struct maker *maker, unsigned worker)
{
	pid_t from = PARENT + 1 + (pid_t)worker;
	pid_t to = PARENT + 1 + (pid_t)((worker + 1) % maker->n_workers);
	int64_t len = 1 + (int64_t)(maker->n_events % 30);

	pipe_call(maker, from, pipe_of(worker), true, len);
	queue_call(maker, from, (int)worker, true);
	pipe_call(maker, to, pipe_of(worker), false, len);
	queue_call(maker, to, (int)worker, false);
	semaphore_call(maker, from, (int)worker, 1);
	socket_call(maker, from, socket_of(worker), socket_of(worker ^ 1), true);
	semaphore_call(maker, to, (int)worker, -1);
	socket_call(maker, PARENT + 1 + (pid_t)(worker ^ 1), socket_of(worker ^ 1),
		    socket_of(worker), false);
	futex_calls(maker, from, to);
	send_signal(maker, from, to);
}

static void close_call(struct maker *maker, pid_t pid, int fd, uint64_t ino)
{
	struct args args = { { (uint64_t)fd } };

	begin_call(maker, EVENT_ENTER, pid, SYS_close, args);
	add_fd(maker, fd, FD_PIPE, ino, fd == WRITE_END ? 0200 : 0400);
	put(maker);
	begin_call(maker, EVENT_EXIT, pid, SYS_close, args);
	put(maker);
}

/* A queue made and removed. */
static void live_with_queue(struct maker *maker, pid_t pid, int id)
{
	struct args make = { { IPC_PRIVATE, IPC_CREAT | 0600 } };
	struct args remove = { { (uint64_t)id, IPC_RMID } };

	begin_call(maker, EVENT_ENTER, pid, SYS_msgget, make);
	put(maker);
	begin_call(maker, EVENT_EXIT, pid, SYS_msgget, make);
	maker->ev.ret = id;
	add_queue_state(maker, id, 0);
	put(maker);
	begin_call(maker, EVENT_ENTER, pid, SYS_msgctl, remove);
	add_queue_state(maker, id, 0);
	put(maker);
	begin_call(maker, EVENT_EXIT, pid, SYS_msgctl, remove);
	put(maker);
}

/* Born, a pipe and a queue, dead. */
static void live_short(struct maker *maker, uint64_t n)
{
	pid_t pid = FIRST_SHORT + (pid_t)(n % N_SHORT);
	uint64_t ino = maker->next_ino++;
	struct args args = { { PLACE, O_CLOEXEC } };
	int32_t pair[2] = { READ_END, WRITE_END };

	begin(maker, EVENT_CREATED, pid);
	maker->ev.other = PARENT;
	maker->ev.code = 1; /* PTRACE_EVENT_FORK */
	add_comm(maker, pid, "short");
	put(maker);
	begin_call(maker, EVENT_ENTER, pid, SYS_pipe2, args);
	put(maker);
	begin_call(maker, EVENT_EXIT, pid, SYS_pipe2, args);
	event_add_range(&maker->ev, PLACE, pair, sizeof(pair));
	add_fd(maker, READ_END, FD_PIPE, ino, 0400);
	add_fd(maker, WRITE_END, FD_PIPE, ino, 0200);
	put(maker);
	pipe_call(maker, pid, ino, true, 20);
	pipe_call(maker, pid, ino, false, 20);
	live_with_queue(maker, pid, WORKERS_MAX + (int)(n % (1 << 30)));
	close_call(maker, pid, WRITE_END, ino);
	close_call(maker, pid, READ_END, ino);
	begin(maker, EVENT_EXITED, pid);
	put(maker);
}

static void add_holding(struct maker *maker, pid_t pid, int fd, enum fd_kind kind, uint64_t ino,
			unsigned access)
{
	struct fact *fact;

	add_fd(maker, fd, kind, ino, access);
	fact = &maker->ev.facts[maker->ev.n_facts - 1];
	fact->kind = FACT_HOLDING;
	fact->subject = pid;
	fact->value[5] = fd;
}

static void attach_workers(struct maker *maker)
{
	begin(maker, EVENT_ATTACHED, PARENT);
	add_comm(maker, PARENT, "parent");
	event_add_fact(&maker->ev, FACT_FDS, PARENT, NULL, 0);
	put(maker);
	for (unsigned worker = 0; worker < maker->n_workers; worker++) {
		pid_t pid = PARENT + 1 + (pid_t)worker;

		begin(maker, EVENT_ATTACHED, pid);
		add_comm(maker, pid, "worker");
		event_add_fact(&maker->ev, FACT_FDS, pid, NULL, 0)->value[0] = 3;
		add_holding(maker, pid, WRITE_END, FD_PIPE, pipe_of(worker), 0200);
		add_holding(maker, pid, READ_END, FD_PIPE,
			    pipe_of((worker + maker->n_workers - 1) % maker->n_workers), 0400);
		add_holding(maker, pid, SOCKET_FD, FD_UNIX, socket_of(worker), 0600);
		put(maker);
	}
}

int main(int argc, char **argv)
{
	static const char *const recorded[] = { "make_trace", NULL };
	struct trace_meta meta = { .program = "make_trace", .argv = recorded, .string_limit = 32 };
	struct maker maker = { .n_wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 0,
			       .next_ino = 10000000 };
	uint64_t churn = argc > 2 ? strtoull(argv[2], NULL, 10) : 10, n_churn = 0, n = 0;

	uint64_t n_workers = argc > 3 ? strtoull(argv[3], NULL, 10) : WORKERS;

	/* Sockets are in pairs. */
	if (!maker.n_wanted || churn > 100 || !n_workers || n_workers > WORKERS_MAX ||
	    n_workers % 2) {
		fprintf(stderr,
			"Usage: make_trace EVENTS [CHURN PERCENT [EVEN NUMBER OF WORKERS]]\n");
		return 2;
	}
	maker.n_workers = (unsigned)n_workers;
	maker.writer = trace_writer_create(STDOUT_FILENO, &meta);
	attach_workers(&maker);
	while (maker.n_events < maker.n_wanted) {
		uint64_t before = maker.n_events;

		if (n_churn * 100 < maker.n_events * churn) {
			live_short(&maker, n);
			n_churn += maker.n_events - before;
		} else {
			work(&maker, (unsigned)(n % maker.n_workers));
		}
		n++;
	}
	if (trace_writer_end(maker.writer) < 0) {
		perror("make_trace");
		return 1;
	}
	trace_writer_destroy(maker.writer);
	event_finish(&maker.ev);
	return 0;
}
