/*
 * What the benchmark traces. Usage: workload NAME COUNT
 *   pipe      COUNT times write and read a byte in one process
 *   pingpong  COUNT round trips of a byte between two processes over two pipes
 *   unix, tcp the same over a socket
 *   msg       COUNT times send and receive a System V message in one process
 *   sem       COUNT times V and P of a System V semaphore
 *   cpu       COUNT rounds of arithmetic without a system call
 *   stat      COUNT stat() of a file
 *   client    COUNT round trips of a byte: out by descriptor 1, back by 0
 *   echo      (COUNT does not matter) sends back by 1 what comes by 0
 *   crowd     COUNT processes of 15 descriptors that sleep until standard input ends
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int is_good, const char *what)
{
	if (!is_good) {
		perror(what);
		exit(1);
	}
}

static void run_pipe(long count)
{
	char byte = 'x';
	int fds[2];

	must(!pipe(fds), "pipe");
	while (count-- > 0) {
		must(write(fds[1], &byte, 1) == 1, "write");
		must(read(fds[0], &byte, 1) == 1, "read");
	}
}

static void echo(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1)
		must(write(out, &byte, 1) == 1, "write");
}

/* The other process reads from there[0] and answers into back[1]; of a socket both are one. */
static void pingpong(long count, const int there[2], const int back[2])
{
	char byte = 'x';
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid == 0) {
		close(there[1]);
		close(back[0]);
		echo(there[0], back[1]);
		_exit(0);
	}
	while (count-- > 0) {
		must(write(there[1], &byte, 1) == 1, "write");
		must(read(back[0], &byte, 1) == 1, "read");
	}
	close(there[1]);
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
}

static void run_pingpong(long count)
{
	int there[2], back[2];

	must(!pipe(there) && !pipe(back), "pipe");
	pingpong(count, there, back);
}

static void run_unix(long count)
{
	int ends[2];

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	pingpong(count, ends, (int[]){ ends[1], ends[0] });
}

static void run_tcp(long count)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int ends[2], one = 1;

	must(!bind(listener, (struct sockaddr *)&address, len), "bind");
	must(!getsockname(listener, (struct sockaddr *)&address, &len), "getsockname");
	must(!listen(listener, 1), "listen");
	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	must(!connect(ends[1], (struct sockaddr *)&address, len), "connect");
	ends[0] = accept(listener, NULL, NULL);
	must(ends[0] >= 0, "accept");
	for (int i = 0; i < 2; i++)
		must(!setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)),
		     "TCP_NODELAY");
	pingpong(count, ends, (int[]){ ends[1], ends[0] });
}

static void run_msg(long count)
{
	struct {
		long type;
		char byte;
	} message = { 1, 'x' };
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

	must(id >= 0, "msgget");
	while (count-- > 0) {
		must(!msgsnd(id, &message, 1, 0), "msgsnd");
		must(msgrcv(id, &message, 1, 0, 0) == 1, "msgrcv");
	}
	must(!msgctl(id, IPC_RMID, NULL), "msgctl");
}

static void run_sem(long count)
{
	struct sembuf up = { 0, 1, 0 }, down = { 0, -1, 0 };
	int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);

	must(id >= 0, "semget");
	while (count-- > 0)
		must(!semop(id, &up, 1) && !semop(id, &down, 1), "semop");
	must(!semctl(id, 0, IPC_RMID), "semctl");
}

static void run_cpu(long count)
{
	volatile uint64_t sink;
	uint64_t x = 88172645463325252u;

	while (count-- > 0) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	sink = x;
	(void)sink;
}

static void run_client(long count)
{
	char byte = 'x';

	while (count-- > 0) {
		must(write(1, &byte, 1) == 1, "write");
		must(read(0, &byte, 1) == 1, "read");
	}
}

static void run_echo(long count)
{
	(void)count;
	echo(0, 1);
}

static void run_crowd(long count)
{
	enum { PIPES = 6 };
	int fds[2];
	char byte;

	while (count-- > 0) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (pid == 0) {
			for (int i = 0; i < PIPES; i++)
				must(!pipe(fds), "pipe");
			must(write(1, "x", 1) == 1, "write");
			_exit(read(0, &byte, 1) != 0);
		}
	}
	while (wait(NULL) > 0)
		;
}

static void run_stat(long count)
{
	struct stat st;

	while (count-- > 0)
		must(!stat("/usr", &st), "stat");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(long count);
	} workloads[] = {
		{ "pipe", run_pipe }, { "pingpong", run_pingpong }, { "unix", run_unix },
		{ "tcp", run_tcp },   { "msg", run_msg },           { "sem", run_sem },
		{ "cpu", run_cpu },   { "stat", run_stat },         { "client", run_client },
		{ "echo", run_echo }, { "crowd", run_crowd },
	};

	for (size_t i = 0; argc == 3 && i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		if (!strcmp(argv[1], workloads[i].name)) {
			workloads[i].run(atol(argv[2]));
			return 0;
		}
	}
	fprintf(stderr, "usage: workload pipe|pingpong|unix|tcp|msg|sem|cpu|stat|client|echo|crowd "
			"COUNT\n");
	return 2;
}
