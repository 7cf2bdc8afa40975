/*
 * spawner N: keeps N threads alive, each of which makes its own successor and ends, until standard
 * input is closed; then prints how many there were.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_bool is_ending;
static atomic_ulong n_made;
static atomic_long n_alive;

static void *run(void *data);

static void spawn(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	atomic_fetch_add(&n_alive, 1);
	if (pthread_create(&thread, &attr, run, NULL) == 0)
		atomic_fetch_add(&n_made, 1);
	else
		atomic_fetch_sub(&n_alive, 1);
	pthread_attr_destroy(&attr);
}

static void *run(void *data)
{
	/* Long enough that others are about, short enough that none is for long. */
	usleep(3000);
	if (!atomic_load(&is_ending))
		spawn();
	atomic_fetch_sub(&n_alive, 1);
	return data;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 200;
	char c;

	for (int i = 0; i < n; i++)
		spawn();
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	atomic_store(&is_ending, true);
	while (atomic_load(&n_alive) > 0)
		usleep(1000);
	printf("%lu threads\n", atomic_load(&n_made));
	return 0;
}
