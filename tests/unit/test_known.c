/* A model told what another one knows, and the ring that keeps the latest events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event/trace_ring.h"
#include "model/blocked.h"
#include "model/known.h"
#include "model/ledger.h"
#include "tests/unit/story.h"
#include "tests/unit/trace_events.h"

enum { MAKER = 100, CHILD = 101, ENDS = 0x1000, QUEUE = 7, INO = 70 };

static struct story story, later;

static int set_up(void **state)
{
	struct model_options options = { .has_state = true,
					 .has_peers = true,
					 .follows_descriptors = true,
					 .follows_removals = true,
					 .follows_messages = UINT64_MAX };

	(void)state;
	story_begin_with(&story, &options);
	story_begin_with(&later, &options);
	story_attach(&story, MAKER, "maker");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	story_end(&story);
	story_end(&later);
	return 0;
}

static void make_pipe(int fd, uint64_t ino)
{
	int32_t ends[2] = { fd, fd + 1 };

	story_poke(&story, ENDS, ends, sizeof(ends));
	story_fd(&story, MAKER, fd, FD_PIPE, ino)->value[1] = 0400;
	story_fd(&story, MAKER, fd + 1, FD_PIPE, ino)->value[1] = 0200;
	STORY_CALL(&story, MAKER, "pipe2", 0, ENDS, 0);
}

static void tell_later(void *data, const struct event *ev)
{
	(void)data;
	model_apply(later.model, ev, decoder_apply(later.decoder, ev));
}

static void go_on_later(void)
{
	model_tell_known(story.model, 5, 6, tell_later, NULL);
}

static const struct object *object_of(struct story *of, const char *name)
{
	const struct object *object = NULL;

	while ((object = model_next_object(of->model, object))) {
		if (strcmp(object_short_name(object), name) == 0)
			return object;
	}
	return NULL;
}

static void objects_keep_their_names_and_holders(void **state)
{
	const struct object *object;

	(void)state;
	make_pipe(3, INO);
	STORY_CALL(&story, MAKER, "close", 0, 3);
	STORY_CALL(&story, MAKER, "close", 0, 4);
	make_pipe(5, INO + 1);
	go_on_later();
	assert_null(object_of(&later, "pipe:1"));
	object = object_of(&later, "pipe:2");
	assert_int_equal(object->key.b, INO + 1);
	assert_string_equal(object->identity, "inode 71");
	assert_false(object->is_older);
	assert_int_equal(object->creator, MAKER);
	assert_int_equal(object->holdings->process->tgid, MAKER);
	assert_string_equal(object->holdings->process->comm, "maker");
}

static void new_objects_get_new_numbers(void **state)
{
	(void)state;
	make_pipe(3, INO);
	STORY_CALL(&story, MAKER, "close", 0, 3);
	STORY_CALL(&story, MAKER, "close", 0, 4);
	go_on_later();
	story_fd(&later, MAKER, 8, FD_PIPE, 99)->value[1] = 0400;
	assert_non_null(strstr(STORY_CALL(&later, MAKER, "read", 0, 8, ENDS, 1), "{pipe:2 "));
}

static void a_call_that_has_not_returned_is_known(void **state)
{
	(void)state;
	make_pipe(3, INO);
	STORY_ENTER(&story, MAKER, "read", 3, ENDS, 1);
	story_blocked(&story, MAKER);
	go_on_later();
	later.calls[0] = story.calls[0];
	assert_non_null(strstr(story_exit(&later, MAKER, 0), "pipe:1"));
	assert_int_equal(model_count_threads(later.model), 1);
}

/* What is read later is matched with what was written before, and numbers go on. */
static void messages_on_their_way_are_known(void **state)
{
	const struct object *object;

	(void)state;
	make_pipe(3, INO);
	STORY_CALL(&story, MAKER, "write", 5, 4, ENDS, 5);
	STORY_CALL(&story, MAKER, "write", 6, 4, ENDS, 6);
	STORY_CALL(&story, MAKER, "read", 5, 3, ENDS, 5);
	go_on_later();
	object = object_of(&later, "pipe:1");
	assert_int_equal(object->n_messages, 2);
	assert_int_equal(object->n_sends, 2);
	assert_int_equal(object->n_receives, 1);
	assert_int_equal(object->bytes_sent, 11);
	assert_int_equal(object->bytes_received, 5);
	assert_int_equal(ledger_find(object, 0)->units, 6);
	later.time_ns = story.time_ns;
	story_fd(&later, MAKER, 3, FD_PIPE, INO)->value[1] = 0400;
	story_fd(&later, MAKER, 4, FD_PIPE, INO)->value[1] = 0200;
	STORY_CALL(&later, MAKER, "write", 7, 4, ENDS, 7);
	assert_non_null(strstr(STORY_CALL(&later, MAKER, "read", 6, 3, ENDS, 6), " fd 4 #2"));
	assert_non_null(strstr(STORY_CALL(&later, MAKER, "read", 7, 3, ENDS, 7), " fd 4 #3"));
}

/* Of a socket its other end would have to be known, too. */
static void of_sockets_only_numbers_are_known(void **state)
{
	const struct object *object;

	(void)state;
	story_fd(&story, MAKER, 3, FD_UNIX, 99);
	STORY_CALL(&story, MAKER, "read", 5, 3, ENDS, 5);
	STORY_CALL(&story, MAKER, "read", 6, 3, ENDS, 6);
	go_on_later();
	object = object_of(&later, "unix:1");
	assert_int_equal(object->n_receives, 2);
	assert_int_equal(object->bytes_received, 11);
	assert_true(object->is_older);
	assert_null(object->ledgers);
}

static void what_stays_is_known_with_its_dead_maker(void **state)
{
	const struct object *object;

	(void)state;
	story_fork(&story, MAKER, CHILD);
	STORY_CALL(&story, CHILD, "msgget", QUEUE, IPC_PRIVATE, 0600);
	story_exits(&story, CHILD);
	go_on_later();
	object = object_of(&later, "msg:1");
	assert_int_equal(object->lasting.n_names, 1);
	assert_int_equal(object->lasting.maker, CHILD);
	assert_string_equal(object->lasting.call, "msgget");
	assert_string_equal(model_process(later.model, CHILD)->comm, "maker");
	assert_false(model_process(later.model, CHILD)->is_alive);
	assert_true(model_process(later.model, MAKER)->is_alive);
}

static void nonsense_is_survived(void **state)
{
	struct event ev = { .kind = EVENT_KNOWN };
	struct fact *fact;

	(void)state;
	for (int64_t subject = -1; subject < 70; subject++) {
		fact = event_add_fact(&ev, FACT_OBJECT, subject, "\33[31m\n\n", 7);
		fact->ino = 5;
		fact->value[0] = fact->value[3] = fact->value[4] = INT64_MAX;
		event_add_fact(&ev, FACT_OBJECT, subject, NULL, 0)->value[0] = INT64_MIN;
		fact = event_add_fact(&ev, FACT_LASTING, subject, "\nx", 2);
		fact->ino = 5;
		fact->value[0] = 1;
		for (int kind = FACT_NAME; kind < FACT_KINDS; kind++) {
			static const char nonsense[4000];

			fact = event_add_fact(&ev, (enum fact_kind)kind, subject, nonsense,
					      sizeof(nonsense));
			fact->ino = 5;
			fact->value[1] = fact->value[2] = INT64_MIN;
		}
		event_add_fact(&ev, FACT_COMM, subject, "a very long name of a process that is",
			       37);
	}
	model_apply(story.model, &ev, NULL);
	for (const struct object *object = NULL;
	     (object = model_next_object(story.model, object));) {
		assert_string_equal(object->identity, "");
		assert_int_equal(object->lasting.n_names, 0);
	}
	event_finish(&ev);
}

/* --- the ring --- */

static void add(struct trace_ring *ring, unsigned seed)
{
	struct event ev = { 0 };

	if (trace_ring_is_full(ring)) {
		trace_ring_begin(ring);
		ev.kind = EVENT_KNOWN;
		ev.code = (int)seed;
		assert_int_equal(trace_ring_add_known(ring, &ev), 0);
	}
	trace_events_fill(&ev, seed);
	ev.code = (int)seed;
	assert_int_equal(trace_ring_add(ring, &ev), 0);
	event_finish(&ev);
}

/* Writes the ring and reads it back: the codes of the snapshot and of the events behind it. */
static void read_back(const struct trace_ring *ring, int *ret_first, int *ret_last, size_t *ret_len)
{
	int fd = memfd_create("ring", 0);
	struct trace_writer *writer = trace_writer_create(fd, &trace_events_meta);
	struct trace_reader *reader;
	struct event ev = { 0 };
	int expected;

	assert_int_equal(trace_ring_write(ring, writer), 0);
	assert_int_equal(trace_writer_flush(writer), 0);
	trace_writer_destroy(writer);
	*ret_len = (size_t)lseek(fd, 0, SEEK_CUR);
	lseek(fd, 0, SEEK_SET);
	reader = trace_reader_create(fd);
	assert_int_equal(trace_reader_next(reader, &ev), 1);
	assert_int_equal(ev.kind, EVENT_KNOWN);
	*ret_first = expected = ev.code;
	while (trace_reader_next(reader, &ev) == 1)
		assert_int_equal(ev.code, expected++);
	assert_int_equal(expected - *ret_first, trace_ring_kept(ring));
	*ret_last = expected - 1;
	assert_int_equal(trace_reader_next(reader, &ev), 0);
	assert_false(trace_reader_is_cut(reader));
	trace_reader_destroy(reader);
	event_finish(&ev);
	close(fd);
}

static void the_ring_keeps_the_latest_behind_one_snapshot(void **state)
{
	enum { SIZE = 64 * 1024, EVENTS = 5000 };
	struct trace_ring *ring = trace_ring_create(SIZE);
	int first, last;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < EVENTS; i++) {
		add(ring, i);
		if (i % 97)
			continue;
		read_back(ring, &first, &last, &len);
		assert_int_equal(last, i);
		assert_int_equal(trace_ring_lost(ring), first);
		assert_in_range(len, i < 300 ? 0 : SIZE / 2, SIZE + 4096);
	}
	assert_true(first > 0);
	trace_ring_destroy(ring);
}

static void a_ring_of_a_byte_keeps_what_came_last(void **state)
{
	struct trace_ring *ring = trace_ring_create(1);
	int first, last;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 500; i++)
		add(ring, i);
	read_back(ring, &first, &last, &len);
	assert_int_equal(last, 499);
	assert_in_range(len, 1, 32 * 1024);
	trace_ring_destroy(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(objects_keep_their_names_and_holders, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(new_objects_get_new_numbers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_call_that_has_not_returned_is_known, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(messages_on_their_way_are_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_sockets_only_numbers_are_known, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_stays_is_known_with_its_dead_maker, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nonsense_is_survived, set_up, tear_down),
		cmocka_unit_test(the_ring_keeps_the_latest_behind_one_snapshot),
		cmocka_unit_test(a_ring_of_a_byte_keeps_what_came_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
