/* futex(2): every operation, the futex2 calls, robust lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { WORD = 0x1000, TIME = 0x2000, OTHER = 0x3000, LIST = 0x4000 };

static struct fake strace_face, default_face;

static int set_up(void **state)
{
	int64_t time[2] = { 0, 1000 };

	(void)state;
	fake_init(&strace_face, true);
	fake_init(&default_face, false);
	fake_poke(&strace_face, TIME, time, sizeof(time));
	fake_poke(&default_face, TIME, time, sizeof(time));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&strace_face);
	fake_finish(&default_face);
	return 0;
}

/* Each operation with all six arguments given, as strace 6.1 writes it. */
static const struct {
	uint32_t op;
	const char *text;
} operations[] = {
	{ 0, "futex(0x1000, FUTEX_WAIT, 1, {tv_sec=0, tv_nsec=1000}) = 0" },
	{ 0x80, "futex(0x1000, FUTEX_WAIT_PRIVATE, 1, {tv_sec=0, tv_nsec=1000}) = 0" },
	{ 0x100,
	  "futex(0x1000, FUTEX_WAIT|FUTEX_CLOCK_REALTIME, 1, {tv_sec=0, tv_nsec=1000}) = 0" },
	{ 0x1180, "futex(0x1000, 0x1180 /* FUTEX_??? */, 1, {tv_sec=0, tv_nsec=1000}) = 0" },
	{ 1, "futex(0x1000, FUTEX_WAKE, 1) = 0" },
	{ 0x101, "futex(0x1000, 0x101 /* FUTEX_??? */, 1) = 0" },
	{ 2, "futex(0x1000, FUTEX_FD, 1) = 0" },
	{ 0x82, "futex(0x1000, FUTEX_FD|FUTEX_PRIVATE_FLAG, 1) = 0" },
	{ 3, "futex(0x1000, FUTEX_REQUEUE, 1, 8192, 0x3000) = 0" },
	{ 0x84, "futex(0x1000, FUTEX_CMP_REQUEUE_PRIVATE, 1, 8192, 0x3000, 3) = 0" },
	{ 5, "futex(0x1000, FUTEX_WAKE_OP, 1, 8192, 0x3000, "
	     "FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_EQ<<24|0x3) = 0" },
	{ 0x86, "futex(0x1000, FUTEX_LOCK_PI_PRIVATE, {tv_sec=0, tv_nsec=1000}) = 0" },
	{ 7, "futex(0x1000, FUTEX_UNLOCK_PI) = 0" },
	{ 0x88, "futex(0x1000, FUTEX_TRYLOCK_PI_PRIVATE) = 0" },
	{ 9, "futex(0x1000, FUTEX_WAIT_BITSET, 1, {tv_sec=0, tv_nsec=1000}, 0x3) = 0" },
	{ 0x189, "futex(0x1000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 1, "
		 "{tv_sec=0, tv_nsec=1000}, 0x3) = 0" },
	{ 10, "futex(0x1000, FUTEX_WAKE_BITSET, 1, 0x3) = 0" },
	{ 0x8b, "futex(0x1000, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, {tv_sec=0, tv_nsec=1000}, "
		"0x3000) = 0" },
	{ 12, "futex(0x1000, FUTEX_CMP_REQUEUE_PI, 1, 8192, 0x3000, 3) = 0" },
	{ 13, "futex(0x1000, FUTEX_LOCK_PI2, {tv_sec=0, tv_nsec=1000}) = 0" },
	{ 14, "futex(0x1000, 0xe /* FUTEX_??? */, 1, 0x2000, 0x3000, 0x3) = 0" },
};

static void each_operation_shows_the_arguments_it_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		assert_string_equal(FAKE_CALL(&strace_face, "futex", 0, WORD, operations[i].op, 1,
					      TIME, OTHER, 3),
				    operations[i].text);
}

static void unreadable_and_missing_timeouts_are_told_apart(void **state)
{
	struct fake *f = &strace_face;

	(void)state;
	assert_string_equal(FAKE_CALL(f, "futex", -14, WORD, 0, 1, 3),
			    "futex(0x1000, FUTEX_WAIT, 1, 0x3) = -1 EFAULT");
	assert_string_equal(
		FAKE_CALL(f, "futex", -11, WORD, 0x189, 1, 0, OTHER, UINT32_MAX),
		"futex(0x1000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 1, NULL, "
		"FUTEX_BITSET_MATCH_ANY) = -1 EAGAIN");
}

static void wake_op_is_taken_apart(void **state)
{
	struct fake *f = &strace_face;

	(void)state;
	assert_string_equal(FAKE_CALL(f, "futex", 0, WORD, 5, 1, 1, OTHER, 0x14fff000),
			    "futex(0x1000, FUTEX_WAKE_OP, 1, 1, 0x3000, "
			    "FUTEX_OP_ADD<<28|0xfff<<12|FUTEX_OP_CMP_GT<<24|0) = 0");
	assert_string_equal(FAKE_CALL(f, "futex", -38, WORD, 5, 1, 1, OTHER, 0xffffffff),
			    "futex(0x1000, FUTEX_WAKE_OP, 1, 1, 0x3000, "
			    "FUTEX_OP_OPARG_SHIFT<<28|0x7<<28 /* FUTEX_OP_??? */|0xfff<<12|"
			    "0xf<<24 /* FUTEX_OP_CMP_??? */|0xfff) = -1 ENOSYS");
}

static void the_owner_of_a_pi_lock_is_shown(void **state)
{
	uint32_t word = 0x80000000 | 1234, dead = 0xc0000000 | 7, none = 0;
	struct fake *f = &default_face;

	(void)state;
	fake_poke(f, WORD, &word, sizeof(word));
	fake_poke(f, OTHER, &dead, sizeof(dead));
	fake_poke(f, LIST, &none, sizeof(none));
	fake_poke(&strace_face, WORD, &word, sizeof(word));
	assert_string_equal(
		FAKE_CALL(f, "futex", 0, WORD, 0x86, 0, 0),
		"futex(0x1000 /* owner 1234, waiters */, FUTEX_LOCK_PI_PRIVATE, NULL) = 0");
	assert_string_equal(
		FAKE_CALL(f, "futex", 0, OTHER, 8),
		"futex(0x3000 /* owner 7, waiters, owner died */, FUTEX_TRYLOCK_PI) = 0");
	assert_string_equal(FAKE_CALL(f, "futex", 0, LIST, 7),
			    "futex(0x4000 /* free */, FUTEX_UNLOCK_PI) = 0");
	assert_string_equal(FAKE_CALL(f, "futex", -14, 0x10, 7),
			    "futex(0x10, FUTEX_UNLOCK_PI) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&strace_face, "futex", 0, WORD, 0x86, 0, 0),
			    "futex(0x1000, FUTEX_LOCK_PI_PRIVATE, NULL) = 0");
}

static void an_owner_in_an_expected_value_is_a_guess(void **state)
{
	struct fake *f = &default_face;

	(void)state;
	assert_string_equal(
		FAKE_CALL(f, "futex", 0, WORD, 0, 2147509065u, 0),
		"futex(0x1000, FUTEX_WAIT, 2147509065 /* ~owner 25417, waiters */, NULL) = 0");
	assert_string_equal(FAKE_CALL(f, "futex", 0, WORD, 0, 2, 0),
			    "futex(0x1000, FUTEX_WAIT, 2, NULL) = 0");
	assert_string_equal(FAKE_CALL(f, "futex", 0, WORD, 0, 0xffffffff, 0),
			    "futex(0x1000, FUTEX_WAIT, 4294967295, NULL) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "futex", 0, WORD, 0, 2147509065u, 0),
			    "futex(0x1000, FUTEX_WAIT, 2147509065, NULL) = 0");
}

static void futex2_calls_are_shown(void **state)
{
	struct {
		uint64_t val, uaddr;
		uint32_t flags, reserved;
	} waiters[2] = { { 1, 0x5000, 0x82, 0 }, { 0, 0x6000, 2, 0 } };
	struct fake *f = &strace_face;

	(void)state;
	fake_poke(f, OTHER, waiters, sizeof(waiters));
	assert_string_equal(FAKE_CALL(f, "futex_waitv", -11, OTHER, 1, 0, TIME, 1),
			    "futex_waitv([{val=0x1, uaddr=0x5000, "
			    "flags=FUTEX2_SIZE_U32|FUTEX2_PRIVATE}], 1, 0, "
			    "{tv_sec=0, tv_nsec=1000}, CLOCK_MONOTONIC) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(f, "futex_wake", 0, WORD, 1, 1, 0x82),
			    "futex_wake(0x1000, 0x1, 1, FUTEX2_SIZE_U32|FUTEX2_PRIVATE) = 0");
	assert_string_equal(FAKE_CALL(f, "futex_wait", -11, WORD, 1, 1, 2, TIME, 1),
			    "futex_wait(0x1000, 1, 0x1, FUTEX2_SIZE_U32, {tv_sec=0, tv_nsec=1000}, "
			    "CLOCK_MONOTONIC) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(f, "futex_requeue", -11, OTHER, 0, 1, 1),
			    "futex_requeue([{val=0x1, uaddr=0x5000, "
			    "flags=FUTEX2_SIZE_U32|FUTEX2_PRIVATE}, {val=0, uaddr=0x6000, "
			    "flags=FUTEX2_SIZE_U32}], 0, 1, 1) = -1 EAGAIN");
	assert_string_equal(FAKE_CALL(f, "futex_waitv", -22, OTHER, 1ull << 31, 0, 0, 0),
			    "futex_waitv([{val=0x1, uaddr=0x5000, "
			    "flags=FUTEX2_SIZE_U32|FUTEX2_PRIVATE}, {val=0, uaddr=0x6000, "
			    "flags=FUTEX2_SIZE_U32}, ... /* 0x3030 */], 2147483648, 0, NULL, "
			    "CLOCK_REALTIME) = -1 EINVAL");
}

static void robust_lists_are_shown(void **state)
{
	int64_t head[3] = { 0x9000, -32, 0 };
	uint64_t addr = 0x7ffb125c0a20, len = 24;

	(void)state;
	fake_poke(&strace_face, LIST, head, sizeof(head));
	fake_poke(&default_face, LIST, head, sizeof(head));
	fake_poke(&strace_face, WORD, &addr, sizeof(addr));
	fake_poke(&strace_face, OTHER, &len, sizeof(len));
	assert_string_equal(FAKE_CALL(&strace_face, "set_robust_list", 0, LIST, 24),
			    "set_robust_list(0x4000, 24) = 0");
	assert_string_equal(
		FAKE_CALL(&default_face, "set_robust_list", 0, LIST, 24),
		"set_robust_list({list=0x9000, futex_offset=-32, list_op_pending=NULL}, "
		"24) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "get_robust_list", 0, 0, WORD, OTHER),
			    "get_robust_list(0, [0x7ffb125c0a20], [24]) = 0");
	assert_string_equal(FAKE_CALL(&strace_face, "get_robust_list", -3, 5, WORD, OTHER),
			    "get_robust_list(5, 0x1000, 0x3000) = -1 ESRCH");
}

static void a_32_bit_caller_has_two_kinds_of_time(void **state)
{
	int32_t time[2] = { 5, 6 };
	struct fake *f = &strace_face;

	(void)state;
	f->arch = AUDIT_ARCH_I386;
	fake_poke(f, LIST, time, sizeof(time));
	assert_string_equal(FAKE_CALL(f, "futex", -110, WORD, 0, 1, LIST),
			    "futex(0x1000, FUTEX_WAIT, 1, {tv_sec=5, tv_nsec=6}) = -1 ETIMEDOUT");
	assert_string_equal(FAKE_CALL(f, "futex_time64", -110, WORD, 0x80, 1, TIME),
			    "futex_time64(0x1000, FUTEX_WAIT_PRIVATE, 1, {tv_sec=0, tv_nsec=1000}) "
			    "= -1 ETIMEDOUT");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_operation_shows_the_arguments_it_takes),
		TEST(unreadable_and_missing_timeouts_are_told_apart),
		TEST(wake_op_is_taken_apart),
		TEST(the_owner_of_a_pi_lock_is_shown),
		TEST(an_owner_in_an_expected_value_is_a_guess),
		TEST(futex2_calls_are_shown),
		TEST(robust_lists_are_shown),
		TEST(a_32_bit_caller_has_two_kinds_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
