/* What the model says of POSIX message queues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "tests/unit/story.h"

enum { NAME = 0x1000, TEXT = 0x2000, PRIORITY = 0x3000, PARENT = 100, CHILD = 200, INO = 50 };

static struct story story;

static int set_up(void **state)
{
	(void)state;
	story_begin(&story);
	story_poke(&story, NAME, "jobs", 5);
	story_poke(&story, TEXT, "0123456789abcdef", 17);
	story_attach(&story, PARENT, "parent");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

/* Does the name mean a queue? */
static void named(bool is_there)
{
	struct fact *fact = story_fact(&story, 0, FACT_MQ_NAME, 0, NULL);

	fact->dev = 1;
	fact->ino = INO;
	fact->value[0] = is_there ? 0 : -ENOENT;
}

static void holds(int64_t messages)
{
	struct fact *fact = story_fact(&story, 0, FACT_MQ, 3, NULL);

	fact->value[0] = messages;
	fact->value[1] = 10;
	fact->value[2] = 64;
}

static const char *open_queue(uint64_t flags)
{
	story_fd(&story, PARENT, 3, FD_MQUEUE, INO);
	holds(0);
	return STORY_CALL(&story, PARENT, "mq_open", 3, NAME, flags, 0600, 0);
}

static void make_queue(void)
{
	named(false);
	open_queue(O_RDWR | O_CREAT);
	named(true);
	story_fork(&story, PARENT, CHILD);
}

static const char *sends(pid_t pid, uint64_t len, uint64_t priority, int64_t before)
{
	holds(before);
	STORY_ENTER(&story, pid, "mq_timedsend", 3, TEXT, len, priority, 0);
	holds(before + 1);
	return story_exit(&story, pid, 0);
}

static const char *receives(pid_t pid, uint64_t len, uint32_t priority, int64_t before)
{
	story_poke(&story, PRIORITY, &priority, sizeof(priority));
	holds(before);
	STORY_ENTER(&story, pid, "mq_timedreceive", 3, TEXT, 64, PRIORITY, 0);
	holds(before ? before - 1 : 0);
	return story_exit(&story, pid, (int64_t)len);
}

static void a_queue_that_was_not_there_is_new(void **state)
{
	(void)state;
	named(false);
	assert_string_equal(open_queue(O_RDWR | O_CREAT), " {mq:1 new /jobs inode 50: 0/10 msgs}");
}

static void o_creat_of_one_that_was_there_made_nothing(void **state)
{
	(void)state;
	named(true);
	assert_string_equal(open_queue(O_RDWR | O_CREAT), " {mq:1 /jobs inode 50: 0/10 msgs}");
}

static void without_knowledge_of_before_only_o_excl_proves_it(void **state)
{
	(void)state;
	assert_string_equal(open_queue(O_RDWR | O_CREAT | O_EXCL),
			    " {mq:1 new /jobs inode 50: 0/10 msgs}");
}

static void the_highest_priority_comes_first(void **state)
{
	(void)state;
	make_queue();
	sends(PARENT, 3, 1, 0);
	assert_string_equal(sends(CHILD, 4, 9, 1), " {mq:1 1 -> 2/10 msgs} -> parent[100] fd 3 #2");
	sends(PARENT, 5, 9, 2);
	assert_string_equal(receives(PARENT, 4, 9, 3),
			    " {mq:1 3 -> 2/10 msgs} <- parent[200] fd 3 #2, 4.0 ms in queue");
	assert_string_equal(receives(CHILD, 5, 9, 2),
			    " {mq:1 2 -> 1/10 msgs} <- parent[100] fd 3 #3, 4.0 ms in queue");
	assert_string_equal(receives(CHILD, 3, 1, 1),
			    " {mq:1 1 -> 0/10 msgs} <- parent[100] fd 3 #1, 10 ms in queue");
}

static void a_message_that_we_did_not_see_sent_ends_certainty(void **state)
{
	(void)state;
	make_queue();
	sends(PARENT, 3, 1, 0);
	/* Two were there, and one was ours. */
	sends(PARENT, 3, 1, 2);
	assert_string_equal(receives(CHILD, 3, 1, 3),
			    " {mq:1 3 -> 2/10 msgs} <- parent[100]~ fd 3");
}

static void a_receive_that_returns_before_the_send_is_understood(void **state)
{
	(void)state;
	make_queue();
	holds(0);
	STORY_ENTER(&story, CHILD, "mq_timedsend", 3, TEXT, 3, 7, 0);
	assert_string_equal(receives(PARENT, 3, 7, 0),
			    " {mq:1 0/10 msgs} <- parent[200] fd 3 #1, 2.0 ms");
	story_exit(&story, CHILD, 0);
	/* It is not in the queue: what comes next is the next. */
	sends(PARENT, 3, 7, 0);
	assert_string_equal(receives(CHILD, 3, 7, 1),
			    " {mq:1 1 -> 0/10 msgs} <- parent[100] fd 3 #2, 2.0 ms in queue");
}

static void that_is_so_without_asking_for_state(void **state)
{
	(void)state;
	make_queue();
	story_forget(&story, 0, FACT_MQ, 3);
	STORY_ENTER(&story, CHILD, "mq_timedsend", 3, TEXT, 3, 7, 0);
	story_poke(&story, PRIORITY, "\7\0\0", 4);
	STORY_CALL(&story, PARENT, "mq_timedreceive", 3, 3, TEXT, 64, PRIORITY, 0);
	story_exit(&story, CHILD, 0);
	STORY_CALL(&story, PARENT, "mq_timedsend", 0, 3, TEXT, 3, 7, 0);
	assert_string_equal(
		STORY_CALL(&story, CHILD, "mq_timedreceive", 3, 3, TEXT, 64, PRIORITY, 0),
		" <- parent[100] fd 3 #2, 2.0 ms in queue");
}

static void a_send_goes_to_who_waits_for_it(void **state)
{
	(void)state;
	make_queue();
	STORY_ENTER(&story, CHILD, "mq_timedreceive", 3, TEXT, 64, PRIORITY, 0);
	assert_string_equal(story_blocked(&story, CHILD),
			    " {mq:1 0/10 msgs, waits for a message} waits for parent[100] fd 3");
	assert_string_equal(sends(PARENT, 3, 1, 0),
			    " {mq:1 0 -> 1/10 msgs} -> parent[200] fd 3 #1");
}

static void a_full_queue_waits_for_those_who_can_receive(void **state)
{
	(void)state;
	make_queue();
	holds(10);
	STORY_ENTER(&story, PARENT, "mq_timedsend", 3, TEXT, 3, 1, 0);
	assert_string_equal(story_blocked(&story, PARENT),
			    " {mq:1 10/10 msgs, full: waits for space} waits for parent[200] fd 3");
}

static void who_asked_to_be_told_is_told_once(void **state)
{
	(void)state;
	make_queue();
	assert_string_equal(STORY_CALL(&story, CHILD, "mq_notify", 0, 3, TEXT),
			    " {mq:1 0/10 msgs, it is told of the next message}");
	assert_string_equal(sends(PARENT, 3, 1, 0),
			    " {mq:1 0 -> 1/10 msgs} -> parent[200] fd 3, parent[200]~: is "
			    "notified, as mq_notify asked #1");
	receives(CHILD, 3, 1, 1);
	assert_string_equal(sends(PARENT, 3, 1, 0),
			    " {mq:1 0 -> 1/10 msgs} -> parent[200] fd 3 #2");
}

static void unlinking_leaves_it_to_those_who_have_it(void **state)
{
	(void)state;
	make_queue();
	assert_string_equal(STORY_CALL(&story, PARENT, "mq_unlink", 0, NAME),
			    " {mq:1 name removed; goes when the last one closes it}");
	STORY_CALL(&story, PARENT, "close", 0, 3);
	STORY_CALL(&story, CHILD, "close", 0, 3);
	assert_string_equal(STORY_CALL(&story, PARENT, "mq_unlink", 0, NAME), " {mq:1 removed}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_queue_that_was_not_there_is_new),
		TEST(o_creat_of_one_that_was_there_made_nothing),
		TEST(without_knowledge_of_before_only_o_excl_proves_it),
		TEST(the_highest_priority_comes_first),
		TEST(a_message_that_we_did_not_see_sent_ends_certainty),
		TEST(a_receive_that_returns_before_the_send_is_understood),
		TEST(that_is_so_without_asking_for_state),
		TEST(a_send_goes_to_who_waits_for_it),
		TEST(a_full_queue_waits_for_those_who_can_receive),
		TEST(who_asked_to_be_told_is_told_once),
		TEST(unlinking_leaves_it_to_those_who_have_it),
	};

	return cmocka_run_group_tests_name("model: POSIX queues", tests, NULL, NULL);
}
