/* Futexes: waiting on a word of shared memory; mutexes and condition variables are made of them. */
#include "support/demo.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct shared {
	_Atomic uint32_t word;
	pthread_mutex_t mutex, other_mutex;
	pthread_cond_t condition;
	bool is_ready;
} * shared;

static int left_turn, right_turn;

/* Both mutexes and the condition are for several processes; `is_robust`, `protocol` as named. */
static void make_shared(int robustness, int protocol)
{
	pthread_mutexattr_t mutex_attr;
	pthread_condattr_t cond_attr;

	shared = check_ptr(mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	check_pthread(pthread_mutexattr_init(&mutex_attr));
	check_pthread(pthread_mutexattr_setpshared(&mutex_attr, PTHREAD_PROCESS_SHARED));
	check_pthread(pthread_mutexattr_setrobust(&mutex_attr, robustness));
	check_pthread(pthread_mutexattr_setprotocol(&mutex_attr, protocol));
	check_pthread(pthread_mutex_init(&shared->mutex, &mutex_attr));
	check_pthread(pthread_mutex_init(&shared->other_mutex, &mutex_attr));
	check_pthread(pthread_condattr_init(&cond_attr));
	check_pthread(pthread_condattr_setpshared(&cond_attr, PTHREAD_PROCESS_SHARED));
	check_pthread(pthread_cond_init(&shared->condition, &cond_attr));
}

static void wait_for_word(void)
{
	while (atomic_load(&shared->word) ==
	       0) { /* the kernel compares again: no wake-up is lost */
		if (syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0) == -1)
			expect(errno == EAGAIN || errno == EINTR);
	}
	say("the word is %d now", (int)atomic_load(&shared->word));
}

static void raw(void)
{
	pid_t child;

	make_shared(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	child = spawn("waiter", wait_for_word);
	await_blocked(child, SYS_futex);
	say("the waiter sleeps while the word is 0; I store 1, which it does not notice, and wake "
	    "it");
	atomic_store(&shared->word, 1);
	expect(check(syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0)) == 1);
	reap(child);
	expect_errno(syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0), EAGAIN);
	say("waiting for a word that has changed already: EAGAIN");
}

static void lock_and_say(void)
{
	check_pthread(pthread_mutex_lock(&shared->mutex));
	say("the mutex is mine");
	check_pthread(pthread_mutex_unlock(&shared->mutex));
}

static void contend(void)
{
	pid_t child;

	check_pthread(pthread_mutex_lock(&shared->mutex));
	child = spawn("second", lock_and_say);
	await_blocked(child, SYS_futex);
	say("I have the mutex, the second process waits; now I unlock");
	check_pthread(pthread_mutex_unlock(&shared->mutex));
	reap(child);
}

static void mutex(void)
{
	make_shared(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	contend();
}

static void priority(void)
{
	make_shared(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	say("FUTEX_LOCK_PI: while it waits, its priority is lent to the holder");
	contend();
}

static void wait_for_condition(void)
{
	check_pthread(pthread_mutex_lock(&shared->mutex));
	while (!shared->is_ready)
		check_pthread(pthread_cond_wait(&shared->condition, &shared->mutex));
	check_pthread(pthread_mutex_unlock(&shared->mutex));
	say("it is ready");
}

static void tell_ready(void)
{
	check_pthread(pthread_mutex_lock(&shared->mutex));
	shared->is_ready = true;
	check_pthread(pthread_cond_signal(&shared->condition));
	check_pthread(pthread_mutex_unlock(&shared->mutex));
}

static void condition(void)
{
	pid_t child;

	make_shared(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	child = spawn("waiter", wait_for_condition);
	await_blocked(child, SYS_futex);
	say("the waiter waits for the condition and does not hold the mutex meanwhile");
	tell_ready();
	reap(child);
}

static void wait_without_asking(void)
{
	check_pthread(pthread_mutex_lock(&shared->mutex));
	/* The mistake: not looking at is_ready. */
	check_pthread(pthread_cond_wait(&shared->condition, &shared->mutex));
}

static void lost_wakeup(void)
{
	pid_t child;

	make_shared(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	tell_ready();
	say("the condition was signalled, and nobody was waiting");
	child = spawn("waiter", wait_without_asking);
	await_blocked(child, SYS_futex);
	say("who waits now without looking at the flag waits for ever: a condition is no memory");
	stay_if_asked();
	kill_and_reap(child);
	reap(spawn("right", wait_for_condition));
}

static void lock_and_die(void)
{
	check_pthread(pthread_mutex_lock(&shared->mutex));
	turn_pass(left_turn);
	pause(); /* the demo kills it here */
}

static void lock_after_death(void)
{
	expect(pthread_mutex_lock(&shared->mutex) == EOWNERDEAD);
	say("EOWNERDEAD: the mutex is mine, its owner died; I look after the data");
	check_pthread(pthread_mutex_consistent(&shared->mutex));
	check_pthread(pthread_mutex_unlock(&shared->mutex));
}

static void robust(void)
{
	pid_t holder, waiter;

	make_shared(PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	left_turn = turn_create();
	holder = spawn("holder", lock_and_die);
	turn_wait(left_turn);
	waiter = spawn("waiter", lock_after_death);
	await_blocked(waiter, SYS_futex);
	say("the holder has the robust mutex, the waiter waits; I kill the holder");
	kill_and_reap(holder);
	reap(waiter);
	contend();
}

static void lock_left_first(void)
{
	check_pthread(pthread_mutex_lock(&shared->mutex));
	turn_pass(right_turn);
	turn_wait(left_turn);
	check_pthread(pthread_mutex_lock(&shared->other_mutex));
}

static void lock_right_first(void)
{
	check_pthread(pthread_mutex_lock(&shared->other_mutex));
	turn_pass(left_turn);
	turn_wait(right_turn);
	check_pthread(pthread_mutex_lock(&shared->mutex));
}

static void deadlock(void)
{
	pid_t left, right;

	make_shared(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	left_turn = turn_create();
	right_turn = turn_create();
	left = spawn("left", lock_left_first);
	right = spawn("right", lock_right_first);
	await_blocked(left, SYS_futex);
	await_blocked(right, SYS_futex);
	say("each holds one mutex and waits for the other's: a deadlock");
	stay_if_asked();
	kill_and_reap(left);
	kill_and_reap(right);
	say("the mutexes are not robust, so I had to kill both");
}

static const struct variant variants[] = {
	{ NULL, raw, "FUTEX_WAIT and FUTEX_WAKE on a shared word" },
	{ "mutex", mutex, "a process-shared mutex with a waiter" },
	{ "condition", condition, "a process-shared condition variable" },
	{ "robust", robust, "a robust mutex after its owner's death: EOWNERDEAD" },
	{ "priority", priority, "priority inheritance" },
	{ "deadlock", deadlock, "two mutexes locked in opposite order" },
	{ "lost-wakeup", lost_wakeup, "a condition signalled before the wait" },
	{ 0 },
};

static const struct demo demo = { 23, "futexes: waiting on a word of shared memory", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
