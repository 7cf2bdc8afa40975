/* File locks: flock, POSIX record locks and open file description locks; waiter and holder. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *path, *other_path;
static int fd;
static int left_turn, right_turn;
static pid_t left_pid;

static void make_file(void)
{
	path = own_path("file");
	fd = check(open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
}

static void remove_file(void)
{
	check(close(fd));
	check(unlink(path));
	own_dir_remove();
}

static int open_again(void)
{
	return check(open(path, O_RDWR | O_CLOEXEC));
}

/* One byte at `start`; l_pid must be 0 for F_OFD_*. */
static struct flock range(short type, off_t start)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = 1 };
}

static void set_lock(int lock_fd, int command, short type, off_t start)
{
	struct flock lock = range(type, start);

	check(retry(fcntl(lock_fd, command, &lock)));
}

static void flock_waiter(void)
{
	int own_fd = open_again();

	expect_errno(flock(own_fd, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	say("LOCK_NB: EWOULDBLOCK; without it I wait");
	check(retry(flock(own_fd, LOCK_EX)));
	say("the lock is mine");
}

static void whole_file(void)
{
	pid_t child;

	make_file();
	check(flock(fd, LOCK_EX));
	child = spawn("waiter", flock_waiter);
	await_blocked(child, SYS_flock);
	say("I hold the lock, the waiter waits; now I unlock");
	check(flock(fd, LOCK_UN));
	reap(child);
	remove_file();
}

static void posix_waiter(void)
{
	struct flock lock = range(F_WRLCK, 0);

	expect_errno(fcntl(fd, F_SETLK, &lock), EAGAIN);
	check(fcntl(fd, F_GETLK, &lock));
	expect(lock.l_type == F_WRLCK && lock.l_pid == getppid());
	say("F_GETLK names the holder: my parent; its lock was not inherited; I wait");
	set_lock(fd, F_SETLKW, F_WRLCK, 0);
	say("the lock is mine");
}

static void posix(void)
{
	pid_t child;

	make_file();
	set_lock(fd, F_SETLK, F_WRLCK, 0);
	set_lock(fd, F_SETLK, F_RDLCK, 1);
	child = spawn("waiter", posix_waiter);
	await_blocked(child, SYS_fcntl);
	say("I hold byte 0, the waiter waits for it; now I unlock");
	set_lock(fd, F_SETLK, F_UNLCK, 0);
	reap(child);
	remove_file();
}

static void ofd_waiter(void)
{
	set_lock(open_again(), F_OFD_SETLKW, F_WRLCK, 0);
	say("the lock is mine");
}

static void ofd(void)
{
	struct flock lock = range(F_WRLCK, 0);
	pid_t child;
	int second_fd;

	make_file();
	set_lock(fd, F_OFD_SETLK, F_WRLCK, 0);
	second_fd = open_again();
	expect_errno(fcntl(second_fd, F_OFD_SETLK, &lock), EAGAIN);
	check(fcntl(second_fd, F_OFD_GETLK, &lock));
	expect(lock.l_type == F_WRLCK && lock.l_pid == -1);
	check(close(second_fd));
	say("the lock belongs to the open file, not to a process: my second open gets EAGAIN");
	child = spawn("waiter", ofd_waiter);
	await_blocked(child, SYS_fcntl);
	say("another process waits for it; now I unlock");
	set_lock(fd, F_OFD_SETLK, F_UNLCK, 0);
	reap(child);
	remove_file();
}

static void lost_by_close(void)
{
	struct flock lock = range(F_WRLCK, 0);

	expect(check(fcntl(fd, F_GETLK, &lock)) == 0 && lock.l_type == F_UNLCK);
	say("and nobody holds it any more");
}

static void lost(void)
{
	make_file();
	set_lock(fd, F_SETLK, F_WRLCK, 0);
	check(close(open_again()));
	say("I hold a POSIX lock; I opened and closed the same file elsewhere in the program");
	reap(spawn("other", lost_by_close));
	remove_file();
}

static void left(void)
{
	set_lock(fd, F_SETLK, F_WRLCK, 0);
	turn_pass(right_turn);
	turn_wait(left_turn);
	set_lock(fd, F_SETLKW, F_WRLCK, 1);
	say("right has ended, and its lock with it: both bytes are mine");
}

static void right(void)
{
	struct flock lock = range(F_WRLCK, 0);

	set_lock(fd, F_SETLK, F_WRLCK, 1);
	turn_wait(right_turn);
	turn_pass(left_turn);
	await_blocked(left_pid, SYS_fcntl);
	say("I hold byte 1, left holds byte 0 and waits for mine; I ask for its byte");
	expect_errno(fcntl(fd, F_SETLKW, &lock), EDEADLK);
	say("EDEADLK: the kernel saw the circle");
}

static void deadlock(void)
{
	pid_t right_pid;

	make_file();
	left_turn = turn_create();
	right_turn = turn_create();
	left_pid = spawn("left", left);
	right_pid = spawn("right", right);
	reap(right_pid);
	reap(left_pid);
	remove_file();
}

/* Lock one of two files, then the other; flock asks nobody whether that is a circle. */
static void flock_both(const char *first, const char *second, int own_turn, int other_turn)
{
	int first_fd = check(open(first, O_RDWR | O_CLOEXEC));
	int second_fd = check(open(second, O_RDWR | O_CLOEXEC));

	check(flock(first_fd, LOCK_EX));
	turn_pass(other_turn);
	turn_wait(own_turn);
	check(retry(flock(second_fd, LOCK_EX)));
}

static void flock_left(void)
{
	flock_both(path, other_path, left_turn, right_turn);
}

static void flock_right(void)
{
	flock_both(other_path, path, right_turn, left_turn);
}

static void flock_deadlock(void)
{
	pid_t right_pid;

	make_file();
	other_path = own_path("other");
	check(close(check(open(other_path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600))));
	left_turn = turn_create();
	right_turn = turn_create();
	left_pid = spawn("left", flock_left);
	right_pid = spawn("right", flock_right);
	await_blocked(left_pid, SYS_flock);
	await_blocked(right_pid, SYS_flock);
	say("each holds one file's lock and waits for the other's; flock has no EDEADLK");
	stay_if_asked();
	kill_and_reap(left_pid);
	reap(right_pid);
	say("I killed left, its lock went to right");
	check(unlink(other_path));
	remove_file();
}

static const struct variant variants[] = {
	{ NULL, whole_file, "flock: a waiter and its holder" },
	{ "posix", posix, "POSIX record locks; who holds it" },
	{ "ofd", ofd, "open file description locks" },
	{ "lost", lost, "a POSIX lock lost by closing another descriptor of the file" },
	{ "deadlock", deadlock, "a circle of POSIX locks: EDEADLK" },
	{ "flock-deadlock", flock_deadlock, "a circle of flock: nobody notices" },
	{ 0 },
};

static const struct demo demo = { 25, "file locks: flock, POSIX and OFD", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
