/* System V semaphores: P and V, sets taken all at once, and what happens when a holder dies. */
#include "support/demo.h"

#include <errno.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

union semun { /* the caller of semctl has to define it */
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static int set; /* of two semaphores */
static int paper[2]; /* a pipe that collects what the two writers write */
static int x_turn, y_turn; /* turns */
static bool is_safe = true; /* take the semaphore around a pair */
static short undo = SEM_UNDO;

static void make_set(void)
{
	unsigned short values[2] = { 1, 1 };

	set = own_sem(semget(IPC_PRIVATE, 2, IPC_CREAT | 0600));
	check(semctl(set, 0, SETALL, (union semun){ .array = values }));
}

static void remove_set(void)
{
	check(semctl(set, 0, IPC_RMID));
}

/* Add `delta`; a negative one waits until the semaphore is large enough: P is -1, V is +1. */
static void change(unsigned short number, short delta, short flags)
{
	struct sembuf operation = { number, delta, flags };

	check(retry(semop(set, &operation, 1)));
}

static int value(int number)
{
	return check(semctl(set, number, GETVAL));
}

/* The kernel knows how many wait: no need to guess with sleep. */
static void await_waiters(int number, int num_waiting)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (check(semctl(set, number, GETNCNT)) < num_waiting)
		nanosleep(&pause, NULL);
	let_wait_be_seen();
}

static void write_x_pair(void)
{
	if (is_safe)
		change(0, -1, undo);
	write_all(paper[1], "X", 1);
	turn_pass(y_turn); /* here, between its two letters, X is interrupted */
	if (is_safe)
		await_waiters(0, 1);
	else
		turn_wait(x_turn);
	write_all(paper[1], "X", 1);
	if (is_safe)
		change(0, +1, undo);
	else
		turn_pass(y_turn);
}

static void write_y_pair(void)
{
	turn_wait(y_turn);
	if (is_safe)
		change(0, -1, undo);
	write_all(paper[1], "Y", 1);
	if (!is_safe) {
		turn_pass(x_turn);
		turn_wait(y_turn);
	}
	write_all(paper[1], "Y", 1);
	if (is_safe)
		change(0, +1, undo);
}

static void write_pairs(const char *expected)
{
	pid_t x, y;
	char text[4];

	make_set();
	check(pipe(paper));
	x_turn = turn_create();
	y_turn = turn_create();
	x = spawn("X", write_x_pair);
	y = spawn("Y", write_y_pair);
	reap(x);
	reap(y);
	read_all(paper[0], text, sizeof(text));
	say("X was interrupted after its first letter, and on the paper is %.4s", text);
	for (int i = 0; i < 4; i++)
		expect(text[i] == expected[i]);
	remove_set();
}

static void safe(void)
{
	say("two processes write pairs of letters, each holding the semaphore (P ... V)");
	write_pairs("XXYY");
}

static void unsafe(void)
{
	is_safe = false;
	say("two processes write pairs of letters, and none asks the semaphore");
	write_pairs("XYXY");
}

static void setval(void)
{
	unsigned short values[2] = { 0 };

	make_set();
	check(semctl(set, 0, SETVAL, (union semun){ .val = 3 }));
	say("SETVAL 3: three may enter");
	for (int left = 2; left >= 0; left--) {
		change(0, -1, 0);
		expect(value(0) == left);
	}
	say("after three P the value is 0; it never is negative, the fourth would wait");
	check(semctl(set, 0, GETALL, (union semun){ .array = values }));
	expect(values[0] == 0 && values[1] == 1);
	expect(check(semctl(set, 0, GETPID)) == getpid());
	say("GETALL reads the whole set, GETPID who changed it last: me");
	remove_set();
}

static void take(void)
{
	change(0, -1, undo);
	turn_pass(x_turn);
	pause(); /* the demo kills it here */
}

static void wait_and_take(void)
{
	change(0, -1, undo);
	say("got the semaphore");
	change(0, +1, undo);
}

static pid_t let_holder_die(void)
{
	pid_t holder, waiter;

	make_set();
	x_turn = turn_create();
	holder = spawn("holder", take);
	turn_wait(x_turn);
	waiter = spawn("waiter", wait_and_take);
	await_waiters(0, 1);
	say("the holder has the semaphore, the waiter waits; I kill the holder");
	expect(check(semctl(set, 0, GETPID)) == holder);
	kill_and_reap(holder);
	return waiter;
}

static void with_undo(void)
{
	reap(let_holder_die());
	expect(value(0) == 1);
	say("with SEM_UNDO the kernel took the holder's P back");
	remove_set();
}

static void without_undo(void)
{
	pid_t waiter;

	undo = 0;
	waiter = let_holder_die();
	expect(value(0) == 0 && check(semctl(set, 0, GETNCNT)) == 1);
	say("without SEM_UNDO its P stays: the value is 0, the holder is dead, one waits for ever");
	stay_if_asked();
	kill_and_reap(waiter);
	remove_set();
}

static void wait_for_removal(void)
{
	struct sembuf operation = { 0, -2, 0 };

	expect_errno(retry(semop(set, &operation, 1)), EIDRM);
	say("woken with EIDRM: the set was removed");
}

static void removed(void)
{
	pid_t waiter;

	make_set();
	waiter = spawn("waiter", wait_for_removal);
	await_waiters(0, 1);
	say("the waiter wants 2, the value is 1; I remove the set");
	remove_set();
	reap(waiter);
}

static void leak(void)
{
	make_set();
	say("set %d stays behind; ipcs -s shows it", set);
	say("clean up: ipcrm -s %d", set);
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, safe, "mutual exclusion with P and V: XXYY" },
	{ "unsafe", unsafe, "the same without: XYXY" },
	{ "setval", setval, "SETVAL, GETVAL, GETALL, GETPID" },
	{ "undo", with_undo, "a holder dies: SEM_UNDO gives the semaphore back" },
	{ "no-undo", without_undo, "a holder dies without SEM_UNDO: the waiter waits for ever" },
	{ "removed", removed, "IPC_RMID wakes who waits with EIDRM" },
	{ "leak", leak, "leave the set behind" },
	{ 0 },
};

static const struct demo demo = { 10, "System V semaphores: who may go on, who waits", variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
