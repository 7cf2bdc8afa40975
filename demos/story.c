/*
 * Two processes that meet in five ways and end. Read it top to bottom: in each chapter Ann is the
 * one who asks and Ben the one who answers, and what they need to meet was made before the fork.
 */
#include "support/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEGMENT_LEN 4096

enum { TO_BEN = 1, TO_ANN }; /* the types of messages, and which semaphore is whose */

struct message {
	long type;
	char text[64];
};

union semun { /* the caller of semctl has to define it */
	int val;
	unsigned short *array;
};

static int listening; /* a TCP socket */
static struct sockaddr_in addr;
static int to_ben[2], to_ann[2]; /* pipes */
static int queue, segment, set;

/* Chapter 1: a signal, with a number for all its content. */
static void signal_ann(pid_t ben)
{
	say("1. a signal: I send one with the value 1");
	check(sigqueue(ben, SIGUSR1, sent_value(1)));
}

static void signal_ben(void)
{
	siginfo_t info;
	sigset_t set_of_one;

	check(sigemptyset(&set_of_one));
	check(sigaddset(&set_of_one, SIGUSR1)); /* blocked since before the fork */
	expect(check(retry(sigwaitinfo(&set_of_one, &info))) == SIGUSR1);
	expect(info.si_pid == getppid());
	say("SIGUSR1 with %d, from my parent", info.si_value.sival_int);
}

/* Ask and answer over any descriptors. */
static void ask(int write_fd, int read_fd, const char *question)
{
	char answer[4];

	write_all(write_fd, question, strlen(question));
	read_all(read_fd, answer, 4);
	expect(!memcmp(answer, "yes!", 4));
}

static void answer(int read_fd, int write_fd, const char *question)
{
	char text[16];

	read_all(read_fd, text, strlen(question));
	expect(!memcmp(text, question, strlen(question)));
	say("I was asked: %s", question);
	write_all(write_fd, "yes!", 4);
}

/* Chapter 2: a connection, which would work between two machines as well. */
static void socket_ann(void)
{
	int fd = check(accept(listening, NULL, NULL));

	say("2. a socket: Ben has connected to my port");
	ask(fd, fd, "by socket?");
	check(close(fd));
	check(close(listening));
}

static void socket_ben(void)
{
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	check(close(listening));
	check(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	answer(fd, fd, "by socket?");
	check(close(fd));
}

/* Chapter 3: two pipes, one for each direction. */
static void pipes_ann(void)
{
	say("3. a pair of pipes");
	check(close(to_ben[0]));
	check(close(to_ann[1]));
	ask(to_ben[1], to_ann[0], "by pipe?");
	check(close(to_ben[1]));
	check(close(to_ann[0]));
}

static void pipes_ben(void)
{
	char byte;

	check(close(to_ben[1]));
	check(close(to_ann[0]));
	answer(to_ben[0], to_ann[1], "by pipe?");
	expect(check(read(to_ben[0], &byte, 1)) == 0);
	check(close(to_ben[0]));
	check(close(to_ann[1]));
}

/* Chapter 4: a message queue; whole messages, each with its type. */
static void queue_ann(void)
{
	struct message message = { .type = TO_BEN, .text = "by queue?" };

	say("4. a message queue");
	check(msgsnd(queue, &message, strlen(message.text), 0));
	expect(check(msgrcv(queue, &message, sizeof(message.text), TO_ANN, 0)) == 4);
	expect(!memcmp(message.text, "yes!", 4));
}

static void queue_ben(void)
{
	struct message message;

	expect(check(msgrcv(queue, &message, sizeof(message.text), TO_BEN, 0)) == 9);
	say("I was asked: %.9s", message.text);
	message = (struct message){ .type = TO_ANN, .text = "yes!" };
	check(msgsnd(queue, &message, 4, 0));
}

static void change(unsigned short number, short delta)
{
	struct sembuf operation = { number, delta, 0 };

	check(retry(semop(set, &operation, 1)));
}

/* Chapter 5: shared memory, and a semaphore to say when there is something in it. */
static void memory_ann(void)
{
	char *memory = check_ptr(shmat(segment, NULL, 0));

	say("5. shared memory, with two semaphores for whose turn it is");
	snprintf(memory, SEGMENT_LEN, "by memory?");
	change(TO_BEN - 1, +1);
	change(TO_ANN - 1, -1);
	expect(!strcmp(memory, "yes!"));
	check(shmdt(memory));
}

static void memory_ben(void)
{
	char *memory = check_ptr(shmat(segment, NULL, 0));

	change(TO_BEN - 1, -1);
	say("I was asked: %s", memory);
	snprintf(memory, SEGMENT_LEN, "yes!");
	change(TO_ANN - 1, +1);
	check(shmdt(memory));
}

static void prepare(void)
{
	socklen_t len = sizeof(addr);
	unsigned short values[2] = { 0, 0 };
	sigset_t set_of_one;

	check(sigemptyset(&set_of_one));
	check(sigaddset(&set_of_one, SIGUSR1));
	check(sigprocmask(SIG_BLOCK, &set_of_one, NULL));
	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listening = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	check(bind(listening, (struct sockaddr *)&addr, sizeof(addr)));
	check(listen(listening, 1));
	check(getsockname(listening, (struct sockaddr *)&addr, &len));
	check(pipe(to_ben));
	check(pipe(to_ann));
	queue = own_msg(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
	segment = own_shm(shmget(IPC_PRIVATE, SEGMENT_LEN, IPC_CREAT | 0600));
	set = own_sem(semget(IPC_PRIVATE, 2, IPC_CREAT | 0600));
	check(semctl(set, 0, SETALL, (union semun){ .array = values }));
}

static void ben(void)
{
	signal_ben();
	socket_ben();
	pipes_ben();
	queue_ben();
	memory_ben();
}

static void ann(void)
{
	pid_t child;

	prepare();
	child = spawn("Ben", ben);
	set_role("Ann");
	signal_ann(child);
	socket_ann();
	pipes_ann();
	queue_ann();
	memory_ann();
	reap(child);
	say("Ben has ended; I remove what would outlive us: queue, segment, semaphores");
	check(msgctl(queue, IPC_RMID, NULL));
	check(shmctl(segment, IPC_RMID, NULL));
	check(semctl(set, 0, IPC_RMID));
}

static const struct variant variants[] = {
	{ NULL, ann, "signal, socket, pipes, message queue, shared memory" },
	{ 0 },
};

static const struct demo demo = { 32, "two processes meet in five ways, one after the other",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
