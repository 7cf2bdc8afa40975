/* Threads share all memory; what they need is exclusion and order. Each wait is a futex. */
#include "support/demo.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static bool is_a_done;
static int is_started; /* a turn */
static pid_t second_tid;
static char paper[8];

static void write_letter(char letter)
{
	paper[strlen(paper)] = letter;
}

static void *second_writer(void *unused)
{
	second_tid = gettid();
	turn_pass(is_started);
	check_pthread(pthread_mutex_lock(&mutex));
	write_letter('Y');
	write_letter('Y');
	check_pthread(pthread_mutex_unlock(&mutex));
	return unused;
}

static void exclusion(void)
{
	pthread_t thread;

	is_started = turn_create();
	check_pthread(pthread_mutex_lock(&mutex));
	check_pthread(pthread_create(&thread, NULL, second_writer, NULL));
	turn_wait(is_started);
	write_letter('X');
	await_blocked(second_tid, SYS_futex);
	say("I wrote X; the second thread wants the mutex, which I hold, and waits");
	write_letter('X');
	check_pthread(pthread_mutex_unlock(&mutex));
	check_pthread(pthread_join(thread, NULL));
	say("the two wrote %s", paper);
	expect(!strcmp(paper, "XXYY"));
}

static void *thread_b(void *unused)
{
	second_tid = gettid();
	turn_pass(is_started);
	check_pthread(pthread_mutex_lock(&mutex));
	while (!is_a_done) /* the flag is what is waited for, the condition only wakes */
		check_pthread(pthread_cond_wait(&condition, &mutex));
	say("B");
	check_pthread(pthread_mutex_unlock(&mutex));
	return unused;
}

static void *thread_a(void *unused)
{
	say("A");
	check_pthread(pthread_mutex_lock(&mutex));
	is_a_done = true;
	check_pthread(pthread_cond_signal(&condition));
	check_pthread(pthread_mutex_unlock(&mutex));
	return unused;
}

static void order(void)
{
	pthread_t a, b;

	is_started = turn_create();
	check_pthread(pthread_create(&b, NULL, thread_b, NULL));
	turn_wait(is_started);
	await_blocked(second_tid, SYS_futex);
	say("B was started first and waits; now A is started");
	check_pthread(pthread_create(&a, NULL, thread_a, NULL));
	check_pthread(pthread_join(a, NULL));
	check_pthread(pthread_join(b, NULL));
}

static void *arrive(void *unused)
{
	second_tid = gettid();
	turn_pass(is_started);
	pthread_barrier_wait(&barrier);
	return unused;
}

static void meet(void)
{
	pthread_t thread;
	int result;

	is_started = turn_create();
	check_pthread(pthread_barrier_init(&barrier, NULL, 2));
	check_pthread(pthread_create(&thread, NULL, arrive, NULL));
	turn_wait(is_started);
	await_blocked(second_tid, SYS_futex);
	say("the second thread waits at the barrier; I arrive too");
	result = pthread_barrier_wait(&barrier);
	expect(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
	check_pthread(pthread_join(thread, NULL));
	check_pthread(pthread_barrier_destroy(&barrier));
	say("both went on");
}

static void relock(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t careful;

	check_pthread(pthread_mutexattr_init(&attr));
	check_pthread(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK));
	check_pthread(pthread_mutex_init(&careful, &attr));
	check_pthread(pthread_mutex_lock(&careful));
	expect(pthread_mutex_lock(&careful) == EDEADLK);
	say("locking what I hold: EDEADLK from a mutex that checks; another would wait for ever");
	check_pthread(pthread_mutex_unlock(&careful));
	expect(pthread_mutex_unlock(&careful) == EPERM);
	say("unlocking what I do not hold: EPERM");
	check_pthread(pthread_mutex_destroy(&careful));
}

static const struct variant variants[] = {
	{ NULL, exclusion, "mutual exclusion of two threads: XXYY" },
	{ "order", order, "A before B, though B was started first" },
	{ "barrier", meet, "two threads meet at a barrier" },
	{ "relock", relock, "an error-checking mutex: EDEADLK and EPERM; no system call" },
	{ 0 },
};

static const struct demo demo = { 23, "threads: exclusion and order inside one process", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
