/* Who has an inode, and how often everybody is looked at to find out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/asker.h"

/* Inodes of pipes have 32 bits. */
#define NO_INODE (1ll << 40)

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

static uint64_t ino_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

/* The answer's n-th holder that is pid's, NULL if there are fewer. */
static const struct fact *holder(pid_t pid, unsigned n)
{
	for (uint32_t i = 0; i < asker.ev.n_facts; i++) {
		const struct fact *fact = &asker.ev.facts[i];

		if (fact->kind == FACT_HOLDER && fact->value[0] == pid && !n--)
			return fact;
	}
	return NULL;
}

struct pipes {
	int first[2], second[2];
};

/* Keep the reading end of first and both of second. */
static int take_ends(void *data)
{
	struct pipes *pipes = data;

	close(pipes->first[1]);
	return prctl(PR_SET_NAME, "fifteen letters");
}

static void open_pipes(struct pipes *pipes)
{
	assert_int_equal(pipe(pipes->first), 0);
	assert_int_equal(pipe(pipes->second), 0);
}

static void close_pipes(struct pipes *pipes)
{
	for (int i = 0; i < 2; i++) {
		close(pipes->first[i]);
		close(pipes->second[i]);
	}
}

static void holders_have_process_descriptor_direction_and_name(void **state)
{
	const struct fact *fact;
	struct pipes pipes;
	struct child child;
	struct stat st;

	(void)state;
	open_pipes(&pipes);
	child_start(&child, take_ends, &pipes);
	fact = asker_get(&asker, FACT_HOLDERS, (int64_t)ino_of(pipes.first[0]));
	assert_int_equal(fact->value[0], 3);
	assert_int_equal(asker.ev.n_facts, 4);
	fact = holder(child.pid, 0);
	assert_non_null(fact);
	assert_int_equal(fact->value[1], pipes.first[0]);
	assert_int_equal(fact->value[2] & 0600, 0400);
	assert_fact_text(&asker, fact, "fifteen letters", 15);
	assert_int_equal(fstat(pipes.first[0], &st), 0);
	assert_int_equal(fact->dev, st.st_dev);
	assert_null(holder(child.pid, 1));
	assert_non_null(holder(getpid(), 1));
	child_end(&child);
	close_pipes(&pipes);
}

static void strangers_come_before_traced_processes(void **state)
{
	struct pipes pipes;
	struct child child;

	(void)state;
	open_pipes(&pipes);
	child_start(&child, take_ends, &pipes);
	asker_get(&asker, FACT_HOLDERS, (int64_t)ino_of(pipes.second[0]));
	assert_int_equal(asker.ev.facts[1].value[0], child.pid);
	assert_int_equal(asker.ev.facts[2].value[0], child.pid);
	assert_int_equal(asker.ev.facts[3].value[0], getpid());
	child_end(&child);
	close_pipes(&pipes);
}

static void holder_that_is_gone_is_not_told(void **state)
{
	const struct fact *fact;
	struct pipes pipes;
	struct child child;

	(void)state;
	open_pipes(&pipes);
	child_start(&child, take_ends, &pipes);
	/* Everybody's descriptors are known from here on... */
	asker_get(&asker, FACT_HOLDERS, (int64_t)ino_of(pipes.first[0]));
	child_end(&child);
	/* ...but are looked at again before they are told. */
	fact = asker_get(&asker, FACT_HOLDERS, (int64_t)ino_of(pipes.second[0]));
	assert_int_equal(fact->value[0], 2);
	assert_null(holder(child.pid, 0));
	assert_non_null(holder(getpid(), 1));
	close_pipes(&pipes);
}

static void number_that_was_used_again_is_not_taken_for_the_old_file(void **state)
{
	struct pipes pipes, others;
	const struct fact *fact;
	uint64_t ino;

	(void)state;
	open_pipes(&pipes);
	ino = ino_of(pipes.second[0]);
	asker_get(&asker, FACT_HOLDERS, (int64_t)ino_of(pipes.first[0]));
	open_pipes(&others);
	assert_int_equal(dup2(others.first[0], pipes.second[0]), pipes.second[0]);
	fact = asker_get(&asker, FACT_HOLDERS, (int64_t)ino);
	assert_int_equal(fact->value[0], 1);
	assert_int_equal(asker.ev.facts[1].value[1], pipes.second[1]);
	close_pipes(&pipes);
	close_pipes(&others);
}

static void nobody_is_said_once_then_it_is_too_early(void **state)
{
	(void)state;
	assert_int_equal(asker_get(&asker, FACT_HOLDERS, NO_INODE)->value[0], 0);
	assert_null(asker_ask(&asker, asker.self, FACT_HOLDERS, NO_INODE));
	assert_int_equal(asker.error, -EAGAIN);
}

static void walks_take_a_twentieth_of_the_time(void **state)
{
	uint64_t start, before, took, paid = 0;
	unsigned n_walks = 0;

	(void)state;
	start = clock_ns(CLOCK_MONOTONIC);
	for (took = 0; n_walks < 4;) {
		uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);

		before = clock_ns(CLOCK_MONOTONIC);
		if (!asker_ask(&asker, asker.self, FACT_HOLDERS, NO_INODE))
			continue;
		/* Another walk began, so the one before it has been waited for. */
		paid += took;
		assert_true(paid * 15 <= before - start);
		took = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
		n_walks++;
	}
	/* Seldom is not never. */
	assert_true(paid > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(holders_have_process_descriptor_direction_and_name),
		TEST(strangers_come_before_traced_processes),
		TEST(holder_that_is_gone_is_not_told),
		TEST(number_that_was_used_again_is_not_taken_for_the_old_file),
		TEST(nobody_is_said_once_then_it_is_too_early),
		TEST(walks_take_a_twentieth_of_the_time),
	};

	return cmocka_run_group_tests_name("facts of holders", tests, NULL, NULL);
}
