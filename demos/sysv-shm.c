/* System V shared memory: the same pages in two processes; a load and a store are the transfer. */
#include "support/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT_LEN 4096

static int segment;
static int client_turn, server_turn;

static void make_segment(void)
{
	segment = own_shm(shmget(IPC_PRIVATE, SEGMENT_LEN, IPC_CREAT | 0600));
}

static void remove_segment(void)
{
	check(shmctl(segment, IPC_RMID, NULL));
}

static struct shmid_ds status(void)
{
	struct shmid_ds ds;

	check(shmctl(segment, IPC_STAT, &ds));
	return ds;
}

static void server(void)
{
	volatile char *memory = check_ptr(shmat(segment, NULL, 0));

	for (int i = 0; i < 26; i++)
		memory[i] = 'a' + i;
	say("I wrote the alphabet, with stores and no system call");
	turn_pass(client_turn);
	turn_wait(server_turn);
	expect(memory[0] == '*');
	say("the first letter has become %c: the client was here", memory[0]);
	check(shmdt((const void *)memory));
}

static void client(void)
{
	volatile char *memory = check_ptr(shmat(segment, NULL, 0));

	turn_wait(client_turn);
	say("I read %.26s", (const char *)memory);
	memory[0] = '*';
	turn_pass(server_turn);
	check(shmdt((const void *)memory));
}

static void alphabet(void)
{
	pid_t one, other;

	make_segment();
	client_turn = turn_create();
	server_turn = turn_create();
	one = spawn("server", server);
	other = spawn("client", client);
	reap(one);
	reap(other);
	remove_segment();
}

static void addresses(void)
{
	char *one, *other;

	make_segment();
	one = check_ptr(shmat(segment, NULL, 0));
	other = check_ptr(shmat(segment, NULL, 0));
	expect(one != other);
	snprintf(one, SEGMENT_LEN, "written through one");
	expect(!strcmp(other, "written through one"));
	say("attached twice: two addresses, the same pages");
	check(shmdt(one));
	check(shmdt(other));
	remove_segment();
}

static void write_to_read_only(void)
{
	const struct rlimit no_core = { 0, 0 };
	volatile char *memory = check_ptr(shmat(segment, NULL, SHM_RDONLY));

	check(setrlimit(RLIMIT_CORE, &no_core));
	expect(signal(SIGSEGV, SIG_DFL) != SIG_ERR); /* sanitizers catch it */
	expect(memory[0] == 'r');
	memory[0] = 'w';
	die(__FILE__, __LINE__, "a store to read-only memory went well", 0);
}

static void read_only(void)
{
	char *memory;

	make_segment();
	memory = check_ptr(shmat(segment, NULL, 0));
	memory[0] = 'r';
	reap_killed(spawn("reader", write_to_read_only), SIGSEGV);
	expect(memory[0] == 'r');
	say("attached with SHM_RDONLY a child could read, and was killed by SIGSEGV as it wrote");
	check(shmdt(memory));
	remove_segment();
}

static void look_and_die(void)
{
	expect(status().shm_nattch == 2);
	say("fork has attached me as well: shm_nattch is 2");
	check(raise(SIGKILL));
}

static void stat_and_set(void)
{
	struct shmid_ds ds;
	char *memory;
	pid_t child;

	make_segment();
	ds = status();
	expect(ds.shm_nattch == 0 && ds.shm_segsz == SEGMENT_LEN && ds.shm_cpid == getpid());
	say("IPC_STAT: %d bytes, made by me, shm_nattch is 0", SEGMENT_LEN);
	memory = check_ptr(shmat(segment, NULL, 0));
	expect(status().shm_nattch == 1);
	say("after shmat: 1");
	child = spawn("child", look_and_die);
	reap_killed(child, SIGKILL);
	ds = status();
	expect(ds.shm_nattch == 1 && ds.shm_lpid == child);
	say("the child was killed, the kernel detached it: 1");
	ds.shm_perm.mode = 0400;
	check(shmctl(segment, IPC_SET, &ds));
	expect((status().shm_perm.mode & 0777) == 0400);
	say("IPC_SET made the mode 0400");
	check(shmdt(memory));
	remove_segment();
}

static void rmid(void)
{
	char *memory, *again;
	struct shmid_ds ds;

	make_segment();
	memory = check_ptr(shmat(segment, NULL, 0));
	snprintf(memory, SEGMENT_LEN, "still here");
	remove_segment();
	expect(status().shm_perm.mode & SHM_DEST);
	say("IPC_RMID while attached: only marked (SHM_DEST), the memory stays");
	again = check_ptr(shmat(segment, NULL, 0)); /* Linux allows it, POSIX does not promise it */
	expect(!strcmp(again, "still here"));
	check(shmdt(again));
	check(shmdt(memory));
	expect(shmctl(segment, IPC_STAT, &ds) == -1 && (errno == EINVAL || errno == EIDRM));
	say("with the last shmdt it is gone");
}

static void write_and_end(void)
{
	snprintf(check_ptr(shmat(segment, NULL, 0)), SEGMENT_LEN, "from one who is gone");
}

static void outlive(void)
{
	char *memory;

	make_segment();
	reap(spawn("writer", write_and_end));
	expect(status().shm_nattch == 0);
	say("the writer has ended, nobody is attached");
	memory = check_ptr(shmat(segment, NULL, 0));
	expect(!strcmp(memory, "from one who is gone"));
	say("the segment and its content are still there: %s", memory);
	check(shmdt(memory));
	remove_segment();
}

static void leak(void)
{
	make_segment();
	say("segment %d stays behind; ipcs -m shows it", segment);
	say("clean up: ipcrm -m %d", segment);
	own_forget_all();
}

static const struct variant variants[] = {
	{ NULL, alphabet, "a server writes the alphabet, a client reads it and writes * back" },
	{ "addresses", addresses, "attached twice: different addresses, the same pages" },
	{ "readonly", read_only, "SHM_RDONLY: a store is a SIGSEGV" },
	{ "stat", stat_and_set, "IPC_STAT with shm_nattch, and IPC_SET" },
	{ "rmid", rmid, "IPC_RMID while someone is attached" },
	{ "outlive", outlive, "the segment outlives its maker" },
	{ "leak", leak, "leave the segment behind" },
	{ 0 },
};

static const struct demo demo = { 11, "System V shared memory: the same pages in two processes",
				  variants };

int main(int argc, char **argv)
{
	return demo_main(&demo, argc, argv);
}
