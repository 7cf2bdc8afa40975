/* What the model says of pipes and System V queues: fill, depth, and who wrote what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "model/seen.h"
#include "tests/unit/story.h"

enum { TEXT = 0x1000, ENDS = 0x2000, MESSAGE = 0x3000, READER = 100, WRITER = 200, OTHER = 300 };
enum { READ = 0400, WRITE = 0200, QUEUE = 7, CAPACITY = 65536, LIMIT = 16384 };

static struct story story;
static int64_t fill_now; /* bytes in the pipe */
static int64_t n_queued; /* messages of four bytes in the queue */

static int set_up(void **state)
{
	(void)state;
	fill_now = n_queued = 0;
	story_begin(&story);
	story_attach(&story, READER, "reader");
	story_poke(&story, TEXT, "0123456789abcdef", 16);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	return 0;
}

static void holds_fill(pid_t pid, int fd, int64_t used)
{
	struct fact *fact = story_fact(&story, pid, FACT_PIPE, fd, NULL);

	fact->value[0] = used;
	fact->value[1] = CAPACITY;
}

static void fill(int64_t used)
{
	static const pid_t pids[] = { READER, WRITER, OTHER };

	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		holds_fill(pids[i], 3, used);
		holds_fill(pids[i], 4, used);
	}
}

/* The reader makes a pipe, 3 to read and 4 to write, and forks both writers, who close 3. */
static void make_pipe(void)
{
	static const pid_t writers[] = { WRITER, OTHER };
	int32_t ends[2] = { 3, 4 };

	story_poke(&story, ENDS, ends, sizeof(ends));
	story_fd(&story, READER, 3, FD_PIPE, 70)->value[1] = READ;
	story_fd(&story, READER, 4, FD_PIPE, 70)->value[1] = WRITE;
	fill(0);
	STORY_CALL(&story, READER, "pipe2", 0, ENDS, 0);
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		story_fork(&story, READER, writers[i]);
		story_fd(&story, writers[i], 3, FD_PIPE, 70)->value[1] = READ;
		story_fd(&story, writers[i], 4, FD_PIPE, 70)->value[1] = WRITE;
		STORY_CALL(&story, writers[i], "close", 0, 3);
	}
	STORY_CALL(&story, READER, "close", 0, 4);
	fill(0);
}

/* The kernel does what pid has asked for, and the call returns. */
static const char *puts_in(pid_t pid, uint64_t len)
{
	fill_now += (int64_t)len;
	fill(fill_now);
	return story_exit(&story, pid, (int64_t)len);
}

static const char *writes(pid_t pid, uint64_t len)
{
	STORY_ENTER(&story, pid, "write", 4, TEXT, len);
	return puts_in(pid, len);
}

static const char *reads(uint64_t len)
{
	STORY_ENTER(&story, READER, "read", 3, TEXT, len);
	fill_now -= (int64_t)len;
	fill(fill_now);
	return story_exit(&story, READER, (int64_t)len);
}

static void a_write_fills_and_names_its_reader(void **state)
{
	(void)state;
	make_pipe();
	STORY_ENTER(&story, WRITER, "write", 4, TEXT, 5);
	fill(5);
	assert_string_equal(story_exit(&story, WRITER, 5),
			    " {pipe:1 0 -> 5/65536 B} -> reader[100] fd 3 #1");
}

static void bytes_are_known_by_their_writers(void **state)
{
	(void)state;
	make_pipe();
	writes(WRITER, 5);
	writes(OTHER, 3);
	writes(WRITER, 2);
	assert_string_equal(
		reads(4), " {pipe:1 10 -> 6/65536 B} <- reader[200] fd 4 #1[0..4), 6.0 ms in pipe");
	assert_string_equal(reads(3), " {pipe:1 6 -> 3/65536 B} <- reader[200] fd 4, reader[300] "
				      "fd 4 #1[4..5), #2[0..2), up to 8.0 ms in pipe");
	assert_string_equal(
		reads(1), " {pipe:1 3 -> 2/65536 B} <- reader[300] fd 4 #2[2..3), 8.0 ms in pipe");
	assert_string_equal(reads(2),
			    " {pipe:1 2 -> 0/65536 B} <- reader[200] fd 4 #3, 8.0 ms in pipe");
}

static void writes_that_overlap_may_be_either_way_round(void **state)
{
	(void)state;
	make_pipe();
	STORY_ENTER(&story, WRITER, "write", 4, TEXT, 5);
	STORY_ENTER(&story, OTHER, "write", 4, TEXT, 5);
	puts_in(WRITER, 5);
	puts_in(OTHER, 5);
	assert_string_equal(reads(5),
			    " {pipe:1 10 -> 5/65536 B} <- reader[200]~ fd 4 ~#1, 3.0 ms in pipe");
	assert_string_equal(reads(5),
			    " {pipe:1 5 -> 0/65536 B} <- reader[300]~ fd 4 ~#2, 4.0 ms in pipe");
	/* What comes after both is certain again. */
	writes(OTHER, 1);
	assert_string_equal(reads(1),
			    " {pipe:1 1 -> 0/65536 B} <- reader[300] fd 4 #3, 2.0 ms in pipe");
}

static void a_read_may_be_over_before_its_write(void **state)
{
	(void)state;
	make_pipe();
	STORY_ENTER(&story, WRITER, "write", 4, TEXT, 5);
	fill_now = 5;
	assert_string_equal(reads(5), " {pipe:1 0/65536 B} <- reader[200] fd 4 #1, 2.0 ms");
	story_exit(&story, WRITER, 5);
	/* Those bytes are gone; the next are the other's. */
	writes(OTHER, 2);
	assert_string_equal(reads(2),
			    " {pipe:1 2 -> 0/65536 B} <- reader[300] fd 4 #2, 2.0 ms in pipe");
}

static void a_blocked_read_waits_for_those_who_can_write(void **state)
{
	(void)state;
	make_pipe();
	STORY_ENTER(&story, READER, "read", 3, TEXT, 5);
	assert_string_equal(story_blocked(&story, READER),
			    " {pipe:1 0/65536 B} waits for reader[300] fd 4, reader[200] fd 4");
}

/* The annotation is shown after the model has heard of the end. */
static void a_reader_that_is_killed_was_in_a_read_of_the_pipe(void **state)
{
	(void)state;
	make_pipe();
	STORY_ENTER(&story, READER, "read", 3, TEXT, 5);
	assert_string_equal(story_exits(&story, READER), " {pipe:1 0/65536 B}");
}

static void the_end_of_file_has_a_reason(void **state)
{
	(void)state;
	make_pipe();
	story_exits(&story, WRITER);
	story_exits(&story, OTHER);
	assert_string_equal(STORY_CALL(&story, READER, "read", 0, 3, TEXT, 5),
			    " {pipe:1 0/65536 B, end of file: no writer is left}");
}

static void nobody_is_named_for_a_broken_pipe(void **state)
{
	(void)state;
	make_pipe();
	story_exits(&story, READER);
	assert_string_equal(STORY_CALL(&story, WRITER, "write", -EPIPE, 4, TEXT, 5),
			    " {pipe:1 0/65536 B, no reader is left}");
}

/* --- System V queues --- */

static void depth(int64_t messages, int64_t bytes)
{
	struct fact *fact = story_fact(&story, 0, FACT_MSG, QUEUE, NULL);

	fact->id = 0x5f01;
	fact->value[0] = messages;
	fact->value[1] = bytes;
	fact->value[2] = LIMIT;
}

static void poke_type(int64_t type)
{
	char message[16] = "";

	memcpy(message, &type, sizeof(type));
	story_poke(&story, MESSAGE, message, sizeof(message));
}

static void make_queue(void)
{
	depth(0, 0);
	STORY_CALL(&story, READER, "msgget", QUEUE, 0x5f01, 01600);
	story_fork(&story, READER, WRITER);
	story_fork(&story, READER, OTHER);
}

/* The kernel queues what pid sends, and the call returns. */
static const char *queued(pid_t pid)
{
	n_queued++;
	depth(n_queued, n_queued * 4);
	return story_exit(&story, pid, 0);
}

static const char *sends(pid_t pid, int64_t type, uint64_t len)
{
	poke_type(type);
	STORY_ENTER(&story, pid, "msgsnd", QUEUE, MESSAGE, len, 0);
	return queued(pid);
}

static const char *receives(int64_t type, uint64_t len)
{
	poke_type(type);
	STORY_ENTER(&story, READER, "msgrcv", QUEUE, MESSAGE, 64, (uint64_t)type, 0);
	n_queued--;
	depth(n_queued, n_queued * 4);
	return story_exit(&story, READER, (int64_t)len);
}

static void a_new_queue_is_shown_with_its_key(void **state)
{
	(void)state;
	depth(0, 0);
	assert_string_equal(STORY_CALL(&story, READER, "msgget", QUEUE, 0x5f01, 01600),
			    " {msg:1 new key 0x5f01 id 7: 0 msgs, 0/16384 B}");
}

static void messages_are_told_apart_by_type(void **state)
{
	(void)state;
	make_queue();
	sends(WRITER, 1, 4);
	sends(OTHER, 2, 4);
	assert_string_equal(
		receives(2, 4),
		" {msg:1 2 -> 1 msgs, 8 -> 4/16384 B} <- reader[300] #2, 2.0 ms in queue");
	assert_string_equal(
		receives(1, 4),
		" {msg:1 1 -> 0 msgs, 4 -> 0/16384 B} <- reader[200] #1, 6.0 ms in queue");
}

static void a_send_names_who_waits_for_its_kind(void **state)
{
	(void)state;
	make_queue();
	STORY_ENTER(&story, READER, "msgrcv", QUEUE, MESSAGE, 64, 2, 0);
	assert_string_equal(
		sends(WRITER, 1, 4),
		" {msg:1 0 -> 1 msgs, 0 -> 4/16384 B} -> reader[100]: waits for type 2 #1");
}

static void a_receive_may_be_over_before_its_send(void **state)
{
	(void)state;
	make_queue();
	poke_type(1);
	STORY_ENTER(&story, WRITER, "msgsnd", QUEUE, MESSAGE, 4, 0);
	n_queued++;
	assert_string_equal(receives(1, 4), " {msg:1 0 msgs, 0/16384 B} <- reader[200] #1, 2.0 ms");
	story_exit(&story, WRITER, 0);
	/* That message is gone; the next of its type is the other's. */
	sends(OTHER, 1, 4);
	assert_string_equal(
		receives(1, 4),
		" {msg:1 1 -> 0 msgs, 4 -> 0/16384 B} <- reader[300] #2, 2.0 ms in queue");
}

static void sends_of_one_type_that_overlap_may_be_either_way_round(void **state)
{
	(void)state;
	make_queue();
	poke_type(1);
	STORY_ENTER(&story, WRITER, "msgsnd", QUEUE, MESSAGE, 4, 0);
	STORY_ENTER(&story, OTHER, "msgsnd", QUEUE, MESSAGE, 4, 0);
	queued(WRITER);
	queued(OTHER);
	assert_string_equal(
		receives(1, 4),
		" {msg:1 2 -> 1 msgs, 8 -> 4/16384 B} <- reader[200]~ ~#1, 3.0 ms in queue");
	assert_string_equal(
		receives(1, 4),
		" {msg:1 1 -> 0 msgs, 4 -> 0/16384 B} <- reader[300]~ ~#2, 4.0 ms in queue");
}

/* Root's end of a pipe cannot be seen by others: that nobody is found proves nothing. */
static void who_may_not_be_looked_at_is_not_gone(void **state)
{
	const struct model_options all = { true, true, true, true };
	struct fact *held;

	(void)state;
	story_end(&story);
	story_begin_with(&story, &all);
	story_fact(&story, READER, FACT_FDS, READER, NULL)->value[0] = 1;
	held = story_fact(&story, READER, FACT_HOLDING, READER, NULL);
	held->dev = 1;
	held->ino = 71;
	held->value[0] = FD_PIPE;
	held->value[1] = READ;
	held->value[5] = 3;
	story_attach(&story, READER, "reader");
	story_fd(&story, READER, 3, FD_PIPE, 71)->value[1] = READ;
	fill_now = 4;
	fill(4);
	assert_string_equal(reads(4), " {pipe:1 inode 71: 4 -> 0/65536 B} <- ? (nobody traced)");
	story_fact(&story, 0, FACT_HOLDERS, 71, NULL)->value[1] = 2;
	fill_now = 8;
	fill(8);
	assert_string_equal(
		reads(4),
		" {pipe:1 8 -> 4/65536 B} <- ? (perhaps a process that may not be looked at)");
	story_fact(&story, 0, FACT_HOLDERS, 71, NULL)->value[1] = 0;
	fill_now = 8;
	fill(8);
	assert_string_equal(reads(4), " {pipe:1 8 -> 4/65536 B} <- ? (its writer is gone)");
}

static void object_remembers_the_state_that_calls_have_left(void **state)
{
	const struct object *object;

	(void)state;
	make_pipe();
	puts_in(WRITER, 5);
	object = model_next_object(story.model, NULL);
	assert_int_equal(object->n_seen, 1);
	assert_int_equal(object->seen[0].value, 5);
	assert_int_equal(object->seen[0].limit, CAPACITY);
	assert_string_equal(object->seen[0].unit, "B");
	puts_in(WRITER, 2);
	assert_int_equal(object->n_seen, 1);
	assert_int_equal(object->seen[0].value, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_write_fills_and_names_its_reader, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(object_remembers_the_state_that_calls_have_left,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_are_known_by_their_writers, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(writes_that_overlap_may_be_either_way_round, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_read_may_be_over_before_its_write, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_blocked_read_waits_for_those_who_can_write,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_that_is_killed_was_in_a_read_of_the_pipe,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_of_file_has_a_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_is_named_for_a_broken_pipe, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_may_not_be_looked_at_is_not_gone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_new_queue_is_shown_with_its_key, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(messages_are_told_apart_by_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_send_names_who_waits_for_its_kind, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_receive_may_be_over_before_its_send, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			sends_of_one_type_that_overlap_may_be_either_way_round, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
