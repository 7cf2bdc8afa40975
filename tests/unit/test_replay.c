/* The engine that gives the events of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/replay.h"
#include "tests/unit/trace_events.h"

static void the_replay_engine_gives_the_events(void **state)
{
	int fd = trace_events_file(3, 2, 0);
	const struct event *ev;
	struct event wanted = { 0 };
	struct capture *capture;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	capture = replay_create(path, NULL);
	assert_int_equal(capture_start(capture), 0);
	assert_int_equal(replay_meta(capture)->string_limit, 64);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(capture_next(capture, &ev), CAPTURE_EVENT);
		trace_events_fill(&wanted, i);
		trace_events_assert_same(ev, &wanted);
	}
	assert_int_equal(capture_next(capture, &ev), CAPTURE_END);
	capture_destroy(capture);
	event_finish(&wanted);
	close(fd);
}

static void the_replay_engine_says_what_is_wrong(void **state)
{
	int fd = trace_events_file(2, 1, 0);
	const struct event *ev;
	struct capture *capture = replay_create("/nonexistent/trace", NULL);
	char path[64];

	(void)state;
	assert_int_equal(capture_start(capture), -ENOENT);
	assert_string_equal(capture->error, "/nonexistent/trace: No such file or directory");
	capture_destroy(capture);

	capture = replay_create("/proc/self/status", NULL);
	assert_int_equal(capture_start(capture), -EINVAL);
	assert_string_equal(capture->error, "/proc/self/status: not a trace recorded by ipctrace");
	capture_destroy(capture);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(pwrite(fd, "X", 1, lseek(fd, 0, SEEK_END) - 1), 1);
	capture = replay_create(path, NULL);
	assert_int_equal(capture_start(capture), 0);
	assert_int_equal(capture_next(capture, &ev), CAPTURE_EVENT);
	assert_int_equal(capture_next(capture, &ev), CAPTURE_EVENT);
	assert_int_equal(capture_next(capture, &ev), -EBADMSG);
	assert_non_null(strstr(capture->error, "damaged in block 3, at byte"));
	assert_non_null(strstr(capture->error, "after 2 events"));
	capture_destroy(capture);
	close(fd);
}

/* Cut anywhere, a file gives what is whole, and an error. */
static void a_file_that_is_cut_off_is_reported(void **state)
{
	int fd = trace_events_file(6, 2, 0);
	off_t len = lseek(fd, 0, SEEK_END);
	unsigned n_between = 0;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (off_t cut = len - 1; cut > 0; cut--) {
		struct capture *capture = replay_create(path, NULL);
		const struct event *ev;
		unsigned n = 0;
		int result;

		assert_int_equal(ftruncate(fd, cut), 0);
		result = capture_start(capture);
		if (result < 0) {
			assert_non_null(strstr(capture->error, path));
			capture_destroy(capture);
			continue;
		}
		while ((result = capture_next(capture, &ev)) == CAPTURE_EVENT)
			n++;
		assert_true(n % 2 == 0 && n <= 6);
		assert_int_equal(result, -ENODATA);
		if (strstr(capture->error, "without its end mark")) {
			char tail[32];

			n_between++;
			snprintf(tail, sizeof(tail), "; %u events", n);
			assert_non_null(strstr(capture->error, tail));
		} else {
			assert_non_null(strstr(capture->error, "cut off in block "));
			assert_non_null(strstr(capture->error, "the rest is missing"));
		}
		capture_destroy(capture);
	}
	/* The ends of the header and of three blocks. */
	assert_int_equal(n_between, 4);
	close(fd);
}

static void after_detach_a_replay_ends(void **state)
{
	int fd = trace_events_file(2, 1, 0);
	const struct event *ev;
	struct capture *capture;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	capture = replay_create(path, NULL);
	assert_int_equal(capture_start(capture), 0);
	assert_int_equal(capture_next(capture, &ev), CAPTURE_EVENT);
	capture_detach(capture);
	assert_int_equal(capture_next(capture, &ev), CAPTURE_END);
	capture_destroy(capture);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_replay_engine_gives_the_events),
		cmocka_unit_test(the_replay_engine_says_what_is_wrong),
		cmocka_unit_test(a_file_that_is_cut_off_is_reported),
		cmocka_unit_test(after_detach_a_replay_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
