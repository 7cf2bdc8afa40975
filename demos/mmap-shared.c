/* mmap as IPC: MAP_SHARED pages are the same for all who map them, MAP_PRIVATE pages are copied. */
#include "support/demo.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 4096

static char *memory;
static const char *path;

static char *map_file(int flags)
{
	int fd = check(open(path, O_RDWR | O_CLOEXEC));
	char *pages = check_ptr(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0));

	check(close(fd)); /* the mapping stays */
	return pages;
}

static void make_file(void)
{
	int fd;

	path = own_path("file");
	fd = check(open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
	check(ftruncate(fd, SIZE));
	check(pwrite(fd, "on disk", 7, 0));
	check(close(fd));
}

static void remove_file(void)
{
	check(unlink(path));
	own_dir_remove();
}

static void store(void)
{
	snprintf(memory, SIZE, "from the child");
}

static void across_fork(void)
{
	memory = check_ptr(
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	reap(spawn("child", store));
	expect(!strcmp(memory, "from the child"));
	say("shared, without a name, inherited by fork: I read %s", memory);
	check(munmap(memory, SIZE));
}

static void private(void)
{
	memory = check_ptr(
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	snprintf(memory, SIZE, "mine");
	reap(spawn("child", store));
	expect(!strcmp(memory, "mine"));
	say("MAP_PRIVATE: the child's store went to a copy of its own, here is still: %s", memory);
	check(munmap(memory, SIZE));
}

static void map_and_store(void)
{
	char *pages = map_file(MAP_SHARED);

	say("I mapped the file: %s", pages);
	snprintf(pages, SIZE, "changed");
	check(munmap(pages, SIZE));
}

static void file(void)
{
	char text[8];
	int fd;

	make_file();
	memory = map_file(MAP_SHARED);
	reap(spawn("other", map_and_store));
	expect(!strcmp(memory, "changed"));
	say("my mapping of the same file now reads: %s", memory);
	check(msync(memory, SIZE, MS_SYNC));
	check(munmap(memory, SIZE));
	fd = check(open(path, O_RDONLY | O_CLOEXEC));
	read_all(fd, text, sizeof(text));
	expect(!strcmp(text, "changed"));
	say("and so does read(): %s", text);
	check(close(fd));
	remove_file();
}

static void private_file(void)
{
	make_file();
	memory = map_file(MAP_PRIVATE);
	snprintf(memory, SIZE, "only here");
	reap(spawn("other", map_and_store));
	expect(!strcmp(memory, "only here"));
	say("my private page is a copy since I wrote to it: %s", memory);
	check(munmap(memory, SIZE));
	remove_file();
}

static const struct variant variants[] = {
	{ NULL, across_fork, "an anonymous shared mapping across fork" },
	{ "private", private, "the same with MAP_PRIVATE: nothing is shared" },
	{ "file", file, "two processes map one file" },
	{ "private-file", private_file, "a private mapping of a file" },
	{ 0 },
};

static const struct demo demo = { 15, "mmap: shared pages, of a file or of none", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
