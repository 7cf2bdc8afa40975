/* Reading and writing: streams, vectors, offsets, and what descriptors without a stream carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/uio.h>

#include "tests/unit/fake.h"

enum { BUF = 0x10000, VEC = 0x20000, MORE = 0x30000, NOWHERE = 0x8 };

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

static void poke_text(uint64_t addr, const char *text)
{
	fake_poke(&fake, addr, text, strlen(text));
}

static void poke_vector(uint64_t base0, uint64_t len0, uint64_t base1, uint64_t len1)
{
	const uint64_t words[] = { base0, len0, base1, len1 };

	fake_poke(&fake, VEC, words, sizeof(words));
}

static void read_shows_as_many_bytes_as_it_returned(void **state)
{
	(void)state;
	poke_text(BUF, "hello, world");
	assert_string_equal(FAKE_CALL(&fake, "read", 5, 3, BUF, 64), "read(3, \"hello\", 64) = 5");
	assert_string_equal(FAKE_CALL(&fake, "read", 0, 3, BUF, 64), "read(3, \"\", 64) = 0");
	assert_string_equal(FAKE_CALL(&fake, "read", -EAGAIN, 3, BUF, 64),
			    "read(3, 0x10000, 64) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(&fake, "read", 5, 3, NOWHERE, 64), "read(3, 0x8, 64) = 5");
}

static void write_shows_its_buffer_whatever_the_result(void **state)
{
	(void)state;
	poke_text(BUF, "hello, world");
	assert_string_equal(FAKE_CALL(&fake, "write", 5, 3, BUF, 12),
			    "write(3, \"hello, world\", 12) = 5");
	assert_string_equal(FAKE_CALL(&fake, "write", -EPIPE, 3, BUF, 2),
			    "write(3, \"he\", 2) = -1 EPIPE");
	assert_string_equal(FAKE_CALL(&fake, "write", -EFAULT, 3, NOWHERE, 1ull << 40),
			    "write(3, 0x8, 1099511627776) = -1 EFAULT");
}

static void vectors_show_what_their_bases_hold(void **state)
{
	(void)state;
	poke_text(BUF, "hello");
	poke_text(MORE, "world");
	poke_vector(BUF, 5, MORE, 3);
	assert_string_equal(FAKE_CALL(&fake, "writev", 8, 3, VEC, 2),
			    "writev(3, [{iov_base=\"hello\", iov_len=5}, "
			    "{iov_base=\"wor\", iov_len=3}], 2) = 8");
	assert_string_equal(FAKE_CALL(&fake, "writev", 0, 3, VEC, 0), "writev(3, [], 0) = 0");
	poke_vector(0, 5, NOWHERE, 1ull << 40);
	assert_string_equal(FAKE_CALL(&fake, "writev", -EFAULT, 3, VEC, 2),
			    "writev(3, [{iov_base=NULL, iov_len=5}, "
			    "{iov_base=0x8, iov_len=1099511627776}], 2) = -1 EFAULT");
}

static void readv_spreads_the_bytes_received_over_its_bases(void **state)
{
	(void)state;
	poke_text(BUF, "hello");
	poke_text(MORE, "world");
	poke_vector(BUF, 5, MORE, 5);
	assert_string_equal(FAKE_CALL(&fake, "readv", 7, 3, VEC, 2),
			    "readv(3, [{iov_base=\"hello\", iov_len=5}, "
			    "{iov_base=\"wo\", iov_len=5}], 2) = 7");
	assert_string_equal(FAKE_CALL(&fake, "readv", 3, 3, VEC, 2),
			    "readv(3, [{iov_base=\"hel\", iov_len=5}, "
			    "{iov_base=\"\", iov_len=5}], 2) = 3");
}

static void a_failed_readv_shows_where_its_bases_are(void **state)
{
	(void)state;
	poke_vector(BUF, 5, MORE, 5);
	assert_string_equal(FAKE_CALL(&fake, "readv", -EBADF, 99, VEC, 2),
			    "readv(99, [{iov_base=0x10000, iov_len=5}, "
			    "{iov_base=0x30000, iov_len=5}], 2) = -1 EBADF");
	assert_string_equal(FAKE_CALL(&fake, "readv", -EFAULT, 3, NOWHERE, 2),
			    "readv(3, 0x8, 2) = -1 EFAULT");
}

static void a_vector_of_too_many_ends_where_memory_ends(void **state)
{
	(void)state;
	poke_text(BUF, "hello");
	poke_vector(BUF, 5, BUF, 1);
	assert_string_equal(FAKE_CALL(&fake, "writev", -EINVAL, 3, VEC, 1ull << 40),
			    "writev(3, [{iov_base=\"hello\", iov_len=5}, "
			    "{iov_base=\"h\", iov_len=1}, ... /* 0x20020 */], 1099511627776) "
			    "= -1 EINVAL");
}

static void a_32_bit_vector_has_32_bit_words(void **state)
{
	const uint32_t words[] = { BUF, 2, MORE, 1 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	poke_text(BUF, "ab");
	poke_text(MORE, "c");
	fake_poke(&fake, VEC, words, sizeof(words));
	assert_string_equal(FAKE_CALL(&fake, "pwritev2", 3, 3, VEC, 2, 1, 2, 0x10),
			    "pwritev2(3, [{iov_base=\"ab\", iov_len=2}, "
			    "{iov_base=\"c\", iov_len=1}], 2, 8589934593, RWF_APPEND) = 3");
}

static void offsets_are_signed_and_64_bits_wide(void **state)
{
	(void)state;
	poke_text(BUF, "abc");
	assert_string_equal(FAKE_CALL(&fake, "pread64", 3, 3, BUF, 8, 1ull << 33, 77),
			    "pread64(3, \"abc\", 8, 8589934592) = 3");
	assert_string_equal(FAKE_CALL(&fake, "pwrite64", -EINVAL, 3, BUF, 3, -1ull),
			    "pwrite64(3, \"abc\", 3, -1) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "lseek", 7, 3, -5ull, 2),
			    "lseek(3, -5, SEEK_END) = 7");
	assert_string_equal(FAKE_CALL(&fake, "lseek", -EINVAL, 3, 5, 77),
			    "lseek(3, 5, 0x4d /* SEEK_??? */) = -1 EINVAL");
}

static void a_32_bit_caller_gives_offsets_in_halves(void **state)
{
	const uint64_t result = 1ull << 33;

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	poke_text(BUF, "abc");
	fake_poke(&fake, MORE, &result, sizeof(result));
	assert_string_equal(FAKE_CALL(&fake, "pread64", 3, 3, BUF, 8, 5, 1),
			    "pread64(3, \"abc\", 8, 4294967301) = 3");
	assert_string_equal(FAKE_CALL(&fake, "_llseek", 0, 3, UINT32_MAX, (uint32_t)-5, MORE, 2),
			    "_llseek(3, -5, [8589934592], SEEK_END) = 0");
	assert_string_equal(FAKE_CALL(&fake, "lseek", 7, 3, (uint32_t)-5, 1),
			    "lseek(3, -5, SEEK_CUR) = 7");
}

static void flags_of_the_second_version_are_named(void **state)
{
	(void)state;
	poke_text(BUF, "hello");
	poke_vector(BUF, 5, BUF, 5);
	assert_string_equal(FAKE_CALL(&fake, "preadv2", 5, 3, VEC, 2, -1ull, 0, 0x49),
			    "preadv2(3, [{iov_base=\"hello\", iov_len=5}, {iov_base=\"\", "
			    "iov_len=5}], 2, -1, RWF_HIPRI|RWF_NOWAIT|RWF_ATOMIC) = 5");
	assert_string_equal(FAKE_CALL(&fake, "pwritev", 5, 3, VEC, 1, 4, 0),
			    "pwritev(3, [{iov_base=\"hello\", iov_len=5}], 1, 4) = 5");
	assert_string_equal(FAKE_CALL(&fake, "preadv", 5, 3, VEC, 1, 4, 0),
			    "preadv(3, [{iov_base=\"hello\", iov_len=5}], 1, 4) = 5");
}

static void strace_leaves_the_payload_of_an_eventfd_raw(void **state)
{
	const uint64_t number = 5;

	(void)state;
	fake_fd(&fake, 9, FD_EVENTFD, "anon_inode:[eventfd]");
	fake_poke(&fake, BUF, &number, sizeof(number));
	assert_string_equal(FAKE_CALL(&fake, "write", 8, 9, BUF, 8),
			    "write(9, \"\\5\\0\\0\\0\\0\\0\\0\\0\", 8) = 8");
}

static void eventfd_and_timerfd_carry_a_number(void **state)
{
	const uint64_t number = 5;

	(void)state;
	fake_fd(&fake, 9, FD_EVENTFD, "anon_inode:[eventfd]");
	fake_fd(&fake, 10, FD_TIMERFD, "anon_inode:[timerfd]");
	fake_poke(&fake, BUF, &number, sizeof(number));
	assert_string_equal(FAKE_CALL(&fake, "write", 8, 9, BUF, 8),
			    "write(9<anon_inode:[eventfd]>, [5], 8) = 8");
	assert_string_equal(FAKE_CALL(&fake, "read", 8, 10, BUF, 8),
			    "read(10<anon_inode:[timerfd]>, [5], 8) = 8");
	assert_string_equal(FAKE_CALL(&fake, "write", -EINVAL, 9, BUF, 4),
			    "write(9<anon_inode:[eventfd]>, \"\\5\\0\\0\\0\", 4) = -1 EINVAL");
}

static void a_plain_file_carries_bytes_in_both_faces(void **state)
{
	(void)state;
	fake_fd(&fake, 3, FD_PIPE, "pipe:[7]");
	poke_text(BUF, "12345678");
	assert_string_equal(FAKE_CALL(&fake, "read", 8, 3, BUF, 8),
			    "read(3<pipe:[7]>, \"12345678\", 8) = 8");
}

static void a_signalfd_carries_signals(void **state)
{
	struct signalfd_siginfo infos[2] = {
		{ .ssi_signo = 10, .ssi_code = 0, .ssi_pid = 77, .ssi_uid = 5 },
		{ .ssi_signo = 12, .ssi_code = -1, .ssi_pid = 77, .ssi_int = -2, .ssi_ptr = 9 },
	};

	(void)state;
	fake_fd(&fake, 4, FD_SIGNALFD, "anon_inode:[signalfd]");
	fake_poke(&fake, BUF, infos, sizeof(infos));
	assert_string_equal(FAKE_CALL(&fake, "read", 256, 4, BUF, 512),
			    "read(4<anon_inode:[signalfd]>, [{ssi_signo=SIGUSR1, "
			    "ssi_code=SI_USER, ssi_pid=77, ssi_uid=5}, {ssi_signo=SIGUSR2, "
			    "ssi_code=SI_QUEUE, ssi_pid=77, ssi_uid=0, ssi_int=-2, ssi_ptr=0x9}], "
			    "512) = 256");
}

static void an_inotify_descriptor_carries_events_with_names(void **state)
{
	static const uint8_t events[] = {
		1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 'n', 'e', 'w', 0,
		0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0,   0,   0,   0,
	};

	(void)state;
	fake_fd(&fake, 4, FD_INOTIFY, "anon_inode:inotify");
	fake_poke(&fake, BUF, events, sizeof(events));
	assert_string_equal(FAKE_CALL(&fake, "read", sizeof(events), 4, BUF, 4096),
			    "read(4<anon_inode:inotify>, [{wd=1, mask=IN_CREATE, cookie=0, "
			    "name=\"new\"}, {wd=2, mask=IN_MODIFY, cookie=7}], 4096) = 40");
}

static void an_inotify_event_does_not_reach_past_the_bytes_read(void **state)
{
	static const uint8_t event[] = { 1, 0, 0,    0,    0,    1,    0,   0,   0,   0,
					 0, 0, 0xff, 0xff, 0xff, 0xff, 'n', 'e', 'w', '!' };

	(void)state;
	fake_fd(&fake, 4, FD_INOTIFY, "anon_inode:inotify");
	fake_poke(&fake, BUF, event, sizeof(event));
	assert_string_equal(FAKE_CALL(&fake, "read", sizeof(event), 4, BUF, 4096),
			    "read(4<anon_inode:inotify>, [{wd=1, mask=IN_CREATE, cookie=0, "
			    "name=\"new!\"}], 4096) = 20");
}

static void a_fanotify_descriptor_carries_events_with_descriptors(void **state)
{
	static const uint8_t events[] = {
		24, 0, 0, 0, 3, 0, 24, 0, 0x20, 0,    0,    0,    0, 0, 0,  0,
		7,  0, 0, 0, 9, 0, 0,  0, 0,    0,    0,    0,    3, 0, 24, 0,
		1,  0, 0, 0, 0, 0, 0,  0, 0xff, 0xff, 0xff, 0xff, 9, 0, 0,  0,
	};

	(void)state;
	fake_fd(&fake, 4, FD_FANOTIFY, "anon_inode:[fanotify]");
	fake_fd(&fake, 7, FD_FILE, "/etc/passwd");
	fake_poke(&fake, BUF, events, sizeof(events));
	assert_string_equal(FAKE_CALL(&fake, "read", sizeof(events), 4, BUF, 4096),
			    "read(4<anon_inode:[fanotify]>, [{event_len=24, mask=FAN_OPEN, "
			    "fd=7</etc/passwd>, pid=9}, {event_len=0, mask=FAN_ACCESS, "
			    "fd=FAN_NOFD, pid=9}], 4096) = 48");
}

#define STRACE(test)  cmocka_unit_test_setup_teardown(test, start_strace, stop)
#define DEFAULT(test) cmocka_unit_test_setup_teardown(test, start_default, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STRACE(read_shows_as_many_bytes_as_it_returned),
		STRACE(write_shows_its_buffer_whatever_the_result),
		STRACE(vectors_show_what_their_bases_hold),
		STRACE(readv_spreads_the_bytes_received_over_its_bases),
		STRACE(a_failed_readv_shows_where_its_bases_are),
		STRACE(a_vector_of_too_many_ends_where_memory_ends),
		STRACE(a_32_bit_vector_has_32_bit_words),
		STRACE(offsets_are_signed_and_64_bits_wide),
		STRACE(a_32_bit_caller_gives_offsets_in_halves),
		STRACE(flags_of_the_second_version_are_named),
		STRACE(strace_leaves_the_payload_of_an_eventfd_raw),
		DEFAULT(eventfd_and_timerfd_carry_a_number),
		DEFAULT(a_plain_file_carries_bytes_in_both_faces),
		DEFAULT(a_signalfd_carries_signals),
		DEFAULT(an_inotify_descriptor_carries_events_with_names),
		DEFAULT(an_inotify_event_does_not_reach_past_the_bytes_read),
		DEFAULT(a_fanotify_descriptor_carries_events_with_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
