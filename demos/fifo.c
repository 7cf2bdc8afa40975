/* A FIFO: a pipe with a name, so that processes which are not related can meet. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *path; /* all that the processes here know of each other */
static int has_read; /* a turn */
static int writer_fd = -1;

static void make_fifo(void)
{
	path = own_path("fifo");
	check(mkfifo(path, 0600));
}

static void remove_fifo(void)
{
	check(unlink(path));
	own_dir_remove();
}

static void writer(void)
{
	int fd = check(open(path, O_WRONLY));

	write_all(fd, "hello through the file system", 29);
	check(close(fd));
}

static void reader(void)
{
	int fd = check(open(path, O_RDONLY));
	char text[100];
	ssize_t len;

	while ((len = check(read(fd, text, sizeof(text)))) > 0)
		say("read %.*s", (int)len, text);
	say("end of file: the last writer has closed it");
	check(close(fd));
}

static void two_processes(void)
{
	pid_t one, other;
	struct stat st;

	make_fifo();
	check(stat(path, &st));
	expect(S_ISFIFO(st.st_mode));
	say("mkfifo made a file of type p, prw-------");
	one = spawn("writer", writer);
	other = spawn("reader", reader);
	reap(one);
	reap(other);
	check(stat(path, &st));
	expect(st.st_size == 0);
	say("the name is on disk, the bytes never were: its size is 0");
	remove_fifo();
}

static void open_read(void)
{
	pid_t child;

	make_fifo();
	child = spawn("reader", reader);
	await_blocked(child, SYS_openat);
	say("open(O_RDONLY) blocks: there is no writer");
	writer();
	reap(child);
	remove_fifo();
}

static void open_write(void)
{
	pid_t child;

	make_fifo();
	child = spawn("writer", writer);
	await_blocked(child, SYS_openat);
	say("open(O_WRONLY) blocks: there is no reader");
	reader();
	reap(child);
	remove_fifo();
}

static void open_nonblock(void)
{
	int fd, write_fd;
	char byte;

	make_fifo();
	expect_errno(open(path, O_WRONLY | O_NONBLOCK), ENXIO);
	say("open(O_WRONLY|O_NONBLOCK) without a reader fails with ENXIO");
	fd = check(open(path, O_RDONLY | O_NONBLOCK));
	expect(check(read(fd, &byte, 1)) == 0);
	say("open(O_RDONLY|O_NONBLOCK) returns at once; with no writer read returns 0");
	write_fd = check(open(path, O_WRONLY | O_NONBLOCK));
	expect_errno(read(fd, &byte, 1), EAGAIN);
	say("now the writer can open it too, and read of the empty FIFO fails with EAGAIN");
	check(close(write_fd));
	check(close(fd));
	remove_fifo();
}

static void open_both(void)
{
	char text[4];
	int fd;

	make_fifo();
	fd = check(open(path, O_RDWR | O_NONBLOCK));
	say("open(O_RDWR) waits for nobody: this process is reader and writer (Linux, not POSIX)");
	write_all(fd, "echo", 4);
	read_all(fd, text, 4);
	say("it reads what it wrote: %.4s", text);
	expect_errno(read(fd, text, 4), EAGAIN);
	say("and never sees the end of file: EAGAIN, since it is a writer itself");
	check(close(fd));
	remove_fifo();
}

static void lost(void)
{
	int fd, len;

	make_fifo();
	fd = check(open(path, O_RDWR));
	write_all(fd, "gone", 4);
	check(ioctl(fd, FIONREAD, &len));
	expect(len == 4);
	check(close(fd));
	say("4 bytes were in the FIFO when its last descriptor was closed");
	fd = check(open(path, O_RDWR));
	check(ioctl(fd, FIONREAD, &len));
	expect(len == 0);
	say("opened again it is empty: the data is gone, the name stays");
	check(close(fd));
	remove_fifo();
}

static void stubborn_reader(void)
{
	int fd = check(open(path, O_RDONLY));
	char byte;

	if (writer_fd >= 0)
		check(close(writer_fd)); /* inherited: or I would wait for an end of file by me */
	while (check(read(fd, &byte, 1)) == 1) {
		say("got %c", byte);
		turn_pass(has_read);
	}
	check(close(fd));
}

static void restart(void)
{
	pid_t child;

	make_fifo();
	has_read = turn_create();
	child = spawn("reader 1", stubborn_reader);
	set_role("writer");
	expect(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	writer_fd = check(open(path, O_WRONLY));
	write_all(writer_fd, "A", 1);
	turn_wait(has_read);
	kill_and_reap(child);
	expect_errno(write(writer_fd, "B", 1), EPIPE);
	say("the reader crashed: writing B fails with EPIPE");
	child = spawn("reader 2", stubborn_reader);
	await_blocked(child, SYS_read);
	say("a new reader found the FIFO by its name; my old descriptor works again");
	write_all(writer_fd, "B", 1);
	turn_wait(has_read);
	check(close(writer_fd));
	reap(child);
	remove_fifo();
}

static void stuck(void)
{
	pid_t child;

	make_fifo();
	child = spawn("reader", reader);
	await_blocked(child, SYS_openat);
	say("the reader waits in open for a writer, and none will ever come");
	stay_if_asked();
	kill_and_reap(child);
	say("so I killed it");
	remove_fifo();
}

static void leak(void)
{
	make_fifo();
	say("the FIFO stays behind: %s", path);
	say("clean up: rm -r %s", own_dir());
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, two_processes, "two processes meet by a name: a file of type p" },
	{ "open-read", open_read, "O_RDONLY blocks until a writer comes" },
	{ "open-write", open_write, "O_WRONLY blocks until a reader comes" },
	{ "open-nonblock", open_nonblock, "O_NONBLOCK: reading opens at once, writing gets ENXIO" },
	{ "open-rdwr", open_both, "O_RDWR, the odd case: no waiting, no end of file" },
	{ "lost", lost, "data left at the last close is gone" },
	{ "restart", restart, "a restarted reader finds the FIFO again" },
	{ "stuck", stuck, "an open that waits for a peer who never comes" },
	{ "leak", leak, "leave the FIFO behind" },
	{ 0 },
};

static const struct demo demo = { 8, "a FIFO: a pipe that has a name in the file system",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
