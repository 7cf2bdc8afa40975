/* POSIX shared memory: a name in /dev/shm, a size given by ftruncate, pages mapped by mmap. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 4096

static const char *name;
static int fd;

static void make_memory(void)
{
	struct stat st;

	name = own_name(OWN_SHM_NAME, unique_name("shm"));
	fd = check(shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600));
	check(fstat(fd, &st));
	expect(st.st_size == 0);
	check(ftruncate(fd, SIZE)); /* new memory has size 0: a store now would be a SIGBUS */
}

static void other_process(void)
{
	int own_fd = check(shm_open(name, O_RDWR, 0));
	char *memory = check_ptr(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, own_fd, 0));

	check(close(own_fd)); /* the mapping stays */
	say("I found it by its name and read: %s", memory);
	snprintf(memory, SIZE, "and back");
	check(munmap(memory, SIZE));
}

static void two_processes(void)
{
	char *memory;

	make_memory();
	memory = check_ptr(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	check(close(fd));
	snprintf(memory, SIZE, "there");
	say("shm_open, ftruncate, mmap; then a store, which is no system call");
	reap(spawn("other", other_process));
	expect(!strcmp(memory, "and back"));
	say("a load, and there is what the other stored: %s", memory);
	check(shm_unlink(name));
	expect_errno(shm_open(name, O_RDWR, 0), ENOENT);
	expect(!strcmp(memory, "and back"));
	say("shm_unlink: the name is gone, the mapping stays until munmap");
	check(munmap(memory, SIZE));
}

static void write_and_end(void)
{
	check(pwrite(fd, "kept", 4, 0));
}

static void outlive(void)
{
	char text[4];

	make_memory();
	reap(spawn("writer", write_and_end));
	check(close(fd));
	say("the writer has ended, nobody has the memory open");
	fd = check(shm_open(name, O_RDONLY, 0));
	expect(check(read(fd, text, 4)) == 4 && !memcmp(text, "kept", 4));
	say("opened by its name it still holds: %.4s", text);
	check(close(fd));
	check(shm_unlink(name));
}

static void leak(void)
{
	make_memory();
	check(close(fd));
	say("the memory stays behind as /dev/shm%s", name);
	say("clean up: rm /dev/shm%s", name);
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, two_processes, "two processes map the same memory by its name" },
	{ "outlive", outlive, "the memory outlives its makers" },
	{ "leak", leak, "leave the memory behind" },
	{ 0 },
};

static const struct demo demo = { 14, "POSIX shared memory: a file that is only memory", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
