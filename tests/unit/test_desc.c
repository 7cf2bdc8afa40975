/* Making, joining, controlling and waiting for descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, NOWHERE = 0x8 };

static struct fake fake;

static int start_strace(void **state)
{
	(void)state;
	fake_init(&fake, true);
	return 0;
}

static int start_default(void **state)
{
	(void)state;
	fake_init(&fake, false);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

static void poke_words(uint64_t addr, uint64_t first, uint64_t second)
{
	const uint64_t words[] = { first, second };

	fake_poke(&fake, addr, words, sizeof(words));
}

#define SHOWS(text, name, ret, ...)                                                                \
	assert_string_equal(FAKE_CALL(&fake, name, ret, __VA_ARGS__), text)

static void pipes_show_their_two_ends(void **state)
{
	const int32_t fds[2] = { 3, 4 };

	(void)state;
	fake_poke(&fake, A, fds, sizeof(fds));
	SHOWS("pipe([3, 4]) = 0", "pipe", 0, A);
	SHOWS("pipe2([3, 4], O_NONBLOCK|O_CLOEXEC) = 0", "pipe2", 0, A, 02004000);
	SHOWS("pipe2(0x10000, 0x1 /* O_??? */) = -1 EINVAL", "pipe2", -EINVAL, A, 1);
	SHOWS("pipe2(0x8, 0) = 0", "pipe2", 0, NOWHERE, 0);
}

static void the_ends_of_a_pipe_have_links_in_the_default_face(void **state)
{
	const int32_t fds[2] = { 3, 4 };

	(void)state;
	fake_poke(&fake, A, fds, sizeof(fds));
	fake_fd(&fake, 3, FD_PIPE, "pipe:[7]");
	fake_fd(&fake, 4, FD_PIPE, "pipe:[7]");
	SHOWS("pipe2([3<pipe:[7]>, 4<pipe:[7]>], 0) = 0", "pipe2", 0, A, 0);
}

static void descriptors_are_copied_and_closed(void **state)
{
	(void)state;
	SHOWS("dup(7) = 9", "dup", 9, 7);
	SHOWS("dup2(7, 50) = 50", "dup2", 50, 7, 50);
	SHOWS("dup3(7, 51, O_CLOEXEC|0x1) = -1 EINVAL", "dup3", -EINVAL, 7, 51, 02000001);
	SHOWS("close(51) = 0", "close", 0, 51);
	SHOWS("close_range(90, 4294967295, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC|0x10) = -1 "
	      "EINVAL",
	      "close_range", -EINVAL, 90, -1ull, 0x16);
}

static void data_moves_between_descriptors(void **state)
{
	const uint64_t iov[] = { B, 3 };
	const uint64_t offset = 3;

	(void)state;
	fake_poke(&fake, A, &offset, sizeof(offset));
	fake_poke(&fake, B, "abc", 3);
	fake_poke(&fake, C, iov, sizeof(iov));
	SHOWS("tee(7, 20, 5, SPLICE_F_NONBLOCK|0x10) = 5", "tee", 5, 7, 20, 5, 0x12);
	SHOWS("splice(7, NULL, 15, [3], 4, SPLICE_F_MOVE|SPLICE_F_MORE) = 4", "splice", 4, 7, 0, 15,
	      A, 4, 5);
	SHOWS("vmsplice(20, [{iov_base=\"abc\", iov_len=3}], 1, SPLICE_F_GIFT) = 3", "vmsplice", 3,
	      20, C, 1, 8);
	SHOWS("copy_file_range(15, [3], 16, NULL, 3, 8) = -1 EINVAL", "copy_file_range", -EINVAL,
	      15, A, 16, 0, 3, 8);
}

static void sendfile_shows_how_it_moved_the_offset(void **state)
{
	const uint64_t before = 0, after = 3;
	const uint64_t args[6] = { 20, 15, A, 3 };

	(void)state;
	fake_poke(&fake, A, &before, sizeof(before));
	SHOWS("sendfile(20, 15, [0], 3) = 0", "sendfile", 0, 20, 15, A, 3);
	SHOWS("sendfile(20, 15, NULL, 3) = 3", "sendfile", 3, 20, 15, 0, 3);
	SHOWS("sendfile(20, 15, 0x8, 3) = -1 EFAULT", "sendfile", -EFAULT, 20, 15, NOWHERE, 3);
	fake_enter(&fake, "sendfile", args);
	fake_poke(&fake, A, &after, sizeof(after));
	assert_string_equal(fake_exit(&fake, 3), "sendfile(20, 15, [0 => 3], 3) = 3");
}

static void splice_shows_moved_offsets_in_the_default_face(void **state)
{
	const uint64_t before = 2, after = 6;
	const uint64_t args[6] = { 7, 0, 15, A, 4, 0 };

	(void)state;
	fake_poke(&fake, A, &before, sizeof(before));
	fake_enter(&fake, "splice", args);
	fake_poke(&fake, A, &after, sizeof(after));
	assert_string_equal(fake_exit(&fake, 4), "splice(7, NULL, 15, [2 => 6], 4, 0) = 4");
}

static void flock_shows_what_it_asks_for(void **state)
{
	(void)state;
	SHOWS("flock(15, LOCK_EX|LOCK_NB) = 0", "flock", 0, 15, 6);
	SHOWS("flock(15, LOCK_SH|LOCK_NB|LOCK_UN|LOCK_READ) = -1 EINVAL", "flock", -EINVAL, 15, 77);
	SHOWS("flock(15, 0x10 /* LOCK_??? */) = -1 EINVAL", "flock", -EINVAL, 15, 16);
}

static void fcntl_copies_and_flags(void **state)
{
	(void)state;
	SHOWS("fcntl(3, F_DUPFD, -1) = -1 EINVAL", "fcntl", -EINVAL, 3, 0, -1ull);
	SHOWS("fcntl(3, F_DUPFD_CLOEXEC, 50) = 50", "fcntl", 50, 3, 1030, 50);
	SHOWS("fcntl(3, F_GETFD) = 0", "fcntl", 0, 3, 1);
	SHOWS("fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)", "fcntl", 1, 3, 1);
	SHOWS("fcntl(3, F_SETFD, FD_CLOEXEC|0x2) = 0", "fcntl", 0, 3, 2, 3);
	SHOWS("fcntl(3, F_GETFL) = 0 (flags O_RDONLY)", "fcntl", 0, 3, 3);
	SHOWS("fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)", "fcntl", 0x8002, 3, 3);
	SHOWS("fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK|FASYNC|0x80000000) = 0", "fcntl", 0, 3, 4,
	      0x80000000 | 04000 | 020000);
	SHOWS("fcntl(3, F_SETFL, O_ACCMODE) = 0", "fcntl", 0, 3, 4, 3);
	SHOWS("fcntl(3, F_DUPFD_QUERY, 4) = 1", "fcntl", 1, 3, 1027, 4);
	SHOWS("fcntl(3, F_CREATED_QUERY) = 1", "fcntl", 1, 3, 1028, 77);
	SHOWS("fcntl(3, 0x12 /* F_??? */, 0xffffffff) = -1 EINVAL", "fcntl", -EINVAL, 3, 18,
	      0xffffffff);
	SHOWS("fcntl(3, F_CANCELLK, 0) = -1 EINVAL", "fcntl", -EINVAL, 3, 1029, 0);
	SHOWS("fcntl(3, F_GETLK64, 0x1) = -1 EINVAL", "fcntl", -EINVAL, 3, 12, 1);
}

static void fcntl_locks(void **state)
{
	const struct {
		int16_t type, whence;
		int64_t start, len;
		int32_t pid;
	} lock = { 1, 2, -5, 100, 3 }, odd = { 99, 88, 0, 0, 0 };

	(void)state;
	fake_poke(&fake, A, &lock, sizeof(lock));
	fake_poke(&fake, B, &odd, sizeof(odd));
#define LOCKED "{l_type=F_WRLCK, l_whence=SEEK_END, l_start=-5, l_len=100"
	SHOWS("fcntl(3, F_SETLK, " LOCKED "}) = -1 EAGAIN", "fcntl", -EAGAIN, 3, 6, A);
	SHOWS("fcntl(3, F_SETLKW, " LOCKED "}) = 0", "fcntl", 0, 3, 7, A);
	SHOWS("fcntl(3, F_GETLK, " LOCKED ", l_pid=3}) = 0", "fcntl", 0, 3, 5, A);
	SHOWS("fcntl(3, F_OFD_SETLK, " LOCKED "}) = 0", "fcntl", 0, 3, 37, A);
	SHOWS("fcntl(3, F_OFD_SETLKW, " LOCKED "}) = 0", "fcntl", 0, 3, 38, A);
	SHOWS("fcntl(3, F_OFD_GETLK, " LOCKED ", l_pid=3}) = 0", "fcntl", 0, 3, 36, A);
	SHOWS("fcntl(3, F_SETLK, {l_type=0x63 /* F_??? */, l_whence=0x58 /* SEEK_??? */, "
	      "l_start=0, l_len=0}) = -1 EINVAL",
	      "fcntl", -EINVAL, 3, 6, B);
	SHOWS("fcntl(3, F_SETLK, 0x8) = -1 EFAULT", "fcntl", -EFAULT, 3, 6, NOWHERE);
	SHOWS("fcntl(3, F_SETLEASE, F_RDLCK) = -1 EAGAIN", "fcntl", -EAGAIN, 3, 1024, 0);
	SHOWS("fcntl(3, F_SETLEASE, 0x12345 /* F_??? */) = -1 EINVAL", "fcntl", -EINVAL, 3, 1024,
	      0x12345);
	SHOWS("fcntl(3, F_GETLEASE) = 0x2 (F_UNLCK)", "fcntl", 2, 3, 1025);
}

static void fcntl_locks_of_32_bits_come_in_two_layouts(void **state)
{
	const struct __attribute__((packed)) {
		int16_t type, whence;
		int32_t start, len, pid;
	} lock = { 0, 0, -5, 100, 3 };
	const struct __attribute__((packed)) {
		int16_t type, whence;
		int64_t start, len;
		int32_t pid;
	} lock64 = { 2, 1, 1ll << 33, 7, 9 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, A, &lock, sizeof(lock));
	fake_poke(&fake, B, &lock64, sizeof(lock64));
	SHOWS("fcntl(3, F_GETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=-5, l_len=100, "
	      "l_pid=3}) = 0",
	      "fcntl", 0, 3, 5, A);
#define LOCKED64 "{l_type=F_UNLCK, l_whence=SEEK_CUR, l_start=8589934592, l_len=7"
	SHOWS("fcntl64(3, F_SETLK64, " LOCKED64 "}) = 0", "fcntl64", 0, 3, 13, B);
	SHOWS("fcntl64(3, F_SETLKW64, " LOCKED64 "}) = 0", "fcntl64", 0, 3, 14, B);
	SHOWS("fcntl64(3, F_GETLK64, " LOCKED64 ", l_pid=9}) = 0", "fcntl64", 0, 3, 12, B);
	SHOWS("fcntl64(3, F_OFD_SETLK, " LOCKED64 "}) = 0", "fcntl64", 0, 3, 37, B);
	SHOWS("fcntl64(3, F_SETLKW, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=-5, l_len=100}) = "
	      "0",
	      "fcntl64", 0, 3, 7, A);
}

static void fcntl_owners_and_signals(void **state)
{
	const int32_t owner[2] = { 1, 77 }, odd[2] = { 7, 77 };

	(void)state;
	fake_poke(&fake, A, owner, sizeof(owner));
	fake_poke(&fake, B, odd, sizeof(odd));
	SHOWS("fcntl(3, F_SETOWN, -1) = 0", "fcntl", 0, 3, 8, 0xffffffff);
	SHOWS("fcntl(3, F_GETOWN) = 77", "fcntl", 77, 3, 9);
	SHOWS("fcntl(3, F_SETOWN_EX, {type=F_OWNER_PID, pid=77}) = 0", "fcntl", 0, 3, 15, A);
	SHOWS("fcntl(3, F_SETOWN_EX, {type=0x7 /* F_OWNER_??? */, pid=77}) = -1 EINVAL", "fcntl",
	      -EINVAL, 3, 15, B);
	SHOWS("fcntl(3, F_GETOWN_EX, {type=F_OWNER_PID, pid=77}) = 0", "fcntl", 0, 3, 16, A);
	SHOWS("fcntl(3, F_GETOWNER_UIDS, 0x10000) = 0", "fcntl", 0, 3, 17, A);
	SHOWS("fcntl(3, F_SETSIG, SIGUSR1) = 0", "fcntl", 0, 3, 10, 10);
	SHOWS("fcntl(3, F_GETSIG) = 10 (SIGUSR1)", "fcntl", 10, 3, 11);
	SHOWS("fcntl(3, F_GETSIG) = 0", "fcntl", 0, 3, 11);
}

static void fcntl_pipes_seals_and_hints(void **state)
{
	const uint64_t hint = 3, odd = 99;

	(void)state;
	fake_poke(&fake, A, &hint, sizeof(hint));
	fake_poke(&fake, B, &odd, sizeof(odd));
	SHOWS("fcntl(3, F_SETPIPE_SZ, 131072) = 131072", "fcntl", 131072, 3, 1031, 131072);
	SHOWS("fcntl(3, F_GETPIPE_SZ) = 65536", "fcntl", 65536, 3, 1032);
	SHOWS("fcntl(3, F_ADD_SEALS, F_SEAL_SHRINK|F_SEAL_GROW|0x80) = -1 EINVAL", "fcntl", -EINVAL,
	      3, 1033, 0x86);
	SHOWS("fcntl(3, F_GET_SEALS) = 0x6 (seals F_SEAL_SHRINK|F_SEAL_GROW)", "fcntl", 6, 3, 1034);
	SHOWS("fcntl(3, F_GET_SEALS) = 0", "fcntl", 0, 3, 1034);
	SHOWS("fcntl(3, F_GET_RW_HINT, [RWH_WRITE_LIFE_MEDIUM]) = 0", "fcntl", 0, 3, 1035, A);
	SHOWS("fcntl(3, F_SET_RW_HINT, [0x63 /* RWH_WRITE_LIFE_??? */]) = -1 EINVAL", "fcntl",
	      -EINVAL, 3, 1036, B);
	SHOWS("fcntl(3, F_GET_FILE_RW_HINT, [RWH_WRITE_LIFE_MEDIUM]) = 0", "fcntl", 0, 3, 1037, A);
	SHOWS("fcntl(3, F_SET_FILE_RW_HINT, [RWH_WRITE_LIFE_MEDIUM]) = 0", "fcntl", 0, 3, 1038, A);
	SHOWS("fcntl(3, F_NOTIFY, DN_ACCESS|DN_MULTISHOT|0x100) = 0", "fcntl", 0, 3, 1026,
	      0x80000101);
}

static void fcntl_delegations(void **state)
{
	static const uint8_t delegation[8] = { 0, 0, 0, 0, 1, 0, 0, 0 };

	(void)state;
	fake_poke(&fake, A, delegation, sizeof(delegation));
	SHOWS("fcntl(3, F_SETDELEG, {d_flags=0, d_type=F_WRLCK}) = 0", "fcntl", 0, 3, 1040, A);
	SHOWS("fcntl(3, F_GETDELEG, {d_flags=0, d_type=F_WRLCK}) = 0", "fcntl", 0, 3, 1039, A);
}

static void owner_ids_are_shown_in_the_default_face(void **state)
{
	const uint32_t uids[2] = { 1000, 5 };

	(void)state;
	fake_poke(&fake, A, uids, sizeof(uids));
	SHOWS("fcntl(3, F_GETOWNER_UIDS, [1000, 5]) = 0", "fcntl", 0, 3, 17, A);
}

/* POLLIN 1, POLLOUT 4, POLLRDHUP 0x2000, POLLNVAL 0x20 */
static const struct {
	int32_t fd;
	int16_t events, revents;
} polled[] = { { 7, 1, 1 }, { 5, 0x2005, 0 }, { -1, 1, 0 }, { 9, 0x4000, 0x20 } };

#define POLLED                                                                                     \
	"[{fd=7, events=POLLIN}, {fd=5, events=POLLIN|POLLOUT|POLLRDHUP}, {fd=-1}, "               \
	"{fd=9, events=0x4000 /* POLL??? */}], 4"
#define POLL_READY "[{fd=7, revents=POLLIN}, {fd=9, revents=POLLNVAL}]"

static void poll_shows_what_became_ready(void **state)
{
	(void)state;
	fake_poke(&fake, A, polled, sizeof(polled));
	SHOWS("poll(" POLLED ", -1) = 2 (" POLL_READY ")", "poll", 2, A, 4, -1ull);
	SHOWS("poll(" POLLED ", 10) = 0 (Timeout)", "poll", 0, A, 4, 10);
	SHOWS("poll(" POLLED ", 10) = -1 EINTR", "poll", -EINTR, A, 4, 10);
	SHOWS("poll([], 0, 0) = 0 (Timeout)", "poll", 0, A, 0, 0);
	SHOWS("poll(NULL, 0, 1) = 0 (Timeout)", "poll", 0, 0, 0, 1);
	SHOWS("poll(0x8, 1, 1) = -1 EFAULT", "poll", -EFAULT, NOWHERE, 1, 1);
	SHOWS("poll([{fd=7, events=POLLIN}, {fd=5, events=POLLIN|POLLOUT|POLLRDHUP}, {fd=-1}, "
	      "{fd=9, events=0x4000 /* POLL??? */}, ... /* 0x10020 */], 4294967295, 1) = -1 EINVAL",
	      "poll", -EINVAL, A, -1ull, 1);
}

static void ppoll_shows_the_time_that_is_left(void **state)
{
	const uint64_t mask = 1 << 9 | 1 << 16;

	(void)state;
	fake_poke(&fake, A, polled, sizeof(polled));
	poke_words(B, 1, 5);
	fake_poke(&fake, C, &mask, sizeof(mask));
	SHOWS("ppoll(" POLLED ", {tv_sec=1, tv_nsec=5}, [USR1 CHLD], 8) = 2 (" POLL_READY
	      ", left {tv_sec=1, tv_nsec=5})",
	      "ppoll", 2, A, 4, B, C, 8);
	SHOWS("ppoll(" POLLED ", NULL, NULL, 0) = 2 (" POLL_READY ")", "ppoll", 2, A, 4, 0, 0, 0);
	SHOWS("ppoll(" POLLED ", {tv_sec=1, tv_nsec=5}, 0x30000, 4) = 0 (Timeout)", "ppoll", 0, A,
	      4, B, C, 4);
	SHOWS("ppoll(" POLLED ", 0x8, 0x8, 8) = -1 EFAULT", "ppoll", -EFAULT, A, 4, NOWHERE,
	      NOWHERE, 8);
}

static void ppoll_of_32_bits_has_two_widths_of_time(void **state)
{
	const uint32_t time[] = { 1, -1u };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, A, polled, 8);
	fake_poke(&fake, B, time, sizeof(time));
	SHOWS("ppoll([{fd=7, events=POLLIN}], 1, {tv_sec=1, tv_nsec=4294967295}, NULL, 8) "
	      "= -1 EINVAL",
	      "ppoll", -EINVAL, A, 1, B, 0, 8);
	poke_words(B, 1ull << 32, 7);
	SHOWS("ppoll_time64([{fd=7, events=POLLIN}], 1, {tv_sec=4294967296, tv_nsec=7}, NULL, 8) "
	      "= 1 ([{fd=7, revents=POLLIN}], left {tv_sec=4294967296, tv_nsec=7})",
	      "ppoll_time64", 1, A, 1, B, 0, 8);
}

static void select_shows_its_sets_before_and_after(void **state)
{
	const uint64_t in = 1 << 5 | 1 << 7, out = 1 << 7, none = 0;
	const uint64_t args[6] = { 20, A, B, 0, C };

	(void)state;
	fake_poke(&fake, A, &in, sizeof(in));
	fake_poke(&fake, B, &out, sizeof(out));
	poke_words(C, 0, 10);
	SHOWS("select(20, [5 7], NULL, NULL, {tv_sec=0, tv_usec=10}) = 0 (Timeout)", "select", 0,
	      20, A, 0, 0, C);
	SHOWS("select(6, [5], NULL, NULL, NULL) = -1 EBADF", "select", -EBADF, 6, A, 0, 0, 0);
	fake_enter(&fake, "select", args);
	fake_poke(&fake, B, &none, sizeof(none));
	assert_string_equal(fake_exit(&fake, 2),
			    "select(20, [5 7], [7], NULL, {tv_sec=0, tv_usec=10}) = 2 "
			    "(in [5 7], left {tv_sec=0, tv_usec=10})");
}

static void select_takes_bad_counts_and_addresses(void **state)
{
	const uint64_t in = 1;

	(void)state;
	fake_poke(&fake, A, &in, sizeof(in));
	SHOWS("select(-1, 0x10000, NULL, NULL, NULL) = -1 EINVAL", "select", -EINVAL, 0xffffffff,
	      A);
	SHOWS("select(20, 0x8, NULL, NULL, 0x8) = -1 EFAULT", "select", -EFAULT, 20, NOWHERE, 0, 0,
	      NOWHERE);
	SHOWS("select(2147483647, 0x10000, NULL, NULL, NULL) = -1 EBADF", "select", -EBADF,
	      0x7fffffff, A);
}

static void pselect_shows_its_mask(void **state)
{
	const uint64_t in = 1 << 5, mask = 1 << 9;

	(void)state;
	fake_poke(&fake, A, &in, sizeof(in));
	fake_poke(&fake, B, &mask, sizeof(mask));
	poke_words(C, B, 8);
	poke_words(C + 0x1000, 0, 8);
	SHOWS("pselect6(20, [5], NULL, [5], NULL, {sigmask=[USR1], sigsetsize=8}) = 1 (in [5], "
	      "except [5])",
	      "pselect6", 1, 20, A, 0, A, 0, C);
	SHOWS("pselect6(0, NULL, NULL, NULL, NULL, {sigmask=NULL, sigsetsize=8}) = -1 EINTR",
	      "pselect6", -EINTR, 0, 0, 0, 0, 0, C + 0x1000);
	SHOWS("pselect6(20, [5], NULL, NULL, NULL, 0x8) = -1 EFAULT", "pselect6", -EFAULT, 20, A, 0,
	      0, 0, NOWHERE);
}

static void sets_of_descriptors_come_in_words_of_32_bits_too(void **state)
{
	const uint32_t in[2] = { 1 << 5, 1 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, A, in, sizeof(in));
	SHOWS("_newselect(33, [5 32], NULL, NULL, NULL) = 2 (in [5 32])", "_newselect", 2, 33, A);
	SHOWS("select(0x10000) = 2", "select", 2, A);
}

static void epoll_shows_events_and_data(void **state)
{
	static const uint8_t events[24] = { 1,    0,    0,    0x80, 0x88, 0x77, 0x66, 0x55,
					    0x44, 0x33, 0x22, 0x11, 4,    0,    0,    0,
					    7,    0,    0,    0,    0,    0,    0,    0 };
	const uint64_t mask = 1 << 9;

	(void)state;
	fake_poke(&fake, A, events, sizeof(events));
	fake_poke(&fake, B, &mask, sizeof(mask));
	poke_words(C, 0, 9);
	SHOWS("epoll_create(5) = 4", "epoll_create", 4, 5);
	SHOWS("epoll_create1(EPOLL_CLOEXEC) = 4", "epoll_create1", 4, 02000000);
	SHOWS("epoll_create1(0x7 /* EPOLL_??? */) = -1 EINVAL", "epoll_create1", -EINVAL, 7);
#define FIRST "{events=EPOLLIN|EPOLLET, data=0x1122334455667788}"
	SHOWS("epoll_ctl(4, EPOLL_CTL_ADD, 7, " FIRST ") = 0", "epoll_ctl", 0, 4, 1, 7, A);
	SHOWS("epoll_ctl(4, EPOLL_CTL_MOD, 7, " FIRST ") = 0", "epoll_ctl", 0, 4, 3, 7, A);
	SHOWS("epoll_ctl(4, EPOLL_CTL_DEL, 7, 0x10000) = 0", "epoll_ctl", 0, 4, 2, 7, A);
	SHOWS("epoll_ctl(4, 0x7 /* EPOLL_CTL_??? */, 7, " FIRST ") = -1 EINVAL", "epoll_ctl",
	      -EINVAL, 4, 7, 7, A);
#define BOTH "[" FIRST ", {events=EPOLLOUT, data=0x7}]"
	SHOWS("epoll_wait(4, " BOTH ", 4, 100) = 2", "epoll_wait", 2, 4, A, 4, 100);
	SHOWS("epoll_wait(4, [], 4, 1) = 0", "epoll_wait", 0, 4, A, 4, 1);
	SHOWS("epoll_wait(4, 0x10000, -1, 1) = -1 EINVAL", "epoll_wait", -EINVAL, 4, A, -1ull, 1);
	SHOWS("epoll_pwait(4, [" FIRST "], 4, 0, [USR1], 8) = 1", "epoll_pwait", 1, 4, A, 4, 0, B,
	      8);
	SHOWS("epoll_pwait2(4, [" FIRST "], 4, {tv_sec=0, tv_nsec=9}, NULL, 8) = 1", "epoll_pwait2",
	      1, 4, A, 4, C, 0, 8);
}

static void epoll_pwait_that_failed_shows_addresses_under_strace(void **state)
{
	const uint64_t mask = 1 << 9;

	(void)state;
	fake_poke(&fake, B, &mask, sizeof(mask));
	poke_words(C, 0, 9);
	SHOWS("epoll_pwait(99, 0x10000, 4, 5, 0x20000, 8) = -1 EBADF", "epoll_pwait", -EBADF, 99, A,
	      4, 5, B, 8);
	SHOWS("epoll_pwait2(99, 0x10000, 4, 0x30000, 0x20000, 8) = -1 EBADF", "epoll_pwait2",
	      -EBADF, 99, A, 4, C, B, 8);
}

static void epoll_pwait_shows_what_it_was_given_in_the_default_face(void **state)
{
	const uint64_t mask = 1 << 9;

	(void)state;
	fake_poke(&fake, B, &mask, sizeof(mask));
	poke_words(C, 0, 9);
	SHOWS("epoll_pwait(99, 0x10000, 4, 5, [USR1], 8) = -1 EBADF", "epoll_pwait", -EBADF, 99, A,
	      4, 5, B, 8);
	SHOWS("epoll_pwait2(99, 0x10000, 4, {tv_sec=0, tv_nsec=9}, [USR1], 8) = -1 EBADF",
	      "epoll_pwait2", -EBADF, 99, A, 4, C, B, 8);
}

static void eventfd_and_signalfd_show_how_they_start(void **state)
{
	const uint64_t mask = 1 << 9 | 1 << 16;

	(void)state;
	fake_poke(&fake, A, &mask, sizeof(mask));
	SHOWS("eventfd2(3, EFD_SEMAPHORE|EFD_CLOEXEC|EFD_NONBLOCK) = 9", "eventfd2", 9, 3,
	      02004001);
	SHOWS("eventfd2(4294967295, 0x8 /* EFD_??? */) = -1 EINVAL", "eventfd2", -EINVAL, -1ull, 8);
	SHOWS("eventfd(3) = 9", "eventfd", 9, 3);
	SHOWS("signalfd(-1, [USR1 CHLD], 8) = 9", "signalfd", 9, -1ull, A, 8);
	SHOWS("signalfd4(-1, [USR1 CHLD], 8, SFD_CLOEXEC|SFD_NONBLOCK) = 9", "signalfd4", 9, -1ull,
	      A, 8, 02004000);
	SHOWS("signalfd(-1, 0x10000, 9) = -1 EINVAL", "signalfd", -EINVAL, -1ull, A, 9);
}

static void timerfd_shows_its_times(void **state)
{
	const uint64_t spec[4] = { 1, 500, 0, 1 };

	(void)state;
	fake_poke(&fake, A, spec, sizeof(spec));
#define SPEC "{it_interval={tv_sec=1, tv_nsec=500}, it_value={tv_sec=0, tv_nsec=1}}"
	SHOWS("timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC|TFD_NONBLOCK) = 3", "timerfd_create", 3,
	      1, 02004000);
	SHOWS("timerfd_create(0x4d /* CLOCK_??? */, 0x8 /* TFD_??? */) = -1 EINVAL",
	      "timerfd_create", -EINVAL, 77, 8);
	SHOWS("timerfd_settime(3, TFD_TIMER_ABSTIME|TFD_TIMER_CANCEL_ON_SET, " SPEC ", " SPEC
	      ") = 0",
	      "timerfd_settime", 0, 3, 3, A, A);
	SHOWS("timerfd_settime(3, 0, " SPEC ", NULL) = 0", "timerfd_settime", 0, 3, 0, A, 0);
	SHOWS("timerfd_gettime(3, " SPEC ") = 0", "timerfd_gettime", 0, 3, A);
	fake.arch = AUDIT_ARCH_I386;
	SHOWS("timerfd_settime64(3, 0, " SPEC ", NULL) = 0", "timerfd_settime64", 0, 3, 0, A, 0);
	SHOWS("timerfd_gettime64(3, " SPEC ") = 0", "timerfd_gettime64", 0, 3, A);
	SHOWS("timerfd_gettime(3, {it_interval={tv_sec=1, tv_nsec=0}, it_value={tv_sec=500, "
	      "tv_nsec=0}}) = 0",
	      "timerfd_gettime", 0, 3, A);
}

static void inotify_shows_paths_and_masks(void **state)
{
	(void)state;
	fake_poke(&fake, A, "/tmp", 5);
	SHOWS("inotify_init() = 3", "inotify_init", 3, 0);
	SHOWS("inotify_init1(IN_NONBLOCK|IN_CLOEXEC) = 3", "inotify_init1", 3, 02004000);
	SHOWS("inotify_add_watch(3, \"/tmp\", IN_MODIFY|IN_CREATE|IN_ONESHOT) = 1",
	      "inotify_add_watch", 1, 3, A, 0x80000102);
	SHOWS("inotify_rm_watch(3, -1) = -1 EINVAL", "inotify_rm_watch", -EINVAL, 3, -1ull);
}

static void fanotify_shows_classes_and_masks(void **state)
{
	(void)state;
	fake_poke(&fake, A, "/tmp", 5);
	SHOWS("fanotify_init(FAN_CLASS_NOTIF|FAN_CLOEXEC|FAN_NONBLOCK, O_RDONLY) = 3",
	      "fanotify_init", 3, 3, 0);
	SHOWS("fanotify_init(0xc /* FAN_CLASS_??? */|0x80000 /* FAN_??? */, O_RDWR|O_CREAT) "
	      "= -1 EINVAL",
	      "fanotify_init", -EINVAL, 0x8000c, 0102);
	SHOWS("fanotify_mark(3, FAN_MARK_ADD|FAN_MARK_MOUNT, "
	      "FAN_CLOSE_WRITE|FAN_OPEN|FAN_EVENT_ON_CHILD, AT_FDCWD, \"/tmp\") = 0",
	      "fanotify_mark", 0, 3, 0x11, 0x8000028, -100ull, A);
	SHOWS("fanotify_mark(3, FAN_MARK_FLUSH, 0, FAN_NOFD, NULL) = 0", "fanotify_mark", 0, 3,
	      0x80, 0, -1ull, 0);
	fake.arch = AUDIT_ARCH_I386;
	SHOWS("fanotify_mark(3, FAN_MARK_ADD, FAN_OPEN|0x100000000, AT_FDCWD, \"/tmp\") = 0",
	      "fanotify_mark", 0, 3, 1, 0x20, 1, -100ull, A);
}

#define STRACE(test)  cmocka_unit_test_setup_teardown(test, start_strace, stop)
#define DEFAULT(test) cmocka_unit_test_setup_teardown(test, start_default, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STRACE(pipes_show_their_two_ends),
		DEFAULT(the_ends_of_a_pipe_have_links_in_the_default_face),
		STRACE(descriptors_are_copied_and_closed),
		STRACE(data_moves_between_descriptors),
		STRACE(sendfile_shows_how_it_moved_the_offset),
		DEFAULT(splice_shows_moved_offsets_in_the_default_face),
		STRACE(flock_shows_what_it_asks_for),
		STRACE(fcntl_copies_and_flags),
		STRACE(fcntl_locks),
		STRACE(fcntl_locks_of_32_bits_come_in_two_layouts),
		STRACE(fcntl_owners_and_signals),
		STRACE(fcntl_pipes_seals_and_hints),
		STRACE(fcntl_delegations),
		DEFAULT(owner_ids_are_shown_in_the_default_face),
		STRACE(poll_shows_what_became_ready),
		STRACE(ppoll_shows_the_time_that_is_left),
		STRACE(ppoll_of_32_bits_has_two_widths_of_time),
		STRACE(select_shows_its_sets_before_and_after),
		STRACE(select_takes_bad_counts_and_addresses),
		STRACE(pselect_shows_its_mask),
		STRACE(sets_of_descriptors_come_in_words_of_32_bits_too),
		STRACE(epoll_shows_events_and_data),
		STRACE(epoll_pwait_that_failed_shows_addresses_under_strace),
		DEFAULT(epoll_pwait_shows_what_it_was_given_in_the_default_face),
		STRACE(eventfd_and_signalfd_show_how_they_start),
		STRACE(timerfd_shows_its_times),
		STRACE(inotify_shows_paths_and_masks),
		STRACE(fanotify_shows_classes_and_masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
