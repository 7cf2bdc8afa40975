/* POSIX semaphores: a counter in shared memory; the kernel is asked only when someone must wait. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NUM_PAIRS 1000

static sem_t *semaphore;
static const char *name;
static int holds; /* a turn */

static void make_unnamed(unsigned int value)
{
	semaphore = check_ptr(mmap(NULL, sizeof(*semaphore), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	check(sem_init(semaphore, 1, value)); /* 1: shared between processes */
}

static void make_named(unsigned int value)
{
	own_begin(); /* sem_open makes a file of another name first, which nobody could remove */
	name = own_name(OWN_SEM_NAME, unique_name("sem"));
	semaphore = check_ptr(sem_open(name, O_CREAT | O_EXCL, 0600, value));
	own_end();
}

static void remove_unnamed(void)
{
	check(sem_destroy(semaphore));
	check(munmap(semaphore, sizeof(*semaphore)));
}

static int value(void)
{
	int count;

	check(sem_getvalue(semaphore, &count));
	return count;
}

static void wait_and_say(void)
{
	check(retry(sem_wait(semaphore)));
	say("through: sem_post woke me");
}

static void contended(void)
{
	pid_t child;

	make_unnamed(0);
	child = spawn("waiter", wait_and_say);
	await_blocked(child, SYS_futex);
	say("the value is 0, the waiter waits; in the kernel that is a futex");
	check(sem_post(semaphore));
	reap(child);
	remove_unnamed();
}

static void uncontended(void)
{
	make_unnamed(1);
	say("between this line and the next there is no system call at all:");
	for (int i = 0; i < NUM_PAIRS; i++) {
		check(sem_wait(semaphore));
		check(sem_post(semaphore));
	}
	say("%d times sem_wait and sem_post, nobody had to wait, no tracer can see it", NUM_PAIRS);
	expect(value() == 1);
	remove_unnamed();
}

static void post_by_name(void)
{
	sem_t *own = check_ptr(sem_open(name, 0));

	say("I found it by its name and post");
	check(sem_post(own));
	check(sem_close(own));
}

static void named(void)
{
	make_named(0);
	reap(spawn("poster", post_by_name));
	check(retry(sem_wait(semaphore)));
	say("sem_wait came through");
	check(sem_close(semaphore));
	check(sem_unlink(name));
	expect(sem_open(name, 0) == SEM_FAILED && errno == ENOENT);
	say("unlinked, the name is gone");
}

static void take_and_die(void)
{
	check(retry(sem_wait(semaphore)));
	turn_pass(holds);
	pause(); /* the demo kills it here */
}

static void holder_dies(void)
{
	struct timespec limit; /* a point in time, not a duration */
	pid_t holder;

	make_unnamed(1);
	holds = turn_create();
	holder = spawn("holder", take_and_die);
	turn_wait(holds);
	kill_and_reap(holder);
	expect(value() == 0);
	say("the holder was killed: nobody gives the semaphore back, there is no SEM_UNDO here");
	check(clock_gettime(CLOCK_REALTIME, &limit));
	limit.tv_sec += (limit.tv_nsec + 20000000) / 1000000000;
	limit.tv_nsec = (limit.tv_nsec + 20000000) % 1000000000;
	expect_errno(retry(sem_timedwait(semaphore, &limit)), ETIMEDOUT);
	expect_errno(sem_trywait(semaphore), EAGAIN);
	say("sem_timedwait: ETIMEDOUT after 20 ms; sem_trywait: EAGAIN");
	remove_unnamed();
}

static void leak(void)
{
	make_named(1);
	check(sem_close(semaphore));
	say("the semaphore stays behind as /dev/shm/sem.%s", name + 1);
	say("clean up: rm /dev/shm/sem.%s", name + 1);
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, contended, "someone must wait: a futex in the kernel" },
	{ "uncontended", uncontended, "nobody must wait: no system call" },
	{ "named", named, "a semaphore with a name" },
	{ "holder-dies", holder_dies, "no undo: the semaphore of a dead holder; ETIMEDOUT" },
	{ "leak", leak, "leave a named semaphore behind" },
	{ 0 },
};

static const struct demo demo = { 14,
				  "POSIX semaphores: contended a futex, uncontended no system call",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
