/* Which call has woken whom: said for sure only where it cannot have been another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/story.h"

enum {
	AT = 0x700000,
	OTHER = AT + 8,
	LEN = 4096,
	INO = 60,
	WAKER = 100,
	WAKER_2 = 200,
	WAITER = 300,
	WAITER_2 = 400,
	SHARED_BITS = MAPPING_READ | MAPPING_WRITE | MAPPING_SHARED,
};

static struct story story;

static void is_mapped(uint64_t addr, const char *name)
{
	struct fact *fact = story_fact(&story, 0, FACT_MAPPING, (int64_t)addr, name);

	fact->dev = 1;
	fact->ino = INO;
	fact->value[0] = AT;
	fact->value[1] = AT + LEN;
	fact->value[3] = SHARED_BITS;
}

static int set_up_in(const char *name)
{
	story_begin(&story);
	story_attach(&story, WAKER, "waker");
	is_mapped(AT, name);
	is_mapped(OTHER, name);
	STORY_CALL(&story, WAKER, "mmap", AT, 0, LEN, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, UINT32_MAX, 0);
	story_fork(&story, WAKER, WAKER_2);
	story_fork(&story, WAKER, WAITER);
	story_fork(&story, WAKER, WAITER_2);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return set_up_in("/dev/zero (deleted)");
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

static void waits(pid_t pid)
{
	STORY_ENTER(&story, pid, "futex", AT, FUTEX_WAIT, 0, 0);
}

static void begins_to_wake(pid_t pid)
{
	STORY_ENTER(&story, pid, "futex", AT, FUTEX_WAKE, 1);
}

static const char *wakes(pid_t pid)
{
	return STORY_CALL(&story, pid, "futex", 1, AT, FUTEX_WAKE, 1);
}

static void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		assert_string_equal(text, part);
}

static void the_only_wake_is_it(void **state)
{
	(void)state;
	waits(WAITER);
	assert_says(wakes(WAKER), " -> waker[300] #1");
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100] #1, 1.0 ms after the wake");
}

static void who_returns_before_the_waker_does_is_woken_by_it(void **state)
{
	(void)state;
	waits(WAITER);
	begins_to_wake(WAKER);
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100] #1, 1.0 ms");
	assert_says(story_exit(&story, WAKER, 1), " #1");
	/* That one is used up. */
	waits(WAITER);
	wakes(WAKER_2);
	assert_says(story_exit(&story, WAITER, 0), " <- waker[200] #2, 1.0 ms after the wake");
}

static void one_call_that_wakes_two_has_woken_both(void **state)
{
	(void)state;
	waits(WAITER);
	waits(WAITER_2);
	STORY_CALL(&story, WAKER, "futex", 2, AT, FUTEX_WAKE, INT32_MAX);
	assert_says(story_exit(&story, WAITER_2, 0), " <- waker[100] #1[0..1), ");
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100] #1[1..2), ");
}

static void one_of_two_wakes_is_marked(void **state)
{
	(void)state;
	waits(WAITER);
	waits(WAITER_2);
	wakes(WAKER);
	wakes(WAKER_2);
	assert_says(story_exit(&story, WAITER_2, 0), "~ ~#1, ");
	/* The other is what is left, or what was taken for it. */
	assert_says(story_exit(&story, WAITER, 0), "~ ~#2, ");
}

static void a_wait_that_began_later_was_not_ended_by_an_earlier_wake(void **state)
{
	(void)state;
	waits(WAITER);
	wakes(WAKER);
	waits(WAITER_2);
	wakes(WAKER_2);
	assert_says(story_exit(&story, WAITER_2, 0), " <- waker[200] #2, ");
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100] #1, ");
}

static void a_wrong_guess_is_not_made_up_for_by_a_sure_one(void **state)
{
	(void)state;
	waits(WAITER);
	waits(WAITER_2);
	begins_to_wake(WAKER);
	wakes(WAKER_2);
	/* #1 or the one under way. */
	assert_says(story_exit(&story, WAITER_2, 0), "~ ~#1, ");
	assert_says(story_exit(&story, WAKER, 1), " #2");
	assert_says(story_exit(&story, WAITER, 0), "~ ~#2, ");
}

static void bits_tell_which_wake_it_was(void **state)
{
	(void)state;
	STORY_ENTER(&story, WAITER, "futex", AT, FUTEX_WAIT_BITSET, 0, 0, 0, 1);
	STORY_ENTER(&story, WAITER_2, "futex", AT, FUTEX_WAIT_BITSET, 0, 0, 0, 2);
	STORY_CALL(&story, WAKER, "futex", 1, AT, FUTEX_WAKE_BITSET, 1, 0, 0, 2);
	STORY_CALL(&story, WAKER_2, "futex", 1, AT, FUTEX_WAKE_BITSET, 1, 0, 0, 1);
	assert_says(story_exit(&story, WAITER_2, 0), " <- waker[100] #1, ");
	assert_says(story_exit(&story, WAITER, 0), " <- waker[200] #2, ");
}

static void who_may_have_been_moved_to_another_word_is_marked(void **state)
{
	(void)state;
	waits(WAITER);
	waits(WAITER_2);
	STORY_CALL(&story, WAKER, "futex", 2, AT, FUTEX_REQUEUE, 1, 1, OTHER);
	STORY_CALL(&story, WAKER, "futex", 1, OTHER, FUTEX_WAKE, 1);
	assert_says(story_exit(&story, WAITER_2, 0), "~ ~#1, ");
	/* Whoever comes after it is not touched by that. */
	waits(WAITER_2);
	wakes(WAKER_2);
	assert_says(story_exit(&story, WAITER_2, 0), " <- waker[200] #2, ");
}

static void a_wake_of_the_second_word_is_never_denied(void **state)
{
	(void)state;
	STORY_ENTER(&story, WAITER, "futex", OTHER, FUTEX_WAIT, 0, 0);
	STORY_ENTER(&story, WAKER_2, "futex", AT, FUTEX_WAKE_OP, 1, 1, OTHER, 0);
	STORY_ENTER(&story, WAKER, "futex", OTHER, FUTEX_WAKE, 1);
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100]~ ~#1, ");
}

static void the_owner_of_a_robust_mutex_may_have_ended(void **state)
{
	(void)state;
	STORY_ENTER(&story, WAITER, "futex", AT, FUTEX_WAIT, FUTEX_WAITERS | 77, 0);
	wakes(WAKER);
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100]~ ~#1, ");
}

static void a_wait_that_was_not_woken_has_no_match(void **state)
{
	(void)state;
	waits(WAITER);
	wakes(WAKER);
	assert_null(strstr(story_exit(&story, WAITER, -110), "#"));
}

static void a_file_with_a_name_may_be_mapped_by_anybody(void **state)
{
	(void)state;
	story_end(&story);
	set_up_in("/dev/shm/data");
	waits(WAITER);
	wakes(WAKER);
	assert_says(story_exit(&story, WAITER, 0), " <- waker[100]~ ~#1, ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_only_wake_is_it),
		TEST(who_returns_before_the_waker_does_is_woken_by_it),
		TEST(one_call_that_wakes_two_has_woken_both),
		TEST(one_of_two_wakes_is_marked),
		TEST(a_wait_that_began_later_was_not_ended_by_an_earlier_wake),
		TEST(a_wrong_guess_is_not_made_up_for_by_a_sure_one),
		TEST(bits_tell_which_wake_it_was),
		TEST(who_may_have_been_moved_to_another_word_is_marked),
		TEST(a_wake_of_the_second_word_is_never_denied),
		TEST(the_owner_of_a_robust_mutex_may_have_ended),
		TEST(a_wait_that_was_not_woken_has_no_match),
		TEST(a_file_with_a_name_may_be_mapped_by_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
