/*
 * Two processes with the same word of memory at different addresses: one waits for it, the other
 * changes and wakes. Both print the address and what the word is: WHO <tab> ADDRESS <tab> VALUE.
 *
 *	witness_mapping file	one file, mapped twice
 *	witness_mapping shm	a System V segment, attached twice
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, WORD_OFFSET = 256 };

static int fd = -1, id = -1;

static long check(long result, int line)
{
	if (result == -1) {
		fprintf(stderr, "witness_mapping: line %d: %s\n", line, strerror(errno));
		exit(1);
	}
	return result;
}

#define CHECK(call) check((long)(call), __LINE__)

static uint32_t *map(void)
{
	char *memory;

	if (fd >= 0)
		memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
	else
		memory = shmat(id, NULL, 0);
	CHECK(memory);
	return (uint32_t *)(memory + WORD_OFFSET);
}

static void tell(const char *who, const volatile uint32_t *word)
{
	printf("%s\t%p\t%u\n", who, (const void *)word, *word);
	fflush(stdout);
}

static void waiter(void)
{
	volatile uint32_t *word;

	/* The first takes the place that the mapping has in the other process. */
	map();
	word = map();
	tell("waiter", word);
	while (*word == 0)
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	tell("waiter", word);
	_exit(0);
}

int main(int argc, char **argv)
{
	char path[] = "/dev/shm/witness-XXXXXX";
	volatile uint32_t *word;
	int status;
	pid_t child;

	if (argc == 2 && strcmp(argv[1], "shm") == 0) {
		id = CHECK(shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600));
	} else {
		fd = CHECK(mkstemp(path));
		CHECK(unlink(path));
		CHECK(ftruncate(fd, 2 * PAGE));
	}
	child = CHECK(fork());
	if (child == 0)
		waiter();
	word = map();
	tell("waker", word);
	/* Nobody sleeps before the kernel says that one was woken. */
	while (CHECK(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0)) == 0)
		CHECK(usleep(1000));
	*word = 7;
	CHECK(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0));
	tell("waker", word);
	CHECK(waitpid(child, &status, 0));
	if (id >= 0)
		CHECK(shmctl(id, IPC_RMID, NULL));
	return status != 0;
}
