/*
 * Wakes, units and signals that say who they are, as truth.c does for messages with data:
 * truth_wakes MECHANISM MESSAGES WRITERS READERS SEED DIRECTORY
 *
 *   futex        FUTEX_WAKE of one of those who sleep on a word, one wake at a time
 *   futex-bits   FUTEX_WAKE_BITSET of a certain one of them, several at a time
 *   sem          V and P of a System V semaphore that is 0 or 1
 *   signal       kill with a real-time signal: those of one sender arrive in order
 *   signal-value sigqueue of a standard signal, which may be merged into another
 *
 * Everyone writes DIRECTORY/PID: "s WRITER NUMBER 1" for what was sent, "r WRITER:NUMBER:0:1" for
 * what was received. What belongs together is known by memory that all of them share.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { END = 63, READERS_MAX = 16, WRITERS_MAX = 16, PENDING_MAX = 32, EMPTY = 0, FULL = 1 };

/* What was sent last to one reader, or to any. */
struct slot {
	atomic_int is_claimed, is_full;
	unsigned writer;
	unsigned long number;
};

struct shared {
	int word; /* 0 for ever */
	struct slot slots[READERS_MAX];
	atomic_int n_pending[READERS_MAX];
	pid_t readers[READERS_MAX];
	pid_t writers[WRITERS_MAX];
	atomic_int is_ready;
};

static FILE *out;
static struct shared *shared;
static unsigned n_readers;
static int sem;
static uint64_t state;

static unsigned roll(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static long ok(long ret, const char *what)
{
	if (ret < 0) {
		perror(what);
		_exit(1);
	}
	return ret;
}

static void open_log(const char *directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%d", directory, getpid());
	out = fopen(path, "we");
	if (!out) {
		perror(path);
		_exit(1);
	}
	setvbuf(out, malloc(1 << 20), _IOFBF, 1 << 20);
}

static void note_sent(unsigned writer, unsigned long number)
{
	fprintf(out, "s %u %lu 1\n", writer, number);
}

/* Whether it was the end. */
static bool note_received(unsigned writer, unsigned long number)
{
	fprintf(out, "r %u:%lu:0:1\n", writer, number);
	return writer == END;
}

static void claim(struct slot *slot)
{
	int free = 0;

	while (!atomic_compare_exchange_weak(&slot->is_claimed, &free, 1)) {
		free = 0;
		sched_yield();
	}
}

static void fill(struct slot *slot, unsigned writer, unsigned long number)
{
	slot->writer = writer;
	slot->number = number;
	atomic_store(&slot->is_full, 1);
}

/* Wait until it was taken, and let the next one have it. */
static void release(struct slot *slot)
{
	while (atomic_load(&slot->is_full))
		sched_yield();
	atomic_store(&slot->is_claimed, 0);
}

static bool empty(struct slot *slot)
{
	bool is_end = note_received(slot->writer, slot->number);

	atomic_store(&slot->is_full, 0);
	return is_end;
}

/* --- futex --- */

static long futex(int op, unsigned value, unsigned bits)
{
	return syscall(SYS_futex, &shared->word, op, value, NULL, NULL, bits);
}

static void wake(unsigned writer, unsigned long number, unsigned reader, bool has_bits)
{
	struct slot *slot = &shared->slots[has_bits ? reader : 0];
	int op = has_bits ? FUTEX_WAKE_BITSET : FUTEX_WAKE;

	claim(slot);
	fill(slot, writer, number);
	while (ok(futex(op, 1, 1u << reader), "futex") == 0)
		sched_yield();
	note_sent(writer, number);
	release(slot);
}

static void sleep_on_word(unsigned reader, bool has_bits)
{
	int op = has_bits ? FUTEX_WAIT_BITSET : FUTEX_WAIT;
	bool is_end = false;

	while (!is_end) {
		ok(futex(op, 0, 1u << reader), "futex");
		is_end = empty(&shared->slots[has_bits ? reader : 0]);
	}
}

/* --- semaphores --- */

static void add(unsigned short num, short n)
{
	struct sembuf op = { .sem_num = num, .sem_op = n };

	ok(semop(sem, &op, 1), "semop");
}

static void give(unsigned writer, unsigned long number)
{
	add(EMPTY, -1);
	fill(&shared->slots[0], writer, number);
	add(FULL, 1);
	note_sent(writer, number);
}

static void take(void)
{
	bool is_end = false;

	while (!is_end) {
		add(FULL, -1);
		is_end = empty(&shared->slots[0]);
		add(EMPTY, 1);
	}
}

/* --- signals --- */

/* Of one sender to one receiver they come in order: the number says which it is. */
static void send_signal(unsigned writer, unsigned reader, bool has_value)
{
	static unsigned long counts[READERS_MAX];
	unsigned long number = (unsigned long)reader << 24 | counts[reader]++;
	union sigval value = { .sival_int = (int)(number | writer << 28) };

	while (!has_value && atomic_load(&shared->n_pending[reader]) > PENDING_MAX)
		sched_yield();
	atomic_fetch_add(&shared->n_pending[reader], 1);
	if (has_value)
		ok(sigqueue(shared->readers[reader], writer == END ? SIGUSR2 : SIGUSR1, value),
		   "sigqueue");
	else
		ok(kill(shared->readers[reader], SIGRTMIN), "kill");
	note_sent(writer, number);
}

static unsigned writer_of(pid_t pid)
{
	for (unsigned i = 0; i < WRITERS_MAX; i++) {
		if (shared->writers[i] == pid)
			return i;
	}
	return END;
}

static void wait_for_signals(unsigned reader, bool has_value)
{
	static unsigned long counts[END + 1];
	sigset_t set;
	siginfo_t info;
	unsigned writer;
	unsigned long number;

	sigemptyset(&set);
	sigaddset(&set, has_value ? SIGUSR1 : SIGRTMIN);
	sigaddset(&set, SIGUSR2);
	while (!atomic_load(&shared->is_ready))
		sched_yield();
	for (;;) {
		ok(sigwaitinfo(&set, &info), "sigwaitinfo");
		atomic_fetch_sub(&shared->n_pending[reader], 1);
		writer = writer_of(info.si_pid);
		number = (unsigned long)reader << 24 | counts[writer]++;
		if (has_value)
			number = (unsigned long)info.si_value.sival_int & 0xfffffff;
		if (note_received(writer, number))
			return;
	}
}

/* --- all of them --- */

enum how { FUTEX, FUTEX_BITS, SEM, SIGNAL, SIGNAL_VALUE };

static void send_one(enum how how, unsigned writer, unsigned long number, unsigned reader)
{
	if (how == SEM)
		give(writer, number);
	else if (how == SIGNAL || how == SIGNAL_VALUE)
		send_signal(writer, reader, how == SIGNAL_VALUE);
	else
		wake(writer, number, reader, how == FUTEX_BITS);
}

static void receive_all(enum how how, unsigned reader)
{
	if (how == SEM)
		take();
	else if (how == SIGNAL || how == SIGNAL_VALUE)
		wait_for_signals(reader, how == SIGNAL_VALUE);
	else
		sleep_on_word(reader, how == FUTEX_BITS);
}

static pid_t begin(uint64_t seed, const char *directory)
{
	pid_t pid = (pid_t)ok(fork(), "fork");

	if (pid)
		return pid;
	state = seed;
	open_log(directory);
	return 0;
}

static void end(void)
{
	if (fclose(out))
		_exit(1);
	_exit(0);
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void prepare(enum how how)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		ok(-1, "mmap");
	block_signals();
	if (how != SEM)
		return;
	sem = (int)ok(semget(IPC_PRIVATE, 2, 0600), "semget");
	add(EMPTY, 1);
	note_sent(END, 1ul << 24);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "futex", "futex-bits", "sem", "signal",
					     "signal-value" };
	unsigned how = 0, n_writers;
	unsigned long n, seed;
	pid_t pid;

	while (argc == 7 && how < 5 && strcmp(argv[1], names[how]) != 0)
		how++;
	if (argc != 7 || how == 5) {
		fprintf(stderr, "truth_wakes MECHANISM MESSAGES WRITERS READERS SEED DIRECTORY\n");
		return 2;
	}
	n = strtoul(argv[2], NULL, 10);
	n_writers = (unsigned)strtoul(argv[3], NULL, 10);
	n_readers = (unsigned)strtoul(argv[4], NULL, 10);
	seed = strtoul(argv[5], NULL, 10);
	if (!n_writers || !n_readers || n_writers > WRITERS_MAX || n_readers > READERS_MAX ||
	    n > 1ul << 24)
		return 2;
	open_log(argv[6]);
	prepare((enum how)how);
	for (unsigned i = 0; i < n_readers; i++) {
		pid = begin(seed + 1000 + i, argv[6]);
		if (!pid) {
			receive_all((enum how)how, i);
			end();
		}
		shared->readers[i] = pid;
	}
	for (unsigned i = 0; i < n_writers; i++) {
		pid = begin(seed * 10007 + i, argv[6]);
		if (pid) {
			shared->writers[i] = pid;
			continue;
		}
		while (!atomic_load(&shared->is_ready))
			sched_yield();
		for (unsigned long j = 0; j < n / n_writers; j++)
			send_one((enum how)how, i, j, roll(n_readers));
		end();
	}
	atomic_store(&shared->is_ready, 1);
	for (unsigned i = 0; i < n_writers; i++)
		ok(wait(NULL), "wait");
	for (unsigned i = 0; i < n_readers; i++)
		send_one((enum how)how, END, i, i);
	for (unsigned i = 0; i < n_readers; i++)
		ok(wait(NULL), "wait");
	if (how == SEM)
		ok(semctl(sem, 0, IPC_RMID), "semctl");
	return fclose(out) ? 1 : 0;
}
