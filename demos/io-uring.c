/*
 * io_uring: requests and results in shared memory. A tracer sees the calls that set a ring up and
 * those that say "look into the ring"; what was asked for is in memory, and no read or write is
 * ever called. With a polling thread in the kernel there is not even a call to see.
 */
#include "support/demo.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NUM_ENTRIES 4

struct ring {
	int fd;
	_Atomic uint32_t *sq_tail, *sq_flags, *cq_head, *cq_tail;
	uint32_t sq_mask, cq_mask;
	uint32_t *sq_array;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static struct ring ours, theirs;

static void make_ring(struct ring *ring, uint32_t flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 2000 };
	size_t size;
	char *memory;

	ring->fd = syscall(SYS_io_uring_setup, NUM_ENTRIES, &params);
	if (ring->fd == -1 && (errno == ENOSYS || errno == EPERM || errno == ENOMEM))
		skip("io_uring is not available here");
	check(ring->fd);
	expect(params.features & IORING_FEAT_SINGLE_MMAP);
	size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (size < params.sq_off.array + params.sq_entries * sizeof(uint32_t))
		size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	memory = check_ptr(
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING));
	ring->sqes = check_ptr(mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe),
				    PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES));
	ring->sq_tail = (void *)(memory + params.sq_off.tail);
	ring->sq_flags = (void *)(memory + params.sq_off.flags);
	ring->sq_array = (void *)(memory + params.sq_off.array);
	ring->sq_mask = *(uint32_t *)(memory + params.sq_off.ring_mask);
	ring->cq_head = (void *)(memory + params.cq_off.head);
	ring->cq_tail = (void *)(memory + params.cq_off.tail);
	ring->cq_mask = *(uint32_t *)(memory + params.cq_off.ring_mask);
	ring->cqes = (void *)(memory + params.cq_off.cqes);
}

/* Put a request into the ring: memory only. */
static void put(struct ring *ring, struct io_uring_sqe request)
{
	uint32_t tail = atomic_load(ring->sq_tail);
	uint32_t index = tail & ring->sq_mask;

	ring->sqes[index] = request;
	ring->sq_array[index] = index;
	atomic_store_explicit(ring->sq_tail, tail + 1, memory_order_release);
}

static bool has_result(struct ring *ring)
{
	return atomic_load_explicit(ring->cq_tail, memory_order_acquire) !=
	       atomic_load(ring->cq_head);
}

/* Take a result out of the ring: memory only. */
static struct io_uring_cqe take(struct ring *ring)
{
	uint32_t head = atomic_load(ring->cq_head);
	struct io_uring_cqe result;

	expect(has_result(ring));
	result = ring->cqes[head & ring->cq_mask];
	atomic_store_explicit(ring->cq_head, head + 1, memory_order_release);
	return result;
}

/* The call: submit so many requests, wait for so many results. */
static void enter(struct ring *ring, int num_submitted, int num_awaited)
{
	unsigned int flags = num_awaited ? IORING_ENTER_GETEVENTS : 0;

	expect(check(retry(syscall(SYS_io_uring_enter, ring->fd, num_submitted, num_awaited, flags,
				   NULL, 0ul))) == num_submitted);
}

static struct io_uring_sqe transfer(int opcode, int fd, const void *buffer, int len)
{
	return (struct io_uring_sqe){ .opcode = opcode,
				      .fd = fd,
				      .off = -1,
				      .addr = (uintptr_t)buffer,
				      .len = len,
				      .user_data = opcode };
}

static void through_pipe(void)
{
	char text[16];
	int fds[2];

	make_ring(&ours, 0);
	check(pipe(fds));
	put(&ours, transfer(IORING_OP_WRITE, fds[1], "unseen", 6));
	enter(&ours, 1, 1);
	expect(take(&ours).res == 6);
	put(&ours, transfer(IORING_OP_READ, fds[0], text, sizeof(text)));
	enter(&ours, 1, 1);
	expect(take(&ours).res == 6 && !memcmp(text, "unseen", 6));
	say("6 bytes went through a pipe; a tracer saw io_uring_enter twice, no write and no read");
}

static void sender(void)
{
	make_ring(&theirs, 0);
	put(&theirs, (struct io_uring_sqe){ .opcode = IORING_OP_MSG_RING,
					    .fd = ours.fd,
					    .len = 1234, /* arrives as the result ... */
					    .off = 5678 /* ... and this as the user data */ });
	enter(&theirs, 1, 1);
	expect(take(&theirs).res == 0);
	say("put a message into the ring of my parent");
}

static void between_rings(void)
{
	struct io_uring_cqe message;
	pid_t child;

	make_ring(&ours, 0);
	child = spawn("sender", sender);
	reap(child);
	enter(&ours, 0, 1);
	message = take(&ours);
	say("the message in my ring: %d and %d", message.res, (int)message.user_data);
	expect(message.res == 1234 && message.user_data == 5678);
}

/* The polling thread sleeps when it had nothing to do for a while; then it has to be called. */
static void wait_polled(struct ring *ring)
{
	while (!has_result(ring)) {
		if (atomic_load(ring->sq_flags) & IORING_SQ_NEED_WAKEUP)
			check(syscall(SYS_io_uring_enter, ring->fd, 1, 0, IORING_ENTER_SQ_WAKEUP,
				      NULL, 0ul));
	}
}

static void polled(void)
{
	char text[16];
	int fds[2];

	make_ring(&ours, IORING_SETUP_SQPOLL);
	check(pipe(fds));
	put(&ours, (struct io_uring_sqe){ .opcode = IORING_OP_NOP });
	check(syscall(SYS_io_uring_enter, ours.fd, 1, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0ul));
	wait_polled(&ours);
	take(&ours);
	say("a thread of the kernel polls the ring; from here on I make no system call");
	put(&ours, transfer(IORING_OP_WRITE, fds[1], "unseen", 6));
	wait_polled(&ours);
	expect(take(&ours).res == 6);
	put(&ours, transfer(IORING_OP_READ, fds[0], text, sizeof(text)));
	wait_polled(&ours);
	expect(take(&ours).res == 6 && !memcmp(text, "unseen", 6));
	say("until this line: 6 bytes went through a pipe, and a tracer saw nothing");
}

static const struct variant variants[] = {
	{ NULL, between_rings, "a message from one ring to another" },
	{ "pipe", through_pipe, "a pipe written and read without write and read" },
	{ "polled", polled, "the same without any system call" },
	{ 0 },
};

static const struct demo demo = { 31, "io_uring: IPC that a tracer hardly sees", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
