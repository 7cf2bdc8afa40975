/* memfd: memory as a file without a name, which can be sealed and passed on. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 4096

static int pair[2];

static void receiver(void)
{
	int fd = receive_fd(pair[1]);
	char *memory;

	expect(check(fcntl(fd, F_GET_SEALS)) & F_SEAL_WRITE);
	memory = check_ptr(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0));
	say("received, sealed against writing, mapped; I read: %s", memory);
	expect_errno(write(fd, "x", 1), EPERM);
	expect_errno(ftruncate(fd, 0), EPERM);
	expect(mmap(NULL, SIZE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM);
	say("write, ftruncate and a writable mapping fail with EPERM: it cannot change under me");
	check(munmap(memory, SIZE));
	check(close(fd));
}

static void create_seal_pass(void)
{
	pid_t child;
	char *memory;
	int fd;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = spawn("receiver", receiver); /* before there is a memfd: it inherits none */
	fd = check(memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	check(ftruncate(fd, SIZE));
	memory = check_ptr(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	snprintf(memory, SIZE, "written once");
	expect_errno(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	say("F_SEAL_WRITE while a writable mapping exists: EBUSY");
	check(munmap(memory, SIZE));
	check(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
	say("unmapped, sealed, and passed through a socket");
	pass_fd(pair[0], fd);
	check(close(fd));
	reap(child);
}

static void write_one(void)
{
	char *memory = check_ptr(
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, receive_fd(pair[1]), 0));

	snprintf(memory, SIZE, "from the child");
}

static void shared(void)
{
	pid_t child;
	char *memory;
	int fd;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = spawn("writer", write_one);
	fd = check(memfd_create("board", MFD_CLOEXEC));
	check(ftruncate(fd, SIZE));
	pass_fd(pair[0], fd);
	reap(child);
	memory = check_ptr(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0));
	expect(!strcmp(memory, "from the child"));
	say("not sealed: both map the same pages; I read: %s", memory);
	check(munmap(memory, SIZE));
	check(close(fd));
}

static const struct variant variants[] = {
	{ NULL, create_seal_pass, "create, seal, pass, map" },
	{ "shared", shared, "shared memory without a name" },
	{ 0 },
};

static const struct demo demo = { 24, "memfd: memory as a file, sealed and passed on", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
