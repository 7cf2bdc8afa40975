/*
 * What the benchmark traces. Usage: workload NAME COUNT
 *   pipe      COUNT times write and read a byte in one process
 *   pingpong  COUNT round trips of a byte between two processes over two pipes
 *   cpu       COUNT rounds of arithmetic without a system call
 *   stat      COUNT stat() of a file
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void run_pingpong(long count)
{
	int there[2], back[2];
	char byte = 'x';
	pid_t pid;

	must(!pipe(there) && !pipe(back), "pipe");
	pid = fork();
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
		{ "pipe", run_pipe },
		{ "pingpong", run_pingpong },
		{ "cpu", run_cpu },
		{ "stat", run_stat },
	};

	for (size_t i = 0; argc == 3 && i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		if (!strcmp(argv[1], workloads[i].name)) {
			workloads[i].run(atol(argv[2]));
			return 0;
		}
	}
	fprintf(stderr, "usage: workload pipe|pingpong|cpu|stat COUNT\n");
	return 2;
}
