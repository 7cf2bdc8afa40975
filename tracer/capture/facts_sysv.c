#include "capture/facts_sysv.h"

#include <errno.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "capture/facts_ns.h"

enum { SEMS_MAX = 64 };

/* semctl(2) leaves its declaration to the caller. */
union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

/*
 * The *_STAT_ANY commands look at a slot of the table, of which an id is only a part: the answer
 * has to be about the id that was asked for.
 */
static int check(int got, int id)
{
	if (got < 0)
		return -errno;
	return got == id ? 0 : -EIDRM;
}

static int ask_msg(struct event *ev, int id)
{
	struct msqid_ds ds;
	struct fact *fact;
	int err = check(msgctl(id, MSG_STAT_ANY, &ds), id);

	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_MSG, id, NULL, 0);
	fact->id = (uint32_t)ds.msg_perm.__key;
	fact->value[0] = (int64_t)ds.msg_qnum;
	fact->value[1] = (int64_t)ds.__msg_cbytes;
	fact->value[2] = (int64_t)ds.msg_qbytes;
	fact->value[3] = ds.msg_lspid;
	fact->value[4] = ds.msg_lrpid;
	return 0;
}

/* Value, waiters and last pid of the first semaphores. How many could be read. */
static unsigned read_sems(int id, uint64_t n_sems, int32_t sems[][4])
{
	static const int commands[] = { GETVAL, GETNCNT, GETZCNT, GETPID };
	unsigned n = n_sems < SEMS_MAX ? (unsigned)n_sems : SEMS_MAX;

	for (unsigned i = 0; i < n; i++) {
		for (unsigned j = 0; j < 4; j++) {
			int value = semctl(id, (int)i, commands[j]);

			if (value < 0)
				return i;
			sems[i][j] = value;
		}
	}
	return n;
}

static int ask_sem(struct event *ev, enum fact_kind kind, int id)
{
	int32_t sems[SEMS_MAX][4];
	struct semid_ds ds = { 0 };
	union semun arg = { .buf = &ds };
	struct fact *fact;
	unsigned n = 0;
	int err = check(semctl(id, 0, SEM_STAT_ANY, arg), id);

	if (err < 0)
		return err;
	if (kind == FACT_SEM)
		n = read_sems(id, ds.sem_nsems, sems);
	fact = event_add_fact(ev, kind, id, (const char *)sems, n * sizeof(sems[0]));
	fact->id = (uint32_t)ds.sem_perm.__key;
	fact->value[0] = (int64_t)ds.sem_nsems;
	return 0;
}

static int ask_shm(struct event *ev, int id)
{
	struct shmid_ds ds;
	struct fact *fact;
	int err = check(shmctl(id, SHM_STAT_ANY, &ds), id);

	if (err < 0)
		return err;
	fact = event_add_fact(ev, FACT_SHM, id, NULL, 0);
	fact->id = (uint32_t)ds.shm_perm.__key;
	fact->value[0] = (int64_t)ds.shm_nattch;
	fact->value[1] = (int64_t)ds.shm_segsz;
	fact->value[2] = ds.shm_cpid;
	fact->value[3] = ds.shm_lpid;
	fact->value[4] = ds.shm_perm.mode;
	return 0;
}

int facts_sysv_ask(struct facts_cache *cache, struct tracee *tracee, struct event *ev,
		   enum fact_kind kind, int id)
{
	int err = facts_ns_enter(cache, tracee);

	if (err < 0)
		return err;
	if (kind == FACT_MSG)
		err = ask_msg(ev, id);
	else if (kind == FACT_SHM)
		err = ask_shm(ev, id);
	else
		err = ask_sem(ev, kind, id);
	facts_ns_leave(cache, tracee);
	if (!err)
		ev->facts[ev->n_facts - 1].ino = tracee->ipc_ns;
	return err;
}
