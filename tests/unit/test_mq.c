/* POSIX message queues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <string.h>

#include "tests/unit/fake.h"

enum { NAME = 0x1000, ATTR = 0x2000, TEXT = 0x3000, PRIO = 0x4000, TIME = 0x5000, EVENT = 0x6000 };

static struct fake fake;

static int set_up(void **state)
{
	int64_t attr[8] = { 04000, 4, 128, 1 };
	int64_t time[2] = { 1, 2 };
	uint32_t prio = 9;

	(void)state;
	fake_init(&fake, true);
	fake_poke(&fake, NAME, "ipctr", 6);
	fake_poke(&fake, ATTR, attr, sizeof(attr));
	fake_poke(&fake, TEXT, "hi mq2", 6);
	fake_poke(&fake, PRIO, &prio, sizeof(prio));
	fake_poke(&fake, TIME, time, sizeof(time));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_finish(&fake);
	return 0;
}

static void opening_shows_mode_and_attributes_only_with_o_creat(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "mq_open", 3, NAME, 02000102, 0600, ATTR),
			    "mq_open(\"ipctr\", O_RDWR|O_CREAT|O_CLOEXEC, 0600, {mq_flags=0x800, "
			    "mq_maxmsg=4, mq_msgsize=128, mq_curmsgs=1}) = 3");
	assert_string_equal(FAKE_CALL(&fake, "mq_open", 4, NAME, 0),
			    "mq_open(\"ipctr\", O_RDONLY) = 4");
	assert_string_equal(FAKE_CALL(&fake, "mq_open", -14, 0x10, 04001, 0, 16),
			    "mq_open(0x10, O_WRONLY|O_NONBLOCK) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&fake, "mq_open", -14, NAME, 0100, 0, 0x10),
			    "mq_open(\"ipctr\", O_RDONLY|O_CREAT, 000, 0x10) = -1 EFAULT");
}

static void all_open_flags_have_strace_s_order(void **state)
{
	(void)state;
	assert_string_equal(
		FAKE_CALL(&fake, "mq_open", 3, NAME, 0xffffffff, 0xffffffff, 0),
		"mq_open(\"ipctr\", O_ACCMODE|O_CREAT|O_EXCL|O_NOCTTY|O_TRUNC|O_APPEND|O_NONBLOCK|"
		"O_SYNC|O_DIRECT|O_LARGEFILE|O_NOFOLLOW|O_NOATIME|O_CLOEXEC|O_PATH|O_TMPFILE|"
		"FASYNC|0xff80003c, 0177777, NULL) = 3");
}

static void a_message_has_a_priority_and_a_deadline(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "mq_timedsend", 0, 3, TEXT, 6, 9, TIME),
			    "mq_timedsend(3, \"hi mq2\", 6, 9, {tv_sec=1, tv_nsec=2}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mq_timedsend", -14, 3, 0x10, 5, 9, 0x10),
			    "mq_timedsend(3, 0x10, 5, 9, 0x10) = -1 EFAULT");
	assert_string_equal(FAKE_CALL(&fake, "mq_timedreceive", 6, 3, TEXT, 128, PRIO, 0),
			    "mq_timedreceive(3, \"hi mq2\", 128, [9], NULL) = 6");
	assert_string_equal(FAKE_CALL(&fake, "mq_timedreceive", -11, 3, TEXT, 128, PRIO, TIME),
			    "mq_timedreceive(3, 0x3000, 128, 0x4000, {tv_sec=1, tv_nsec=2}) = -1 "
			    "EAGAIN");
}

static void notification_is_asked_for_with_a_sigevent(void **state)
{
	struct {
		int64_t value;
		int32_t signo, notify;
		uint64_t function, attributes, rest[4];
	} event = { 7, 10, 2, 0x400, 0, { 0 } };

	(void)state;
	fake_poke(&fake, EVENT, &event, sizeof(event));
	assert_string_equal(FAKE_CALL(&fake, "mq_notify", 0, 3, EVENT),
			    "mq_notify(3, {sigev_value={sival_int=7, sival_ptr=0x7}, "
			    "sigev_signo=SIGUSR1, sigev_notify=SIGEV_THREAD, "
			    "sigev_notify_function=0x400, sigev_notify_attributes=NULL}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mq_notify", 0, 3, 0), "mq_notify(3, NULL) = 0");
	event.value = 0;
	event.notify = 9;
	fake_poke(&fake, EVENT, &event, sizeof(event));
	assert_string_equal(FAKE_CALL(&fake, "mq_notify", -22, 3, EVENT),
			    "mq_notify(3, {sigev_signo=10, sigev_notify=0x9 /* SIGEV_??? */}) = -1 "
			    "EINVAL");
}

static void attributes_are_read_and_written(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "mq_getsetattr", 0, 3, 0, ATTR),
			    "mq_getsetattr(3, NULL, {mq_flags=O_NONBLOCK, mq_maxmsg=4, "
			    "mq_msgsize=128, mq_curmsgs=1}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mq_getsetattr", -22, 3, ATTR, ATTR),
			    "mq_getsetattr(3, {mq_flags=O_NONBLOCK, mq_maxmsg=4, mq_msgsize=128, "
			    "mq_curmsgs=1}, 0x2000) = -1 EINVAL");
}

static void a_queue_is_removed_by_name(void **state)
{
	(void)state;
	assert_string_equal(FAKE_CALL(&fake, "mq_unlink", -2, NAME),
			    "mq_unlink(\"ipctr\") = -1 ENOENT");
}

static void a_32_bit_caller_has_longs_of_four_bytes(void **state)
{
	int32_t attr[8] = { 04000, 4, 128, 1 };
	int32_t time[2] = { 3, 4 };

	(void)state;
	fake.arch = AUDIT_ARCH_I386;
	fake_poke(&fake, 0x7000, attr, sizeof(attr));
	fake_poke(&fake, 0x8000, time, sizeof(time));
	assert_string_equal(FAKE_CALL(&fake, "mq_getsetattr", 0, 3, 0, 0x7000),
			    "mq_getsetattr(3, NULL, {mq_flags=O_NONBLOCK, mq_maxmsg=4, "
			    "mq_msgsize=128, mq_curmsgs=1}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mq_timedsend", 0, 3, TEXT, 6, 9, 0x8000),
			    "mq_timedsend(3, \"hi mq2\", 6, 9, {tv_sec=3, tv_nsec=4}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mq_timedsend_time64", 0, 3, TEXT, 6, 9, TIME),
			    "mq_timedsend_time64(3, \"hi mq2\", 6, 9, {tv_sec=1, tv_nsec=2}) = 0");
	assert_string_equal(FAKE_CALL(&fake, "mq_timedreceive_time64", 2, 3, TEXT, 6, PRIO, TIME),
			    "mq_timedreceive_time64(3, \"hi\", 6, [9], {tv_sec=1, tv_nsec=2}) = 2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opening_shows_mode_and_attributes_only_with_o_creat),
		TEST(all_open_flags_have_strace_s_order),
		TEST(a_message_has_a_priority_and_a_deadline),
		TEST(notification_is_asked_for_with_a_sigevent),
		TEST(attributes_are_read_and_written),
		TEST(a_queue_is_removed_by_name),
		TEST(a_32_bit_caller_has_longs_of_four_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
