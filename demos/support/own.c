#include "support/demo.h"

#include <errno.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_MAX 32

struct object {
	enum own_kind kind;
	pid_t owner;
	int id;
	const char *name;
};

static struct object objects[OWN_MAX];
static volatile sig_atomic_t num_objects;
static volatile sig_atomic_t is_making, pending_signal;
static char dir_path[200];

static void end_by(int sig)
{
	static const char late[] = "the deadline has passed: the demo hangs\n";
	sigset_t set;

	if (sig == SIGALRM && write(STDERR_FILENO, late, sizeof(late) - 1) < 0)
		_exit(1);
	own_remove_all();
	/* Die of the signal, so that the one who waits for us sees what ended us. */
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void interrupted(int sig)
{
	if (is_making)
		pending_signal = sig;
	else
		end_by(sig);
}

static void install_handlers(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	static bool has_handlers;
	struct sigaction action = { .sa_handler = interrupted, .sa_flags = SA_RESTART };

	if (has_handlers)
		return;
	check(sigfillset(&action.sa_mask));
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		check(sigaction(signals[i], &action, NULL));
	has_handlers = true;
}

static void add(struct object object)
{
	expect(num_objects < OWN_MAX);
	object.owner = getpid();
	objects[num_objects] = object;
	num_objects++;
}

void own_begin(void)
{
	install_handlers();
	is_making = 1;
}

void own_end(void)
{
	is_making = 0;
	if (pending_signal)
		end_by(pending_signal);
}

int own_id(enum own_kind kind, long id)
{
	add((struct object){ .kind = kind, .id = id });
	own_end();
	return id;
}

const char *own_name(enum own_kind kind, const char *name)
{
	install_handlers();
	add((struct object){ .kind = kind, .name = name });
	return name;
}

static void make_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	own_begin();
	/* mkdir is exclusive: when the name is taken (left by an earlier --leak) take the next. */
	for (int i = 0; i < 100; i++) {
		snprintf(dir_path, sizeof(dir_path), "%s/ipctrace-%d%s%.0d", tmp ? tmp : "/tmp",
			 getpid(), i ? "-" : "", i);
		if (!mkdir(dir_path, 0700)) {
			add((struct object){ .kind = OWN_DIR, .name = dir_path });
			own_end();
			return;
		}
		if (errno != EEXIST)
			break;
	}
	die(__FILE__, __LINE__, dir_path, errno);
}

const char *own_path(const char *file)
{
	static char paths[8][256];
	static int num_paths;
	char *path = paths[num_paths++];

	expect(num_paths <= 8);
	if (!dir_path[0])
		make_dir();
	snprintf(path, sizeof(paths[0]), "%s/%s", dir_path, file);
	return own_name(OWN_FILE, path);
}

const char *own_dir(void)
{
	return dir_path;
}

void own_dir_remove(void)
{
	check(rmdir(dir_path));
	dir_path[0] = '\0';
}

const char *unique_name(const char *what)
{
	static char names[8][64];
	static int num_names;
	char *name = names[num_names++];

	expect(num_names <= 8);
	snprintf(name, sizeof(names[0]), "/ipctrace-%s-%d", what, getpid());
	return name;
}

void own_forget_all(void)
{
	num_objects = 0;
}

static void remove_object(const struct object *object)
{
	switch (object->kind) {
	case OWN_MSG:
		msgctl(object->id, IPC_RMID, NULL);
		break;
	case OWN_SEM:
		semctl(object->id, 0, IPC_RMID);
		break;
	case OWN_SHM:
		shmctl(object->id, IPC_RMID, NULL);
		break;
	case OWN_FILE:
		unlink(object->name);
		break;
	case OWN_DIR:
		rmdir(object->name);
		break;
	case OWN_MQ:
		mq_unlink(object->name);
		break;
	case OWN_SHM_NAME:
		shm_unlink(object->name);
		break;
	case OWN_SEM_NAME:
		sem_unlink(object->name);
		break;
	case OWN_NOTHING:
		break;
	}
}

void own_remove_all(void)
{
	/* Last made, first removed: files before their directory. */
	for (int i = num_objects - 1; i >= 0; i--) {
		if (objects[i].owner == getpid())
			remove_object(&objects[i]);
	}
	num_objects = 0;
}
