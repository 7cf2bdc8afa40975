/* splice, tee, vmsplice: pages move between pipes, files and memory without passing through us. */
#include "support/demo.h"

#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

static const char text[] = "nobody copied me";

#define LEN ((ssize_t)sizeof(text) - 1)

static int make_file(const char *name)
{
	return check(open(own_path(name), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
}

static void expect_text(int fd, off_t offset)
{
	char found[sizeof(text)];

	expect(check(pread(fd, found, LEN, offset)) == LEN && !memcmp(found, text, LEN));
}

static void remove_files(void)
{
	own_remove_all(); /* two files and their directory */
}

static void file_to_file(void)
{
	int from = make_file("from"), to = make_file("to");
	off_t start = 0;
	int fds[2];

	check(pipe(fds));
	write_all(from, text, LEN);
	expect(check(splice(from, &start, fds[1], NULL, LEN, SPLICE_F_MOVE)) == LEN);
	say("spliced %zd bytes from a file into a pipe", LEN);
	expect(check(splice(fds[0], NULL, to, NULL, LEN, SPLICE_F_MOVE)) == LEN);
	say("and from the pipe into another file");
	expect_text(to, 0);
	start = 0;
	expect(check(sendfile(to, from, &start, LEN)) == LEN);
	expect_text(to, LEN);
	say("sendfile does both at once");
	check(close(fds[0]));
	check(close(fds[1]));
	check(close(from));
	check(close(to));
	remove_files();
}

static void duplicate(void)
{
	char found[2][sizeof(text)];
	int one[2], other[2];

	check(pipe(one));
	check(pipe(other));
	write_all(one[1], text, LEN);
	expect(check(tee(one[0], other[1], LEN, 0)) == LEN);
	say("tee: the bytes of one pipe are in another as well, and not consumed");
	read_all(one[0], found[0], LEN);
	read_all(other[0], found[1], LEN);
	expect(!memcmp(found[0], text, LEN) && !memcmp(found[1], text, LEN));
	say("read twice: %.*s", (int)LEN, found[1]);
	for (int i = 0; i < 2; i++) {
		check(close(one[i]));
		check(close(other[i]));
	}
}

static void from_memory(void)
{
	struct iovec part = { (char *)text, LEN };
	char found[sizeof(text)];
	int fds[2];

	check(pipe(fds));
	expect(check(vmsplice(fds[1], &part, 1, 0)) == LEN);
	say("vmsplice: pages of mine are in the pipe; I must not change them until they are read");
	read_all(fds[0], found, LEN);
	expect(!memcmp(found, text, LEN));
	check(close(fds[0]));
	check(close(fds[1]));
}

static const struct variant variants[] = {
	{ NULL, file_to_file, "splice from file to pipe to file; sendfile" },
	{ "tee", duplicate, "tee: duplicate what is in a pipe" },
	{ "vmsplice", from_memory, "vmsplice: from memory into a pipe" },
	{ 0 },
};

static const struct demo demo = { 27, "splice, tee, vmsplice: moving bytes without copying",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
