#include "tests/unit/trace_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const argv[] = { "ipctrace", "--", "", NULL };
const struct trace_meta trace_events_meta = {
	"host", "6.18.0", "ipctrace 0.1", argv, 11, 22, 64, 5
};

void trace_events_fill(struct event *ev, unsigned seed)
{
	struct event_frame *frame;
	struct fact *fact;

	event_clear(ev);
	ev->kind = (enum event_kind)(1 + seed % (EVENT_KINDS - 1));
	ev->arch = 0xc000003e + seed;
	ev->tid = 100 + (int)seed;
	ev->tgid = -101;
	ev->other = 102;
	ev->sig = -103;
	ev->code = 104;
	ev->is_core = seed & 1;
	ev->is_error = seed & 2;
	ev->is_blind = seed & 4;
	ev->nr = 0x123456789abcdef0u + seed;
	for (int i = 0; i < 6; i++)
		ev->args[i] = UINT64_MAX - (uint64_t)i;
	ev->ret = INT64_MIN + seed;
	ev->ip = 0x7f0000000001;
	ev->sp = 0x7ffe00000002;
	ev->time_ns = 1u << 31;
	ev->real_ns = UINT64_MAX;
	ev->lag_ns = UINT32_MAX;
	event_add_range(ev, 0, "\0\1\2", 3);
	event_add_range(ev, UINT64_MAX - 1, "ab", 2);
	fact = event_add_fact(ev, FACT_FD, -1, "pipe:[1]", 8);
	fact->dev = 1;
	fact->ino = UINT64_MAX;
	fact->id = 3;
	for (int i = 0; i < 6; i++)
		fact->value[i] = -i;
	event_add_fact(ev, FACT_COMM, INT64_MIN, "", 0);
	frame = event_add_frame(ev, "/lib/libc.so.6", "read");
	frame->ip = 0x55;
	frame->offset = 7;
	event_add_frame(ev, NULL, NULL);
}

void trace_events_assert_same(const struct event *a, const struct event *b)
{
	struct event plain_a = *a, plain_b = *b;

	/* All that is no pointer and no capacity, padding included: both were zeroed once. */
	plain_a.ranges = plain_b.ranges = NULL;
	plain_a.facts = plain_b.facts = NULL;
	plain_a.outgrown = plain_b.outgrown = NULL;
	plain_a.frames = plain_b.frames = NULL;
	plain_a.cap_ranges = plain_b.cap_ranges = 0;
	plain_a.cap_facts = plain_b.cap_facts = 0;
	plain_a.cap_frames = plain_b.cap_frames = 0;
	plain_a.bytes.data = plain_b.bytes.data = NULL;
	plain_a.bytes.capacity = plain_b.bytes.capacity = 0;
	assert_memory_equal(&plain_a, &plain_b, sizeof(plain_a));
	if (a->n_ranges)
		assert_memory_equal(a->ranges, b->ranges, a->n_ranges * sizeof(*a->ranges));
	for (uint32_t i = 0; i < a->n_facts; i++) {
		assert_int_equal(a->facts[i].kind, b->facts[i].kind);
		assert_memory_equal(&a->facts[i].subject, &b->facts[i].subject,
				    sizeof(struct fact) - offsetof(struct fact, subject));
	}
	if (a->n_frames)
		assert_memory_equal(a->frames, b->frames, a->n_frames * sizeof(*a->frames));
	if (a->bytes.len)
		assert_memory_equal(a->bytes.data, b->bytes.data, a->bytes.len);
}

int trace_events_file(unsigned n_events, unsigned per_block, int level)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);
	struct trace_writer *w = trace_writer_create(fd, &trace_events_meta);
	struct event ev = { 0 };

	trace_writer_compress(w, level);
	for (unsigned i = 0; i < n_events; i++) {
		trace_events_fill(&ev, i);
		assert_int_equal(trace_writer_add(w, &ev), 0);
		if ((i + 1) % per_block == 0)
			assert_int_equal(trace_writer_flush(w), 0);
	}
	assert_int_equal(trace_writer_end(w), 0);
	trace_writer_destroy(w);
	event_finish(&ev);
	lseek(fd, 0, SEEK_SET);
	return fd;
}
