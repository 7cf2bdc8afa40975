/* progress_objects MILLISECONDS: the part of progress.c that is about objects with ids and names, memory and files. */
#include "progress.h"

#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/stat.h>

struct shared {
	pthread_mutex_t left, right;
	pthread_cond_t condition;
	sem_t semaphore;
	int turn;
};

static char directory[64];

static struct timespec limit(void)
{
	uint64_t ns = now_ns(CLOCK_REALTIME) + LIMIT_MS * 1000000ull;

	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
				  .tv_nsec = (long)(ns % 1000000000) };
}

static void *share(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

/* --- System V: semaphores in opposite order with a limit, as counters; queues by type --- */

static int change(int set, unsigned short num, short op, bool has_limit)
{
	struct sembuf operation = { num, op, 0 };
	struct timespec ts = span(LIMIT_MS);

	return semtimedop(set, &operation, 1, has_limit ? &ts : NULL);
}

struct order {
	int set;
	unsigned short first, second;
};

static void take_both(void *arg)
{
	struct order *order = arg;

	while (goes_on()) {
		CHECK(change(order->set, order->first, -1, false));
		nap();
		if (change(order->set, order->second, -1, true) == 0)
			CHECK(change(order->set, order->second, 1, false));
		else if (errno != EAGAIN)
			die("semtimedop");
		CHECK(change(order->set, order->first, 1, false));
	}
}

static void semaphores(void *arg)
{
	int set = (int)CHECK(semget(IPC_PRIVATE, 2, 0600));
	struct order left = { set, 0, 1 }, right = { set, 1, 0 };
	pid_t child;

	(void)arg;
	CHECK(change(set, 0, 1, false));
	CHECK(change(set, 1, 1, false));
	child = spawn(take_both, &right, "right");
	take_both(&left);
	reap(child);
	semctl(set, 0, IPC_RMID);
}

static void consume(void *arg)
{
	int *set = arg;

	/* Whoever took one was the last to change it, and is nobody who gives it back. */
	for (int i = 0; i < 10; i++) {
		CHECK(change(*set, (unsigned short)(i % 2), -1, false));
		nap();
	}
}

static void counters(void *arg)
{
	(void)arg;
	while (goes_on()) {
		int set = (int)CHECK(semget(IPC_PRIVATE, 2, 0600));
		pid_t one = spawn(consume, &set, "one"), other = spawn(consume, &set, "other");

		for (int i = 0; i < 20; i++) {
			nap();
			CHECK(change(set, (unsigned short)(i % 2), 1, false));
		}
		reap(one);
		reap(other);
		semctl(set, 0, IPC_RMID);
	}
}

struct message {
	long type;
	char text[1000];
};

static void serve(void *arg)
{
	int *queue = arg;
	struct message message;

	for (;;) {
		CHECK(msgrcv(*queue, &message, sizeof(message.text), 1, 0));
		if (message.text[0] == 'q')
			return;
		nap();
		message.type = 2;
		CHECK(msgsnd(*queue, &message, sizeof(message.text), 0));
	}
}

static void queues(void *arg)
{
	int queue = (int)CHECK(msgget(IPC_PRIVATE, 0600));
	struct message message = { .type = 1 };
	pid_t child = spawn(serve, &queue, "server");

	(void)arg;
	while (goes_on()) {
		message.type = 1;
		CHECK(msgsnd(queue, &message, sizeof(message.text), 0));
		nap();
		CHECK(msgrcv(queue, &message, sizeof(message.text), 2, 0));
	}
	message.type = 1;
	message.text[0] = 'q';
	CHECK(msgsnd(queue, &message, sizeof(message.text), 0));
	reap(child);
	msgctl(queue, IPC_RMID, NULL);
}

/* --- POSIX queues, futexes, threads --- */

static void receive_messages(void *arg)
{
	mqd_t *queue = arg;
	char bytes[64];

	do {
		nap();
		CHECK(mq_receive(*queue, bytes, sizeof(bytes), NULL));
	} while (bytes[0] != 'q');
}

static void posix_queues(void *arg)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 64 };
	char name[32];
	mqd_t queue;
	pid_t child;

	(void)arg;
	snprintf(name, sizeof(name), "/progress-%d", getpid());
	queue = (mqd_t)CHECK(mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
	mq_unlink(name);
	child = spawn(receive_messages, &queue, "receiver");
	while (goes_on()) {
		nap();
		CHECK(mq_send(queue, "x", 2, 0));
	}
	CHECK(mq_send(queue, "q", 2, 0));
	reap(child);
}

static struct shared *make_shared(void)
{
	struct shared *shared = share(sizeof(*shared));
	pthread_mutexattr_t mutex;
	pthread_condattr_t condition;

	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&condition);
	pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->left, &mutex);
	pthread_mutex_init(&shared->right, &mutex);
	pthread_cond_init(&shared->condition, &condition);
	sem_init(&shared->semaphore, 1, 0);
	return shared;
}

static void lock_both(pthread_mutex_t *first, pthread_mutex_t *second)
{
	while (goes_on()) {
		struct timespec ts;

		pthread_mutex_lock(first);
		nap();
		ts = limit();
		if (pthread_mutex_timedlock(second, &ts) == 0)
			pthread_mutex_unlock(second);
		pthread_mutex_unlock(first);
	}
}

static void lock_right_first(void *arg)
{
	struct shared *shared = arg;

	lock_both(&shared->right, &shared->left);
}

static void mutexes(void *arg)
{
	struct shared *shared = make_shared();
	pid_t child = spawn(lock_right_first, shared, "right");

	(void)arg;
	lock_both(&shared->left, &shared->right);
	reap(child);
}

static void take_turns(struct shared *shared, int own)
{
	pthread_mutex_lock(&shared->left);
	while (goes_on()) {
		struct timespec ts = limit();

		while (shared->turn != own && goes_on())
			pthread_cond_timedwait(&shared->condition, &shared->left, &ts);
		shared->turn = !own;
		nap();
		pthread_cond_signal(&shared->condition);
	}
	pthread_mutex_unlock(&shared->left);
}

static void other_turns(void *arg)
{
	take_turns(arg, 1);
}

static void conditions(void *arg)
{
	struct shared *shared = make_shared();
	pid_t child = spawn(other_turns, shared, "other");

	(void)arg;
	take_turns(shared, 0);
	reap(child);
}

static void *post(void *arg)
{
	struct shared *shared = arg;

	for (int i = 0; i < 8; i++) {
		nap();
		sem_post(&shared->semaphore);
	}
	return NULL;
}

static void threads(void *arg)
{
	struct shared *shared = make_shared();

	(void)arg;
	while (goes_on()) {
		pthread_t thread;

		pthread_create(&thread, NULL, post, shared);
		for (int i = 0; i < 8; i++)
			sem_wait(&shared->semaphore);
		pthread_join(thread, NULL);
	}
}

/* --- files: locks in one order, FIFOs --- */

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void lock_in_order(void *arg)
{
	int first = (int)CHECK(open(path_of("first"), O_RDWR | O_CREAT, 0600));
	int second = (int)CHECK(open(path_of("second"), O_RDWR | O_CREAT, 0600));

	(void)arg;
	while (goes_on()) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

		CHECK(flock(first, LOCK_EX));
		nap();
		CHECK(fcntl(second, F_SETLKW, &lock));
		nap();
		lock.l_type = F_UNLCK;
		CHECK(fcntl(second, F_SETLKW, &lock));
		CHECK(flock(first, LOCK_UN));
		nap();
	}
}

static void locks(void *arg)
{
	pid_t one = spawn(lock_in_order, arg, "one"), other = spawn(lock_in_order, arg, "other");

	lock_in_order(arg);
	reap(one);
	reap(other);
}

static void open_to_write(void *arg)
{
	int fd;

	(void)arg;
	nap();
	fd = (int)CHECK(open(path_of("fifo"), O_WRONLY));
	nap();
	CHECK(write(fd, "x", 1));
	close(fd);
}

static void fifos(void *arg)
{
	(void)arg;
	CHECK(mkfifo(path_of("fifo"), 0600));
	while (goes_on()) {
		pid_t child = spawn(open_to_write, NULL, "opener");
		int fd = (int)CHECK(open(path_of("fifo"), O_RDONLY));
		char c;

		while (CHECK(read(fd, &c, 1)))
			;
		close(fd);
		reap(child);
	}
}

static void (*const patterns[])(void *) = {
	semaphores, counters, queues, locks, posix_queues, mutexes, conditions, threads, fifos,
};

int main(int argc, char **argv)
{
	if (argc != 2)
		return 1;
	snprintf(directory, sizeof(directory), "progress-%d", getpid());
	CHECK(mkdir(directory, 0700));
	run_all(patterns, sizeof(patterns) / sizeof(*patterns), argv[1]);
	unlink(path_of("first"));
	unlink(path_of("second"));
	unlink(path_of("fifo"));
	return rmdir(directory) != 0;
}
