/* The record format: what goes in comes out, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include "event/trace_file.h"
#include "event/trace_record.h"
#include "tests/unit/trace_events.h"

struct ending {
	int result;
	bool is_cut, is_ended;
};

/* Events read, each compared with the one that was written; *ret_end is what ended it. */
static unsigned read_events(int fd, struct ending *ret_end)
{
	struct trace_reader *r = trace_reader_create(fd);
	struct event ev = { 0 }, wanted = { 0 };
	unsigned n = 0;

	while ((ret_end->result = trace_reader_next(r, &ev)) == 1) {
		trace_events_fill(&wanted, n++);
		trace_events_assert_same(&ev, &wanted);
	}
	assert_int_equal(trace_reader_next(r, &ev), ret_end->result);
	assert_int_equal(ev.kind, EVENT_NONE);
	assert_int_equal(trace_reader_position(r).n_events, n);
	ret_end->is_cut = trace_reader_is_cut(r);
	ret_end->is_ended = trace_reader_is_ended(r);
	trace_reader_destroy(r);
	event_finish(&ev);
	event_finish(&wanted);
	return n;
}

static void every_field_comes_back(void **state)
{
	int fd = trace_events_file(40, 7, 0);
	struct ending end;

	(void)state;
	assert_int_equal(read_events(fd, &end), 40);
	assert_int_equal(end.result, 0);
	assert_false(end.is_cut);
	assert_true(end.is_ended);
	close(fd);
}

static void compressed_blocks_are_smaller_and_the_same(void **state)
{
	int plain = trace_events_file(500, 500, 0), small = trace_events_file(500, 500, 6);
	struct ending end;

	(void)state;
	assert_true(lseek(small, 0, SEEK_END) < lseek(plain, 0, SEEK_END) / 4);
	lseek(small, 0, SEEK_SET);
	assert_int_equal(read_events(small, &end), 500);
	assert_int_equal(end.result, 0);
	close(plain);
	close(small);
}

static void the_metadata_come_back(void **state)
{
	int fd = trace_events_file(0, 1, 0);
	struct trace_reader *r = trace_reader_create(fd);
	const struct trace_meta *got = trace_reader_meta(r);
	struct event ev = { 0 };

	(void)state;
	assert_non_null(got);
	assert_string_equal(got->host, "host");
	assert_string_equal(got->kernel, "6.18.0");
	assert_string_equal(got->program, "ipctrace 0.1");
	assert_string_equal(got->argv[0], "ipctrace");
	assert_string_equal(got->argv[2], "");
	assert_null(got->argv[3]);
	assert_int_equal(got->time_ns, 11);
	assert_int_equal(got->real_ns, 22);
	assert_int_equal(got->string_limit, 64);
	assert_int_equal(got->flags, 5);
	assert_int_equal(trace_reader_next(r, &ev), 0);
	trace_reader_destroy(r);
	close(fd);
}

static void missing_metadata_are_no_error(void **state)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &(struct trace_meta){ 0 });
	struct trace_reader *r;

	(void)state;
	trace_writer_destroy(w);
	lseek(fd, 0, SEEK_SET);
	r = trace_reader_create(fd);
	assert_non_null(trace_reader_meta(r));
	assert_null(trace_reader_meta(r)->host);
	assert_null(trace_reader_meta(r)->argv[0]);
	trace_reader_destroy(r);
	close(fd);
}

/* A crash can stop the file anywhere: whole blocks are read, the rest is said to be missing. */
static void a_file_cut_anywhere_gives_its_whole_blocks(void **state)
{
	int fd = trace_events_file(6, 2, 0);
	off_t len = lseek(fd, 0, SEEK_END);
	off_t ends[5];
	struct trace_reader *r;
	struct event ev = { 0 };

	(void)state;
	lseek(fd, 0, SEEK_SET);
	r = trace_reader_create(fd);
	ends[0] = (off_t)trace_reader_position(r).offset;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(trace_reader_next(r, &ev), 1);
		ends[i / 2] = (off_t)trace_reader_position(r).offset;
	}
	assert_int_equal(trace_reader_next(r, &ev), 0);
	ends[3] = (off_t)trace_reader_position(r).offset;
	ends[4] = len;
	trace_reader_destroy(r);
	event_finish(&ev);
	for (off_t cut = len; cut >= 0; cut--) {
		unsigned n_blocks = 0;
		struct ending end;

		while (n_blocks < 4 && ends[n_blocks + 1] <= cut)
			n_blocks++;
		assert_int_equal(ftruncate(fd, cut), 0);
		lseek(fd, 0, SEEK_SET);
		assert_int_equal(read_events(fd, &end), n_blocks > 3 ? 6 : n_blocks * 2);
		if (cut < ends[0]) {
			assert_int_equal(end.result, cut < 8 ? -EINVAL : -EBADMSG);
		} else {
			assert_int_equal(end.result, 0);
			assert_int_equal(end.is_cut, cut != ends[n_blocks]);
			assert_int_equal(end.is_ended, cut == len);
		}
	}
	close(fd);
}

/* Read data, which is damaged somewhere: whatever comes out before the error was written so. */
static int read_damaged(const uint8_t *data, size_t len, unsigned *ret_n)
{
	int fd = memfd_create("damaged", MFD_CLOEXEC);
	struct ending end;

	assert_int_equal(write(fd, data, len), len);
	lseek(fd, 0, SEEK_SET);
	*ret_n = read_events(fd, &end);
	close(fd);
	return end.result;
}

static void flip_every_bit(int level)
{
	int fd = trace_events_file(4, 2, level);
	size_t len = (size_t)lseek(fd, 0, SEEK_END);
	uint8_t *data = malloc(len);
	unsigned n;

	assert_int_equal(pread(fd, data, len, 0), len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		int result;

		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		result = read_damaged(data, len, &n);
		if (bit < 64)
			assert_int_equal(result, -EINVAL);
		else if (bit < 80)
			assert_int_equal(result, -EPROTONOSUPPORT);
		else
			assert_int_equal(result, -EBADMSG);
		assert_true(n == 0 || n == 2 || n == 4);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(data);
	close(fd);
}

static void every_flipped_bit_is_noticed(void **state)
{
	(void)state;
	flip_every_bit(0);
	flip_every_bit(9);
}

static void damage_is_located(void **state)
{
	int fd = trace_events_file(6, 2, 0);
	struct trace_reader *r = trace_reader_create(fd);
	struct trace_position at;
	struct event ev = { 0 };
	uint8_t byte;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(trace_reader_next(r, &ev), 1);
	at = trace_reader_position(r);
	assert_int_equal(at.block, 2);
	trace_reader_destroy(r);
	assert_int_equal(pread(fd, &byte, 1, (off_t)at.offset + 100), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at.offset + 100), 1);
	lseek(fd, 0, SEEK_SET);
	r = trace_reader_create(fd);
	assert_int_equal(trace_reader_next(r, &ev), 1);
	assert_int_equal(trace_reader_next(r, &ev), 1);
	assert_int_equal(trace_reader_next(r, &ev), -EBADMSG);
	assert_int_equal(trace_reader_position(r).block, 2);
	assert_int_equal(trace_reader_position(r).offset, at.offset);
	assert_int_equal(trace_reader_position(r).n_events, 2);
	trace_reader_destroy(r);
	event_finish(&ev);
	close(fd);
}

/* Two recordings in one file, and one whose end mark counts other events than there are. */
static void an_end_mark_that_is_not_true_is_damage(void **state)
{
	int fd = trace_events_file(2, 2, 0), other;
	size_t len = (size_t)lseek(fd, 0, SEEK_END);
	struct buf mark = { 0 };
	struct event ev = { 0 };
	uint8_t *data = malloc(2 * len);
	struct trace_writer *w;
	struct ending end;
	unsigned n;

	(void)state;
	assert_int_equal(pread(fd, data, len, 0), len);
	memcpy(data + len, data, len);
	assert_int_equal(read_damaged(data, 2 * len, &n), -EBADMSG);
	assert_int_equal(n, 2);
	free(data);
	close(fd);
	other = memfd_create("trace", MFD_CLOEXEC);
	w = trace_writer_create(other, &trace_events_meta);
	trace_events_fill(&ev, 0);
	trace_writer_add(w, &ev);
	trace_record_put_end(&mark, 2, 0);
	trace_writer_add_records(w, &mark);
	trace_writer_destroy(w);
	lseek(other, 0, SEEK_SET);
	assert_int_equal(read_events(other, &end), 1);
	assert_int_equal(end.result, -EBADMSG);
	buf_finish(&mark);
	event_finish(&ev);
	close(other);
}

/* Version 1.0 had no end marks: the same file without one, and with the older number. */
static void a_file_of_version_1_0_needs_no_end_mark(void **state)
{
	int fd = trace_events_file(4, 2, 0);
	uint8_t head[20], tags[256];
	struct trace_reader *r;
	struct event ev = { 0 };
	struct ending end;
	uint32_t len, crc;

	(void)state;
	r = trace_reader_create(fd);
	while (trace_reader_next(r, &ev) == 1)
		;
	assert_int_equal(ftruncate(fd, (off_t)trace_reader_position(r).offset), 0);
	trace_reader_destroy(r);
	event_finish(&ev);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_events(fd, &end), 4);
	assert_false(end.is_cut || end.is_ended);
	assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
	memcpy(&len, head + 12, sizeof(len));
	assert_in_range(len, 1, sizeof(tags));
	assert_int_equal(pread(fd, tags, len, sizeof(head)), len);
	assert_int_equal(head[10], TRACE_MINOR);
	head[10] = 0;
	crc = (uint32_t)crc32(crc32(0, head, 16), tags, len);
	memcpy(head + 16, &crc, sizeof(crc));
	assert_int_equal(pwrite(fd, head, sizeof(head), 0), sizeof(head));
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_events(fd, &end), 4);
	assert_int_equal(end.result, 0);
	assert_true(end.is_ended);
	close(fd);
}

/* A record as a later version may write it: longer fixed part, items and record. */
static void fields_of_a_later_version_are_skipped(void **state)
{
	struct buf plain = { 0 }, later = { 0 };
	struct event ev = { 0 }, got = { 0 };
	uint16_t fixed_len, item_len;
	uint32_t len;

	(void)state;
	ev.kind = EVENT_EXIT;
	ev.ret = 42;
	event_add_range(&ev, 0x1000, "xyz", 3);
	trace_record_put(&plain, &ev);
	memcpy(&fixed_len, plain.data + 4, 2);
	memcpy(&item_len, plain.data + 6 + fixed_len + 4, 2);
	/* Insert 4 bytes behind the fixed part, 3 behind the range, 5 at the end. */
	buf_add(&later, plain.data, 6u + fixed_len);
	buf_text(&later, "new1");
	buf_add(&later, plain.data + 6 + fixed_len, 6u + item_len);
	buf_text(&later, "new");
	buf_add(&later, plain.data + 12 + fixed_len + item_len,
		plain.len - 12u - fixed_len - item_len);
	buf_text(&later, "newer");
	len = (uint32_t)later.len - 4;
	fixed_len = (uint16_t)(fixed_len + 4);
	memcpy(later.data, &len, 4);
	memcpy(later.data + 4, &fixed_len, 2);
	item_len = (uint16_t)(item_len + 3);
	memcpy(later.data + 6 + fixed_len + 4, &item_len, 2);
	assert_int_equal(trace_record_get((uint8_t *)later.data, later.len, &got), later.len);
	trace_events_assert_same(&ev, &got);
	buf_finish(&plain);
	buf_finish(&later);
	event_finish(&ev);
	event_finish(&got);
}

/* One that an earlier version wrote: its fixed part ends before the last fields. */
static void fields_of_an_earlier_version_are_zero(void **state)
{
	struct buf plain = { 0 };
	struct event ev = { 0 }, got = { 0 };
	uint16_t fixed_len;
	uint32_t len;

	(void)state;
	ev.kind = EVENT_ENTER;
	ev.nr = 7;
	ev.lag_ns = 9;
	trace_record_put(&plain, &ev);
	memcpy(&fixed_len, plain.data + 4, 2);
	memmove(plain.data + 6 + fixed_len - 4, plain.data + 6 + fixed_len,
		plain.len - 6 - fixed_len);
	plain.len -= 4;
	len = (uint32_t)plain.len - 4;
	fixed_len = (uint16_t)(fixed_len - 4);
	memcpy(plain.data, &len, 4);
	memcpy(plain.data + 4, &fixed_len, 2);
	assert_int_equal(trace_record_get((uint8_t *)plain.data, plain.len, &got), plain.len);
	ev.lag_ns = 0;
	trace_events_assert_same(&ev, &got);
	buf_finish(&plain);
	event_finish(&got);
}

static void unknown_kinds_of_events_are_skipped_and_counted(void **state)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &trace_events_meta);
	struct event ev = { 0 };
	struct trace_reader *r;

	(void)state;
	ev.kind = EVENT_KINDS;
	trace_writer_add(w, &ev);
	ev.kind = EVENT_NOTE;
	trace_writer_add(w, &ev);
	trace_writer_destroy(w);
	lseek(fd, 0, SEEK_SET);
	r = trace_reader_create(fd);
	assert_int_equal(trace_reader_next(r, &ev), 1);
	assert_int_equal(ev.kind, EVENT_NOTE);
	assert_int_equal(trace_reader_position(r).n_skipped, 1);
	assert_int_equal(trace_reader_next(r, &ev), 0);
	trace_reader_destroy(r);
	event_finish(&ev);
	close(fd);
}

/* Records whose checksum is right, but whose lengths point out of them. */
static void lengths_that_lie_are_refused(void **state)
{
	struct event ev = { 0 }, got = { 0 };
	struct buf record = { 0 };

	(void)state;
	trace_events_fill(&ev, 3);
	for (int i = 0; i < 5; i++) {
		struct event bad = { 0 };

		event_copy(&bad, &ev);
		if (i == 0)
			bad.ranges[1].data = (uint32_t)bad.bytes.len;
		else if (i == 1)
			bad.ranges[1].len = UINT32_MAX;
		else if (i == 2)
			bad.facts[0].text = UINT32_MAX;
		else if (i == 3)
			bad.frames[0].module_len = UINT32_MAX;
		else
			bad.frames[0].symbol = (uint32_t)bad.bytes.len;
		buf_clear(&record);
		trace_record_put(&record, &bad);
		assert_int_equal(trace_record_get((uint8_t *)record.data, record.len, &got),
				 -EBADMSG);
		assert_int_equal(got.n_ranges + got.n_facts + got.n_frames, 0);
		event_finish(&bad);
	}
	buf_finish(&record);
	event_finish(&ev);
	event_finish(&got);
}

static void an_event_too_large_is_left_out_and_counted(void **state)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &trace_events_meta);
	struct event ev = { .kind = EVENT_NOTE };
	struct ending end;

	(void)state;
	event_reserve_range(&ev, 0, TRACE_RECORD_MAX);
	assert_int_equal(trace_writer_add(w, &ev), -EMSGSIZE);
	assert_int_equal(trace_writer_lost(w), 1);
	trace_events_fill(&ev, 0);
	assert_int_equal(trace_writer_add(w, &ev), 0);
	trace_writer_destroy(w);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_events(fd, &end), 1);
	event_finish(&ev);
	close(fd);
}

static void a_full_disk_is_reported_and_what_is_too_much_counted(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &trace_events_meta);
	struct event ev = { .kind = EVENT_NOTE };
	unsigned n_errors = 0;

	(void)state;
	event_reserve_range(&ev, 0, 1024 * 1024);
	memset(ev.bytes.data, 0, ev.bytes.len);
	for (int i = 0; i < 40; i++)
		n_errors += trace_writer_add(w, &ev) == -ENOSPC;
	assert_int_equal(n_errors, 40);
	assert_in_range(trace_writer_lost(w), 20, 30);
	assert_int_equal(trace_writer_flush(w), -ENOSPC);
	trace_writer_destroy(w);
	event_finish(&ev);
	close(fd);
}

/* There is room again before the end: what could not be kept until then is told by the end mark. */
static void what_was_lost_on_the_way_is_in_the_end_mark(void **state)
{
	int fd = memfd_create("trace", MFD_CLOEXEC), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int place = fcntl(full, F_DUPFD_CLOEXEC, 0);
	struct trace_writer *w = trace_writer_create(place, &trace_events_meta);
	struct event ev = { .kind = EVENT_NOTE };
	struct trace_reader *r;
	uint64_t n_lost, n = 0;

	(void)state;
	event_reserve_range(&ev, 0, 1024 * 1024);
	memset(ev.bytes.data, 0, ev.bytes.len);
	for (int i = 0; i < 40; i++)
		trace_writer_add(w, &ev);
	n_lost = trace_writer_lost(w);
	assert_in_range(n_lost, 20, 30);
	assert_int_equal(dup2(fd, place), place);
	assert_int_equal(trace_writer_end(w), 0);
	trace_writer_destroy(w);
	lseek(fd, 0, SEEK_SET);
	r = trace_reader_create(fd);
	while (trace_reader_next(r, &ev) == 1)
		n++;
	assert_true(trace_reader_is_ended(r));
	assert_int_equal(n, 40 - n_lost);
	assert_int_equal(trace_reader_position(r).n_lost, n_lost);
	trace_reader_destroy(r);
	event_finish(&ev);
	close(place);
	close(full);
	close(fd);
}

/* The limit on the file's size makes for a short write in the middle of a block. */
static void a_file_goes_on_where_a_write_stopped(void **state)
{
	char path[] = "/tmp/test_trace_file.XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &trace_events_meta);
	struct rlimit old, small;
	struct event ev = { 0 };
	struct ending end;

	(void)state;
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 1000;
	setrlimit(RLIMIT_FSIZE, &small);
	for (unsigned i = 0; i < 10; i++) {
		trace_events_fill(&ev, i);
		assert_int_equal(trace_writer_add(w, &ev), 0);
	}
	assert_int_equal(trace_writer_flush(w), -EFBIG);
	assert_int_equal(lseek(fd, 0, SEEK_END), 1000);
	setrlimit(RLIMIT_FSIZE, &old);
	trace_events_fill(&ev, 10);
	assert_int_equal(trace_writer_add(w, &ev), 0);
	assert_int_equal(trace_writer_flush(w), 0);
	assert_int_equal(trace_writer_lost(w), 0);
	trace_writer_destroy(w);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(read_events(fd, &end), 11);
	assert_int_equal(end.result, 0);
	event_finish(&ev);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_comes_back),
		cmocka_unit_test(compressed_blocks_are_smaller_and_the_same),
		cmocka_unit_test(the_metadata_come_back),
		cmocka_unit_test(missing_metadata_are_no_error),
		cmocka_unit_test(a_file_cut_anywhere_gives_its_whole_blocks),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(damage_is_located),
		cmocka_unit_test(an_end_mark_that_is_not_true_is_damage),
		cmocka_unit_test(a_file_of_version_1_0_needs_no_end_mark),
		cmocka_unit_test(what_was_lost_on_the_way_is_in_the_end_mark),
		cmocka_unit_test(fields_of_a_later_version_are_skipped),
		cmocka_unit_test(fields_of_an_earlier_version_are_zero),
		cmocka_unit_test(unknown_kinds_of_events_are_skipped_and_counted),
		cmocka_unit_test(lengths_that_lie_are_refused),
		cmocka_unit_test(an_event_too_large_is_left_out_and_counted),
		cmocka_unit_test(a_full_disk_is_reported_and_what_is_too_much_counted),
		cmocka_unit_test(a_file_goes_on_where_a_write_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
