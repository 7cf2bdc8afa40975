/* eventfd: a 64-bit counter behind a descriptor; write adds to it, read takes it. */
#include "support/demo.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fd;

static void add(uint64_t value)
{
	check(write(fd, &value, sizeof(value)));
}

static uint64_t take(void)
{
	uint64_t value;

	expect(check(retry(read(fd, &value, sizeof(value)))) == sizeof(value));
	return value;
}

static void counter(void)
{
	uint64_t value;

	fd = check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	add(3);
	add(4);
	value = take();
	say("added 3 and 4, read %d: all at once", (int)value);
	expect(value == 7);
	expect_errno(read(fd, &value, sizeof(value)), EAGAIN);
	say("now it is 0: EAGAIN");
	check(close(fd));
}

static void semaphore(void)
{
	uint64_t value;

	fd = check(eventfd(2, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE));
	expect(take() == 1);
	expect(take() == 1);
	expect_errno(read(fd, &value, sizeof(value)), EAGAIN);
	say("EFD_SEMAPHORE with the value 2: two reads of 1, then EAGAIN");
	check(close(fd));
}

static void waiter(void)
{
	say("read %d", (int)take());
}

static void empty(void)
{
	pid_t child;

	fd = check(eventfd(0, EFD_CLOEXEC));
	child = spawn("reader", waiter);
	await_blocked(child, SYS_read);
	say("the counter is 0, the reader waits; I add 5");
	add(5);
	reap(child);
	check(close(fd));
}

static void writer(void)
{
	add(1);
	say("my 1 has been added");
}

static void full(void)
{
	pid_t child;

	fd = check(eventfd(0, EFD_CLOEXEC));
	add(UINT64_MAX - 1);
	child = spawn("writer", writer);
	await_blocked(child, SYS_write);
	say("the counter is at its limit, 2^64 - 2: the writer waits; I read");
	expect(take() == UINT64_MAX - 1);
	reap(child);
	expect(take() == 1);
	check(close(fd));
}

static const struct variant variants[] = {
	{ NULL, counter, "a counter: reads take it all" },
	{ "semaphore", semaphore, "EFD_SEMAPHORE: each read takes one" },
	{ "empty", empty, "the reader of 0 waits" },
	{ "full", full, "the writer waits when the counter would overflow" },
	{ 0 },
};

static const struct demo demo = { 22, "eventfd: a counter to wait for", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
