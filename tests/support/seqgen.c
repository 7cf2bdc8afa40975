/*
 * seqgen THREADS CALLS: each thread makes write(-1, NULL, n) for n = thread, thread + THREADS, ...
 * below CALLS, so that a trace of them can be checked for completeness and order.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static size_t n_threads, n_calls;

static void *run(void *data)
{
	for (size_t n = (size_t)data; n < n_calls; n += n_threads)
		if (write(-1, NULL, n) != -1)
			abort();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t *threads;

	if (argc != 3)
		return 2;
	n_threads = strtoul(argv[1], NULL, 10);
	n_calls = strtoul(argv[2], NULL, 10);
	threads = calloc(n_threads, sizeof(*threads));
	if (!threads)
		return 2;
	for (size_t i = 1; i < n_threads; i++)
		if (pthread_create(&threads[i], NULL, run, (void *)i) != 0)
			return 2;
	run(NULL);
	for (size_t i = 1; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return 0;
}
