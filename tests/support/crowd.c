/*
 * A crowd of threads of which few do anything. How many calls did each of those make?
 *
 *   crowd IDLE HOT SECONDS
 *
 * IDLE threads wait; HOT threads call getppid for SECONDS. Prints "hot" when they begin, then the
 * calls of each of them per second. SECONDS 0: nobody calls, it waits until standard input ends.
 */
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STACK_LEN = 64 * 1024 };

static pthread_mutex_t closed = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_open, is_over;

struct hot {
	pthread_t thread;
	unsigned long n;
};

static void *idle(void *data)
{
	pthread_mutex_lock(&closed); /* for ever */
	return data;
}

static void *call(void *data)
{
	struct hot *hot = data;

	while (!atomic_load(&is_open))
		sched_yield();
	for (; !atomic_load_explicit(&is_over, memory_order_relaxed); hot->n++)
		syscall(SYS_getppid);
	return NULL;
}

static pthread_t start(void *(*run)(void *data), void *data)
{
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_LEN);
	error = pthread_create(&thread, &attr, run, data);
	pthread_attr_destroy(&attr);
	if (error)
		errx(1, "pthread_create: %s", strerror(error));
	return thread;
}

static void report(const struct hot *hot, long n_hot, double seconds)
{
	for (long i = 0; i < n_hot; i++)
		printf("%.0f%c", (double)hot[i].n / seconds, i + 1 < n_hot ? ' ' : '\n');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	long n_idle = argc == 4 ? atol(argv[1]) : -1, n_hot = argc == 4 ? atol(argv[2]) : -1;
	long seconds = argc == 4 ? atol(argv[3]) : -1;
	struct timespec begin, end;
	struct hot *hot;

	if (n_idle < 0 || n_hot < 0 || seconds < 0)
		errx(2, "usage: crowd IDLE HOT SECONDS");
	hot = calloc((size_t)n_hot + 1, sizeof(*hot));
	if (!hot)
		err(1, "calloc");
	pthread_mutex_lock(&closed);
	for (long i = 0; i < n_idle; i++)
		start(idle, NULL);
	for (long i = 0; i < n_hot; i++)
		hot[i].thread = start(call, &hot[i]);
	printf("hot\n");
	fflush(stdout);
	if (!seconds) {
		getchar();
		_exit(0);
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	atomic_store(&is_open, true);
	sleep((unsigned)seconds);
	atomic_store(&is_over, true);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (long i = 0; i < n_hot; i++)
		pthread_join(hot[i].thread, NULL);
	report(hot, n_hot,
	       (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	_exit(0);
}
