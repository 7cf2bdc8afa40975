/* System V IPC: every operation, both faces, 32 bits, and memory that cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <string.h>

#include "decode/syscalls.h"
#include "tests/unit/fake.h"

enum { AT = 0x1000, AT2 = 0x2000 };

static struct fake strace_face, default_face, i386;

static int set_up(void **state)
{
	(void)state;
	fake_init(&strace_face, true);
	fake_init(&default_face, false);
	fake_init(&i386, true);
	i386.arch = AUDIT_ARCH_I386;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&strace_face);
	fake_finish(&default_face);
	fake_finish(&i386);
	return 0;
}

static void poke_both(uint64_t addr, const void *data, size_t len)
{
	fake_poke(&strace_face, addr, data, len);
	fake_poke(&default_face, addr, data, len);
}

static void keys_flags_and_modes_are_told_apart(void **state)
{
	struct fake *f = &strace_face;

	(void)state;
	assert_string_equal(FAKE_CALL(f, "msgget", 2, 0, 01600),
			    "msgget(IPC_PRIVATE, IPC_CREAT|0600) = 2");
	assert_string_equal(FAKE_CALL(f, "msgget", -2, 0x12345, 0),
			    "msgget(0x12345, 000) = -1 ENOENT");
	assert_string_equal(FAKE_CALL(f, "msgget", 0, 0x12345, 0x8000 | 02000 | 04000),
			    "msgget(0x12345, IPC_EXCL|IPC_NOWAIT|0x8000|000) = 0");
	assert_string_equal(FAKE_CALL(f, "semget", 1, 0x777, 3, 01600),
			    "semget(0x777, 3, IPC_CREAT|0600) = 1");
}

static void a_huge_page_size_is_shown_as_a_shift(void **state)
{
	struct fake *f = &strace_face;

	(void)state;
	assert_string_equal(FAKE_CALL(f, "shmget", 3, 1, 2097152, 015600 | 21 << 26),
			    "shmget(0x1, 2097152, "
			    "IPC_CREAT|SHM_HUGETLB|SHM_NORESERVE|21<<SHM_HUGE_SHIFT|0600) = 3");
	assert_string_equal(FAKE_CALL(f, "shmget", 3, 1, 2, 0xffffffff),
			    "shmget(0x1, 2, IPC_CREAT|IPC_EXCL|SHM_HUGETLB|SHM_NORESERVE|"
			    "0x3ffe000|63<<SHM_HUGE_SHIFT|0777) = 3");
}

static void a_sent_message_has_type_and_text(void **state)
{
	struct {
		int64_t type;
		char text[16];
	} message = { 42, "hello world" };
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, AT, &message, sizeof(message));
	assert_string_equal(FAKE_CALL(f, "msgsnd", 0, 2, AT, 11, 0x7800),
			    "msgsnd(2, {mtype=42, mtext=\"hello world\"}, 11, "
			    "MSG_NOERROR|MSG_EXCEPT|MSG_COPY|IPC_NOWAIT) = 0");
	assert_string_equal(FAKE_CALL(f, "msgsnd", -14, 2, 0x10, 11, 0),
			    "msgsnd(2, 0x10, 11, 0) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(f, "msgsnd", -14, 2, 0, 11, 0x1),
			    "msgsnd(2, NULL, 11, 0x1 /* MSG_??? */) = -1 EFAULT");
}

static void a_message_of_absurd_length_is_cut(void **state)
{
	char message[72] = { 1 };
	struct fake *f = &default_face;

	(void)state;
	memset(message + 8, 'a', 64);
	fake_poke(f, AT, message, sizeof(message));
	assert_string_equal(FAKE_CALL(f, "msgsnd", -22, 2, AT, 1ull << 40, 0),
			    "msgsnd(2, {mtype=1, mtext=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"...}, "
			    "1099511627776, 0) = -1 EINVAL");
}

static void a_message_whose_text_faults_keeps_its_type(void **state)
{
	int64_t type = 5;
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, AT, &type, sizeof(type));
	assert_string_equal(FAKE_CALL(f, "msgsnd", -14, 2, AT, 3, 0),
			    "msgsnd(2, {mtype=5, mtext=0x1008}, 3, 0) = -1 EFAULT");
}

static void a_received_message_shows_what_came(void **state)
{
	struct {
		int64_t type;
		char text[64];
	} message = { 42, "abc" };

	(void)state;
	poke_both(AT, &message, sizeof(message));
	assert_string_equal(FAKE_CALL(&default_face, "msgrcv", 3, 2, AT, 64, (uint64_t)-5, 04000),
			    "msgrcv(2, {mtype=42, mtext=\"abc\"}, 64, -5, IPC_NOWAIT) = 3");
	assert_string_equal(FAKE_CALL(&strace_face, "msgrcv", 3, 2, AT, 5, 0, 0),
			    "msgrcv(2, {mtype=42, mtext=\"abc\\0\\0\"}, 5, 0, 0) = 3");
	assert_string_equal(FAKE_CALL(&strace_face, "msgrcv", -42, 2, AT, 64, 0, 04000),
			    "msgrcv(2, 0x1000, 64, 0, IPC_NOWAIT) = -1 ENOMSG");
}

/* The 64-bit struct msqid64_ds. */
struct msqid {
	uint32_t key, uid, gid, cuid, cgid, mode;
	uint16_t seq, pad;
	uint64_t unused[2];
	int64_t stime, rtime, ctime;
	uint64_t cbytes, qnum, qbytes;
	int32_t lspid, lrpid;
	uint64_t unused2[2];
};

static void msgctl_shows_the_queue(void **state)
{
	struct msqid ds = { .key = 0x777,
			    .uid = 1,
			    .gid = 2,
			    .cuid = 3,
			    .cgid = UINT32_MAX,
			    .mode = 0640,
			    .stime = 10,
			    .rtime = 11,
			    .ctime = 12,
			    .cbytes = 22,
			    .qnum = 2,
			    .qbytes = 16384,
			    .lspid = 100,
			    .lrpid = 101 };

	(void)state;
	poke_both(AT, &ds, sizeof(ds));
	assert_string_equal(
		FAKE_CALL(&strace_face, "msgctl", 0, 2, 2, AT),
		"msgctl(2, IPC_STAT, {msg_perm={uid=1, gid=2, mode=0640, key=1911, cuid=3, "
		"cgid=-1}, "
		"msg_stime=10, msg_rtime=11, msg_ctime=12, msg_qnum=2, msg_qbytes=16384, "
		"msg_lspid=100, msg_lrpid=101}) = 0");
	assert_string_equal(
		FAKE_CALL(&default_face, "msgctl", 5, 2, 13, AT),
		"msgctl(2, MSG_STAT_ANY, {msg_perm={uid=1, gid=2, mode=0640, key=0x777, cuid=3, "
		"cgid=-1}, msg_stime=10, msg_rtime=11, msg_ctime=12, msg_qnum=2, msg_cbytes=22, "
		"msg_qbytes=16384, msg_lspid=100, msg_lrpid=101}) = 5");
	assert_string_equal(FAKE_CALL(&strace_face, "msgctl", 0, 2, 1, AT),
			    "msgctl(2, IPC_SET, {msg_perm={uid=1, gid=2, mode=0640}, "
			    "msg_qbytes=16384}) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "msgctl", -14, 2, 1, 0x10),
			    "msgctl(2, IPC_SET, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&strace_face, "msgctl", -22, 2, 2, AT),
			    "msgctl(2, IPC_STAT, 0x1000) = -1 EINVAL");
}

static void commands_without_struct_keep_their_argument(void **state)
{
	struct fake *f = &strace_face;

	(void)state;
	assert_string_equal(FAKE_CALL(f, "msgctl", 0, 2, 0, 0), "msgctl(2, IPC_RMID, NULL) = 0");
	assert_string_equal(FAKE_CALL(f, "msgctl", -22, 1, 0x63, 0),
			    "msgctl(1, 0x63 /* MSG_??? */, NULL) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "msgctl", -22, 1, 0x163, 0),
			    "msgctl(1, IPC_64|0x63 /* MSG_??? */, NULL) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "shmctl", 0, 1, 11, 0), "shmctl(1, SHM_LOCK, NULL) = 0");
	assert_string_equal(FAKE_CALL(f, "shmctl", 0, 1, 0, 0), "shmctl(1, IPC_RMID, NULL) = 0");
	assert_string_equal(FAKE_CALL(f, "shmctl", -22, 1, 0x99, 3),
			    "shmctl(1, 0x99 /* SHM_??? */, 0x3) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "semctl", -22, 1, 2, 0x77, 4),
			    "semctl(1, 2, 0x77 /* SEM_??? */, 0x4) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "semctl", 0, 1, 0, 0, 0),
			    "semctl(1, 0, IPC_RMID, NULL) = 0");
}

static void info_structs_are_shown(void **state)
{
	int32_t numbers[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	uint64_t words[6] = { 1, 2, 3, 4, 5, 6 };
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, AT, numbers, sizeof(numbers));
	fake_poke(f, AT2, words, sizeof(words));
	assert_string_equal(FAKE_CALL(f, "msgctl", 2, 0, 12, AT),
			    "msgctl(0, MSG_INFO, {msgpool=1, msgmap=2, msgmax=3, msgmnb=4, "
			    "msgmni=5, msgssz=6, msgtql=7, msgseg=8}) = 2");
	assert_string_equal(FAKE_CALL(f, "semctl", 2, 0, 0, 19, AT),
			    "semctl(0, 0, SEM_INFO, {semmap=1, semmni=2, semmns=3, semmnu=4, "
			    "semmsl=5, semopm=6, semume=7, semusz=8, semvmx=9, semaem=10}) = 2");
	assert_string_equal(FAKE_CALL(f, "shmctl", 2, 0, 3, AT2),
			    "shmctl(0, IPC_INFO, {shmmax=1, shmmin=2, shmmni=3, shmseg=4, "
			    "shmall=5}) = 2");
	assert_string_equal(FAKE_CALL(f, "shmctl", 2, 0, 14, AT2),
			    "shmctl(0, SHM_INFO, {used_ids=1, shm_tot=2, shm_rss=3, shm_swp=4, "
			    "swap_attempts=5, swap_successes=6}) = 2");
}

static void an_index_or_nothing_names_no_object(void **state)
{
	static const struct {
		const char *call;
		unsigned arg;
		uint64_t command;
		bool is_object;
	} cases[] = {
		{ "msgctl", 1, 2, true },   { "msgctl", 1, 11, false }, { "msgctl", 1, 12, false },
		{ "msgctl", 1, 0, true },   { "semctl", 2, 2, true },   { "semctl", 2, 18, false },
		{ "semctl", 2, 3, false },  { "semctl", 2, 17, true },  { "shmctl", 1, 2, true },
		{ "shmctl", 1, 13, false }, { "shmctl", 1, 14, false }, { "shmctl", 1, 11, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event ev = { .kind = EVENT_ENTER, .arch = AUDIT_ARCH_X86_64 };

		ev.nr = (uint64_t)syscall_number(ev.arch, cases[i].call);
		ev.args[cases[i].arg] = cases[i].command;
		assert_int_equal(decoder_refine(strace_face.decoder, &ev)->ipc.mech != MECH_NONE,
				 cases[i].is_object);
	}
}

static void semop_shows_each_operation(void **state)
{
	uint16_t ops[] = { 0, (uint16_t)-1, 0x1000, 1, 2, 0x1801, 2, 0, 3 };
	int64_t timeout[] = { 1, 2 };
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, AT, ops, sizeof(ops));
	fake_poke(f, AT2, timeout, sizeof(timeout));
	assert_string_equal(FAKE_CALL(f, "semop", 0, 1, AT, 2),
			    "semop(1, [{sem_num=0, sem_op=-1, sem_flg=SEM_UNDO}, {sem_num=1, "
			    "sem_op=2, sem_flg=SEM_UNDO|IPC_NOWAIT|0x1}], 2) = 0");
	assert_string_equal(FAKE_CALL(f, "semtimedop", -11, 1, AT, 1, AT2),
			    "semtimedop(1, [{sem_num=0, sem_op=-1, sem_flg=SEM_UNDO}], 1, "
			    "{tv_sec=1, tv_nsec=2}) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(f, "semtimedop", -22, 1, AT, 0, 0),
			    "semtimedop(1, [], 0, NULL) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "semtimedop", -14, 1, 0x10, 2, 0x10),
			    "semtimedop(1, 0x10, 2, 0x10) = -1 EFAULT");
}

static void an_array_of_operations_that_ends_in_nowhere_says_where(void **state)
{
	uint16_t op[] = { 7, 1, 0 };
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, AT, op, sizeof(op));
	assert_string_equal(FAKE_CALL(f, "semop", -7, 1, AT, 0xffffffff),
			    "semop(1, [{sem_num=7, sem_op=1, sem_flg=0}, ... /* 0x1006 */], "
			    "4294967295) = -1 E2BIG");
}

static void the_values_of_a_set_are_shown_where_their_number_is_known(void **state)
{
	uint16_t values[] = { 1, 2, 3 };

	(void)state;
	poke_both(AT, values, sizeof(values));
	event_add_fact(&default_face.image, FACT_SEM_NSEMS, 1, "", 0)->value[0] = 3;
	event_add_fact(&default_face.image, FACT_SEM_NSEMS, 9, "", 0)->value[0] = 1ull << 40;
	assert_string_equal(FAKE_CALL(&default_face, "semctl", 0, 1, 0, 17, AT),
			    "semctl(1, 0, SETALL, [1, 2, 3]) = 0");
	assert_string_equal(FAKE_CALL(&default_face, "semctl", 0, 1, 0, 13, AT),
			    "semctl(1, 0, GETALL, [1, 2, 3]) = 0");
	assert_string_equal(FAKE_CALL(&default_face, "semctl", 0, 5, 0, 13, AT),
			    "semctl(5, 0, GETALL, 0x1000) = 0");
	assert_string_equal(FAKE_CALL(&default_face, "semctl", 0, 9, 0, 13, AT),
			    "semctl(9, 0, GETALL, 0x1000) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "semctl", 0, 1, 0, 17, AT),
			    "semctl(1, 0, SETALL, 0x1000) = 0");
}

static void a_value_is_an_address_to_strace_and_a_number_to_people(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&strace_face, "semctl", 0, 1, 0, 16, 5),
			    "semctl(1, 0, SETVAL, 0x5) = 0");
	assert_string_equal(FAKE_CALL(&default_face, "semctl", 0, 1, 0, 16, 5),
			    "semctl(1, 0, SETVAL, 5) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "semctl", 2, 1, 1, 12, 0),
			    "semctl(1, 1, GETVAL, NULL) = 2");
}

static void semctl_shows_the_set(void **state)
{
	struct {
		uint32_t perm[6];
		uint16_t seq[2];
		uint64_t unused[2];
		int64_t otime, pad1, ctime, pad2;
		uint64_t nsems, unused2[2];
	} ds = { .perm = { 0x777, 0, 0, 0, 0, 0600 }, .otime = 1, .ctime = 2, .nsems = 3 };
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, AT, &ds, sizeof(ds));
	assert_string_equal(FAKE_CALL(f, "semctl", 0, 1, 0, 2, AT),
			    "semctl(1, 0, IPC_STAT, {sem_perm={uid=0, gid=0, mode=0600, key=1911, "
			    "cuid=0, cgid=0}, sem_otime=1, sem_ctime=2, sem_nsems=3}) = 0");
	assert_string_equal(FAKE_CALL(f, "semctl", 0, 1, 0, 1, AT),
			    "semctl(1, 0, IPC_SET, {sem_perm={uid=0, gid=0, mode=0600}}) = 0");
}

static void shmctl_shows_the_segment(void **state)
{
	struct {
		uint32_t perm[6];
		uint16_t seq[2];
		uint64_t unused[2];
		uint64_t segsz;
		int64_t atime, dtime, ctime;
		int32_t cpid, lpid;
		uint64_t nattch, unused2[2];
	} ds = { .perm = { 0, 0, 0, 0, 0, 01640 },
		 .segsz = 4096,
		 .atime = 1,
		 .ctime = 3,
		 .cpid = 4,
		 .lpid = 5,
		 .nattch = 2 };

	(void)state;
	poke_both(AT, &ds, sizeof(ds));
	assert_string_equal(FAKE_CALL(&strace_face, "shmctl", 0, 2, 2, AT),
			    "shmctl(2, IPC_STAT, {shm_perm={uid=0, gid=0, mode=01640, key=0, "
			    "cuid=0, cgid=0}, shm_segsz=4096, shm_cpid=4, shm_lpid=5, "
			    "shm_nattch=2, shm_atime=1, shm_dtime=0, shm_ctime=3}) = 0");
	assert_string_equal(
		FAKE_CALL(&default_face, "shmctl", 0, 2, 1, AT),
		"shmctl(2, IPC_SET, {shm_perm={uid=0, gid=0, mode=SHM_DEST|0640}}) = 0");
}

static void attaching_returns_an_address(void **state)
{
	struct fake *f = &strace_face;

	(void)state;
	assert_string_equal(FAKE_CALL(f, "shmat", 0x7f9648587000, 2, 0, 010000),
			    "shmat(2, NULL, SHM_RDONLY) = 0x7f9648587000");
	assert_string_equal(FAKE_CALL(f, "shmat", -22, 2, 0x1234, 0160001),
			    "shmat(2, 0x1234, SHM_RND|SHM_REMAP|SHM_EXEC|0x1) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "shmdt", 0, 0x1000), "shmdt(0x1000) = 0");
}

static void ipc_is_shown_as_the_call_it_stands_for(void **state)
{
	struct fake *f = &i386;
	struct {
		int32_t type;
		char text[12];
	} message = { 7, "abc" };
	uint32_t kludge[2] = { AT, (uint32_t)-3 };
	uint32_t result = 0xf7f9b000;
	uint16_t op[] = { 7, 1, 0 };
	int32_t timeout[] = { 1, 2 };

	(void)state;
	fake_poke(f, AT, &message, sizeof(message));
	fake_poke(f, AT2, kludge, sizeof(kludge));
	fake_poke(f, 0x3000, &result, sizeof(result));
	fake_poke(f, 0x4000, op, sizeof(op));
	fake_poke(f, 0x5000, timeout, sizeof(timeout));
	assert_string_equal(FAKE_CALL(f, "ipc", 2, 13, 0, 01600),
			    "msgget(IPC_PRIVATE, IPC_CREAT|0600) = 2");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 11, 2, 3, 04000, AT),
			    "msgsnd(2, {mtype=7, mtext=\"abc\"}, 3, IPC_NOWAIT) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 3, 12, 2, 5, 04000, AT2),
			    "msgrcv(2, {mtype=7, mtext=\"abc\\0\\0\"}, 5, -3, IPC_NOWAIT) = 3");
	assert_string_equal(FAKE_CALL(f, "ipc", 3, 0x1000c, 2, 3, 0, AT, (uint32_t)-4),
			    "msgrcv(2, {mtype=7, mtext=\"abc\"}, 3, -4, 0) = 3");
	assert_string_equal(FAKE_CALL(f, "ipc", -42, 12, 2, 5, 04000, AT2),
			    "msgrcv(2, 0x1000, 5, -3, IPC_NOWAIT) = -1 ENOMSG");
	assert_string_equal(FAKE_CALL(f, "ipc", 1, 2, 0, 3, 0600),
			    "semget(IPC_PRIVATE, 3, 0600) = 1");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 1, 1, 1, 0, 0x4000),
			    "semop(1, [{sem_num=7, sem_op=1, sem_flg=0}], 1) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 4, 1, 1, 0, 0x4000, 0x5000),
			    "semtimedop(1, [{sem_num=7, sem_op=1, sem_flg=0}], 1, "
			    "{tv_sec=1, tv_nsec=2}) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 2, 23, 0, 4096, 01600),
			    "shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600) = 2");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 21, 2, 010000, 0x3000, 0),
			    "shmat(2, NULL, SHM_RDONLY) = 0xf7f9b000");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 22, 0, 0, 0, 0x9000), "shmdt(0x9000) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 24, 2, 0x100, 0, 0),
			    "shmctl(2, IPC_64|IPC_RMID, NULL) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", -38, 99, 1, 2, 3, 4, 5),
			    "ipc(99, 0x1, 0x2, 0x3, 0x4, 0x5) = -1 ENOSYS");
}

static void ipc_keeps_semctl_s_argument_in_memory(void **state)
{
	struct fake *f = &i386;
	uint32_t value = 5;
	uint16_t old[22] = { 0x777, 0, 1, 2, 3, 4, 0600, 0, 10, 0, 11, 0, [20] = 3 };
	uint32_t addr = AT2;

	(void)state;
	fake_poke(f, AT, &value, sizeof(value));
	fake_poke(f, AT2, old, sizeof(old));
	fake_poke(f, 0x3000, &addr, sizeof(addr));
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 3, 1, 0, 0x110, AT),
			    "semctl(1, 0, IPC_64|SETVAL, [0x5]) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 3, 1, 0, 0x111, AT),
			    "semctl(1, 0, IPC_64|SETALL, [0x5]) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", -14, 3, 1, 0, 0x163, 0x10),
			    "semctl(1, 0, IPC_64|0x63 /* SEM_??? */, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(f, "ipc", -22, 3, 1, 0, 2, 0x3000),
			    "semctl(1, 0, IPC_STAT, [0x2000]) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 3, 1, 0, 2, 0x3000),
			    "semctl(1, 0, IPC_STAT, {sem_perm={uid=1, gid=2, mode=0600, key=1911, "
			    "cuid=3, cgid=4}, sem_otime=10, sem_ctime=11, sem_nsems=3}) = 0");
}

static void the_32_bit_structs_have_their_own_layout(void **state)
{
	struct fake *f = &i386;
	uint32_t sem[16] = { 0x777, 0, 0, 0, 0, 0600, 0, 0, 0, 1, 0, 2, 0, 3 };
	uint32_t msg[22] = { 0, 1,  2, 3,  4, 0600, 0, 0,     0,   10,
			     0, 11, 0, 12, 0, 22,   2, 16384, 100, 101 };
	uint32_t shm[21] = { 0, 1, 2, 3, 4, 0xffff0000 | 0640, 0, 0, 0, 4096, 1, 0, 2, 0,
			     3, 0, 4, 5, 6 };
	int64_t timeout[] = { 1, 2 };
	uint16_t op[] = { 7, 1, 0 };

	(void)state;
	fake_poke(f, AT, sem, sizeof(sem));
	fake_poke(f, AT2, msg, sizeof(msg));
	fake_poke(f, 0x3000, shm, sizeof(shm));
	fake_poke(f, 0x4000, timeout, sizeof(timeout));
	fake_poke(f, 0x5000, op, sizeof(op));
	assert_string_equal(FAKE_CALL(f, "semctl", 0, 1, 0, 2, AT),
			    "semctl(1, 0, IPC_STAT, {sem_perm={uid=0, gid=0, mode=0600, key=1911, "
			    "cuid=0, cgid=0}, sem_otime=1, sem_ctime=2, sem_nsems=3}) = 0");
	assert_string_equal(
		FAKE_CALL(f, "msgctl", 0, 2, 0x102, AT2),
		"msgctl(2, IPC_64|IPC_STAT, {msg_perm={uid=1, gid=2, mode=0600, key=0, cuid=3, "
		"cgid=4}, msg_stime=10, msg_rtime=11, msg_ctime=12, msg_qnum=2, "
		"msg_qbytes=16384, msg_lspid=100, msg_lrpid=101}) = 0");
	assert_string_equal(FAKE_CALL(f, "shmctl", 0, 2, 2, 0x3000),
			    "shmctl(2, IPC_STAT, {shm_perm={uid=1, gid=2, mode=0640, key=0, "
			    "cuid=3, cgid=4}, shm_segsz=4096, shm_cpid=4, shm_lpid=5, "
			    "shm_nattch=6, shm_atime=1, shm_dtime=2, shm_ctime=3}) = 0");
	assert_string_equal(FAKE_CALL(f, "semtimedop_time64", 0, 1, 0x5000, 1, 0x4000),
			    "semtimedop_time64(1, [{sem_num=7, sem_op=1, sem_flg=0}], 1, "
			    "{tv_sec=1, tv_nsec=2}) = 0");
}

static void the_structs_of_old_have_their_own_layout(void **state)
{
	struct fake *f = &i386;
	struct {
		uint32_t key;
		uint16_t perm[6];
		uint32_t first, last, stime, rtime, ctime, lcbytes, lqbytes;
		uint16_t cbytes, qnum, qbytes, lspid, lrpid;
	} msg = { 5, { 1, 2, 3, 0xffff, 0600 }, 0, 0, 10, 11, 12, 0, 0, 22, 2, 16384, 100, 101 };
	struct {
		uint32_t key;
		uint16_t perm[6];
		uint32_t segsz, atime, dtime, ctime;
		uint16_t cpid, lpid, nattch, unused;
		uint32_t unused2[2];
	} shm = { 5, { 1, 2, 3, 4, 0600 }, 4096, 1, 2, 3, 4, 5, 6 };

	(void)state;
	fake_poke(f, AT, &msg, sizeof(msg));
	fake_poke(f, AT2, &shm, sizeof(shm));
	assert_string_equal(
		FAKE_CALL(f, "ipc", 0, 14, 2, 2, 0, AT),
		"msgctl(2, IPC_STAT, {msg_perm={uid=1, gid=2, mode=0600, key=5, cuid=3, cgid=-1}, "
		"msg_stime=10, msg_rtime=11, msg_ctime=12, msg_qnum=2, msg_qbytes=16384, "
		"msg_lspid=100, msg_lrpid=101}) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 14, 2, 1, 0, AT),
			    "msgctl(2, IPC_SET, {msg_perm={uid=1, gid=2, mode=0600}, "
			    "msg_qbytes=16384}) = 0");
	assert_string_equal(FAKE_CALL(f, "ipc", 0, 24, 2, 2, 0, AT2),
			    "shmctl(2, IPC_STAT, {shm_perm={uid=1, gid=2, mode=0600, key=5, "
			    "cuid=3, cgid=4}, shm_segsz=4096, shm_cpid=4, shm_lpid=5, "
			    "shm_nattch=6, shm_atime=1, shm_dtime=2, shm_ctime=3}) = 0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_flags_and_modes_are_told_apart),
		TEST(a_huge_page_size_is_shown_as_a_shift),
		TEST(a_sent_message_has_type_and_text),
		TEST(a_message_of_absurd_length_is_cut),
		TEST(a_message_whose_text_faults_keeps_its_type),
		TEST(a_received_message_shows_what_came),
		TEST(msgctl_shows_the_queue),
		TEST(commands_without_struct_keep_their_argument),
		TEST(info_structs_are_shown),
		TEST(an_index_or_nothing_names_no_object),
		TEST(semop_shows_each_operation),
		TEST(an_array_of_operations_that_ends_in_nowhere_says_where),
		TEST(the_values_of_a_set_are_shown_where_their_number_is_known),
		TEST(a_value_is_an_address_to_strace_and_a_number_to_people),
		TEST(semctl_shows_the_set),
		TEST(shmctl_shows_the_segment),
		TEST(attaching_returns_an_address),
		TEST(ipc_is_shown_as_the_call_it_stands_for),
		TEST(ipc_keeps_semctl_s_argument_in_memory),
		TEST(the_32_bit_structs_have_their_own_layout),
		TEST(the_structs_of_old_have_their_own_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
