/* Lines as a person sees them, in both faces, from events made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <linux/audit.h>

#include "decode/syscalls.h"
#include "render/render.h"

/* A trace of calls without pointers, so that no memory is needed. */
struct scene {
	struct decoder *decoder;
	struct renderer *renderer;
	struct event ev;
	struct buf out;
	uint64_t now_ns;
};

static void keep(void *data, const char *bytes, size_t len)
{
	buf_add(data, bytes, len);
}

static void begin(struct scene *scene, bool is_whole, const struct render_options *base)
{
	struct decode_options decode = { .string_limit = 32, .is_strace = !is_whole };
	struct render_options options = base ? *base : (struct render_options){ 0 };
	struct sink sink = { &scene->out, keep };

	memset(scene, 0, sizeof(*scene));
	options.is_whole = is_whole;
	options.column = 40;
	options.style.string_limit = 32;
	scene->decoder = decoder_create(&decode);
	scene->renderer = text_renderer_create(&options, &sink);
	scene->now_ns = 1000000000;
}

static const char *end(struct scene *scene)
{
	scene->renderer->impl->end(scene->renderer);
	return buf_string(&scene->out);
}

static void finish(struct scene *scene)
{
	scene->renderer->impl->destroy(scene->renderer);
	decoder_destroy(scene->decoder);
	event_finish(&scene->ev);
	buf_finish(&scene->out);
}

static void show(struct scene *scene)
{
	struct call *call;

	scene->ev.time_ns = scene->now_ns;
	scene->ev.real_ns = 1700000000ull * 1000000000 + scene->now_ns;
	call = decoder_apply(scene->decoder, &scene->ev);
	if (call)
		scene->renderer->impl->call(scene->renderer, call, &scene->ev, NULL);
	if (scene->ev.kind != EVENT_ENTER && scene->ev.kind != EVENT_EXIT &&
	    scene->ev.kind != EVENT_BLOCKED)
		scene->renderer->impl->event(scene->renderer, &scene->ev, NULL, NULL);
}

static struct event *make(struct scene *scene, enum event_kind kind, pid_t tid)
{
	event_clear(&scene->ev);
	scene->ev.kind = kind;
	scene->ev.tid = tid;
	scene->ev.tgid = tid;
	scene->ev.arch = AUDIT_ARCH_X86_64;
	return &scene->ev;
}

static void born(struct scene *scene, pid_t tid)
{
	make(scene, EVENT_CREATED, tid);
	show(scene);
}

static void enter(struct scene *scene, pid_t tid, const char *name, uint64_t arg)
{
	struct event *ev = make(scene, EVENT_ENTER, tid);

	ev->nr = (uint64_t)syscall_number(AUDIT_ARCH_X86_64, name);
	ev->args[0] = arg;
	show(scene);
}

static void leave(struct scene *scene, pid_t tid, const char *name, uint64_t arg, int64_t ret)
{
	struct event *ev = make(scene, EVENT_EXIT, tid);

	ev->nr = (uint64_t)syscall_number(AUDIT_ARCH_X86_64, name);
	ev->args[0] = arg;
	ev->ret = ret;
	ev->is_error = ret < 0;
	show(scene);
}

static void gone(struct scene *scene, enum event_kind kind, pid_t tid, int number)
{
	struct event *ev = make(scene, kind, tid);

	ev->code = number;
	ev->sig = number;
	show(scene);
}

static void a_call_is_one_line_with_its_result_at_column_40(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, true, NULL);
	born(&scene, 10);
	enter(&scene, 10, "close", 3);
	leave(&scene, 10, "close", 3, 0);
	leave(&scene, 10, "close", 4, -9);
	assert_string_equal(end(&scene),
			    "close(3)                                = 0\n"
			    "close(4)                                = -1 EBADF (Bad file "
			    "descriptor)\n");
	finish(&scene);
}

static void interleaved_calls_stay_whole_in_the_default_face(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, true, NULL);
	born(&scene, 10);
	born(&scene, 11);
	enter(&scene, 10, "close", 3);
	enter(&scene, 11, "close", 4);
	leave(&scene, 10, "close", 3, 0);
	leave(&scene, 11, "close", 4, 0);
	assert_string_equal(end(&scene), "[pid    10] close(3)                    = 0\n"
					 "[pid    11] close(4)                    = 0\n");
	finish(&scene);
}

static void interleaved_calls_are_unfinished_and_resumed_under_strace(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, false, NULL);
	born(&scene, 10);
	born(&scene, 11);
	enter(&scene, 10, "close", 3);
	enter(&scene, 11, "close", 4);
	leave(&scene, 10, "close", 3, 0);
	leave(&scene, 11, "close", 4, 0);
	assert_string_equal(end(&scene), "[pid    10] close(3 <unfinished ...>\n"
					 "[pid    11] close(4 <unfinished ...>\n"
					 "[pid    10] <... close resumed>)        = 0\n"
					 "[pid    11] <... close resumed>)        = 0\n");
	finish(&scene);
}

static void what_never_returns_has_a_question_mark(void **state)
{
	struct scene scene;

	(void)state;
	for (int is_whole = 0; is_whole < 2; is_whole++) {
		begin(&scene, is_whole, NULL);
		born(&scene, 10);
		enter(&scene, 10, "exit_group", 7);
		gone(&scene, EVENT_EXITED, 10, 7);
		assert_string_equal(end(&scene), "exit_group(7)                           = ?\n"
						 "+++ exited with 7 +++\n");
		finish(&scene);
	}
}

static void a_call_cut_off_by_death_is_shown(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, true, NULL);
	born(&scene, 10);
	enter(&scene, 10, "close", 3);
	gone(&scene, EVENT_KILLED, 10, 9);
	assert_string_equal(end(&scene), "close(3)                                = ?\n"
					 "+++ killed by SIGKILL +++\n");
	finish(&scene);
}

static void a_blocked_call_is_announced_and_then_complete(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, true, NULL);
	born(&scene, 10);
	enter(&scene, 10, "close", 3);
	make(&scene, EVENT_BLOCKED, 10)->code = 207;
	show(&scene);
	leave(&scene, 10, "close", 3, 0);
	assert_string_equal(end(&scene), "close(3) ... blocked for 207 ms now\n"
					 "close(3)                                = 0\n");
	finish(&scene);
}

static void restarts_are_the_kernels_secret_codes(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, true, NULL);
	born(&scene, 10);
	enter(&scene, 10, "pause", 0);
	leave(&scene, 10, "pause", 0, -514);
	assert_string_equal(end(&scene),
			    "pause()                                 = ? ERESTARTNOHAND "
			    "(To be restarted if no handler)\n");
	finish(&scene);
}

static void the_prefix_goes_when_only_one_tracee_is_left(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, true, NULL);
	born(&scene, 10);
	born(&scene, 11);
	gone(&scene, EVENT_EXITED, 11, 0);
	leave(&scene, 10, "close", 3, 0);
	assert_string_equal(end(&scene), "[pid    11] +++ exited with 0 +++\n"
					 "close(3)                                = 0\n");
	finish(&scene);
}

static void a_file_has_the_pid_in_front(void **state)
{
	struct render_options options = { .has_pid_column = true };
	struct scene scene;

	(void)state;
	begin(&scene, true, &options);
	born(&scene, 10);
	leave(&scene, 10, "close", 3, 0);
	assert_string_equal(end(&scene), "10    close(3)                          = 0\n");
	finish(&scene);
}

static void times_are_those_of_the_entry(void **state)
{
	struct render_options options = { .timestamp = TIME_EPOCH_US, .has_duration = true };
	struct scene scene;

	(void)state;
	begin(&scene, true, &options);
	born(&scene, 10);
	enter(&scene, 10, "close", 3);
	scene.now_ns += 1204000;
	leave(&scene, 10, "close", 3, 0);
	assert_string_equal(end(&scene),
			    "1700000001.000000 close(3)              = 0 <0.001204>\n");
	finish(&scene);
}

static void relative_times_count_from_the_line_before(void **state)
{
	struct render_options options = { .is_relative = true };
	struct scene scene;

	(void)state;
	begin(&scene, true, &options);
	born(&scene, 10);
	leave(&scene, 10, "close", 3, 0);
	scene.now_ns += 36000;
	leave(&scene, 10, "close", 3, 0);
	assert_string_equal(end(&scene), "     0.000000 close(3)                  = 0\n"
					 "     0.000036 close(3)                  = 0\n");
	finish(&scene);
}

static void strings_are_escaped_as_short_as_can_be(void **state)
{
	static const char bytes[] = "a\"\\\n\t\0001\1778\303<\033";
	struct buf out = { 0 };

	(void)state;
	text_escape(&out, bytes, sizeof(bytes) - 1, "<");
	assert_string_equal(buf_string(&out), "a\\\"\\\\\\n\\t\\0001\\1778\\303\\74\\33");
	buf_finish(&out);
}

static void no_byte_reaches_a_terminal_raw(void **state)
{
	struct buf out = { 0 };
	char bytes[2];

	(void)state;
	for (int a = 0; a < 256; a++) {
		for (int b = 0; b < 256; b++) {
			bytes[0] = (char)a;
			bytes[1] = (char)b;
			buf_clear(&out);
			text_escape(&out, bytes, 2, "");
			for (size_t i = 0; i < out.len; i++)
				assert_in_range((unsigned char)out.data[i], 0x20, 0x7e);
		}
	}
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_one_line_with_its_result_at_column_40),
		cmocka_unit_test(interleaved_calls_stay_whole_in_the_default_face),
		cmocka_unit_test(interleaved_calls_are_unfinished_and_resumed_under_strace),
		cmocka_unit_test(what_never_returns_has_a_question_mark),
		cmocka_unit_test(a_call_cut_off_by_death_is_shown),
		cmocka_unit_test(a_blocked_call_is_announced_and_then_complete),
		cmocka_unit_test(restarts_are_the_kernels_secret_codes),
		cmocka_unit_test(the_prefix_goes_when_only_one_tracee_is_left),
		cmocka_unit_test(a_file_has_the_pid_in_front),
		cmocka_unit_test(times_are_those_of_the_entry),
		cmocka_unit_test(relative_times_count_from_the_line_before),
		cmocka_unit_test(strings_are_escaped_as_short_as_can_be),
		cmocka_unit_test(no_byte_reaches_a_terminal_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
