/* What a long trace forgets, and what it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>

#include "base/array.h"
#include "model/model.h"
#include "tests/unit/story.h"

enum { MAKER = 100, FIRST_CHILD = 1000, MANY = 60000, KEPT = 2048, KEPT_AT_MOST = 2 * KEPT + 8 };
enum { ENDS = 0x1000, EVENT = 0x2000, READ = 0400, WRITE = 0200, EPOLL_FD = 9, HELD_INO = 7 };

static struct story story;

static int set_up(void **state)
{
	struct model_options options = { true, true, true, true };

	(void)state;
	story_begin_with(&story, &options);
	story_attach(&story, MAKER, "maker");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

static const char *make_pipe(int fd, uint64_t ino)
{
	int32_t ends[2] = { fd, fd + 1 };

	story_poke(&story, ENDS, ends, sizeof(ends));
	story_fd(&story, MAKER, fd, FD_PIPE, ino)->value[1] = READ;
	story_fd(&story, MAKER, fd + 1, FD_PIPE, ino)->value[1] = WRITE;
	return STORY_CALL(&story, MAKER, "pipe2", 0, ENDS, 0);
}

static void close_pipe(int fd)
{
	STORY_CALL(&story, MAKER, "close", 0, (uint64_t)fd);
	STORY_CALL(&story, MAKER, "close", 0, (uint64_t)fd + 1);
}

static void make_many_pipes(void)
{
	for (uint64_t i = 0; i < MANY; i++) {
		make_pipe(3, 1000 + i);
		close_pipe(3);
	}
}

static size_t count_objects(void)
{
	const struct object *object = NULL;
	size_t n = 0;

	while ((object = model_next_object(story.model, object)))
		n++;
	return n;
}

static void pipes_that_are_closed_are_forgotten_but_for_the_latest(void **state)
{
	(void)state;
	make_many_pipes();
	assert_in_range(count_objects(), KEPT, KEPT_AT_MOST);
	assert_int_equal(count_objects() + model_forgotten(story.model), MANY);
}

static void a_short_trace_forgets_nothing(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < KEPT; i++) {
		make_pipe(3, 1000 + i);
		close_pipe(3);
	}
	assert_int_equal(count_objects(), KEPT);
	assert_int_equal(model_forgotten(story.model), 0);
}

static void names_are_not_given_again(void **state)
{
	(void)state;
	make_many_pipes();
	assert_string_equal(make_pipe(3, 5), " {pipe:60001 new inode 5}");
}

static void what_is_held_keeps_its_name(void **state)
{
	(void)state;
	make_pipe(20, HELD_INO);
	make_many_pipes();
	/* A state, for an object of which there is nothing to say is not shown. */
	story_fact(&story, MAKER, FACT_PIPE, 21, NULL)->value[1] = 65536;
	assert_non_null(strstr(STORY_CALL(&story, MAKER, "write", 1, 21, ENDS, 1), "{pipe:1"));
}

static void what_is_used_again_and_again_keeps_its_name(void **state)
{
	static const uint64_t wake[6] = { EVENT, 1 | 128, 1 };
	const uint32_t word = 1;

	(void)state;
	story_poke(&story, EVENT, &word, sizeof(word));
	for (unsigned i = 0; i < 4; i++) {
		assert_non_null(strstr(story_call(&story, MAKER, "futex", wake, 0), "{futex:1"));
		for (uint64_t n = 0; n < KEPT - 1; n++) {
			make_pipe(3, 1000 + i * KEPT + n);
			close_pipe(3);
		}
	}
}

static void what_another_object_refers_to_is_kept(void **state)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 77 };

	(void)state;
	story_fd(&story, MAKER, EPOLL_FD, FD_EPOLL, 0)->id = 1;
	STORY_CALL(&story, MAKER, "epoll_create1", EPOLL_FD, 0);
	make_pipe(20, HELD_INO);
	story_poke(&story, EVENT, &event, sizeof(event));
	STORY_CALL(&story, MAKER, "epoll_ctl", 0, EPOLL_FD, EPOLL_CTL_ADD, 20, EVENT);
	close_pipe(20);
	make_many_pipes();
	assert_non_null(strstr(STORY_CALL(&story, MAKER, "epoll_wait", 1, EPOLL_FD, EVENT, 1, 0),
			       "ready: pipe:1"));
}

static void what_stays_without_users_is_kept(void **state)
{
	const struct object *object;

	(void)state;
	STORY_CALL(&story, MAKER, "msgget", 5, IPC_PRIVATE, 0600);
	make_many_pipes();
	object = model_next_object(story.model, NULL);
	assert_string_equal(object_short_name(object), "msg:1");
	assert_int_equal(object->lasting.maker, MAKER);
}

static void born(pid_t pid)
{
	struct event ev = { .kind = EVENT_CREATED, .tid = pid, .tgid = pid, .other = MAKER };

	ev.code = PTRACE_EVENT_FORK;
	model_apply(story.model, &ev, NULL);
}

static void dead(pid_t pid)
{
	struct event ev = { .kind = EVENT_EXITED, .tid = pid, .tgid = pid };

	model_apply(story.model, &ev, decoder_apply(story.decoder, &ev));
}

static void processes_that_have_ended_are_forgotten_but_for_the_latest(void **state)
{
	(void)state;
	born(FIRST_CHILD);
	for (pid_t pid = FIRST_CHILD + 1; pid < FIRST_CHILD + MANY; pid++) {
		born(pid);
		dead(pid);
	}
	assert_null(model_process(story.model, FIRST_CHILD + 1));
	assert_non_null(model_process(story.model, FIRST_CHILD + MANY - KEPT));
	assert_string_equal(model_process(story.model, FIRST_CHILD + MANY - 1)->comm, "maker");
	assert_true(model_process(story.model, FIRST_CHILD)->is_alive);
	assert_true(model_process(story.model, MAKER)->is_alive);
}

static void makers_of_what_is_there_are_not_forgotten(void **state)
{
	(void)state;
	born(FIRST_CHILD);
	STORY_CALL(&story, FIRST_CHILD, "msgget", 5, IPC_PRIVATE, 0600);
	dead(FIRST_CHILD);
	for (pid_t pid = FIRST_CHILD + 1; pid < FIRST_CHILD + MANY; pid++) {
		born(pid);
		dead(pid);
	}
	assert_null(model_process(story.model, FIRST_CHILD + 1));
	assert_string_equal(model_process(story.model, FIRST_CHILD)->comm, "maker");
}

/* Each opens the queue of another process, and ends. */
static void of_many_users_that_have_ended_the_latest_are_kept(void **state)
{
	const struct object *object;

	(void)state;
	STORY_CALL(&story, MAKER, "msgget", 5, IPC_PRIVATE, 0600);
	for (pid_t pid = FIRST_CHILD; pid < FIRST_CHILD + 2000; pid++) {
		born(pid);
		for (unsigned i = 1; i < STORY_THREADS; i++)
			story.calls[i].tid = 0;
		STORY_CALL(&story, pid, "msgctl", 0, 5, IPC_STAT, 0);
		dead(pid);
	}
	object = model_next_object(story.model, NULL);
	assert_in_range(object->n_users, 64, 256);
	assert_int_equal(object->n_users + object->n_users_forgotten, 2001);
	assert_int_equal(object->users[0].tgid, MAKER);
	assert_int_equal(object->users[object->n_users - 1].tgid, FIRST_CHILD + 1999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			pipes_that_are_closed_are_forgotten_but_for_the_latest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_short_trace_forgets_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_are_not_given_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_held_keeps_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_used_again_and_again_keeps_its_name, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_another_object_refers_to_is_kept, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_stays_without_users_is_kept, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			processes_that_have_ended_are_forgotten_but_for_the_latest, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(makers_of_what_is_there_are_not_forgotten, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(of_many_users_that_have_ended_the_latest_are_kept,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
