#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "decode/syscalls.h"

static const uint32_t archs[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, SYSCALL_ARCH_X32,
				  AUDIT_ARCH_AARCH64 };

static int setup(void **state)
{
	static struct arena arena;

	*state = &arena;
	return 0;
}

static int teardown(void **state)
{
	arena_finish(*state);
	return 0;
}

static void calls_have_the_numbers_of_their_architecture(void **state)
{
	(void)state;
	assert_int_equal(syscall_number(AUDIT_ARCH_X86_64, "read"), 0);
	assert_int_equal(syscall_number(AUDIT_ARCH_X86_64, "msgsnd"), 69);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "read"), 3);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "mmap2"), 192);
	assert_int_equal(syscall_number(SYSCALL_ARCH_X32, "read"), 0x40000000);
	assert_int_equal(syscall_number(SYSCALL_ARCH_X32, "ioctl"), 0x40000000 + 514);
	assert_int_equal(syscall_number(AUDIT_ARCH_AARCH64, "read"), 63);
}

static void i386_names_mean_the_direct_calls_not_the_multiplexed_ones(void **state)
{
	(void)state;
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "socket"), 359);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "shutdown"), 373);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "semget"), 393);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "msgctl"), 402);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "recvmmsg"), 337);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "sendmmsg"), 345);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "accept"), -1);
	assert_int_equal(syscall_number(AUDIT_ARCH_I386, "semop"), -1);
}

static void calls_newer_than_the_library_are_known(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(archs); i++) {
		int bit = archs[i] == SYSCALL_ARCH_X32 ? 0x40000000 : 0;

		assert_int_equal(syscall_number(archs[i], "futex_waitv"), 449 | bit);
		assert_int_equal(syscall_number(archs[i], "futex_requeue"), 456 | bit);
		assert_int_equal(syscall_number(archs[i], "mseal"), 462 | bit);
		assert_int_equal(syscall_number(archs[i], "rseq_slice_yield"), 471 | bit);
		assert_string_equal(syscall_name(*state, archs[i], 470), "listns");
	}
	assert_string_equal(syscall_name(*state, AUDIT_ARCH_X86_64, 335), "uretprobe");
	assert_string_equal(syscall_name(*state, AUDIT_ARCH_X86_64, 336), "uprobe");
	assert_string_equal(syscall_name(*state, AUDIT_ARCH_I386, 335), "rt_tgsigqueueinfo");
	assert_null(syscall_name(*state, AUDIT_ARCH_X86_64, 0x40000000 | 453));
}

static void x32_is_told_by_its_bit(void **state)
{
	assert_string_equal(syscall_name(*state, AUDIT_ARCH_X86_64, 0x40000000 | 514), "ioctl");
	assert_null(syscall_name(*state, AUDIT_ARCH_X86_64, 514));
	assert_string_equal(syscall_name(*state, SYSCALL_ARCH_X32, 0x40000000), "read");
	assert_string_equal(syscall_name(*state, SYSCALL_ARCH_X32, 0), "read");
	assert_null(syscall_name(*state, AUDIT_ARCH_X86_64, 0x40000000 | 16));
}

static void numbers_and_names_without_call_have_none(void **state)
{
	static const uint64_t none[] = { 400,        423,        472,        SYSCALL_NR_MAX,
					 5000,       UINT32_MAX, UINT64_MAX, (uint64_t)-101,
					 1ull << 32, 1ull << 63 };

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_null(syscall_name(*state, AUDIT_ARCH_X86_64, none[i]));
	assert_null(syscall_name(*state, 12345, 0));
	assert_int_equal(syscall_number(AUDIT_ARCH_X86_64, "no_such_call"), -1);
	assert_int_equal(syscall_number(AUDIT_ARCH_X86_64, "stat64"), -1);
	assert_int_equal(syscall_number(AUDIT_ARCH_X86_64, ""), -1);
	assert_int_equal(syscall_number(12345, "read"), -1);
}

static void every_name_leads_back_to_its_number(void **state)
{
	static const unsigned expected[] = { 384, 460, 370, 327 };

	for (size_t i = 0; i < ARRAY_LEN(archs); i++) {
		unsigned n = 0;

		for (int nr = 0; nr <= SYSCALL_NR_MAX; nr++) {
			int full = archs[i] == SYSCALL_ARCH_X32 ? nr | 0x40000000 : nr;
			const char *name = syscall_name(*state, archs[i], (uint64_t)full);

			if (!name)
				continue;
			n++;
			assert_int_equal(syscall_number(archs[i], name), full);
		}
		/* At least: a newer library may know more. */
		assert_true(n >= expected[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_have_the_numbers_of_their_architecture),
		cmocka_unit_test(i386_names_mean_the_direct_calls_not_the_multiplexed_ones),
		cmocka_unit_test(calls_newer_than_the_library_are_known),
		cmocka_unit_test(x32_is_told_by_its_bit),
		cmocka_unit_test(numbers_and_names_without_call_have_none),
		cmocka_unit_test(every_name_leads_back_to_its_number),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
