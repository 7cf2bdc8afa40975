/* Answers about files in memory and names of queues, against what the test did itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/array.h"
#include "tests/unit/asker.h"

static struct asker asker;

static int set_up(void **state)
{
	(void)state;
	asker_init(&asker);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	asker_finish(&asker);
	return 0;
}

static void a_memfd_has_its_size_and_seals(void **state)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	const struct fact *fact;

	(void)state;
	assert_return_code(ftruncate(fd, 4097), errno);
	assert_return_code(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), errno);
	fact = asker_get(&asker, FACT_FILE, fd);
	assert_int_equal(fact->value[0], 4097);
	assert_int_equal(fact->value[1], F_SEAL_GROW);
	assert_int_equal(fact->value[2], 0);
	close(fd);
}

static void a_file_has_no_seals_but_names(void **state)
{
	char path[] = "/tmp/ipctrace-test-XXXXXX";
	int fd = mkstemp(path);
	const struct fact *fact;

	(void)state;
	assert_int_equal(write(fd, "12345", 5), 5);
	fact = asker_get(&asker, FACT_FILE, fd);
	assert_int_equal(fact->value[0], 5);
	assert_int_equal(fact->value[1], -1);
	assert_int_equal(fact->value[2], 1);
	unlink(path);
	assert_int_equal(asker_get(&asker, FACT_FILE, fd)->value[2], 0);
	close(fd);
}

static void queued_bytes_are_those_that_a_read_would_get(void **state)
{
	int fds[2];

	(void)state;
	assert_return_code(pipe(fds), errno);
	assert_int_equal(write(fds[1], "123", 3), 3);
	assert_int_equal(asker_get(&asker, FACT_QUEUED, fds[0])->value[0], 3);
	close(fds[0]);
	close(fds[1]);
	assert_null(asker_ask(&asker, asker.self, FACT_QUEUED, fds[0]));
	assert_int_equal(asker.error, -EBADF);
}

static void a_number_that_means_something_else_is_told_anew(void **state)
{
	int fd = eventfd(5, 0);
	const struct fact *fact;

	(void)state;
	fact = asker_get(&asker, FACT_FDINFO, fd);
	assert_non_null(
		memmem(event_fact_text(&asker.ev, fact), fact->text_len, "eventfd-count:", 14));
	close(fd);
	assert_null(asker_ask(&asker, asker.self, FACT_FDINFO, fd));
	assert_int_equal(timerfd_create(CLOCK_MONOTONIC, 0), fd);
	fact = asker_get(&asker, FACT_FDINFO, fd);
	assert_non_null(memmem(event_fact_text(&asker.ev, fact), fact->text_len, "it_value:", 9));
	close(fd);
}

static void more_descriptors_than_are_kept_are_all_told(void **state)
{
	int fds[2 * KEPT_INFOS];

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = eventfd(0x100 + i, 0);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < ARRAY_LEN(fds); i++) {
			const struct fact *fact = asker_get(&asker, FACT_FDINFO, fds[i]);
			char count[32];

			snprintf(count, sizeof(count), "%16x\n", 0x100 + i);
			assert_non_null(memmem(event_fact_text(&asker.ev, fact), fact->text_len,
					       count, strlen(count)));
		}
	}
	for (unsigned i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

/* The name is read from the call's argument: that of the event, which is memory of ours. */
static const struct fact *ask_name(const char *name)
{
	struct mem mem = { .ev = &asker.ev };

	event_clear(&asker.ev);
	asker.ev.tid = asker.ev.tgid = getpid();
	asker.ev.args[0] = 0x1000;
	event_add_range(&asker.ev, 0x1000, name, strlen(name) + 1);
	asker.error = facts_ask(&asker.cache, asker.self, &asker.ev, &mem, FACT_MQ_NAME, 0);
	return event_fact(&asker.ev, FACT_MQ_NAME, 0);
}

static void a_queue_is_found_by_its_name(void **state)
{
	const struct fact *fact;
	char name[64];
	struct stat st;
	mqd_t queue;

	(void)state;
	snprintf(name, sizeof(name), "/ipctrace-test-%d", getpid());
	fact = ask_name(name + 1);
	assert_non_null(fact);
	assert_int_equal(fact->value[0], -ENOENT);
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL);
	assert_return_code(queue, errno);
	assert_return_code(fstat(queue, &st), errno);
	fact = ask_name(name + 1);
	mq_unlink(name);
	assert_non_null(fact);
	assert_int_equal(fact->value[0], 0);
	assert_int_equal(fact->dev, st.st_dev);
	assert_int_equal(fact->ino, st.st_ino);
	mq_close(queue);
}

static void a_name_without_an_end_is_no_question(void **state)
{
	struct mem mem = { .ev = &asker.ev };

	(void)state;
	event_clear(&asker.ev);
	event_add_range(&asker.ev, 0x1000, "abc", 3);
	asker.ev.args[0] = 0x1000;
	assert_int_equal(facts_ask(&asker.cache, asker.self, &asker.ev, &mem, FACT_MQ_NAME, 0),
			 -EFAULT);
	assert_int_equal(facts_ask(&asker.cache, asker.self, &asker.ev, &mem, FACT_MQ_NAME, 6),
			 -EINVAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_memfd_has_its_size_and_seals),
		TEST(a_file_has_no_seals_but_names),
		TEST(queued_bytes_are_those_that_a_read_would_get),
		TEST(a_number_that_means_something_else_is_told_anew),
		TEST(more_descriptors_than_are_kept_are_all_told),
		TEST(a_queue_is_found_by_its_name),
		TEST(a_name_without_an_end_is_no_question),
	};

	return cmocka_run_group_tests_name("facts: files", tests, NULL, NULL);
}
