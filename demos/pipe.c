/* An anonymous pipe: a byte stream in a kernel buffer, known only by its descriptors. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BLOCK 4096

static int fds[2]; /* [0] is read from, [1] is written to */
static int answer_fds[2];
static int capacity;

static void close_both(void)
{
	check(close(fds[0]));
	check(close(fds[1]));
}

static void say_what_comes(void)
{
	char text[100];
	ssize_t len;

	while ((len = check(read(fds[0], text, sizeof(text)))) > 0)
		say("read %zd bytes: %.*s", len, (int)len, text);
	say("read returns 0: end of file, no writer is left");
}

static void reader(void)
{
	check(close(fds[1])); /* or the end of file would never come: this would be a writer */
	say_what_comes();
	check(close(fds[0]));
}

static void one_way(void)
{
	pid_t child;

	check(pipe(fds));
	child = spawn("child", reader);
	set_role("parent");
	check(close(fds[0]));
	expect_errno(lseek(fds[1], 0, SEEK_SET), ESPIPE);
	say("a pipe cannot seek; what is written first is read first");
	write_all(fds[1], "hello from the parent", 21);
	check(close(fds[1]));
	reap(child);
	say("the child has ended");
}

static void one_process(void)
{
	char text[16];

	check(pipe(fds));
	write_all(fds[1], "one two ", 8);
	write_all(fds[1], "three", 5);
	say("two writes, 8 and 5 bytes, into the buffer in the kernel");
	read_all(fds[0], text, 3);
	read_all(fds[0], text + 3, 10);
	expect(!memcmp(text, "one two three", 13));
	say("read back as 3 and 10 bytes: a stream keeps the order, not the borders");
	close_both();
}

static void answerer(void)
{
	char question[2];

	check(close(fds[1]));
	check(close(answer_fds[0]));
	read_all(fds[0], question, 2);
	say("read %.2s, answer pong", question);
	write_all(answer_fds[1], "pong", 4);
	check(close(fds[0]));
	check(close(answer_fds[1]));
}

static void both_ways(void)
{
	char answer[4];
	pid_t child;

	check(pipe(fds));
	check(pipe(answer_fds));
	child = spawn("child", answerer);
	set_role("parent");
	check(close(fds[0]));
	check(close(answer_fds[1]));
	say("a pipe goes one way, so two of them for question and answer");
	write_all(fds[1], "Hi", 2);
	read_all(answer_fds[0], answer, 4);
	say("read %.4s", answer);
	expect(!memcmp(answer, "pong", 4));
	check(close(fds[1]));
	check(close(answer_fds[0]));
	reap(child);
}

static void eager_writer(void)
{
	char block[BLOCK] = "";

	check(close(fds[0]));
	for (int sent = 0; sent <= capacity; sent += BLOCK)
		write_all(fds[1], block, BLOCK);
	say("the last write came back");
	check(close(fds[1]));
}

static void full(void)
{
	int in_pipe, total = 0;
	char block[BLOCK];
	ssize_t len;
	pid_t child;

	check(pipe(fds));
	capacity = check(fcntl(fds[1], F_GETPIPE_SZ));
	child = spawn("writer", eager_writer);
	set_role("reader");
	check(close(fds[1]));
	await_blocked(child, SYS_write);
	check(ioctl(fds[0], FIONREAD, &in_pipe));
	expect(in_pipe == capacity);
	say("I did not read: the pipe is full, %d bytes, and the writer is blocked", capacity);
	stay_if_asked();
	while ((len = check(read(fds[0], block, sizeof(block)))) > 0)
		total += len;
	say("drained %d bytes", total);
	expect(total == capacity + BLOCK);
	check(close(fds[0]));
	reap(child);
}

static void full_nonblock(void)
{
	char block[BLOCK] = "";
	ssize_t len;
	int total = 0;

	check(pipe2(fds, O_NONBLOCK));
	expect_errno(read(fds[0], block, 1), EAGAIN);
	say("O_NONBLOCK: reading from the empty pipe fails with EAGAIN");
	while ((len = write(fds[1], block, sizeof(block))) > 0)
		total += len;
	expect(errno == EAGAIN && total == check(fcntl(fds[1], F_GETPIPE_SZ)));
	say("after %d bytes writing into the full pipe fails with EAGAIN", total);
	close_both();
}

static void empty(void)
{
	pid_t child;

	check(pipe(fds));
	child = spawn("reader", reader);
	set_role("writer");
	check(close(fds[0]));
	await_blocked(child, SYS_read);
	say("the pipe is empty, the reader is blocked; now I write");
	write_all(fds[1], "at last", 7);
	check(close(fds[1]));
	reap(child);
}

static void eof(void)
{
	char text[10];

	check(pipe(fds));
	write_all(fds[1], "last words", 10);
	check(close(fds[1]));
	say("10 bytes are in the pipe and its only write end is closed");
	expect(check(read(fds[0], text, 10)) == 10);
	expect(check(read(fds[0], text, 10)) == 0);
	say("first the bytes are read, then every read returns 0");
	check(close(fds[0]));
}

static void forgetful_reader(void)
{
	say_what_comes(); /* the mistake: fds[1], inherited by the fork, is still open here */
	die(__FILE__, __LINE__, "the end of file came", 0);
}

static void no_eof(void)
{
	pid_t child;

	check(pipe(fds));
	child = spawn("reader", forgetful_reader);
	set_role("writer");
	write_all(fds[1], "all I have", 10);
	close_both();
	await_blocked(child, SYS_read);
	say("I closed my write end, yet the reader waits: it holds one itself");
	stay_if_asked();
	kill_and_reap(child);
	say("it would have waited for ever, so I killed it");
}

static void careless_writer(void)
{
	check(write(fds[1], "x", 1));
	die(__FILE__, __LINE__, "writing without a reader went well", 0);
}

static void no_reader(void)
{
	pid_t child;

	check(pipe(fds));
	check(close(fds[0]));
	child = spawn("writer", careless_writer);
	reap_killed(child, SIGPIPE);
	say("no reader: the writer was killed by SIGPIPE");
	expect(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	expect_errno(write(fds[1], "x", 1), EPIPE);
	say("with SIGPIPE ignored the write fails with EPIPE");
	check(close(fds[1]));
}

static const struct variant variants[] = {
	{ NULL, one_way, "parent to child after fork, unused ends closed, no seeking" },
	{ "alone", one_process, "within one process: a byte stream, first in, first out" },
	{ "both-ways", both_ways, "two pipes, one for each direction" },
	{ "full", full, "nobody reads: the writer fills the pipe and blocks until it is drained" },
	{ "nonblock", full_nonblock, "full and empty with O_NONBLOCK: EAGAIN" },
	{ "empty", empty, "the reader blocks until data comes" },
	{ "eof", eof, "all writers closed: read returns 0 after the last byte" },
	{ "no-eof", no_eof, "the classic bug: an inherited write end keeps the reader waiting" },
	{ "epipe", no_reader, "no reader: SIGPIPE, or EPIPE when that is ignored" },
	{ 0 },
};

static const struct demo demo = {
	1, "an anonymous pipe: bytes from parent to child through a buffer in the kernel", variants
};

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
