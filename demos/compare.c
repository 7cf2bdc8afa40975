/*
 * The same messages through five mechanisms, in several sizes: throughput of a stream, one-way
 * latency (half a round trip), system calls per message on both sides (waits included), copies of
 * each byte. The numbers differ from run to run; that every message arrived whole is checked.
 */
#include "support/demo.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_LEN       (1 << 20)
#define CHUNK_LEN     8192 /* kernel.msgmax: a longer message goes through a queue in pieces */
#define NUM_ROUNDS    30
#define DEADLINE_S    120
#define counted(call) (atomic_fetch_add(&shared->num_calls, 1), (call))

enum { TO_PEER, TO_US, NUM_DIRECTIONS, NUM_MECHANISMS = 5, NUM_SIZES = 5 };

static const struct size {
	size_t len;
	int num_messages;
} sizes[NUM_SIZES] = { { 1, 300 }, { 64, 300 }, { 4096, 300 }, { 65536, 60 }, { MAX_LEN, 6 } };

/* What the two processes share: the count of calls, and for shared memory a slot each way. */
static struct shared {
	atomic_long num_calls;
	struct slot {
		atomic_uint is_full;
		char bytes[MAX_LEN];
	} slots[NUM_DIRECTIONS];
} * shared;

static struct {
	long type;
	char bytes[MAX_LEN];
} message; /* each process has its own */

static int ends[NUM_DIRECTIONS][2]; /* [0] is read from, [1] is written to */
static int queue;

static void open_pipe(void)
{
	check(pipe(ends[TO_PEER]));
	check(pipe(ends[TO_US]));
}

/* Each socket of a pair is an end in both directions. */
static void use_both_ways(void)
{
	ends[TO_US][0] = check(dup(ends[TO_PEER][1]));
	ends[TO_US][1] = check(dup(ends[TO_PEER][0]));
}

static void open_unix(void)
{
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[TO_PEER]));
	use_both_ways();
}

static void open_tcp(void)
{
	tcp_pair(ends[TO_PEER]);
	use_both_ways();
}

static void stream_send(int direction, size_t len, char number)
{
	message.bytes[len - 1] = number; /* a blocking write comes back when all is written */
	expect(counted(write(ends[direction][1], message.bytes, len)) == (long)len);
}

static void stream_receive(int direction, size_t len, char number)
{
	for (size_t done = 0; done < len;) {
		long part = counted(read(ends[direction][0], message.bytes + done, len - done));

		expect(part > 0);
		done += part;
	}
	expect(message.bytes[len - 1] == number);
}

static void close_stream(void)
{
	for (int i = 0; i < 2 * NUM_DIRECTIONS; i++)
		check(close(ends[i / 2][i % 2]));
}

static void open_queue(void)
{
	queue = own_msg(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
}

static void queue_send(int direction, size_t len, char number)
{
	size_t piece = len < CHUNK_LEN ? len : CHUNK_LEN;

	message.type = direction + 1;
	message.bytes[piece - 1] = number;
	for (size_t done = 0; done < len; done += piece)
		check(counted(msgsnd(queue, &message, piece, 0)));
}

static void queue_receive(int direction, size_t len, char number)
{
	for (size_t done = 0, piece; done < len; done += piece) {
		piece = check(counted(msgrcv(queue, &message, CHUNK_LEN, direction + 1, 0)));
		expect(message.bytes[piece - 1] == number);
	}
}

static void close_queue(void)
{
	check(msgctl(queue, IPC_RMID, NULL));
}

static void await_full(struct slot *slot, unsigned int is_full)
{
	while (atomic_load(&slot->is_full) != is_full)
		counted(syscall(SYS_futex, &slot->is_full, FUTEX_WAIT, !is_full, NULL, NULL, 0));
}

static void set_full(struct slot *slot, unsigned int is_full)
{
	atomic_store(&slot->is_full, is_full);
	check(counted(syscall(SYS_futex, &slot->is_full, FUTEX_WAKE, 1, NULL, NULL, 0)));
}

static void memory_send(int direction, size_t len, char number)
{
	struct slot *slot = &shared->slots[direction];

	message.bytes[len - 1] = number;
	await_full(slot, 0);
	memcpy(slot->bytes, message.bytes, len);
	set_full(slot, 1);
}

static void memory_receive(int direction, size_t len, char number)
{
	struct slot *slot = &shared->slots[direction];

	await_full(slot, 1);
	expect(slot->bytes[len - 1] == number); /* used where it is: no second copy */
	set_full(slot, 0);
}

static const struct mechanism {
	const char *name;
	int num_copies;
	void (*open)(void);
	void (*send)(int direction, size_t len, char number);
	void (*receive)(int direction, size_t len, char number);
	void (*close)(void);
} mechanisms[NUM_MECHANISMS] = {
	{ "pipe", 2, open_pipe, stream_send, stream_receive, close_stream },
	{ "message queue", 2, open_queue, queue_send, queue_receive, close_queue },
	{ "unix socket", 2, open_unix, stream_send, stream_receive, close_stream },
	{ "tcp", 2, open_tcp, stream_send, stream_receive, close_stream },
	{ "shared memory", 1, NULL, memory_send, memory_receive, NULL },
};

static const struct mechanism *mechanism;
static const struct size *size;

static void peer(void)
{
	mechanism->send(TO_US, 1, 1);
	for (int i = 0; i < size->num_messages; i++)
		mechanism->receive(TO_PEER, size->len, i);
	mechanism->send(TO_US, 1, 0);
	for (int i = 0; i < NUM_ROUNDS; i++) {
		mechanism->receive(TO_PEER, size->len, i);
		mechanism->send(TO_US, size->len, i);
	}
}

static void measure(const char *format, const char *separator)
{
	double start_s, stream_s, rounds_s, num_calls;
	pid_t child;

	if (mechanism->open)
		mechanism->open();
	child = spawn("peer", peer);
	mechanism->receive(TO_US, 1, 1); /* it is ready */
	atomic_store(&shared->num_calls, 0);
	start_s = now_s();
	for (int i = 0; i < size->num_messages; i++)
		mechanism->send(TO_PEER, size->len, i);
	mechanism->receive(TO_US, 1, 0);
	stream_s = now_s() - start_s;
	num_calls = atomic_load(&shared->num_calls);
	start_s = now_s();
	for (int i = 0; i < NUM_ROUNDS; i++) {
		mechanism->send(TO_PEER, size->len, i);
		mechanism->receive(TO_US, size->len, i);
	}
	rounds_s = now_s() - start_s;
	reap(child);
	if (mechanism->close)
		mechanism->close();
	say(format, mechanism->name, (int)size->len,
	    size->num_messages * size->len / stream_s / 1e6, rounds_s / NUM_ROUNDS / 2 * 1e6,
	    num_calls / size->num_messages, mechanism->num_copies, separator);
}

static void measure_all(const char *format, const char *separator)
{
	/* Nothing hangs here, but a tracer may make each of thousands of calls slow. */
	alarm(DEADLINE_S);
	shared = check_ptr(mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (int i = 0; i < NUM_MECHANISMS * NUM_SIZES; i++) {
		mechanism = &mechanisms[i / NUM_SIZES];
		size = &sizes[i % NUM_SIZES];
		measure(format, i + 1 < NUM_MECHANISMS * NUM_SIZES ? separator : "");
	}
}

static void table(void)
{
	say("mechanism         bytes         MB/s   one way us    calls/msg  copies");
	measure_all("%-13s %9d %12.3f %12.1f %12.1f %7d%s", "");
}

static void json(void)
{
	say("[");
	measure_all("  {\"mechanism\": \"%s\", \"bytes\": %d, \"mb_per_s\": %.3f, \"one_way_us\": "
		    "%.1f, \"calls_per_message\": %.1f, \"copies\": %d}%s",
		    ",");
	say("]");
}

static const struct variant variants[] = {
	{ NULL, table, "a table" },
	{ "json", json, "the same as JSON" },
	{ 0 },
};

static const struct demo demo = { 33, "the same messages through five mechanisms", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
