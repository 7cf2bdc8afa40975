/* What is said of System V objects, against the *ctl calls, and in whose namespace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/asker.h"

enum { KEY = 0x5f010000, SLOTS = 32768 };

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

struct message {
	long type;
	char text[8];
};

static void queue_tells_messages_bytes_and_ends(void **state)
{
	int key = KEY + getpid(), id = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
	struct message message = { 1, "abcdefg" };
	const struct fact *fact;
	struct msqid_ds ds;

	(void)state;
	assert_true(id >= 0);
	assert_int_equal(msgsnd(id, &message, 3, 0), 0);
	assert_int_equal(msgsnd(id, &message, 8, 0), 0);
	fact = asker_get(&asker, FACT_MSG, id);
	assert_int_equal(msgctl(id, IPC_STAT, &ds), 0);
	assert_int_equal(fact->id, key);
	assert_int_equal(fact->value[0], 2);
	assert_int_equal(fact->value[0], ds.msg_qnum);
	assert_int_equal(fact->value[1], 11);
	assert_int_equal(fact->value[2], ds.msg_qbytes);
	assert_int_equal(fact->value[3], getpid());
	assert_int_equal(fact->value[4], 0);
	assert_int_equal(msgrcv(id, &message, 8, 0, 0), 3);
	fact = asker_get(&asker, FACT_MSG, id);
	assert_int_equal(fact->value[0], 1);
	assert_int_equal(fact->value[4], getpid());
	assert_int_equal(msgctl(id, IPC_RMID, NULL), 0);
	assert_null(asker_ask(&asker, asker.self, FACT_MSG, id));
	assert_true(asker.error == -EINVAL || asker.error == -EIDRM);
}

/* The slot of a removed object is used again, by an object with another id. */
static void successor_in_the_slot_is_not_taken_for_the_removed_one(void **state)
{
	int old = msgget(IPC_PRIVATE, 0600), id;

	(void)state;
	assert_int_equal(msgctl(old, IPC_RMID, NULL), 0);
	/* Slots are used in turn. */
	for (int i = 0; i < 2 * SLOTS; i++) {
		id = msgget(IPC_PRIVATE, 0600);
		assert_true(id >= 0 && id != old);
		if (id % SLOTS == old % SLOTS)
			break;
		msgctl(id, IPC_RMID, NULL);
	}
	assert_int_equal(id % SLOTS, old % SLOTS);
	assert_null(asker_ask(&asker, asker.self, FACT_MSG, old));
	assert_true(asker.error == -EINVAL || asker.error == -EIDRM);
	msgctl(id, IPC_RMID, NULL);
}

static int wait_for_increase(void *data)
{
	int id = *(int *)data;

	if (fork() == 0) {
		struct sembuf op = { .sem_num = 2, .sem_op = -1 };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(semop(id, &op, 1));
	}
	return 0;
}

static void set_tells_values_waiters_and_pids(void **state)
{
	unsigned short values[70], got[70];
	int id = semget(IPC_PRIVATE, 70, 0600);
	const struct fact *fact;
	struct child child;
	int32_t sems[64][4];

	(void)state;
	for (unsigned i = 0; i < 70; i++)
		values[i] = (unsigned short)(i == 2 ? 0 : 1000 + i);
	assert_int_equal(semctl(id, 0, SETALL, values), 0);
	assert_int_equal(asker_get(&asker, FACT_SEM_NSEMS, id)->value[0], 70);
	child_start(&child, wait_for_increase, &id);
	while (semctl(id, 2, GETNCNT) != 1)
		sched_yield();
	fact = asker_get(&asker, FACT_SEM, id);
	assert_int_equal(fact->value[0], 70);
	assert_int_equal(fact->text_len, sizeof(sems));
	memcpy(sems, event_fact_text(&asker.ev, fact), sizeof(sems));
	assert_int_equal(semctl(id, 0, GETALL, got), 0);
	for (unsigned i = 0; i < 64; i++) {
		assert_int_equal(sems[i][0], got[i]);
		assert_int_equal(sems[i][1], i == 2);
		assert_int_equal(sems[i][2], 0);
		assert_int_equal(sems[i][3], semctl(id, (int)i, GETPID));
	}
	assert_int_equal(sems[63][0], 1063);
	assert_int_equal(semctl(id, 0, IPC_RMID), 0);
	child_end(&child);
}

static void segment_tells_attachments_and_is_not_attached(void **state)
{
	int id = shmget(IPC_PRIVATE, 5000, 0640);
	struct shmid_ds before, after;
	const struct fact *fact;
	void *at;

	(void)state;
	at = shmat(id, NULL, 0);
	assert_int_equal(shmctl(id, IPC_STAT, &before), 0);
	fact = asker_get(&asker, FACT_SHM, id);
	assert_int_equal(fact->value[0], 1);
	assert_int_equal(fact->value[1], 5000);
	assert_int_equal(fact->value[2], getpid());
	assert_int_equal(fact->value[3], getpid());
	assert_int_equal(fact->value[4] & 0777, 0640);
	assert_int_equal(shmctl(id, IPC_STAT, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(shmctl(id, IPC_RMID, NULL), 0);
	fact = asker_get(&asker, FACT_SHM, id);
	assert_int_equal(fact->value[4] & SHM_DEST, SHM_DEST);
	shmdt(at);
	assert_null(asker_ask(&asker, asker.self, FACT_SHM, id));
}

static void values_that_may_not_be_read_are_left_out(void **state)
{
	int id = semget(IPC_PRIVATE, 3, 0);
	const struct fact *fact;

	(void)state;
	if (geteuid() == 0) {
		semctl(id, 0, IPC_RMID);
		skip();
	}
	fact = asker_get(&asker, FACT_SEM, id);
	assert_int_equal(fact->value[0], 3);
	assert_int_equal(fact->text_len, 0);
	semctl(id, 0, IPC_RMID);
}

/* --- namespaces --- */

static int enter_namespaces(void *data)
{
	struct message message = { 1, "" };
	int id;

	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | *(int *)data) < 0)
		return -errno;
	id = msgget(IPC_PRIVATE, 0600);
	for (int i = 0; id >= 0 && i < 5; i++)
		msgsnd(id, &message, 1, 0);
	return id;
}

static void ids_of_another_namespace_are_asked_about_there(void **state)
{
	int flags = CLONE_NEWIPC;
	const struct fact *fact;
	struct tracee *tracee;
	struct stat before, after;
	struct child child;

	(void)state;
	assert_int_equal(stat("/proc/thread-self/ns/ipc", &before), 0);
	child_start(&child, enter_namespaces, &flags);
	if (child.result < 0) {
		child_end(&child);
		skip();
	}
	tracee = tracee_add(&asker.tracees, child.pid, child.pid, NULL);
	fact = asker_ask(&asker, tracee, FACT_MSG, child.result);
	if (geteuid()) {
		assert_null(fact);
		assert_int_equal(asker.error, -EXDEV);
	} else {
		assert_non_null(fact);
		assert_int_equal(fact->value[0], 5);
		assert_int_not_equal(fact->ino, before.st_ino);
	}
	assert_int_equal(stat("/proc/thread-self/ns/ipc", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	child_end(&child);
}

static int enter_pid_namespace(void *data)
{
	int result, ends[2];
	pid_t pid;

	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | CLONE_NEWPID) < 0 || pipe(ends) < 0)
		return -errno;
	pid = fork();
	if (!pid) {
		close(ends[1]);
		_exit((int)read(ends[0], &result, 1));
	}
	*(int *)data = pid;
	return pid;
}

static void a_process_of_another_pid_namespace_says_which(void **state)
{
	const struct fact *fact;
	struct tracee *tracee;
	struct child child;
	char path[64];
	struct stat st;
	int data;

	(void)state;
	child_start(&child, enter_pid_namespace, &data);
	if (child.result < 0) {
		child_end(&child);
		skip();
	}
	tracee = tracee_add(&asker.tracees, child.result, child.result, NULL);
	fact = asker_ask(&asker, tracee, FACT_PID_NS, child.result);
	assert_non_null(fact);
	assert_int_equal(asker.ev.n_facts, 1);
	assert_int_equal(fact->value[0], 1);
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", child.result);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(fact->ino, st.st_ino);
	child_end(&child);
}

static void of_our_own_pid_namespace_there_is_nothing_to_say(void **state)
{
	(void)state;
	assert_null(asker_ask(&asker, asker.self, FACT_PID_NS, asker.self->tid));
	assert_int_equal(asker.error, -ENOENT);
	assert_null(asker_ask(&asker, asker.self, FACT_PID_NS, 1));
	assert_int_equal(asker.error, -ESRCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(queue_tells_messages_bytes_and_ends),
		TEST(successor_in_the_slot_is_not_taken_for_the_removed_one),
		TEST(set_tells_values_waiters_and_pids),
		TEST(segment_tells_attachments_and_is_not_attached),
		TEST(values_that_may_not_be_read_are_left_out),
		TEST(ids_of_another_namespace_are_asked_about_there),
		TEST(a_process_of_another_pid_namespace_says_which),
		TEST(of_our_own_pid_namespace_there_is_nothing_to_say),
	};

	return cmocka_run_group_tests_name("facts of System V objects", tests, NULL, NULL);
}
