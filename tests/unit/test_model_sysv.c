/* What the model says of System V objects: which ids mean one, and what state semaphores are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include "tests/unit/story.h"

enum { PARENT = 100, CHILD = 200, ID = 7, MESSAGE = 0x1000, SEMBUF = 0x2000 };

static struct story story;

static int set_up(void **state)
{
	int64_t message[2] = { 1, 0x61 };

	(void)state;
	story_begin(&story);
	story_poke(&story, MESSAGE, message, sizeof(message));
	story_attach(&story, PARENT, "parent");
	story_attach(&story, CHILD, "child");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

/* --- ids --- */

static void queue_holds(int64_t messages)
{
	struct fact *fact = story_fact(&story, 0, FACT_MSG, ID, NULL);

	fact->value[0] = messages;
	fact->value[1] = messages;
	fact->value[2] = 100;
}

static const char *sends(pid_t pid, int64_t ret)
{
	return STORY_CALL(&story, pid, "msgsnd", ret, ID, MESSAGE, 1, 0);
}

static unsigned n_objects(void)
{
	const struct object *object = NULL;
	unsigned n = 0;

	while ((object = model_next_object(story.model, object)))
		n++;
	return n;
}

static void an_id_that_means_nothing_is_no_object(void **state)
{
	(void)state;
	assert_string_equal(sends(PARENT, -EINVAL), "");
	assert_string_equal(STORY_CALL(&story, PARENT, "semctl", -EINVAL, ID, 0, GETVAL), "");
	assert_string_equal(STORY_CALL(&story, PARENT, "shmat", -EINVAL, ID, 0, 0), "");
	assert_int_equal(n_objects(), 0);
}

static void a_refused_call_on_a_queue_that_is_there_names_it(void **state)
{
	(void)state;
	queue_holds(3);
	assert_string_equal(sends(PARENT, -EACCES), " {msg:1 private id 7: 3 msgs, 3/100 B}");
}

static void a_removed_queue_is_told_to_who_uses_it_still(void **state)
{
	(void)state;
	queue_holds(0);
	STORY_CALL(&story, PARENT, "msgget", ID, IPC_PRIVATE, IPC_CREAT | 0600);
	STORY_ENTER(&story, PARENT, "msgctl", ID, IPC_RMID);
	story_forget(&story, 0, FACT_MSG, ID);
	assert_string_equal(story_exit(&story, PARENT, 0), " {msg:1 0 msgs, 0/100 B, removed}");
	assert_string_equal(sends(CHILD, -EINVAL), " {msg:1 is no longer there}");
	assert_int_equal(n_objects(), 1);
}

static void who_waits_for_a_queue_that_goes_is_told_so(void **state)
{
	(void)state;
	queue_holds(0);
	STORY_CALL(&story, PARENT, "msgget", ID, IPC_PRIVATE, IPC_CREAT | 0600);
	STORY_ENTER(&story, CHILD, "msgrcv", ID, MESSAGE, 8, 0, 0);
	story_forget(&story, 0, FACT_MSG, ID);
	STORY_CALL(&story, PARENT, "msgctl", 0, ID, IPC_RMID);
	assert_string_equal(story_exit(&story, CHILD, -EIDRM),
			    " {msg:1 0 msgs, 0/100 B, removed meanwhile}");
}

static void an_id_that_somebody_unseen_was_given_is_another_object(void **state)
{
	(void)state;
	queue_holds(0);
	STORY_CALL(&story, PARENT, "msgget", ID, IPC_PRIVATE, IPC_CREAT | 0600);
	STORY_CALL(&story, PARENT, "msgctl", 0, ID, IPC_RMID);
	queue_holds(5);
	assert_string_equal(sends(CHILD, -EAGAIN), " {msg:2 private id 7: 5 msgs, 5/100 B}");
}

static void an_id_means_another_object_in_another_namespace(void **state)
{
	(void)state;
	queue_holds(0);
	story_fact(&story, PARENT, FACT_IPC_NS, PARENT, NULL)->ino = 11;
	story_fact(&story, CHILD, FACT_IPC_NS, CHILD, NULL)->ino = 12;
	assert_string_equal(sends(PARENT, 0), " {msg:1 private id 7: 0 msgs, 0/100 B} #1");
	assert_string_equal(sends(CHILD, 0), " {msg:2 private id 7: 0 msgs, 0/100 B} #1");
	assert_string_equal(sends(PARENT, 0), " {msg:1 0 msgs, 0/100 B} #2");
}

static void what_an_older_queue_held_has_no_certain_sender(void **state)
{
	(void)state;
	queue_holds(1);
	sends(PARENT, 0);
	assert_string_equal(STORY_CALL(&story, CHILD, "msgrcv", 1, ID, MESSAGE, 8, 0, 0),
			    " {msg:1 1 msgs, 1/100 B} <- parent[100]~");
}

/* --- semaphores --- */

struct sem {
	int32_t value, n_increase, n_zero, pid;
};

static void set_is(const struct sem *sems, unsigned n)
{
	story_data(&story, 0, FACT_SEM, ID, sems, n * sizeof(*sems))->value[0] = n;
}

static const char *operates(const struct sembuf *operations, unsigned n, const struct sem *before,
			    const struct sem *after, unsigned n_sems)
{
	story_poke(&story, SEMBUF, operations, n * sizeof(*operations));
	set_is(before, n_sems);
	STORY_ENTER(&story, PARENT, "semop", ID, SEMBUF, n);
	set_is(after, n_sems);
	return story_exit(&story, PARENT, 0);
}

static const char *operates_by(pid_t pid, int16_t op, int16_t flags, int32_t before, int32_t after)
{
	const struct sembuf operation = { 0, op, flags };
	const struct sem was = { before, 0, 0, 0 }, is = { after, 0, 0, 0 };

	story_poke(&story, SEMBUF, &operation, sizeof(operation));
	set_is(&was, 1);
	STORY_ENTER(&story, pid, "semop", ID, SEMBUF, 1);
	set_is(&is, 1);
	return story_exit(&story, pid, 0);
}

static void make_set(void)
{
	const struct sem zero = { 0, 0, 0, 0 };

	set_is(&zero, 1);
	STORY_CALL(&story, PARENT, "semget", ID, IPC_PRIVATE, 1, IPC_CREAT | 0600);
}

static void what_is_taken_is_known_by_who_gave_it(void **state)
{
	(void)state;
	make_set();
	assert_string_equal(operates_by(CHILD, 2, 0, 0, 2), " {sem:1 [0] 0 -> 2} #1");
	assert_string_equal(operates_by(PARENT, 1, 0, 2, 3), " {sem:1 [0] 2 -> 3} #2");
	assert_string_equal(operates_by(PARENT, -1, 0, 3, 2),
			    " {sem:1 [0] 3 -> 2} <- child[200] #1[0..1), 4.0 ms in semaphore");
	assert_string_equal(operates_by(CHILD, -2, 0, 2, 0),
			    " {sem:1 [0] 2 -> 0} <- child[200], parent[100] #1[1..2), #2, up to "
			    "6.0 ms in semaphore");
}

static void what_the_kernel_may_give_back_leaves_a_doubt(void **state)
{
	(void)state;
	make_set();
	operates_by(CHILD, 2, 0, 0, 2);
	operates_by(CHILD, -1, SEM_UNDO, 2, 1);
	assert_string_equal(operates_by(PARENT, -1, 0, 1, 0),
			    " {sem:1 [0] 1 -> 0} <- child[200]~ ~#1[1..2), 4.0 ms in semaphore");
	operates_by(CHILD, 1, SEM_UNDO, 0, 1);
	assert_string_equal(operates_by(PARENT, -1, 0, 1, 0),
			    " {sem:1 [0] 1 -> 0} <- child[200] #2, 2.0 ms in semaphore");
}

static void those_who_wait_are_counted_by_what_they_wait_for(void **state)
{
	const struct sembuf give = { 0, 1, 0 }, take = { 1, -1, 0 };
	const struct sem before[] = { { 0, 3, 0, 0 }, { 2, 0, 2, 0 } };
	const struct sem after[] = { { 0, 2, 1, 0 }, { 1, 0, 2, 0 } };

	(void)state;
	assert_string_equal(operates(&give, 1, before, after, 2),
			    " {sem:1 private id 7: [0] 0, 2 wait, 1 waits for 0} #1");
	assert_string_equal(operates(&take, 1, before, after, 2),
			    " {sem:1 [1] 2 -> 1, 2 wait for 0}");
}

static void a_semaphore_that_is_operated_twice_is_shown_once(void **state)
{
	const struct sembuf both[] = { { 0, 0, 0 }, { 0, 1, 0 } };
	const struct sem before[] = { { 0, 0, 0, 0 } }, after[] = { { 1, 0, 0, 0 } };

	(void)state;
	assert_string_equal(operates(both, 2, before, after, 1),
			    " {sem:1 private id 7: [0] 0 -> 1} #1");
}

static void more_semaphores_than_are_shown_are_counted(void **state)
{
	const struct sem sems[6] = { { 1, 0, 0, 0 } };

	(void)state;
	set_is(sems, 6);
	assert_string_equal(STORY_CALL(&story, PARENT, "semctl", 1, ID, 0, GETVAL),
			    " {sem:1 private id 7: [0] 1, [1] 0, [2] 0, [3] 0, and 2 more}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_id_that_means_nothing_is_no_object),
		TEST(a_refused_call_on_a_queue_that_is_there_names_it),
		TEST(a_removed_queue_is_told_to_who_uses_it_still),
		TEST(who_waits_for_a_queue_that_goes_is_told_so),
		TEST(an_id_that_somebody_unseen_was_given_is_another_object),
		TEST(an_id_means_another_object_in_another_namespace),
		TEST(what_an_older_queue_held_has_no_certain_sender),
		TEST(what_is_taken_is_known_by_who_gave_it),
		TEST(what_the_kernel_may_give_back_leaves_a_doubt),
		TEST(those_who_wait_are_counted_by_what_they_wait_for),
		TEST(a_semaphore_that_is_operated_twice_is_shown_once),
		TEST(more_semaphores_than_are_shown_are_counted),
	};

	return cmocka_run_group_tests_name("model: System V", tests, NULL, NULL);
}
