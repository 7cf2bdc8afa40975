/* Several semaphores at once: a set is changed atomically, or a deadlock is near. */
#include "support/demo.h"

#include <errno.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#define NUM_ROUNDS 50

enum { PRINTER, SCANNER, NUM_DEVICES };

union semun { /* the caller of semctl has to define it */
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static int set;
static int left_turn, right_turn;

static void make_set(unsigned short printer, unsigned short scanner)
{
	unsigned short values[NUM_DEVICES] = { printer, scanner };

	set = own_sem(semget(IPC_PRIVATE, NUM_DEVICES, IPC_CREAT | 0600));
	check(semctl(set, 0, SETALL, (union semun){ .array = values }));
}

static void remove_set(void)
{
	check(semctl(set, 0, IPC_RMID));
}

static void change_one(unsigned short number, short delta)
{
	struct sembuf operation = { number, delta, SEM_UNDO };

	check(retry(semop(set, &operation, 1)));
}

/* Both or none: the kernel does all operations of one semop in one go. */
static void change_both(unsigned short first, unsigned short second, short delta)
{
	struct sembuf operations[] = { { first, delta, SEM_UNDO }, { second, delta, SEM_UNDO } };

	check(retry(semop(set, operations, 2)));
}

static void await_waiters(int number, int command, int num_waiting)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (check(semctl(set, number, command)) < num_waiting)
		nanosleep(&pause, NULL);
	let_wait_be_seen();
}

static void left(void)
{
	for (int i = 0; i < NUM_ROUNDS; i++) {
		change_both(PRINTER, SCANNER, -1);
		change_both(PRINTER, SCANNER, +1);
	}
}

static void right(void)
{
	for (int i = 0; i < NUM_ROUNDS; i++) {
		change_both(SCANNER, PRINTER, -1);
		change_both(SCANNER, PRINTER, +1);
	}
}

static void array(void)
{
	pid_t one, other;

	make_set(1, 1);
	one = spawn("left", left);
	other = spawn("right", right);
	reap(one);
	reap(other);
	expect(check(semctl(set, PRINTER, GETVAL)) == 1);
	say("left and right took printer and scanner %d times in opposite order", NUM_ROUNDS);
	say("no deadlock: one semop takes both or waits with none");
	remove_set();
}

static void left_one_by_one(void)
{
	change_one(PRINTER, -1);
	say("I have the printer");
	turn_pass(right_turn);
	turn_wait(left_turn);
	change_one(SCANNER, -1);
}

static void right_one_by_one(void)
{
	turn_wait(right_turn);
	change_one(SCANNER, -1);
	say("I have the scanner");
	turn_pass(left_turn);
	change_one(PRINTER, -1);
	say("I have the printer too");
}

static void deadlock(void)
{
	pid_t one, other;

	make_set(1, 1);
	left_turn = turn_create();
	right_turn = turn_create();
	one = spawn("left", left_one_by_one);
	other = spawn("right", right_one_by_one);
	await_waiters(SCANNER, GETNCNT, 1);
	await_waiters(PRINTER, GETNCNT, 1);
	say("left waits for the scanner, right for the printer: a deadlock");
	say("I kill left, so that SEM_UNDO gives its printer back");
	stay_if_asked();
	kill_and_reap(one);
	reap(other);
	remove_set();
}

static void wait_for_zero(void)
{
	change_one(PRINTER, 0);
	say("the value is 0: everyone has arrived");
}

static void zero(void)
{
	pid_t child;

	make_set(3, 0);
	child = spawn("waiter", wait_for_zero);
	await_waiters(PRINTER, GETZCNT, 1);
	say("the waiter waits for zero, the value is 3");
	for (int i = 1; i <= 3; i++) {
		if (i == 3)
			say("the third one arrives");
		change_one(PRINTER, -1);
	}
	reap(child);
	remove_set();
}

static void nowait(void)
{
	const struct timespec limit = { .tv_nsec = 20000000 };
	struct sembuf operation = { PRINTER, -1, IPC_NOWAIT };

	make_set(0, 0);
	expect_errno(semop(set, &operation, 1), EAGAIN);
	say("IPC_NOWAIT on a semaphore of value 0: EAGAIN");
	operation.sem_flg = 0;
	expect_errno(retry(semtimedop(set, &operation, 1, &limit)), EAGAIN);
	say("semtimedop waited 20 ms, then EAGAIN");
	remove_set();
}

static const struct variant variants[] = {
	{ NULL, array, "two resources taken atomically: no deadlock" },
	{ "deadlock", deadlock, "two resources taken one by one in opposite order" },
	{ "wait-zero", zero, "waiting until a value is zero" },
	{ "nowait", nowait, "IPC_NOWAIT and a time limit: EAGAIN" },
	{ 0 },
};

static const struct demo demo = {
	10, "sets of System V semaphores: several resources, a deadlock, waiting for zero", variants
};

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
