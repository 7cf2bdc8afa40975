/*
 * Two writers add one to a counter in shared memory: load, add, store. When one is interrupted
 * between load and store, the other's update is lost. To count exactly, the interruption is made
 * to happen each time, by turns; a real race loses as many as it likes.
 */
#include "support/demo.h"

#include <errno.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#define NUM_ROUNDS 20

union semun { /* the caller of semctl has to define it */
	int val;
};

static int segment, set = -1;
static int first_turn, second_turn;

static volatile long *attach(void)
{
	return check_ptr(shmat(segment, NULL, 0));
}

static void detach(volatile long *counter)
{
	check(shmdt((const void *)counter));
}

static void change(short delta)
{
	struct sembuf operation = { 0, delta, SEM_UNDO };

	check(retry(semop(set, &operation, 1)));
}

static void interrupted_writer(void)
{
	volatile long *counter = attach();

	for (int i = 0; i < NUM_ROUNDS; i++) {
		long value = *counter;

		turn_pass(second_turn); /* interrupted here, after the load */
		turn_wait(first_turn);
		*counter = value + 1;
	}
	detach(counter);
}

static void interrupting_writer(void)
{
	volatile long *counter = attach();

	for (int i = 0; i < NUM_ROUNDS; i++) {
		turn_wait(second_turn);
		*counter = *counter + 1;
		turn_pass(first_turn);
	}
	detach(counter);
}

static void careful_writer(void)
{
	volatile long *counter = attach();

	for (int i = 0; i < NUM_ROUNDS; i++) {
		change(-1);
		*counter = *counter + 1;
		change(+1);
	}
	detach(counter);
}

static long run_both(void (*first)(void), void (*second)(void))
{
	volatile long *counter;
	pid_t one, other;
	long total;

	segment = own_shm(shmget(IPC_PRIVATE, sizeof(*counter), IPC_CREAT | 0600));
	one = spawn("first", first);
	other = spawn("second", second);
	reap(one);
	reap(other);
	counter = attach();
	total = *counter;
	detach(counter);
	check(shmctl(segment, IPC_RMID, NULL));
	return total;
}

static void race(void)
{
	long total;

	first_turn = turn_create();
	second_turn = turn_create();
	total = run_both(interrupted_writer, interrupting_writer);
	say("two writers added 1 %d times each, the counter says %ld: %ld updates were lost",
	    NUM_ROUNDS, total, 2 * NUM_ROUNDS - total);
	expect(total == NUM_ROUNDS);
}

static void safe(void)
{
	long total;

	set = own_sem(semget(IPC_PRIVATE, 1, IPC_CREAT | 0600));
	check(semctl(set, 0, SETVAL, (union semun){ .val = 1 }));
	total = run_both(careful_writer, careful_writer);
	say("with a semaphore around it: %d times each, the counter says %ld", NUM_ROUNDS, total);
	expect(total == 2 * NUM_ROUNDS);
	check(semctl(set, 0, IPC_RMID));
}

static const struct variant variants[] = {
	{ NULL, race, "two writers without a semaphore: lost updates, counted" },
	{ "safe", safe, "the same with a semaphore: none lost" },
	{ 0 },
};

static const struct demo demo = { 12, "two writers on one segment: lost updates", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
