/* What is said of descriptors and objects, against witnesses of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/unit/asker.h"

static struct asker asker;

static int set_up(void **state)
{
	(void)state;
	asker_init(&asker);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	asker_finish(&asker);
	return 0;
}

static uint64_t id_of(struct tracee *tracee, int fd)
{
	const struct fact *fact = asker_ask(&asker, tracee, FACT_FD, fd);

	assert_non_null(fact);
	return fact->id;
}

/* --- pipes --- */

static void pipe_tells_bytes_and_capacity_at_both_ends(void **state)
{
	int ends[2], used;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 16384) >= 0);
	assert_int_equal(write(ends[1], "hello", 5), 5);
	for (int i = 0; i < 2; i++) {
		const struct fact *fact = asker_get(&asker, FACT_PIPE, ends[i]);

		assert_int_equal(ioctl(ends[0], FIONREAD, &used), 0);
		assert_int_equal(fact->value[0], used);
		assert_int_equal(fact->value[0], 5);
		assert_int_equal(fact->value[1], 16384);
	}
	close(ends[0]);
	close(ends[1]);
}

static void question_puts_no_end_of_file_off(void **state)
{
	int ends[2];
	char c;

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	asker_get(&asker, FACT_PIPE, ends[1]);
	asker_get(&asker, FACT_FD, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &c, 1), 0);
	close(ends[0]);
}

static void closed_descriptor_has_no_state(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_null(asker_ask(&asker, asker.self, FACT_PIPE, fd));
	assert_int_equal(asker.error, -EBADF); /* F_GETPIPE_SZ says so of what is no pipe */
	close(fd);
	assert_null(asker_ask(&asker, asker.self, FACT_PIPE, fd));
	assert_int_equal(asker.error, -EBADF);
	assert_null(asker_ask(&asker, asker.self, FACT_PIPE, -1));
	assert_null(asker_ask(&asker, asker.self, FACT_PIPE, INT64_MAX));
	assert_null(asker_ask(&asker, asker.self, FACT_LOCKS, fd));
	assert_int_equal(asker.error, -EBADF);
}

/* --- descriptor tables --- */

static size_t count_descriptors(pid_t pid)
{
	char path[64];
	struct dirent *item;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((item = readdir(dir)))
		n += item->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void child_descriptors_are_all_told(void **state)
{
	const struct fact *list, *end = NULL;
	struct tracee *tracee;
	struct child child;
	size_t n = 0;
	struct stat st;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child_start(&child, NULL, NULL);
	tracee = tracee_add(&asker.tracees, child.pid, child.pid, NULL);
	list = asker_ask(&asker, tracee, FACT_FDS, child.pid);
	assert_non_null(list);
	assert_int_equal(list->value[0], count_descriptors(child.pid));
	for (uint32_t i = 0; i < asker.ev.n_facts; i++) {
		const struct fact *fact = &asker.ev.facts[i];

		if (fact->kind != FACT_HOLDING)
			continue;
		n++;
		assert_int_equal(fact->subject, child.pid);
		if (fact->value[5] == ends[1])
			end = fact;
	}
	assert_int_equal(n, list->value[0]);
	assert_non_null(end);
	assert_int_equal(fstat(ends[1], &st), 0);
	assert_int_equal(end->ino, st.st_ino);
	assert_int_equal(end->dev, st.st_dev);
	assert_int_equal(end->value[0], FD_PIPE);
	assert_int_equal(end->value[1] & 0600, 0200);
	child_end(&child);
	assert_null(asker_ask(&asker, tracee, FACT_FDS, child.pid));
	assert_int_equal(asker.error, -ESRCH);
	close(ends[0]);
	close(ends[1]);
}

static void table_of_another_process_is_not_remembered_as_ours(void **state)
{
	struct child child;
	int fd = open("/dev/null", O_RDONLY);
	const struct fact *fact;

	(void)state;
	child_start(&child, NULL, NULL);
	close(fd);
	assert_int_equal(eventfd(0, 0), fd);
	assert_non_null(asker_ask(&asker, asker.self, FACT_FDS, child.pid));
	fact = asker_get(&asker, FACT_FD, fd);
	assert_int_equal(fact->value[0], FD_EVENTFD);
	child_end(&child);
	close(fd);
}

/* --- files without an inode of their own --- */

static void eventfd_has_the_kernels_id(void **state)
{
	int fd = eventfd(7, 0), other = eventfd(0, 0), same = dup(fd);
	char wanted[64], text[512];
	const struct fact *info;

	(void)state;
	snprintf(wanted, sizeof(wanted), "eventfd-id: %d\n", (int)id_of(asker.self, fd));
	info = asker_get(&asker, FACT_FDINFO, fd);
	snprintf(text, sizeof(text), "%.*s", (int)info->text_len, event_fact_text(&asker.ev, info));
	assert_non_null(strstr(text, wanted));
	assert_non_null(strstr(text, "eventfd-count:"));
	assert_int_equal(id_of(asker.self, same), id_of(asker.self, fd));
	assert_int_not_equal(id_of(asker.self, other), id_of(asker.self, fd));
	close(fd);
	close(other);
	close(same);
}

static void timers_are_told_apart_and_their_copies_are_not(void **state)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0), other = timerfd_create(CLOCK_MONOTONIC, 0);
	int same = dup(fd), epoll = epoll_create1(0);
	struct tracee *tracee;
	struct child child;
	uint64_t id;

	(void)state;
	id = id_of(asker.self, fd);
	assert_int_not_equal(id, 0);
	assert_int_not_equal(id_of(asker.self, other), id);
	assert_int_not_equal(id_of(asker.self, epoll), 0);
	assert_int_equal(id_of(asker.self, same), id);
	child_start(&child, NULL, NULL);
	tracee = tracee_add(&asker.tracees, child.pid, child.pid, NULL);
	assert_int_equal(id_of(tracee, same), id);
	assert_int_equal(id_of(tracee, other), id_of(asker.self, other));
	child_end(&child);
	close(fd);
	close(other);
	close(same);
	close(epoll);
}

static void number_used_again_is_another_timer(void **state)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t id = id_of(asker.self, fd);

	(void)state;
	close(fd);
	fd_table_forget(asker.self->files, fd);
	assert_int_equal(timerfd_create(CLOCK_MONOTONIC, 0), fd);
	assert_int_not_equal(id_of(asker.self, fd), id);
	close(fd);
}

/* What a fork's child has is known without looking, and outlives its parent. */
static void timer_is_the_same_when_its_first_holder_is_gone(void **state)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct child first, second;
	struct tracee *parent, *heir;
	uint64_t id;

	(void)state;
	child_start(&first, NULL, NULL);
	child_start(&second, NULL, NULL);
	parent = tracee_add(&asker.tracees, first.pid, first.pid, NULL);
	heir = tracee_add(&asker.tracees, second.pid, second.pid, NULL);
	id = id_of(parent, fd);
	tracee_inherit_files(heir, parent);
	child_end(&first);
	tracee_remove(&asker.tracees, parent);
	assert_int_equal(id_of(heir, fd), id);
	assert_int_equal(id_of(asker.self, fd), id);
	child_end(&second);
	close(fd);
}

static void pty_master_has_the_number_of_its_slave(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct stat st;

	(void)state;
	if (master < 0)
		skip();
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(fstat(slave, &st), 0);
	assert_int_equal(id_of(asker.self, slave), st.st_rdev);
	assert_int_equal(id_of(asker.self, master), st.st_rdev);
	close(slave);
	close(master);
}

/* --- processes --- */

static int rename_child(void *data)
{
	return prctl(PR_SET_NAME, (const char *)data);
}

static void name_is_told_with_its_process(void **state)
{
	static char name[] = "odd\nname\\";
	const struct fact *fact;
	struct child child;

	(void)state;
	child_start(&child, rename_child, name);
	fact = asker_get(&asker, FACT_COMM, child.pid);
	assert_fact_text(&asker, fact, name, strlen(name));
	assert_int_equal(fact->value[0], child.pid);
	child_end(&child);
	assert_null(asker_ask(&asker, asker.self, FACT_COMM, child.pid));
	assert_int_equal(asker.error, -ESRCH);
	assert_null(asker_ask(&asker, asker.self, FACT_COMM, -1));
}

static void no_op(int sig)
{
	(void)sig;
}

static int set_signals(void *data)
{
	sigset_t set;

	(void)data;
	signal(SIGUSR1, no_op);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* One for the process, one for the thread. */
	return kill(getpid(), SIGUSR1) || raise(SIGRTMIN);
}

static uint64_t bit(int sig)
{
	return 1ull << (sig - 1);
}

static void signals_are_told_by_mask(void **state)
{
	const struct fact *fact;
	struct child child;

	(void)state;
	child_start(&child, set_signals, NULL);
	fact = asker_get(&asker, FACT_SIGNALS, child.pid);
	assert_int_equal(fact->value[0], bit(SIGUSR1) | bit(SIGRTMIN));
	assert_int_equal(fact->value[1], bit(SIGUSR1) | bit(SIGRTMIN));
	assert_true(fact->value[2] & bit(SIGUSR2));
	assert_false(fact->value[2] & bit(SIGUSR1));
	assert_true(fact->value[3] & bit(SIGUSR1));
	child_end(&child);
	assert_null(asker_ask(&asker, asker.self, FACT_SIGNALS, -child.pid));
	assert_null(asker_ask(&asker, asker.self, FACT_SIGNALS, 0));
}

/* --- locks, queues --- */

static void only_locks_of_that_file_are_told(void **state)
{
	char name[] = "/tmp/test_facts.XXXXXX", other_name[] = "/tmp/test_facts.XXXXXX";
	int fd = mkstemp(name), other = mkstemp(other_name);
	struct flock range = { .l_type = F_WRLCK, .l_start = 10, .l_len = 5 };
	const struct fact *fact;
	char text[512], pid[32];

	(void)state;
	unlink(name);
	unlink(other_name);
	fact = asker_get(&asker, FACT_LOCKS, fd);
	assert_int_equal(fact->text_len, 0);
	assert_int_equal(flock(other, LOCK_SH), 0);
	assert_int_equal(fcntl(fd, F_SETLK, &range), 0);
	fact = asker_get(&asker, FACT_LOCKS, fd);
	snprintf(text, sizeof(text), "%.*s", (int)fact->text_len, event_fact_text(&asker.ev, fact));
	snprintf(pid, sizeof(pid), " %d ", getpid());
	assert_non_null(strstr(text, "POSIX"));
	assert_non_null(strstr(text, " 10 14\n"));
	assert_non_null(strstr(text, pid));
	assert_null(strstr(text, "FLOCK"));
	close(fd);
	close(other);
}

/* The n-th FACT_LOCK_FD of the last answer that is about pid. */
static const struct fact *locker(pid_t pid, unsigned n)
{
	for (uint32_t i = 0; i < asker.ev.n_facts; i++) {
		const struct fact *fact = &asker.ev.facts[i];

		if (fact->kind == FACT_LOCK_FD && fact->value[0] == pid && !n--)
			return fact;
	}
	return NULL;
}

/* The last one is asked about. */
struct locked {
	int taken, ofd, asked;
};

/* Takes the flock that its parent has too then, and leaves the descriptors as they are. */
static int take_flock(void *data)
{
	struct locked *locked = data;

	return flock(locked->taken, LOCK_EX);
}

static void who_has_the_locked_open_file_is_told(void **state)
{
	char name[] = "/tmp/test_facts.XXXXXX", path[64];
	struct flock range = { .l_type = F_RDLCK, .l_len = 5 };
	struct locked locked = { .taken = mkstemp(name) };
	const struct fact *own, *heirs, *fact;
	struct child child;

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", locked.taken);
	locked.ofd = open(path, O_RDWR);
	locked.asked = open(path, O_RDWR);
	unlink(name);
	child_start(&child, take_flock, &locked);
	assert_int_equal(fcntl(locked.ofd, F_OFD_SETLK, &range), 0);
	fact = asker_get(&asker, FACT_LOCK_FDS, locked.asked);
	assert_int_equal(fact->value[0], 4);
	assert_true(fact->value[2] > 0);
	assert_int_equal(fact->value[3], 0);
	own = locker(getpid(), 0);
	heirs = locker(child.pid, 0);
	assert_int_equal(own->value[1], locked.taken);
	assert_int_equal(heirs->value[1], locked.taken);
	assert_true(own->id > 0);
	assert_int_equal(own->id, heirs->id);
	assert_non_null(memmem(event_fact_text(&asker.ev, own), own->text_len, " FLOCK ", 7));
	fact = locker(getpid(), 1);
	assert_int_equal(fact->value[1], locked.ofd);
	assert_true(fact->id > 0 && fact->id != own->id);
	/* That which is asked about is told apart, with all that stand for it. */
	asker_get(&asker, FACT_LOCK_FDS, locked.taken);
	assert_int_equal(locker(child.pid, 0)->id, 0);
	child_end(&child);
	close(locked.taken);
	close(locked.ofd);
	close(locked.asked);
}

static void message_queue_tells_its_messages(void **state)
{
	struct mq_attr limits = { .mq_maxmsg = 3, .mq_msgsize = 100 };
	/* A queue's times have whole seconds: only an old one shows that it was read. */
	const struct timespec old[2] = { 0 };
	struct stat before, after;
	const struct fact *fact;
	char name[64];
	mqd_t queue;

	(void)state;
	snprintf(name, sizeof(name), "/test_facts.%d", getpid());
	queue = mq_open(name, O_CREAT | O_RDWR, 0600, &limits);
	if (queue < 0)
		skip();
	mq_unlink(name);
	assert_int_equal(mq_send(queue, "a", 1, 0), 0);
	assert_int_equal(mq_send(queue, "bc", 2, 5), 0);
	assert_int_equal(futimens(queue, old), 0);
	assert_int_equal(fstat(queue, &before), 0);
	fact = asker_get(&asker, FACT_MQ, queue);
	assert_int_equal(fact->value[0], 2);
	assert_int_equal(fact->value[1], 3);
	assert_int_equal(fact->value[2], 100);
	assert_int_equal(fact->value[3], -1);
	assert_int_equal(fstat(queue, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	mq_close(queue);
	assert_null(asker_ask(&asker, asker.self, FACT_MQ, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pipe_tells_bytes_and_capacity_at_both_ends),
		TEST(question_puts_no_end_of_file_off),
		TEST(closed_descriptor_has_no_state),
		TEST(child_descriptors_are_all_told),
		TEST(table_of_another_process_is_not_remembered_as_ours),
		TEST(eventfd_has_the_kernels_id),
		TEST(timers_are_told_apart_and_their_copies_are_not),
		TEST(number_used_again_is_another_timer),
		TEST(timer_is_the_same_when_its_first_holder_is_gone),
		TEST(pty_master_has_the_number_of_its_slave),
		TEST(name_is_told_with_its_process),
		TEST(signals_are_told_by_mask),
		TEST(only_locks_of_that_file_are_told),
		TEST(who_has_the_locked_open_file_is_told),
		TEST(message_queue_tells_its_messages),
	};

	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
