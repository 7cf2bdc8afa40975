/*
 * A tracee that is its own witness: around each operation on an object of one mechanism it asks the
 * kernel for the object's state and prints what it was told, one line for each number:
 *
 *	OPERATION <tab> CALL <tab> QUANTITY <tab> BEFORE <tab> AFTER
 *
 * The operations are counted from 1; a test compares them with what a trace says of the same calls.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

enum { NUMBERS_MAX = 4, TEXT_LEN = 512 };

/* One number of the state, and how the kernel is asked for it. */
struct number {
	const char *quantity;
	long long (*ask)(void);
	long long before;
};

static int fds[2]; /* [0] is read from, [1] is written to */
static int id; /* of a System V object */
static uint32_t *word;
static unsigned num_operations;

static long check(long result, int line)
{
	if (result == -1) {
		fprintf(stderr, "witness_state: line %d: %s\n", line, strerror(errno));
		exit(1);
	}
	return result;
}

#define CHECK(call) check((long)(call), __LINE__)

/* Do what follows as one operation that CALL is, with the state before and after in numbers. */
#define OPERATION(call, numbers, action)                                                           \
	do {                                                                                       \
		ask_before(numbers);                                                               \
		CHECK(action);                                                                     \
		tell(call, numbers);                                                               \
	} while (0)

static void ask_before(struct number *numbers)
{
	for (; numbers->quantity; numbers++)
		numbers->before = numbers->ask();
}

static void tell(const char *call, struct number *numbers)
{
	num_operations++;
	for (; numbers->quantity; numbers++)
		printf("%u\t%s\t%s\t%lld\t%lld\n", num_operations, call, numbers->quantity,
		       numbers->before, numbers->ask());
}

static long long in_buffer(void)
{
	int len;

	CHECK(ioctl(fds[0], FIONREAD, &len));
	return len;
}

/* The field in column of the line of /proc/sysvipc/KIND whose second field is id. */
static long long sysvipc(const char *kind, int column)
{
	char path[64], line[TEXT_LEN];
	long long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sysvipc/%s", kind);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		char *rest = line, *field = NULL;
		bool is_ours = false;

		for (int i = 0; i <= column && (field = strtok_r(rest, " \n", &rest)); i++)
			is_ours |= i == 1 && atoi(field) == id;
		if (is_ours && field)
			value = atoll(field);
	}
	if (file)
		fclose(file);
	return value;
}

/* --- pipe and FIFO --- */

static void bytes_through(void)
{
	struct number bytes[] = { { "B", in_buffer, 0 }, { 0 } };
	char text[TEXT_LEN] = "";

	OPERATION("write", bytes, write(fds[1], text, 100));
	OPERATION("write", bytes, write(fds[1], text, 17));
	OPERATION("read", bytes, read(fds[0], text, 40));
	OPERATION("write", bytes, write(fds[1], text, 1));
	OPERATION("read", bytes, read(fds[0], text, sizeof(text)));
}

static void through_pipe(void)
{
	CHECK(pipe2(fds, O_CLOEXEC));
	bytes_through();
}

static void through_fifo(void)
{
	char path[] = "/tmp/witness-XXXXXX";

	if (!mkdtemp(path))
		CHECK(-1);
	CHECK(chdir(path));
	CHECK(mkfifo("fifo", 0600));
	fds[0] = CHECK(open("fifo", O_RDONLY | O_NONBLOCK));
	fds[1] = CHECK(open("fifo", O_WRONLY));
	bytes_through();
	CHECK(unlink("fifo"));
	CHECK(rmdir(path));
}

/* --- System V --- */

static long long messages(void)
{
	struct msqid_ds ds;

	CHECK(msgctl(id, IPC_STAT, &ds));
	if ((long long)ds.msg_qnum != sysvipc("msg", 4))
		CHECK(-1);
	return (long long)ds.msg_qnum;
}

static long long message_bytes(void)
{
	return sysvipc("msg", 3);
}

static void through_msg(void)
{
	struct number state[] = { { "msgs", messages, 0 }, { "B", message_bytes, 0 }, { 0 } };
	struct {
		long type;
		char text[64];
	} message = { .type = 3 };

	id = CHECK(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
	OPERATION("msgsnd", state, msgsnd(id, &message, 20, 0));
	OPERATION("msgsnd", state, msgsnd(id, &message, 0, 0));
	message.type = 1;
	OPERATION("msgsnd", state, msgsnd(id, &message, 64, 0));
	OPERATION("msgrcv", state, msgrcv(id, &message, 64, 1, 0));
	OPERATION("msgrcv", state, msgrcv(id, &message, 5, 3, MSG_NOERROR));
	OPERATION("msgrcv", state, msgrcv(id, &message, 64, 0, 0));
	CHECK(msgctl(id, IPC_RMID, NULL));
}

static long long semaphore(int number)
{
	unsigned short values[2];
	union {
		int value;
		unsigned short *array;
	} argument = { .array = values };

	CHECK(semctl(id, 0, GETALL, argument));
	return values[number];
}

static long long semaphore_0(void)
{
	return semaphore(0);
}

static long long semaphore_1(void)
{
	return semaphore(1);
}

static void through_sem(void)
{
	struct number first[] = { { "[0]", semaphore_0, 0 }, { 0 } };
	struct number both[] = { { "[0]", semaphore_0, 0 }, { "[1]", semaphore_1, 0 }, { 0 } };
	struct sembuf up = { 0, 5, 0 }, down = { 0, -2, SEM_UNDO };
	struct sembuf two[] = { { 0, -1, 0 }, { 1, 7, 0 } };

	id = CHECK(semget(IPC_PRIVATE, 2, IPC_CREAT | 0600));
	OPERATION("semtimedop", first, semop(id, &up, 1));
	OPERATION("semtimedop", first, semop(id, &down, 1));
	OPERATION("semtimedop", both, semop(id, two, 2));
	CHECK(semctl(id, 0, IPC_RMID));
}

static long long attachments(void)
{
	struct shmid_ds ds;

	CHECK(shmctl(id, IPC_STAT, &ds));
	if ((long long)ds.shm_nattch != sysvipc("shm", 6))
		CHECK(-1);
	return (long long)ds.shm_nattch;
}

static void through_shm(void)
{
	struct number state[] = { { "attached", attachments, 0 }, { 0 } };
	struct number size[] = { { "attached before", attachments, 0 }, { 0 } };
	void *one, *other;

	id = CHECK(shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600));
	OPERATION("shmat", state, one = shmat(id, NULL, 0));
	OPERATION("shmat", state, other = shmat(id, NULL, SHM_RDONLY));
	OPERATION("shmdt", size, shmdt(one));
	OPERATION("shmdt", size, shmdt(other));
	CHECK(shmctl(id, IPC_RMID, NULL));
}

/* --- POSIX queue, counters, timers --- */

static long long queued(void)
{
	struct mq_attr attr;

	CHECK(mq_getattr(fds[0], &attr));
	return attr.mq_curmsgs;
}

static void through_mq(void)
{
	struct number state[] = { { "msgs", queued, 0 }, { 0 } };
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 32 };
	char name[64], text[32] = "";

	snprintf(name, sizeof(name), "/witness-%d", getpid());
	fds[0] = CHECK(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	CHECK(mq_unlink(name));
	OPERATION("mq_timedsend", state, mq_send(fds[0], text, 8, 1));
	OPERATION("mq_timedsend", state, mq_send(fds[0], text, 0, 9));
	OPERATION("mq_timedreceive", state, mq_receive(fds[0], text, sizeof(text), NULL));
	OPERATION("mq_timedreceive", state, mq_receive(fds[0], text, sizeof(text), NULL));
}

/* The hexadecimal number behind "eventfd-count:" in the descriptor's fdinfo. */
static long long count(void)
{
	char path[64], line[TEXT_LEN];
	long long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fds[0]);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "eventfd-count: %llx", (unsigned long long *)&value);
	if (file)
		fclose(file);
	return value;
}

static void through_eventfd(void)
{
	struct number state[] = { { "count", count, 0 }, { 0 } };
	uint64_t value = 0xabcdef;

	fds[0] = CHECK(eventfd(3, EFD_CLOEXEC));
	OPERATION("write", state, write(fds[0], &value, sizeof(value)));
	OPERATION("read", state, read(fds[0], &value, sizeof(value)));
	CHECK(close(fds[0]));
	fds[0] = CHECK(eventfd(3, EFD_CLOEXEC | EFD_SEMAPHORE));
	OPERATION("read", state, read(fds[0], &value, sizeof(value)));
	value = 4;
	OPERATION("write", state, write(fds[0], &value, sizeof(value)));
}

/* What a timer has counted is told by reading it alone, and then it is gone: there is no before. */
static void through_timerfd(void)
{
	struct itimerspec now = { .it_value = { 1, 0 } };
	struct timespec time;
	uint64_t expired;

	fds[0] = CHECK(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	CHECK(clock_gettime(CLOCK_MONOTONIC, &time));
	now.it_value = (struct timespec){ time.tv_sec - 250, 0 };
	now.it_interval = (struct timespec){ 100, 0 };
	CHECK(timerfd_settime(fds[0], TFD_TIMER_ABSTIME, &now, NULL));
	CHECK(read(fds[0], &expired, sizeof(expired)));
	printf("1\tread\texpired\t-\t%llu\n", (unsigned long long)expired);
}

/* --- sockets --- */

/* The memory that the packets in fds[0] take: rx_queue of /proc/net/udp. */
static long long in_memory(void)
{
	FILE *file = fopen("/proc/net/udp", "re");
	char line[TEXT_LEN];
	unsigned long inode;
	long long memory, found = -1;
	struct stat st;

	CHECK(fstat(fds[0], &st));
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*d: %*s %*s %*x %*x:%llx %*x:%*x %*x %*d %*d %lu",
			   (unsigned long long *)&memory, &inode) == 2 &&
		    inode == st.st_ino)
			found = memory;
	}
	if (file)
		fclose(file);
	return found;
}

static void packets_through(const char *sent, long long (*ask)(void), const char *received)
{
	struct number out[] = { { sent, ask, 0 }, { 0 } };
	struct number in[] = { { received, in_buffer, 0 }, { 0 } };
	struct pollfd arrived = { .fd = fds[0], .events = POLLIN };
	char text[TEXT_LEN] = "";

	OPERATION("sendto", out, send(fds[1], text, 300, 0));
	CHECK(poll(&arrived, 1, -1));
	OPERATION("sendto", out, send(fds[1], text, 20, 0));
	OPERATION("recvfrom", in, recv(fds[0], text, 300, 0));
	CHECK(poll(&arrived, 1, -1));
	OPERATION("recvfrom", in, recv(fds[0], text, sizeof(text), 0));
}

static void through_unix_stream(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	packets_through("peer queue", in_buffer, "B");
}

static void through_unix_dgram(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds));
	packets_through("peer's first message", in_buffer, "first message");
}

/* fds[0] gets what fds[1] sends: two sockets over 127.0.0.1. */
static void connect_inet(int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int listener = CHECK(socket(AF_INET, type | SOCK_CLOEXEC, 0));

	CHECK(bind(listener, (struct sockaddr *)&address, len));
	CHECK(getsockname(listener, (struct sockaddr *)&address, &len));
	if (type == SOCK_STREAM)
		CHECK(listen(listener, 1));
	fds[1] = CHECK(socket(AF_INET, type | SOCK_CLOEXEC, 0));
	CHECK(connect(fds[1], (struct sockaddr *)&address, len));
	fds[0] = type == SOCK_STREAM ? CHECK(accept(listener, NULL, NULL)) : listener;
}

static void through_tcp(void)
{
	connect_inet(SOCK_STREAM);
	packets_through("peer queue", in_buffer, "B");
}

static void through_udp(void)
{
	connect_inet(SOCK_DGRAM);
	packets_through("peer queue", in_memory, "first message");
}

/* --- memory and files --- */

static long long word_value(void)
{
	return *(volatile uint32_t *)word;
}

static void through_futex(void)
{
	struct number state[] = { { "word", word_value, 0 }, { 0 } };
	const int protection = PROT_READ | PROT_WRITE;

	word = mmap(NULL, 4096, protection, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*word = 4711;
	OPERATION("futex", state, syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0));
	*word = UINT32_MAX;
	OPERATION("futex", state, syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0));
	*word = 0;
	OPERATION("futex", state, syscall(SYS_futex, word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	OPERATION("futex", state, syscall(SYS_futex, word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
}

/* What /proc/locks says of the file's first lock: "write [5..15)", or "none". */
static void lock_text(char *ret_text, size_t size)
{
	char line[TEXT_LEN], mode[16], pid[16];
	struct stat st;
	unsigned long inode;
	long long first, last;
	FILE *file = fopen("/proc/locks", "re");

	CHECK(fstat(fds[0], &st));
	snprintf(ret_text, size, "none");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*d: %*s %*s %15s %15s %*x:%*x:%lu %lld %lld", mode, pid, &inode,
			   &first, &last) != 5 ||
		    inode != st.st_ino || atoi(pid) != getpid())
			continue;
		snprintf(ret_text, size, "%s [%lld..%lld)",
			 strcmp(mode, "WRITE") == 0 ? "write" : "read", first, last + 1);
	}
	if (file)
		fclose(file);
}

static void lock(short type, off_t start, off_t len)
{
	struct flock range = { .l_type = type, .l_start = start, .l_len = len };
	char before[64], after[64];

	lock_text(before, sizeof(before));
	CHECK(fcntl(fds[0], F_SETLK, &range));
	lock_text(after, sizeof(after));
	printf("%u\tfcntl\tlock\t%s\t%s\n", ++num_operations, before, after);
}

static void through_lock(void)
{
	char path[] = "/tmp/witness-XXXXXX";

	fds[0] = CHECK(mkstemp(path));
	CHECK(unlink(path));
	lock(F_WRLCK, 5, 10);
	lock(F_UNLCK, 5, 10);
	lock(F_RDLCK, 0, 1);
	lock(F_UNLCK, 0, 1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} mechanisms[] = {
		{ "pipe", through_pipe },
		{ "fifo", through_fifo },
		{ "msg", through_msg },
		{ "sem", through_sem },
		{ "shm", through_shm },
		{ "mq", through_mq },
		{ "eventfd", through_eventfd },
		{ "timerfd", through_timerfd },
		{ "unix-stream", through_unix_stream },
		{ "unix-dgram", through_unix_dgram },
		{ "tcp", through_tcp },
		{ "udp", through_udp },
		{ "futex", through_futex },
		{ "lock", through_lock },
	};

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		if (argc == 2 && strcmp(argv[1], mechanisms[i].name) == 0) {
			mechanisms[i].run();
			return 0;
		}
	}
	fprintf(stderr, "usage: witness_state MECHANISM\n");
	return 2;
}
