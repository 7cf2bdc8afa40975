/* Process descriptors, kcmp, namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { INFO = 0x1000, SLOT = 0x2000 };

static struct fake fake;

static int set_up(void **state)
{
	int32_t info[32] = { 10, 0, -1, 0, 2850, 0, 7 };
	uint32_t slot[3] = { 14, 9, 0 };

	(void)state;
	fake_init(&fake, true);
	fake_poke(&fake, INFO, info, sizeof(info));
	fake_poke(&fake, SLOT, slot, sizeof(slot));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

static void processes_get_descriptors(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "pidfd_open", 18, 2850, 0),
			    "pidfd_open(2850, 0) = 18");
	assert_string_equal(FAKE_CALL(&fake, "pidfd_open", 18, 2850, 04200),
			    "pidfd_open(2850, PIDFD_NONBLOCK|PIDFD_THREAD) = 18");
	assert_string_equal(FAKE_CALL(&fake, "pidfd_open", -22, 1, 0x4000001),
			    "pidfd_open(1, 0x4000001 /* PIDFD_??? */) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "pidfd_getfd", 19, 18, 7, 0),
			    "pidfd_getfd(18, 7, 0) = 19");
	assert_string_equal(FAKE_CALL(&fake, "pidfd_getfd", -22, 18, 7, 4),
			    "pidfd_getfd(18, 7, 0x4) = -1 EINVAL");
}

static void a_signal_by_descriptor_may_carry_its_own_information(void **state)
{
	(void)state;
	assert_string_equal(
		FAKE_CALL(&fake, "pidfd_send_signal", 0, 18, 10, INFO, 0),
		"pidfd_send_signal(18, SIGUSR1, {si_signo=SIGUSR1, si_code=SI_QUEUE, si_pid=2850, "
		"si_uid=0, si_int=7, si_ptr=0x7}, 0) = 0");
	assert_string_equal(FAKE_CALL(&fake, "pidfd_send_signal", -22, 18, 77, 0, 0),
			    "pidfd_send_signal(18, 77, NULL, 0) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "pidfd_send_signal", -14, 18, 17, 0x10, 4),
			    "pidfd_send_signal(18, SIGCHLD, 0x10, PIDFD_SIGNAL_PROCESS_GROUP) = -1 "
			    "EFAULT");
}

static void kcmp_shows_what_its_type_compares(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "kcmp", 2, 1, 2, 0, 7, -1),
			    "kcmp(1, 2, KCMP_FILE, 7, -1) = 2");
	assert_string_equal(FAKE_CALL(&fake, "kcmp", 0, 1, 2, 6, 7, 8),
			    "kcmp(1, 2, KCMP_SYSVSEM) = 0");
	assert_string_equal(FAKE_CALL(&fake, "kcmp", 0, 1, 2, 7, 9, SLOT),
			    "kcmp(1, 2, KCMP_EPOLL_TFD, 9, {efd=14, tfd=9, toff=0}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "kcmp", -14, 1, 2, 7, 9, 0x10),
			    "kcmp(1, 2, KCMP_EPOLL_TFD, 9, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&fake, "kcmp", -22, 1, 2, 99, 1, 0),
			    "kcmp(1, 2, 0x63 /* KCMP_??? */, 0x1, 0) = -1 EINVAL");
}

static void namespaces_are_named(void **state)
{
	(void)state;
	assert_string_equal(
		FAKE_CALL(&fake, "unshare", -22, 0xffffffff),
		"unshare(CLONE_NEWTIME|CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|"
		"CLONE_NEWNS|CLONE_SYSVSEM|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|"
		"CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET|0x81f8f07f) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "unshare", -22, 1),
			    "unshare(0x1 /* CLONE_??? */) = -1 EINVAL");
	assert_string_equal(FAKE_CALL(&fake, "setns", 0, 5, 0x08000000),
			    "setns(5, CLONE_NEWIPC) = 0");
	assert_string_equal(FAKE_CALL(&fake, "setns", -9, 5, 0xffffffff),
			    "setns(5, CLONE_NEWTIME|CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|"
			    "CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET|0x81fdff7f) = -1 "
			    "EBADF");
	assert_string_equal(FAKE_CALL(&fake, "setns", -9, 5, 1),
			    "setns(5, 0x1 /* CLONE_NEW??? */) = -1 EBADF");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(processes_get_descriptors),
		TEST(a_signal_by_descriptor_may_carry_its_own_information),
		TEST(kcmp_shows_what_its_type_compares),
		TEST(namespaces_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
