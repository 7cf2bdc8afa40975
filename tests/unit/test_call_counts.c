/* strace's table of calls: what is counted, in which order it comes, and how it is laid out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/audit.h>

#include "analysis/call_counts.h"
#include "decode/syscalls.h"
#include "render/text_counts.h"

enum { US = 1000, TID = 70, X32_GETPID = 0x40000000 | 39 };

struct desk {
	struct decoder *decoder;
	struct call_counts *counts;
	struct counts_view view;
	struct event ev;
	struct buf out;
	uint64_t now_ns;
};

static void begin(struct desk *desk, uint64_t overhead_ns)
{
	struct decode_options options = { .string_limit = 32, .is_strace = true };

	memset(desk, 0, sizeof(*desk));
	desk->decoder = decoder_create(&options);
	desk->counts = call_counts_create(overhead_ns);
	desk->view = (struct counts_view){ .columns = { COUNT_CALLS, COUNT_ERRORS, COUNT_NAME },
					   .n_columns = 3,
					   .sort = COUNT_NOTHING };
	desk->now_ns = 1;
}

static void end(struct desk *desk)
{
	decoder_destroy(desk->decoder);
	call_counts_destroy(desk->counts);
	event_finish(&desk->ev);
	buf_finish(&desk->out);
}

static struct event *next_event(struct desk *desk, enum event_kind kind, uint32_t arch, uint64_t nr)
{
	event_clear(&desk->ev);
	desk->ev.kind = kind;
	desk->ev.tid = desk->ev.tgid = TID;
	desk->ev.arch = arch;
	desk->ev.nr = nr;
	desk->ev.time_ns = desk->now_ns;
	return &desk->ev;
}

/* A call that took so long, and of that so long in the kernel; system_us -1: nobody looked. */
static void call_of(struct desk *desk, uint32_t arch, uint64_t nr, int64_t ret, uint64_t wall_us,
		    int64_t system_us)
{
	struct event *ev = next_event(desk, EVENT_ENTER, arch, nr);

	decoder_apply(desk->decoder, ev);
	desk->now_ns += wall_us * US;
	ev = next_event(desk, EVENT_EXIT, arch, nr);
	ev->ret = ret;
	ev->is_error = ret < 0;
	if (system_us >= 0)
		event_add_fact(ev, FACT_SYSTEM_TIME, TID, NULL, 0)->value[0] = system_us * US;
	call_counts_add(desk->counts, decoder_apply(desk->decoder, ev), ev);
}

static void call(struct desk *desk, const char *name, int64_t ret, uint64_t wall_us,
		 int64_t system_us)
{
	call_of(desk, AUDIT_ARCH_X86_64, (uint64_t)syscall_number(AUDIT_ARCH_X86_64, name), ret,
		wall_us, system_us);
}

static const char *table(struct desk *desk)
{
	buf_clear(&desk->out);
	text_counts(&desk->out, desk->counts, &desk->view);
	return buf_string(&desk->out);
}

/* The names in the order of a key, with blanks between them. */
static void check_order(struct desk *desk, enum count_key key, const char *order)
{
	const struct call_count *const *rows;
	struct call_count total;
	struct buf names = { 0 };
	size_t n;

	desk->view.sort = key;
	n = call_counts_rows(desk->counts, COUNTS_64, &desk->view, &rows, &total);
	for (size_t i = 0; i < n; i++)
		buf_printf(&names, "%s%s", i ? " " : "", rows[i]->name);
	assert_string_equal(buf_string(&names), order);
	buf_finish(&names);
}

static void nothing_counted_is_no_table(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, 0);
	assert_string_equal(table(&desk), "");
	end(&desk);
}

static void the_table_is_as_strace_has_it(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, 0);
	desk.view = (struct counts_view){ .columns = { COUNT_PERCENT, COUNT_TOTAL, COUNT_AVG,
						       COUNT_CALLS, COUNT_ERRORS, COUNT_NAME },
					  .n_columns = 6,
					  .sort = COUNT_TOTAL };
	call(&desk, "close", 0, 50, 1);
	call(&desk, "close", -9, 50, 2);
	call(&desk, "read", 1, 50, 9);
	assert_string_equal(table(&desk),
			    "% time     seconds  usecs/call     calls    errors syscall\n"
			    "------ ----------- ----------- --------- --------- ----------------\n"
			    " 75.00    0.000009           9         1           read\n"
			    " 25.00    0.000003           1         2         1 close\n"
			    "------ ----------- ----------- --------- --------- ----------------\n"
			    "100.00    0.000012           4         3         1 total\n");
	desk.view.is_wall = true;
	desk.view.columns[1] = COUNT_MAX;
	assert_string_equal(table(&desk),
			    "% time  longest  usecs/call     calls    errors syscall\n"
			    "------ -------- ----------- --------- --------- ----------------\n"
			    " 66.67 0.000050          50         2         1 close\n"
			    " 33.33 0.000050          50         1           read\n"
			    "------ -------- ----------- --------- --------- ----------------\n"
			    "100.00 0.000050          50         3         1 total\n");
	end(&desk);
}

static void columns_grow_with_what_is_in_them(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, 0);
	desk.view = (struct counts_view){ .columns = { COUNT_NAME, COUNT_WALL_MIN, COUNT_ERRORS },
					  .n_columns = 3,
					  .sort = COUNT_NAME };
	call(&desk, "sched_get_priority_max", 0, 12000000, 0);
	call(&desk, "read", 0, 11000000, 0);
	assert_string_equal(table(&desk), "syscall                  wall-min    errors\n"
					  "----------------------- --------- ---------\n"
					  "read                    11.000000          \n"
					  "sched_get_priority_max  12.000000          \n"
					  "----------------------- --------- ---------\n"
					  "total                   11.000000          \n");
	end(&desk);
}

static void each_key_sorts_and_ties_are_by_number(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, 0);
	call(&desk, "write", 1, 100, 20);
	call(&desk, "write", 1, 300, 30);
	call(&desk, "read", -4, 150, 40);
	call(&desk, "close", 0, 1, 40);
	call(&desk, "alarm", -1, 1000, 0);
	check_order(&desk, COUNT_NOTHING, "read write close alarm");
	check_order(&desk, COUNT_NAME, "alarm close read write");
	check_order(&desk, COUNT_CALLS, "write read close alarm");
	check_order(&desk, COUNT_ERRORS, "read alarm write close");
	check_order(&desk, COUNT_TOTAL, "write read close alarm");
	check_order(&desk, COUNT_PERCENT, "write read close alarm");
	check_order(&desk, COUNT_MIN, "read close write alarm");
	check_order(&desk, COUNT_MAX, "read close write alarm");
	check_order(&desk, COUNT_AVG, "read close write alarm");
	check_order(&desk, COUNT_WALL_TOTAL, "alarm write read close");
	check_order(&desk, COUNT_WALL_MIN, "alarm read write close");
	check_order(&desk, COUNT_WALL_MAX, "alarm write read close");
	check_order(&desk, COUNT_WALL_AVG, "alarm write read close");
	desk.view.is_wall = true;
	check_order(&desk, COUNT_TOTAL, "alarm write read close");
	end(&desk);
}

static void overhead_is_taken_from_each_call_down_to_nothing(void **state)
{
	const struct call_count *const *rows;
	struct call_count total;
	struct desk desk;

	(void)state;
	begin(&desk, 10 * US);
	call(&desk, "read", 0, 100, 5);
	call(&desk, "read", 0, 30, 25);
	assert_int_equal(call_counts_rows(desk.counts, COUNTS_64, &desk.view, &rows, &total), 1);
	assert_int_equal(rows[0]->system.total_ns, 15 * US);
	assert_int_equal(rows[0]->system.min_ns, 0);
	assert_int_equal(rows[0]->system.max_ns, 15 * US);
	assert_int_equal(rows[0]->wall.total_ns, 110 * US);
	assert_int_equal(rows[0]->wall.min_ns, 20 * US);
	assert_int_equal(total.wall.max_ns, 90 * US);
	end(&desk);
}

static void a_time_that_nobody_knows_is_no_zero(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, 0);
	desk.view = (struct counts_view){ .columns = { COUNT_PERCENT, COUNT_AVG, COUNT_NAME },
					  .n_columns = 3,
					  .sort = COUNT_TOTAL };
	call(&desk, "read", 0, 100, -1);
	assert_string_equal(table(&desk), "% time  usecs/call syscall\n"
					  "------ ----------- ----------------\n"
					  "     ?           ? read\n"
					  "------ ----------- ----------------\n"
					  "     ?           ? total\n");
	/* What is known of others is theirs; an average is of those that are known. */
	call(&desk, "close", 0, 100, 4);
	call(&desk, "close", 0, 100, -1);
	assert_string_equal(table(&desk), "% time  usecs/call syscall\n"
					  "------ ----------- ----------------\n"
					  "100.00           4 close\n"
					  "     ?           ? read\n"
					  "------ ----------- ----------------\n"
					  "100.00           4 total\n");
	end(&desk);
}

static void calls_of_each_mode_have_a_table_of_their_own(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, 0);
	call_of(&desk, AUDIT_ARCH_X86_64, X32_GETPID, -38, 1, 0);
	call_of(&desk, AUDIT_ARCH_I386, 6, 0, 1, 0);
	call(&desk, "read", 0, 1, 0);
	assert_string_equal(table(&desk), "    calls    errors syscall\n"
					  "--------- --------- ----------------\n"
					  "        1           read\n"
					  "--------- --------- ----------------\n"
					  "        1           total\n"
					  "System call usage summary for 32 bit mode:\n"
					  "    calls    errors syscall\n"
					  "--------- --------- ----------------\n"
					  "        1           close\n"
					  "--------- --------- ----------------\n"
					  "        1           total\n"
					  "System call usage summary for x32 mode:\n"
					  "    calls    errors syscall\n"
					  "--------- --------- ----------------\n"
					  "        1         1 getpid\n"
					  "--------- --------- ----------------\n"
					  "        1         1 total\n");
	end(&desk);
}

static void numbers_that_no_call_has_take_one_row(void **state)
{
	const struct call_count *const *rows;
	struct call_count total;
	struct desk desk;
	size_t n;

	(void)state;
	begin(&desk, 0);
	for (uint64_t nr = 5000; nr < 5100; nr++)
		call_of(&desk, AUDIT_ARCH_X86_64, nr, -38, 1, 0);
	call_of(&desk, AUDIT_ARCH_X86_64, 337, -38, 1, 0);
	n = call_counts_rows(desk.counts, COUNTS_64, &desk.view, &rows, &total);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0]->name, "syscall_0x151");
	assert_string_equal(rows[1]->name, "syscall_?");
	assert_int_equal(rows[1]->calls, 100);
	assert_int_equal(total.errors, 101);
	end(&desk);
}

/* Prevented by a filter it was made all the same; one whose return nobody saw was not. */
static void only_calls_whose_return_was_seen_count(void **state)
{
	const struct call_count *const *rows;
	struct call_count total;
	struct desk desk;
	struct event *ev;

	(void)state;
	begin(&desk, 0);
	for (int code = EXIT_RETURNED; code <= EXIT_UNSEEN; code++) {
		decoder_apply(desk.decoder, next_event(&desk, EVENT_ENTER, AUDIT_ARCH_X86_64, 0));
		ev = next_event(&desk, EVENT_EXIT, AUDIT_ARCH_X86_64, 0);
		ev->code = code;
		ev->is_error = code != EXIT_RETURNED;
		call_counts_add(desk.counts, decoder_apply(desk.decoder, ev), ev);
	}
	call_counts_rows(desk.counts, COUNTS_64, &desk.view, &rows, &total);
	assert_int_equal(total.calls, 2);
	assert_int_equal(total.errors, 0);
	end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_counted_is_no_table),
		cmocka_unit_test(the_table_is_as_strace_has_it),
		cmocka_unit_test(columns_grow_with_what_is_in_them),
		cmocka_unit_test(each_key_sorts_and_ties_are_by_number),
		cmocka_unit_test(overhead_is_taken_from_each_call_down_to_nothing),
		cmocka_unit_test(a_time_that_nobody_knows_is_no_zero),
		cmocka_unit_test(calls_of_each_mode_have_a_table_of_their_own),
		cmocka_unit_test(numbers_that_no_call_has_take_one_row),
		cmocka_unit_test(only_calls_whose_return_was_seen_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
